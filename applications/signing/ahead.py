"""Originals drawn ahead of need (D67): while the parent looks the application through for the last time, also
before its region opens, and on the evening before it opens, whatever nobody has looked at again; so that the
signature finds it drawn.

Nobody waits for them yet, so they have a task of their own, one over all workers, that stands back as soon
as there is anything that somebody waits for.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts import speaker, written
from accounts.prepared import Prepared, asked_once
from applications import drafts, eligibility, facts, queues
from applications.eligibility import Blocked
from applications.models import Application, Drawing, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import asked, originals
from applications.status import Status
from notifications import leases, queue
from schools import periods

# What nobody has come to sign for so long, from the time on at which it may be signed, is not drawn.
PATIENCE = timedelta(hours=1)
RUN = "ahead"  # the lease of one run
RUN_SECONDS = 2.0  # short, for a message that comes meanwhile may find the other worker busy, too
_DRAFT = Prepared(  # a new request beside it is not held up
    lambda application: (
        Application.objects.select_for_update(no_key=True)
        .filter(pk=application, status=Status.DRAFT)
        .values_list("pk")
    ),
    int,
)
_ORDERED = Prepared(
    lambda application, user, content: SigningRequest.objects.filter(
        application=application, batch__user=user, content_sha256=content
    ).values_list("pk")[:1],
    int,
    int,
    str,
)
_OLDER = Prepared(
    lambda application: (
        SigningBatch.objects.ahead()
        .filter(signing_requests__application=application)
        .values_list("pk", "signing_requests__payload")
    ),
    int,
)


def is_worth_it(application: Application, *, now: datetime) -> bool:
    """May it be signed now, or as soon as its region opens, before the drawing would be erased? What else
    stands against it has to be mended first, and is drawn anew then."""
    opens = _opens_at(application, now=now)
    if opens and opens - now > timedelta(days=settings.ERASE_SIGNING_DAYS):
        return False
    try:
        eligibility.check_stored(application, now=opens or now)
    except Blocked:
        return False
    return True


def _opens_at(application: Application, *, now: datetime) -> datetime | None:
    """When its region opens, if that is still to come."""
    if application.intake is None:
        return None
    window = periods.state(application.intake.school.locality_id, application.year, now)
    return window.opens_at if window.name == periods.State.BEFORE else None


def is_ordered(application: Application, content: str) -> bool:
    """Or drawn, or found impossible to draw."""
    return bool(_ORDERED(application.pk, application.applicant_id, content))


def order(application: Application, *, content: str, now: datetime) -> None:
    """Have the worker draw what is looked through for the last time, in a batch that nobody can sign in: once
    for the same content, and of one application the newest alone. Raises drafts.NotADraft."""
    with transaction.atomic():
        if not _DRAFT(application.pk):
            raise drafts.NotADraft
        if is_ordered(application, content):
            return
        _drop_older(application)
        batch = SigningBatch(user=application.applicant, created_at=now, expires_at=now)
        written.insert(batch)
        ordered = SigningRequest(
            batch=batch, application=application, purpose=Purpose.APPLICATION, content_sha256=content
        )
        written.insert(ordered)
        written.insert(Drawing(signing_request=ordered, next_try_at=now, ahead=True))


def order_for_opening(application: int, *, now: datetime) -> bool:
    """On the evening before: whether a draft is drawn, or will be, as it stands. A drawing that stands is
    kept for as long as a new one, whenever its parent has looked at it."""
    draft = Application.objects.filter(pk=application, status=Status.DRAFT).with_facts().first()
    if draft is None or not is_worth_it(draft, now=now):
        return False
    content = facts.content_sha256(draft, Purpose.APPLICATION, None)
    try:
        order(draft, content=content, now=now)
    except drafts.NotADraft:
        return False
    same = SigningBatch.objects.ahead().filter(
        signing_requests__application=draft, signing_requests__content_sha256=content
    )
    same.update(created_at=now, expires_at=now)
    return True


def _drop_older(application: Application) -> None:
    """What was ordered of it before, and the file, unless another request has it by now: who takes it holds
    the request that it was drawn for until then."""
    found = dict(_OLDER(application.pk))
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
    with speaker.numbered(claimed[0].request), asked_once():
        return _draw_claimed(claimed[0], now=now)


def _draw_claimed(row: Drawing, *, now: datetime) -> bool:
    wanted = originals.wanted_by(row)
    if wanted is None:  # erased meanwhile
        return False
    if _is_idle(wanted, now=now):
        wanted.batch.delete()  # whole, so that the next look at the review may order it
        return False
    return originals.work_off(row, wanted, now=now)


def _is_idle(wanted: SigningRequest, *, now: datetime) -> bool:
    """It would serve no signature, or another one stands."""
    return (
        now >= _from(wanted) + PATIENCE
        or wanted.state != SigningState.OPEN
        or wanted.application.status != Status.DRAFT
        or not originals.is_same(wanted)
        or bool(asked.SAME(wanted.batch.user_id, [wanted.application_id], [wanted.content_sha256]))
    )


def _from(wanted: SigningRequest) -> datetime:
    """Since when its parent may be expected."""
    ordered = wanted.batch.created_at
    return _opens_at(wanted.application, now=ordered) or ordered
