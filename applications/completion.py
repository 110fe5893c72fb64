"""From an answer of NCALayer or of the phone to a done request, or to the reason why it is not."""

import logging
from datetime import datetime

from applications import eligibility, lifecycle
from applications.eligibility import Blocked, Code
from applications.models import Method, SigningRequest, SigningState
from egov import eds
from egov.eds import SignatureRefused
from egov.errors import Unavailable
from schools import seats

logger = logging.getLogger(__name__)

# Reasons that are not the signature's own.
UNAVAILABLE, BUSY, NOT_ALLOWED, CANCELLED = "UNAVAILABLE", "BUSY", "NOT_ALLOWED", "CANCELLED"
# The same signature may be sent again: nothing is wrong with it.
PASSING = frozenset({UNAVAILABLE, BUSY})


def complete(ticket: SigningRequest, *, cms: str, method: Method, now: datetime) -> str:
    """Act on a signature. "" when it is done (now or by an earlier copy of the same answer), else a code."""
    code = _try(ticket, cms=cms, method=method, now=now)
    if not code:
        return ""
    if SigningRequest.objects.filter(pk=ticket.pk, state=SigningState.DONE).exists():
        return ""  # the other copy of this answer was quicker
    logger.info("signature not taken: %s %s %s", ticket.purpose, method, code)
    _keep(ticket, code, state=SigningState.OPEN if code in PASSING else SigningState.FAILED, now=now)
    return code


def _try(ticket: SigningRequest, *, cms: str, method: Method, now: datetime) -> str:
    try:
        lifecycle.complete_signing(ticket, cms=eds.decode(cms), method=method, now=now)
    except SignatureRefused as refused:
        return refused.code
    except Blocked as blocked:
        return blocked.code
    except seats.OutsideFull:
        return Code.OUTSIDE_FULL
    except seats.SchoolFull:
        return Code.SCHOOL_FULL
    except lifecycle.NotAllowed:
        return NOT_ALLOWED
    except lifecycle.Busy:
        return BUSY
    except Unavailable:
        return UNAVAILABLE
    return ""


def cancel(ticket: SigningRequest, *, now: datetime) -> None:
    """The person refused on the phone; said twice it changes nothing."""
    if ticket.state == SigningState.OPEN:
        logger.info("signature not taken: %s %s %s", ticket.purpose, Method.QR, CANCELLED)
        _keep(ticket, CANCELLED, state=SigningState.CANCELLED, now=now)


def _keep(ticket: SigningRequest, code: str, *, state: str, now: datetime) -> None:
    """Only an open request changes: what is done stays done, and the first reason stays the reason."""
    finished_at = None if state == SigningState.OPEN else now
    SigningRequest.objects.filter(pk=ticket.pk, state=SigningState.OPEN).update(
        state=state, error=code, finished_at=finished_at
    )
    if SigningRequest.objects.filter(pk=ticket.pk).exists():  # else its draft was deleted meanwhile
        ticket.refresh_from_db()


def obstacle(ticket: SigningRequest, *, now: datetime) -> Blocked | None:
    """What stood in the way of the application itself, with today's facts; None when it is gone (a seat
    was given back, the register answers again): then signing anew is all there is to do."""
    if ticket.error not in set(Code):
        return None
    try:
        eligibility.check_all(ticket.application, now=now)
    except Blocked as blocked:
        return blocked
    return None
