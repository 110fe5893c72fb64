"""Addresses that parents ask to have added: attached to a school, or refused with words (D63)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import kept
from accounts.access import SignedInRequest
from applications.keepers import telling
from applications.keepers.forms import AttachForm, RefuseForm
from applications.keepers.guard import by_keepers
from schools import address_requests, catalogue, kato, posts
from schools.address_requests import Answered, Misread, NotAdded, NotKept, NotPrecise, TakenOut
from schools.cascade import typed
from schools.models import AddressRequest, Locality, School
from schools.versions import Origin

PAGE = 50
NEAREST = 20  # schools to choose from on a page
ANSWERED = 50  # the last ones
WHY_NOT: dict[type[NotAdded], Any] = {
    NotPrecise: gettext_lazy(
        "Мекенжайда нақты елді мекен, көше не үй нөмірі жоқ: алдымен мектептің тізімін толықтырып, осы бетке "
        "оралыңыз."
    ),
    Misread: gettext_lazy(
        "Бұл мекенжай тізімге жеке жол болып жазылса, басқаша оқылады: алдымен мектептің тізімін өзіңіз "
        "толықтырып, осы бетке оралыңыз."
    ),
    TakenOut: gettext_lazy(
        "Мектептің тізімінде бұл үй көшеден алып тасталған: алдымен тізімді түзетіп, осы бетке оралыңыз."
    ),
    NotKept: gettext_lazy("Бұл мектептің тізімін басқа басқарма жүргізеді. Тізімнен мектепті таңдаңыз."),
}


@require_GET
@by_keepers
def every(request: SignedInRequest) -> HttpResponse:
    waiting = address_requests.open_to(request.user).annotate(families=Count("askers"))
    page = Paginator(waiting.order_by("asked_at", "pk"), PAGE).get_page(request.GET.get("page"))
    before = address_requests.shown_to(request.user).exclude(answered_at=None).select_related("school")
    answered = list(before.order_by("-answered_at", "-pk")[:ANSWERED])
    places = _places([*page, *answered])
    context = {
        "page": page,
        "rows": [(one, places.get(one.kato)) for one in page],
        "answered": [(one, places.get(one.kato)) for one in answered],
    }
    return render(request, "keepers/requests.html", context)


def _places(requests: list[AddressRequest]) -> dict[str, Locality]:
    """The place of each code, or the nearest above it that is known here."""
    codes = {code for one in requests for code in (one.kato, *kato.ancestors(one.kato))}
    known = Locality.objects.in_bulk(codes)
    return {
        one.kato: next(known[code] for code in (one.kato, *kato.ancestors(one.kato)) if code in known)
        for one in requests
        if {one.kato, *kato.ancestors(one.kato)} & known.keys()
    }


@require_http_methods(["GET", "HEAD", "POST"])
@by_keepers
def one(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = get_object_or_404(address_requests.shown_to(request.user).select_related("school"), pk=request_id)
    if asked.answered_at:
        return _late(request) if request.method == "POST" else redirect("keepers:requests")
    holders = address_requests.holders(asked)
    sought = typed(request.GET)
    page = _schools(asked, request, holders, sought)
    back = kept.restored(request, now=timezone.now())
    before = back.dict() if back else None
    attach = AttachForm(request.POST if "attach" in request.POST else None, schools=page, initial=before)
    refuse = RefuseForm(request.POST if "refuse" in request.POST else None, initial=before)
    try:
        if attach.is_bound and attach.is_valid() and _attach(request, asked, attach):
            return redirect("keepers:requests")
        if refuse.is_bound and refuse.is_valid():
            _refuse(request, asked, refuse.cleaned_data["words"])
            return redirect("keepers:requests")
    except Answered:
        return _late(request)
    wrong = next((form for form in (attach, refuse) if form.errors), None)
    context: dict[str, Any] = {
        "asked": asked,
        "place": address_requests.place_of(asked),
        "holders": holders,
        "of_others": _of_others(holders, request),
        "sought": sought,
        "page": page,
        "attach": attach,
        "refuse": refuse,
        "wrong": wrong,
        "has_errors": bool(wrong),
    }
    return render(request, "keepers/request.html", context, status=400 if wrong else 200)


def _late(request: SignedInRequest) -> HttpResponse:
    messages.warning(request, _("Бұл сұрауға жауап беріліп қойған."))
    return redirect("keepers:requests")


def _schools(
    asked: AddressRequest, request: SignedInRequest, holders: list[School], sought: str
) -> Page[School]:
    """Those that hold the address by now, whoever keeps their lists: nothing is written into them; else the
    keeper's own, the nearest first."""
    if holders:
        held = School.objects.filter(pk__in=[one.pk for one in holders]).select_related("locality")
        return Paginator(held.order_by("sort_kk", "pk"), len(holders)).page(1)
    ours = catalogue.named(address_requests.open_to_choose(request.user).filter(stops_on=None), sought)
    far = catalogue.distance(asked.kato, "locality__kato")
    ordered = ours.select_related("locality").order_by(far, "sort_kk", "pk")
    return Paginator(ordered, NEAREST).get_page(request.GET.get("page"))


def _of_others(holders: list[School], request: SignedInRequest) -> bool:
    """Does somebody else keep one of these lists?"""
    pks = [one.pk for one in holders]
    return posts.kept_by(request.user).filter(pk__in=pks).count() < len(holders)


@transaction.atomic
def _attach(request: SignedInRequest, asked: AddressRequest, form: AttachForm) -> bool:
    now = timezone.now()
    origin = Origin(posts.as_author(request.user), form.cleaned_data["reason"])
    try:
        answered = address_requests.attach(asked, form.chosen, by=request.user, origin=origin, now=now)
    except NotAdded as reason:
        form.add_error("school", WHY_NOT[type(reason)])
        return False
    telling.answered(answered, now=now)
    messages.success(request, _("Мекенжай мектептің тізіміне қосылды, ата-анаға хабар жіберілді."))
    return True


@transaction.atomic
def _refuse(request: SignedInRequest, asked: AddressRequest, words: str) -> None:
    now = timezone.now()
    telling.answered(address_requests.refuse(asked, words, by=request.user, now=now), now=now)
    messages.success(request, _("Жауап ата-анаға жіберілді."))
