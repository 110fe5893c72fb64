"""From an answer of NCALayer or of the phone to a done signing request, or to the reason why it is not."""

import logging
from collections.abc import Mapping
from datetime import datetime
from time import monotonic

from applications import eligibility, lifecycle
from applications.eligibility import Blocked, Code
from applications.models import Application, Method, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import authority, batches
from egov import eds
from egov.eds import SignatureRefused, Source
from egov.errors import Unavailable
from schools import seats

logger = logging.getLogger(__name__)

# Reasons that are not the signature's own.
UNAVAILABLE, BUSY, NOT_ALLOWED = "UNAVAILABLE", "BUSY", "NOT_ALLOWED"
CANCELLED, MISSING = "CANCELLED", "MISSING"
# The same signature may be sent again: nothing is wrong with it.
PASSING = frozenset({UNAVAILABLE, BUSY})
# Who sent an answer waits for ours: below a minute, after which proxies and phones give up.
ANSWER_SECONDS = 25.0


def complete_all(
    batch: SigningBatch, answers: Mapping[int, str], *, method: Method, now: datetime
) -> list[SigningRequest]:
    """Act on the signatures of a whole answer, by the requests' keys; each document stands or falls by its
    own. The requests as they are afterwards, in their order.

    One question to the authority serves the whole answer; when it is silent, the rest is not made to wait
    for it again, and when time runs out, the rest is left for another copy of the answer. A document that
    the answer leaves out is not signed.
    """
    ask, ends, trouble = eds.AskOnce(), monotonic() + ANSWER_SECONDS, ""
    for signing_request in requests_of(batch):
        if signing_request.state != SigningState.OPEN:
            continue
        if not trouble and monotonic() > ends:
            trouble = BUSY
        if trouble:
            _keep(signing_request, trouble, state=SigningState.OPEN, now=now)
        elif (
            complete(
                signing_request, cms=answers.get(signing_request.pk, ""), method=method, now=now, ask=ask
            )
            == UNAVAILABLE
        ):
            trouble = UNAVAILABLE
    return requests_of(batch)


def requests_of(batch: SigningBatch) -> list[SigningRequest]:
    """The documents of a batch as they stand now, with all that judging them needs."""
    related = ("batch__user", "application__intake__school", "application__child", "decision__prepared_by")
    return list(batch.signing_requests.select_related(*related))


def complete(
    signing_request: SigningRequest, *, cms: str, method: Method, now: datetime, ask: Source = eds.ask
) -> str:
    """Act on a signature. "" when it is done (now or by an earlier copy of the same answer), else a code."""
    if signing_request.state != SigningState.OPEN:
        return "" if signing_request.state == SigningState.DONE else signing_request.error
    code = _try(signing_request, cms=cms, method=method, now=now, ask=ask)
    if not code:
        return ""
    if SigningRequest.objects.filter(pk=signing_request.pk, state=SigningState.DONE).exists():
        return ""  # the other copy of this answer was quicker
    logger.info("signature not taken: %s %s %s", signing_request.purpose, method, code)
    _keep(signing_request, code, state=SigningState.OPEN if code in PASSING else SigningState.FAILED, now=now)
    return code


def complete_signing(
    signing_request: SigningRequest, *, cms: bytes, method: Method, now: datetime, ask: Source = eds.ask
) -> Application:
    """Verify the signature, then make the move it signs. A repeated call changes nothing (the same one,
    already done). Raises SignatureRefused, Unavailable, eligibility.Blocked, seats' refusals, NotAllowed,
    Busy."""
    if signing_request.state == SigningState.DONE:
        return signing_request.application
    return lifecycle.act(batches.examine(signing_request, cms=cms, method=method, now=now, ask=ask), now=now)


def _try(signing_request: SigningRequest, *, cms: str, method: Method, now: datetime, ask: Source) -> str:
    if not cms:
        return MISSING
    try:
        source = authority.Watched(ask)
        complete_signing(signing_request, cms=eds.decode(cms), method=method, now=now, ask=source)
        authority.note_success(source)
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
    except Unavailable as error:
        authority.note_failure(error, now=now)
        return UNAVAILABLE
    return ""


def cancel(batch: SigningBatch, *, now: datetime) -> None:
    """The person refused on the phone; said twice it changes nothing."""
    for signing_request in batch.signing_requests.filter(state=SigningState.OPEN):
        logger.info("signature not taken: %s %s %s", signing_request.purpose, Method.QR, CANCELLED)
        _keep(signing_request, CANCELLED, state=SigningState.CANCELLED, now=now)


def _keep(signing_request: SigningRequest, code: str, *, state: str, now: datetime) -> None:
    """Only an open one changes: what is done stays done, and the first reason stays the reason."""
    finished_at = None if state == SigningState.OPEN else now
    SigningRequest.objects.filter(pk=signing_request.pk, state=SigningState.OPEN).update(
        state=state, error=code, finished_at=finished_at
    )


def _check_tie(signing_request: SigningRequest) -> None:
    """A parent's paper is about a child whom the person still represents (D34)."""
    of_parent = signing_request.purpose != Purpose.DECISION
    if of_parent and not signing_request.user.represents(signing_request.application.child):
        raise Blocked(Code.NOT_THEIRS)


def obstacle(signing_request: SigningRequest, *, now: datetime) -> Blocked | None:
    """What stood in the way of the application itself, with today's facts; None when it is gone (a seat
    was given back, the register answers again): then signing anew is all there is to do."""
    try:
        _check_tie(signing_request)
        if signing_request.error in set(Code) and signing_request.purpose == Purpose.APPLICATION:
            eligibility.check_all(signing_request.application, now=now)
    except Blocked as blocked:
        return blocked
    return None
