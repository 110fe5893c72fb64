"""From an answer of NCALayer or of the phone to a done signing request, or to the reason why it is not."""

import logging
from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Literal

from accounts import security
from accounts.prepared import Prepared
from accounts.security import Event
from applications import enrolment, holding, lifecycle
from applications.eligibility import Blocked, Code
from applications.hands import Barred
from applications.models import Application, Method, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import authority, batches, overtaken, reasons
from applications.signing.reasons import PASSING, Outcome, Reason
from applications.stops import Stopped
from egov import eds
from egov.eds import SignatureRefused, Source
from egov.errors import Unavailable
from schools import seats

logger = logging.getLogger(__name__)

# Who sent an answer waits for ours: below a minute, after which proxies and phones give up.
ANSWER_SECONDS = 25.0
JUDGED_WITH = (
    "batch__user",
    "application__intake__school",
    "application__child",
    "decision__prepared_by",
    "decision__ground",
    "decision__corrects",
)

_OF_BATCH = Prepared(
    lambda batch: SigningRequest.objects.filter(batch=batch).select_related(*JUDGED_WITH), int
)


def complete_all(
    batch: SigningBatch, answers: Mapping[int, str], *, method: Method, now: datetime
) -> list[SigningRequest]:
    """Act on the signatures of a whole answer, by the requests' keys; each document stands or falls by its
    own. The requests as they are afterwards, in their order.

    One question to the authority serves the whole answer; when it is silent, the rest is not made to wait
    for it again, and when time runs out, the rest is left for another copy of the answer. A document that
    the answer leaves out is not signed; of one that was overtaken no signature is judged.
    """
    ask, ends = eds.AskOnce(), monotonic() + ANSWER_SECONDS
    open_ones = [one for one in requests_of(batch) if one.state == SigningState.OPEN]
    past = overtaken.reasons(open_ones, now=now)
    trouble: Outcome | None = None
    for one in open_ones:
        if one.pk in past:
            _refuse(one, past[one.pk], method=method, now=now)
            continue
        if trouble is None and monotonic() > ends:
            trouble = Outcome.BUSY
        if trouble is not None:
            _keep(one, trouble, state=SigningState.OPEN, now=now)
            continue
        reason = complete(one, cms=answers.get(one.pk, ""), method=method, now=now, ask=ask)
        trouble = Outcome.UNAVAILABLE if reason == Outcome.UNAVAILABLE else None
    return requests_of(batch)


def requests_of(batch: SigningBatch) -> list[SigningRequest]:
    """The documents of a batch as they stand now, with all that judging them needs."""
    return _OF_BATCH(batch.pk)


def complete(
    signing_request: SigningRequest, *, cms: str, method: Method, now: datetime, ask: Source = eds.ask
) -> Reason | Literal[""]:
    """Act on a signature. "" when it is done (now or by an earlier copy of the same answer), else why not."""
    if signing_request.state != SigningState.OPEN:
        done = signing_request.state == SigningState.DONE
        return "" if done else reasons.read(signing_request.error) or Outcome.NOT_ALLOWED
    code = _try(signing_request, cms=cms, method=method, now=now, ask=ask)
    if not code:
        return ""
    if SigningRequest.objects.filter(pk=signing_request.pk, state=SigningState.DONE).exists():
        return ""  # the other copy of this answer was quicker
    _refuse(signing_request, code, method=method, now=now)
    return code


def complete_signing(
    signing_request: SigningRequest, *, cms: bytes, method: Method, now: datetime, ask: Source = eds.ask
) -> Application:
    """Verify the signature, then make the move it signs. A repeated call changes nothing (the same one,
    already done). Raises SignatureRefused, Unavailable, eligibility.Blocked, seats' refusals, NotAllowed,
    Barred, Stopped, Busy."""
    if signing_request.state == SigningState.DONE:
        return signing_request.application
    return lifecycle.act(batches.examine(signing_request, cms=cms, method=method, now=now, ask=ask), now=now)


def _try(
    signing_request: SigningRequest, *, cms: str, method: Method, now: datetime, ask: Source
) -> Reason | Literal[""]:
    if not cms:
        return Outcome.MISSING
    try:
        source = authority.Watched(ask)
        complete_signing(signing_request, cms=eds.decode(cms), method=method, now=now, ask=source)
        authority.note_success(source)
    except SignatureRefused as refused:
        return refused.code
    except Blocked as blocked:
        return blocked.code
    except Barred as barred:
        return barred.bar
    except Stopped as stopped:
        return stopped.stop
    except seats.OutsideFull:
        return Code.OUTSIDE_FULL
    except seats.SchoolFull:
        return Code.SCHOOL_FULL
    except lifecycle.NotAllowed:
        return _overtaken(signing_request, now=now)
    except holding.Busy:
        return Outcome.BUSY
    except Unavailable as error:
        authority.note_failure(error, now=now)
        return Outcome.UNAVAILABLE
    return ""


def _overtaken(signing_request: SigningRequest, *, now: datetime) -> Reason:
    """What has come in between, by how things stand now."""
    found = SigningRequest.objects.select_related(*JUDGED_WITH).filter(pk=signing_request.pk).first()
    return (found and overtaken.reason(found, now=now)) or Outcome.NOT_ALLOWED


def _refuse(signing_request: SigningRequest, reason: Reason, *, method: Method, now: datetime) -> None:
    purpose = str(signing_request.purpose)
    security.happened(Event.SIGNATURE_REFUSED, purpose=purpose, method=str(method), reason=str(reason))
    state = SigningState.OPEN if reason in PASSING else SigningState.FAILED
    _keep(signing_request, reason, state=state, now=now)


def cancel(batch: SigningBatch, *, now: datetime) -> None:
    """The person refused on the phone; said twice it changes nothing."""
    for signing_request in batch.signing_requests.filter(state=SigningState.OPEN):
        logger.info("signature not taken: %s %s %s", signing_request.purpose, Method.QR, Outcome.CANCELLED)
        _keep(signing_request, Outcome.CANCELLED, state=SigningState.CANCELLED, now=now)


def _keep(signing_request: SigningRequest, reason: Reason, *, state: str, now: datetime) -> None:
    """Only an open one changes: what is done stays done, and the first reason stays the reason."""
    finished_at = None if state == SigningState.OPEN else now
    SigningRequest.objects.filter(pk=signing_request.pk, state=SigningState.OPEN).update(
        state=state, error=reason, finished_at=finished_at
    )


def obstacle(signing_request: SigningRequest, *, now: datetime) -> Blocked | None:
    """What stood in the way of the application itself, with today's facts; None when it is gone (a seat
    was given back, the register answers again), or when today it is something else: then the reason stays
    what it was."""
    reason = reasons.read(signing_request.error)
    if not signing_request.is_theirs:
        return Blocked(Code.NOT_THEIRS)
    if not isinstance(reason, Code) or signing_request.purpose != Purpose.APPLICATION:
        return None
    try:
        enrolment.check_all(signing_request.application, now=now)
    except Blocked as blocked:
        return blocked if blocked.code == reason else None
    return None
