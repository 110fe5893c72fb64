"""The director signs many decisions at once: look through them, then sign (R108)."""

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
from applications.models import DeskMemory, SigningBatch, SigningState
from applications.review import memory, ticks
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
    if request.method == "POST" and "shown" not in request.POST:
        return _take(request)
    held = memory.recall(request.user, request.GET.get("chosen", ""), now=timezone.now())
    ticked = _ticked(request, held)
    if not ticked:
        return _nothing(request)
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
            place.keep_ticks(request)
            return redirect(address(batch, request.POST.get("way", "")))
        except many.Changed:
            selection = many.select(ticked, director=request.user, now=timezone.now())
            messages.warning(request, _("Тізім өзгерді: төмендегіні қайта қарап шығыңыз."))
    for application, _decision in selection.to_sign:
        journal.seen(request, application, child=application.child, what=Shown.LIST)
    applications = [application for application, _decision in selection.to_sign]
    context = {
        "selection": selection,
        "unopened": {one.pk for one in applications}
        - journal.opened_at_work(applications, what=Shown.APPLICATION),
        "seats": many.seats_of(selection),
        "most": many.MOST,
        "place": place.read(request),
        "back": place.with_ticks(place.of_queue(place.read(request)), held),
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
    held = ticks.take(request.user, request.POST, now=timezone.now())
    goal = place.with_ticks(place.of_queue(_goal(request)), held)
    return session.spoken(request, redirect(goal), request.POST.get("speak", ""))


def _demand_director(request: SignedInRequest) -> None:
    if not request.user.posts.filter(role=Role.DIRECTOR).exists():
        raise Http404


def _goal(request: SignedInRequest) -> Filter:
    """A place that a button names, the filter that was filled in, or, of a language, the place itself."""
    if "to" in request.POST:
        return Filter.read(QueryDict(request.POST["to"].removeprefix("?")))
    return Filter.read(request.POST) if "narrow" in request.POST else place.read(request)


def _ticked(request: SignedInRequest, held: DeskMemory | None) -> list[UUID]:
    """What was shown, just now or before the session ended, what is held, or the rest of a batch."""
    if request.method == "POST":
        return many.keys_of(request.POST.getlist("one"))
    if typed := kept.restored(request, now=timezone.now()):
        return many.keys_of(typed.getlist("one"))
    if "batch" in request.GET:
        batch = get_object_or_404(
            SigningBatch.objects.for_user(request.user), token=request.GET["batch"].replace("\0", "")
        )
        left = batch.signing_requests.exclude(state=SigningState.DONE).select_related("application")
        return [one.application.public_id for one in left]
    return many.keys_of(held.ticked) if held else []


def _take(request: SignedInRequest) -> HttpResponse:
    held = ticks.take(request.user, request.POST, now=timezone.now())
    here = f"{reverse('review:bulk')}?{place.read(request).query}"
    return redirect(place.with_ticks(here, held)) if held else _nothing(request)


def _nothing(request: SignedInRequest) -> HttpResponse:
    said = _("Бірде-бір өтінім таңдалмаған: қол қоятын өтінімдерді белгілеп, батырманы қайта басыңыз.")
    messages.error(request, said)
    return redirect(place.of_queue(place.read(request)))
