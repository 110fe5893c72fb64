"""The director signs many decisions at once: look through them, then sign (R108)."""

import re
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import journal, kept
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from accounts.views import session
from applications.models import SigningBatch, SigningState
from applications.review import memory
from applications.review.queue import Filter
from applications.review.views import place
from applications.signing import many
from applications.signing.views.batch import address
from schools.models import Role


@require_http_methods(["GET", "POST"])
@signed_in
def confirm(request: SignedInRequest) -> HttpResponse:
    """All that was ticked, before it is signed: each decision, the seats, and what is left out and why. Ticks
    are posted here, wait on the server, and the address carries their number."""
    _demand_director(request)
    ticked = _ticked(request)
    if problem := _problem(len(ticked)):
        messages.error(request, problem)
        return redirect(place.of_queue(place.read(request)))
    if request.method == "POST" and "shown" not in request.POST:
        return _remember(request, ticked)
    selection = many.select(ticked, director=request.user, now=timezone.now())
    if not selection.to_sign and not selection.left_out:
        raise Http404
    if request.method == "POST":
        try:
            batch = many.open_batch(
                selection,
                shown=request.POST.get("shown", ""),
                by=request.user,
                now=timezone.now(),
                fresh="fresh" in request.POST,
            )
            return redirect(address(batch, request.POST.get("way", "")))
        except many.Changed:
            selection = many.select(ticked, director=request.user, now=timezone.now())
            messages.warning(request, _("Тізім өзгерді: төмендегіні қайта қарап шығыңыз."))
    for application, _decision in selection.to_sign:
        journal.seen(request, application, child=application.child, what=Shown.LIST)
    chosen = re.sub(r"[^0-9a-f-]", "", request.GET.get("chosen", ""))
    applications = [application for application, _decision in selection.to_sign]
    context = {
        "selection": selection,
        "unopened": {one.pk for one in applications}
        - journal.opened_at_work(applications, what=Shown.APPLICATION),
        "seats": many.seats_of(selection),
        "most": many.MOST,
        "place": place.read(request),
        "back": place.of_queue(place.read(request)) + (f"&chosen={chosen}" if chosen else ""),
    }
    return render(request, "review/bulk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def carry(request: SignedInRequest) -> HttpResponse:
    """To another part, page or filter of the queue, or to the other language: what is ticked and not sent yet
    goes along, without a script."""
    _demand_director(request)
    if request.method != "POST":
        return redirect(place.of_queue(place.read(request)))
    ticked = many.keys_of(request.POST.getlist("one"))
    goal = place.of_queue(_goal(request))
    if ticked:
        goal += f"&chosen={memory.remember(request.user, now=timezone.now(), ticked=ticked).public_id}"
    return session.spoken(request, redirect(goal), request.POST.get("speak", ""))


def _demand_director(request: SignedInRequest) -> None:
    if not request.user.posts.filter(role=Role.DIRECTOR).exists():
        raise Http404


def _goal(request: SignedInRequest) -> Filter:
    """A place that a button names, the filter that was filled in, or, of a language, the place itself."""
    if "to" in request.POST:
        return Filter.read(QueryDict(request.POST["to"].removeprefix("?")))
    return Filter.read(request.POST) if "narrow" in request.POST else place.read(request)


def _ticked(request: SignedInRequest) -> list[UUID]:
    """Just now, before the session ended, on the server, or what is not signed yet of a batch."""
    if request.method == "POST" and "one" in request.POST:
        return many.keys_of(request.POST.getlist("one"))
    if typed := kept.restored(request, now=timezone.now()):
        return many.keys_of(typed.getlist("one"))
    if "batch" in request.GET:
        batch = get_object_or_404(
            SigningBatch.objects.for_user(request.user), token=request.GET["batch"].replace("\0", "")
        )
        left = batch.signing_requests.exclude(state=SigningState.DONE).select_related("application")
        return [one.application.public_id for one in left]
    chosen = memory.recall(request.user, request.GET.get("chosen", ""), now=timezone.now())
    return many.keys_of(chosen.ticked) if chosen else []


def _remember(request: SignedInRequest, ticked: list[UUID]) -> HttpResponse:
    chosen = memory.remember(request.user, now=timezone.now(), ticked=ticked)
    here = f"{reverse('review:bulk')}?{place.read(request).query}"
    return redirect(f"{here}&chosen={chosen.public_id}")


def _problem(ticked: int) -> str:
    if not ticked:
        return _("Бірде-бір өтінім таңдалмаған: қол қоятын өтінімдерді белгілеп, батырманы қайта басыңыз.")
    if ticked > many.MOST:
        said = _("Бір жолы %(most)s құжатқа дейін қол қойылады: азырақ өтінімді белгілеңіз.")
        return said % {"most": many.MOST}
    return ""
