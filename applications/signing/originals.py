"""The originals: the exact bytes that are signed, drawn once for the same content.

A single one is drawn by the request that asks for it, unless the worker has drawn it while the parent looked
it through (ahead.py). Of a batch of many the worker draws them, each a row of a queue, and the page of the
batch tells how far it is; the time to sign begins when the last one stands.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from accounts import speaker, taking, written
from accounts.models import User
from accounts.prepared import Prepared, asked_once
from accounts.storage import StoreAway, disk_as_store
from applications import facts, stored
from applications.models import Drawing, Purpose, SigningBatch, SigningRequest, SigningState
from applications.papers import drawing
from applications.signing import asked
from applications.signing.reasons import Outcome, Reason
from egov.eds import Refusal
from notifications import life, queue

logger = logging.getLogger(__name__)

TRIES = 3  # within a minute: somebody looks at the page
NEEDED = (
    "batch",
    "application__applicant",
    "application__child",
    "application__intake__school__locality",
    "application__intake__language",
    "decision__application",
)
_WAITS = Prepared(
    lambda batch: Drawing.objects.filter(signing_request__batch=batch).values_list("pk", "ahead"), int
)
_WANTED = Prepared(
    lambda drawing: SigningRequest.objects.select_related(*NEEDED).filter(drawing=drawing), int
)
_BATCH = Prepared(lambda batch: SigningBatch.objects.select_for_update().filter(pk=batch), int)


@dataclass(frozen=True)
class Progress:
    """How far the worker is with the originals of a batch."""

    done: int
    total: int
    silent: bool  # the worker gives no sign of life


def progress(requests: Sequence[SigningRequest], *, now: datetime) -> Progress | None:
    """None when nothing is left to draw."""
    waiting = sum(1 for one in requests if one.state == SigningState.OPEN and not one.payload)
    if not waiting or now >= requests[0].batch.expires_at:
        return None
    return Progress(len(requests) - waiting, len(requests), silent="originals" in life.silent(now=now))


def reuse(requests: Sequence[SigningRequest], *, user: User) -> dict[str, int]:
    """Give each the original that was drawn for this person and the same content. The files, and the requests
    they are of."""
    same = asked.SAME(
        user.pk, [one.application_id for one in requests], [one.content_sha256 for one in requests]
    )
    last = {(one.application_id, one.content_sha256): one for one in same}
    found: dict[str, int] = {}
    for one in requests:
        drawn = last.get((one.application_id, one.content_sha256))
        if drawn and _is_whole(drawn):
            one.payload, one.payload_sha256 = drawn.payload.name, drawn.payload_sha256
            found[str(drawn.payload.name)] = drawn.pk
    return found


def _is_whole(drawn: SigningRequest) -> bool:
    """Else every new batch would ask for the document that the store has lost."""
    return not stored.fault_of(drawn.payload, drawn.payload_sha256)


def draw(signing_request: SigningRequest) -> None:
    """Raises drawing.Changed."""
    payload = DRAW[Purpose(signing_request.purpose)](signing_request)
    signing_request.payload_sha256 = hashlib.sha256(payload).hexdigest()
    signing_request.payload.save("payload", ContentFile(payload), save=False)


def forget(drawn: Iterable[SigningRequest]) -> None:
    """The files of what is asked for no more."""
    for one in drawn:
        if one.payload:
            one.payload.delete(save=False)


def is_drawn(signing_request: SigningRequest, *, alone: bool) -> bool:
    """Draw it here and now. Of several the worker tries one that fails again, and says which it is; a single
    one raises what went wrong."""
    try:
        draw(signing_request)
    except Exception as error:
        if alone:
            raise
        logger.error("drawing: %s", type(error).__name__)
        return False
    return True


def _draw_decision(signing_request: SigningRequest) -> bytes:
    assert signing_request.decision is not None
    return drawing.decision_pdf(signing_request.decision, asked=signing_request.content_sha256)


DRAW: dict[Purpose, Callable[[SigningRequest], bytes]] = {
    Purpose.APPLICATION: lambda one: drawing.application_pdf(one.application, asked=one.content_sha256),
    Purpose.WITHDRAWAL: lambda one: drawing.withdrawal_pdf(
        one.application, stated=one.stated, asked=one.content_sha256
    ),
    Purpose.DECISION: _draw_decision,
    Purpose.SUPPLEMENT: lambda one: drawing.supplement_pdf(
        one.application, stated=one.stated, asked=one.content_sha256
    ),
}


def run() -> int:
    """Draw what batches wait for; how many were drawn."""
    return queue.run(draw_next)


def draw_next(*, now: datetime) -> bool | None:
    """Draw the oldest that somebody waits for: whether it was drawn, None when there is none. What nobody
    waits for any more is drawn no more."""
    claimed = queue.claim(Drawing.objects.filter(ahead=False), now=now)
    if not claimed:
        return None
    with speaker.numbered(claimed[0].request), asked_once():
        return _draw_claimed(claimed[0], now=now)


def _draw_claimed(row: Drawing, *, now: datetime) -> bool:
    wanted = wanted_by(row)
    if wanted is None:  # erased meanwhile
        return False
    if now >= wanted.batch.expires_at:
        row.delete()
        return False
    if not is_same(wanted):  # what was asked for is not what would be drawn
        return _close(wanted, reason=Refusal.CHANGED, now=now)
    return work_off(row, wanted, now=now)


def wanted_by(row: Drawing) -> SigningRequest | None:
    return _WANTED.first(row.pk)


def work_off(row: Drawing, wanted: SigningRequest, *, now: datetime) -> bool:
    """Draw what a claimed row asks for, unless it was tried too often: whether it was drawn. The caller has
    looked whether its facts are the same."""
    if row.attempts > TRIES:
        return _close(wanted, reason=Outcome.UNDRAWN, now=now)
    try:
        with disk_as_store():
            draw(wanted)
    except drawing.Changed:  # between that look and the drawing
        return _close(wanted, reason=Refusal.CHANGED, now=now)
    except StoreAway as error:
        if taking.is_of_all(error, now=now):  # the next one would fare no better, so it costs no try
            logger.error("drawing %s waits for the store: %s", row.pk, error)
            row.postpone(now=now, attempts=row.attempts - 1)
            return False
        return _fail(row, wanted, str(error), now=now)
    except Exception as error:  # whatever went wrong, the row tells and the next try may do better
        return _fail(row, wanted, type(error).__name__, now=now)
    return _close(wanted, reason=None, now=now)


def _fail(row: Drawing, wanted: SigningRequest, why: str, *, now: datetime) -> bool:
    logger.error("drawing %s, try %s: %s", row.pk, row.attempts, why)
    if row.attempts == TRIES:
        return _close(wanted, reason=Outcome.UNDRAWN, now=now)
    row.postpone(now=now)
    return False


def is_same(wanted: SigningRequest) -> bool:
    """Its facts are still those that it was asked for with."""
    content = facts.content_sha256(wanted.application, wanted.purpose, wanted.decision, wanted.stated)
    return content == wanted.content_sha256


def _close(wanted: SigningRequest, *, reason: Reason | None, now: datetime) -> bool:
    """Write what became of it; with the last one of its batch the time to sign begins. The batch is held, so
    that of two workers who end at once one sees that it was the last; the application before it, so that who
    deletes it meanwhile has the name of the file. A file that came too late goes."""
    with transaction.atomic():
        asked.HELD([wanted.application_id])
        batch = _BATCH.first(wanted.batch_id)
        ahead = any(is_ahead for _, is_ahead in _WAITS(wanted.batch_id))
        mine = Drawing.objects.filter(signing_request=wanted).delete()[0] if batch else 0
        taken = False
        if mine:
            taken = _tell(wanted, reason, now=now)
            if not ahead and not _WAITS(wanted.batch_id):
                ends = now + timedelta(seconds=settings.SIGNING_SECONDS)
                SigningBatch.objects.filter(pk=wanted.batch_id).update(expires_at=ends)
    if reason is None and not taken:
        forget([wanted])
    return taken and reason is None


def _tell(wanted: SigningRequest, reason: Reason | None, *, now: datetime) -> bool:
    """Where it still waits to be signed."""
    waits = {"state": SigningState.OPEN}
    if reason is None:
        return written.update(wanted, "payload", "payload_sha256", only=waits)
    wanted.state, wanted.error, wanted.finished_at = SigningState.FAILED, reason, now
    return written.update(wanted, "state", "error", "finished_at", only=waits)
