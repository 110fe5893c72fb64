"""Addresses that parents ask to have added: attached to a school, or refused with words (D63)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import kept
from accounts.access import SignedInRequest
from applications.keepers import telling
from applications.keepers.forms import AttachForm, RefuseForm
from applications.keepers.guard import by_keepers
from schools import address_requests, kato, posts
from schools.address_requests import Answered, NotPrecise
from schools.models import AddressRequest, Locality, School
from schools.versions import Origin

PAGE = 50
NEAREST = 40  # schools to choose from
ANSWERED = 50  # the last ones


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
    back = kept.restored(request, now=timezone.now())
    typed = back.dict() if back else None
    attach = AttachForm(
        request.POST if "attach" in request.POST else None,
        schools=_schools(asked, request, holders),
        initial=typed,
    )
    refuse = RefuseForm(request.POST if "refuse" in request.POST else None, initial=typed)
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
        "attach": attach,
        "refuse": refuse,
        "wrong": wrong,
        "has_errors": bool(wrong),
    }
    return render(request, "keepers/request.html", context, status=400 if wrong else 200)


def _late(request: SignedInRequest) -> HttpResponse:
    messages.warning(request, _("Бұл сұрауға жауап беріліп қойған."))
    return redirect("keepers:requests")


def _schools(asked: AddressRequest, request: SignedInRequest, holders: list[School]) -> list[School]:
    """Those that hold the address by now; else of the keeper's area, the smallest place around it first."""
    ours = posts.kept_by(request.user)
    if holders:
        return list(ours.filter(pk__in=[school.pk for school in holders]))
    for code in (asked.kato, *kato.ancestors(asked.kato)):
        inside = ours.filter(locality__kato__startswith=kato.prefix(code), stops_on=None)
        if found := list(inside.order_by("sort_kk", "pk")[:NEAREST]):
            return found
    return []


@transaction.atomic
def _attach(request: SignedInRequest, asked: AddressRequest, form: AttachForm) -> bool:
    now = timezone.now()
    origin = Origin(posts.as_author(request.user), form.cleaned_data["reason"])
    try:
        answered = address_requests.attach(asked, form.chosen, by=request.user, origin=origin, now=now)
    except NotPrecise:
        form.add_error(
            "school",
            _("Мекенжайда көше не үй нөмірі жоқ: алдымен мектептің тізімін толықтырып, осы бетке оралыңыз."),
        )
        return False
    telling.answered(answered, now=now)
    messages.success(request, _("Мекенжай мектептің тізіміне қосылды, ата-анаға хабар жіберілді."))
    return True


@transaction.atomic
def _refuse(request: SignedInRequest, asked: AddressRequest, words: str) -> None:
    now = timezone.now()
    telling.answered(address_requests.refuse(asked, words, by=request.user, now=now), now=now)
    messages.success(request, _("Жауап ата-анаға жіберілді."))
