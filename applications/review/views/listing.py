"""The school's queue and the search in it (R97, R121)."""

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import journal, kept
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications import told
from applications.models import Application, DeskMemory
from applications.review import listed, memory, ticks
from applications.review import queue as queues
from applications.review.dues import Dues
from applications.review.listed import Lines, Part
from applications.review.search import plain
from applications.review.views import place
from applications.signing import many
from applications.status import UNDER_REVIEW
from schools import posts


@require_GET
@signed_in
def queue(request: SignedInRequest) -> HttpResponse:
    """The school's applications, the most urgent first, or as they were searched for and sorted."""
    schools = posts.schools_of(request.user)
    if not schools:
        raise Http404
    now, chosen = timezone.now(), queues.Filter.read(request.GET)
    looked_for = memory.recall(request.user, chosen.found, now=now)
    for school in schools:
        journal.seen(request, school, child=None, what=Shown.SEARCH if looked_for else Shown.LIST)
    typed = kept.restored(request, now=now)  # before the session ended: a term, or ticks
    counters, to_call = queues.counters_of(request.user, now=now), told.to_call_at_desk(request.user, now=now)
    rows: Any = _rows(request, chosen, looked_for, counters, now=now)  # a count and slices are all it takes
    page = Paginator(rows, queues.PAGE)
    shown = page.get_page(chosen.page)
    place_here, directed = chosen.at_page(shown.number), posts.directed_by(request.user)
    place.keep(request, place_here)
    held = _held(request, typed)
    ticked = {str(one) for one in ticks.standing(request.user, held.ticked if held else ())}
    tickable, languages, dues = _tickable(shown, directed), queues.languages_of(schools), Dues(now)
    context = {
        "now": now,
        "filter": place_here,
        "term": looked_for.term if looked_for else plain(typed.get("term", "") if typed else ""),
        "searched": looked_for,
        "orders": queues.ORDER_NAMES,
        "counters": counters,
        "page": shown,
        "rows": Lines(
            schools={one.pk: one.name for one in schools},
            languages={one.pk: one.name for one in languages},
            dues=dues,
            to_call={one.pk for one in to_call},
            address=place.pages_of_rows(place_here),
        ).of(shown),
        "ticked": ticked,
        "tickable": tickable,
        "held": held.public_id if held else uuid4(),  # a new key: it holds what this page will send
        "ticked_elsewhere": len(ticked.difference(tickable)),
        "ticks_at": f"{reverse('review:carry')}?{place_here.query}" if directed and (shown or ticked) else "",
        "intakes": queues.intakes_of(schools, now=now),
        "languages": languages,
        "several_schools": len(schools) > 1,
        "directed": directed,
        "most": many.MOST,
        "to_call": to_call,
    }
    return render(request, "review/queue.html", context)


def _rows(
    request: SignedInRequest,
    chosen: queues.Filter,
    looked_for: DeskMemory | None,
    counters: dict[str, int],
    *,
    now: datetime,
) -> "Part | QuerySet[Application]":
    if chosen.is_whole:
        return Part(request.user, chosen, now=now, count=counters[chosen.view])
    mine = Application.objects.for_staff(request.user, now=now)
    return listed.found(chosen.rows(mine, now=now, memory=looked_for), now=now)


def _held(request: SignedInRequest, typed: QueryDict | None) -> DeskMemory | None:
    """What was ticked on this list, before a look at the page of many or a new sign-in."""
    if typed and "held" in typed:
        return ticks.take(request.user, typed, now=timezone.now())
    return memory.recall(request.user, place.ticks(request), now=timezone.now())


def _tickable(shown: Iterable[Application], directed: Container[int]) -> list[str]:
    """The rows of this page that wait for this director's signature or decision."""
    waiting = [row for row in shown if row.status in UNDER_REVIEW]
    return [str(row.public_id) for row in waiting if row.chosen_intake.school_id in directed]


@require_http_methods(["GET", "POST"])
@signed_in
def search(request: SignedInRequest) -> HttpResponse:
    """Looks through every part of the queue; what is looked for is posted and stays on the server."""
    if not posts.schools_of(request.user):
        raise Http404
    term = plain(request.POST.get("term", ""))
    if not term:
        if request.method == "POST":
            messages.warning(request, _("Нені іздейтініңізді жазыңыз: нөмірін, аты-жөнін не ЖСН-нің соңын."))
        return redirect("review:queue")
    found = memory.remember(request.user, now=timezone.now(), term=term)
    return redirect(place.of_queue(queues.Filter(view="all", found=str(found.public_id))))
