"""Originals drawn ahead of need (D67): while the parent looks the application through for the last time, so
that the signature finds it drawn.

Nobody waits for them yet, so they have a task of their own, one over all workers, that stands back as soon
as there is anything that somebody waits for.
"""

from datetime import datetime, timedelta

from django.db import transaction

from applications import drafts, queues
from applications.models import Application, Drawing, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import originals
from applications.status import Status
from notifications import leases, queue

PATIENCE = timedelta(hours=1)  # what nobody has come to sign for so long is not drawn
RUN = "ahead"  # the lease of one run
RUN_SECONDS = 2.0  # short, for a message that comes meanwhile may find the other worker busy, too


def is_ordered(application: Application, content: str) -> bool:
    """Or drawn, or found impossible to draw."""
    found = application.signing_requests.filter(batch__user=application.applicant_id, content_sha256=content)
    return found.exists()


def order(application: Application, *, content: str, now: datetime) -> None:
    """Have the worker draw what is looked through for the last time, in a batch that nobody can sign in: once
    for the same content, and of one application the newest alone. Raises drafts.NotADraft."""
    with transaction.atomic():
        rows = Application.objects.select_for_update(no_key=True)  # a new request beside it is not held up
        if not rows.filter(pk=application.pk, status=Status.DRAFT).values_list("pk").first():
            raise drafts.NotADraft
        if is_ordered(application, content):
            return
        _drop_older(application)
        batch = SigningBatch.objects.create(user=application.applicant, created_at=now, expires_at=now)
        ordered = SigningRequest.objects.create(
            batch=batch, application=application, purpose=Purpose.APPLICATION, content_sha256=content
        )
        Drawing.objects.create(signing_request=ordered, next_try_at=now, ahead=True)


def _drop_older(application: Application) -> None:
    """What was ordered of it before, and the file, unless another request has it by now: who takes it holds
    the request that it was drawn for until then."""
    older = SigningBatch.objects.ahead().filter(signing_requests__application=application)
    found = dict(older.values_list("pk", "signing_requests__payload"))
    if found:
        SigningBatch.objects.filter(pk__in=found).delete()
        names = set(filter(None, found.values()))
        names -= set(SigningRequest.objects.filter(payload__in=names).values_list("payload", flat=True))
        transaction.on_commit(lambda: drafts.forget(sorted(names)))


def run() -> int:
    """Draw while nothing else is to do; how many were drawn."""
    return leases.run_alone(draw_next, name=RUN, seconds=RUN_SECONDS)


def draw_next(*, now: datetime) -> bool | None:
    """Draw the oldest, unless somebody waits for other work: whether it was drawn, None when there is none.
    What would serve no signature is drawn no more."""
    return None if queues.somebody_waits(now=now) else draw_oldest(now=now)


def draw_oldest(*, now: datetime) -> bool | None:
    """The same, whoever waits."""
    claimed = queue.claim(Drawing.objects.filter(ahead=True), now=now)
    if not claimed:
        return None
    row, wanted = claimed[0], originals.wanted_by(claimed[0])
    if wanted is None:  # erased meanwhile
        return False
    if _is_idle(wanted, now=now):
        wanted.batch.delete()  # whole, so that the next look at the review may order it
        return False
    return originals.work_off(row, wanted, now=now)


def _is_idle(wanted: SigningRequest, *, now: datetime) -> bool:
    """It would serve no signature, or another one stands."""
    others = wanted.application.signing_requests.filter(content_sha256=wanted.content_sha256)
    return (
        now >= wanted.batch.created_at + PATIENCE
        or wanted.state != SigningState.OPEN
        or wanted.application.status != Status.DRAFT
        or not originals.is_same(wanted)
        or others.filter(batch__user=wanted.batch.user_id).exclude(payload="").exists()
    )
