"""What ops see and order of the waiting room (D68). Nobody's name is in it."""

import logging

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from accounts.waiting import line
from accounts.waiting.line import Standing
from accounts.waiting.room import room
from accounts.waiting.terms import MINUTE, Mode
from schools import posts

SILENT = "Redis does not answer: nobody is kept waiting"
LONG = 30 * MINUTE  # who waits longer is stopped by us and not by the crowd

logger = logging.getLogger(__name__)


@require_POST
@signed_in
def order(request: SignedInRequest) -> HttpResponse:
    """Until another order: on, off, by itself. An unknown one, or one that Redis did not take, changes
    nothing, and the page shows what is."""
    if not posts.is_ops(request.user):
        raise Http404
    wanted = request.POST.get("room", "")
    if wanted in tuple(Mode) and room.order(Mode(wanted)):
        logger.warning("the waiting room was ordered: %s", wanted)
    return redirect("ops:page")


def faults() -> list[str]:
    """For `manage.py health`: a room that is wanted and can keep nobody."""
    return [SILENT] if line.is_wanted() and room.standing() is None else []


def in_words(standing: Standing | None) -> str:
    if standing is None:
        return SILENT if line.is_kept() else "no Redis is set: nobody is kept waiting"
    return (
        f"{'on' if standing.on else 'off'} (mode {standing.mode}): {standing.waiting} wait, "
        f"{standing.inside} inside, {standing.let_in} let in in the last minute, "
        f"the first has waited {standing.longest} s"
    )
