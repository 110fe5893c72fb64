"""The page of ops (D61): what the doctor finds, how long the queues are. Nobody's name is on it."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from accounts.waiting.room import room
from notifications import leases, ticks
from oqu import doctor, pauses
from oqu.doctor import queues
from oqu.doctor.findings import Asked, Finding, Urgency
from oqu.doctor.queues import Line
from schools import posts
from schools.periods import current_year

KEY, MINUTE = "ops:state", 60

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    at: datetime
    year: int
    findings: list[Finding]
    queues: list[Line]


@require_GET
@never_cache
@signed_in
def page(request: SignedInRequest) -> HttpResponse:
    if not posts.is_ops(request.user):
        raise Http404
    now = timezone.now()
    state = _kept() or _looked(now)
    context = {
        "state": state,
        "next_year": state.year + 1,
        "urgent": [one for one in state.findings if one.urgency is Urgency.NOW],
        "beat": (leases.holder(ticks.LEASE) or "").partition(" ")[0],
        "room": room.standing(),
        "paused": [(found, pauses.SYSTEMS[found.system]) for found in pauses.standing(now=now)],
        "coming": [one for one in state.findings if one.urgency is Urgency.SOON],
    }
    return render(request, "ops/page.html", context)


def _looked(now: datetime) -> State:
    """Somebody who looks again and again costs one look a minute."""
    asked = Asked(now, current_year(now))
    findings = doctor.examine(asked, (*doctor.OF_YEAR, *doctor.OF_PORTAL))
    state = State(now, asked.year, findings, _queues(now))
    try:
        cache.set(KEY, state, MINUTE)
    except Exception as error:  # whatever the cache's client raises
        logger.warning("the state of the portal is not kept: %s", type(error).__name__)
    return state


def _queues(now: datetime) -> list[Line]:
    """None where they cannot be looked at: the doctor, who looks at them too, has found that."""
    try:
        return queues.lines(now=now)
    except Exception as error:
        logger.error("the queues are not shown: %s", type(error).__name__)
        return []


def _kept() -> State | None:
    """Without a cache, or of another version, it is looked at anew."""
    try:
        found = cache.get(KEY)
    except Exception as error:
        logger.warning("the state of the portal is not kept: %s", type(error).__name__)
        return None
    return found if isinstance(found, State) else None


def look_anew() -> None:
    """Something was ordered: the next look shows it."""
    try:
        cache.delete(KEY)
    except Exception as error:
        logger.warning("the state of the portal is not kept: %s", type(error).__name__)
