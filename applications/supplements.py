"""The school asks for a better document in place of refusing, and its clock stands while it waits (D55).

The instruction is silent, so a region's season has to switch it on (Period.asks_documents). The clock needs
nobody to start it again: the due time is set to where it ends if nothing comes, and to an earlier one when
something does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from applications import drafts, hands, messages, rights
from applications.holding import held
from applications.models import Application, Channel, Decision, Document, DocumentKind, Result, Supplement
from applications.status import UNDER_REVIEW, Status
from applications.stops import Stop, Stopped
from schools import calendar, periods
from schools.models import Role

LAST_SECOND = time(23, 59, 59)  # of the parent's last day: they read it in the evening
STILL_JUDGED = timedelta(minutes=2)  # what was signed in its last second may be verified for so long
AWAITED = "document_awaited"  # of Application
AWAITED_UNTIL = "document_awaited_until"  # of Application
MOST = 2  # of one application: a clock is not stopped for ever


class Hindrance(StrEnum):
    """Why no document is asked for."""

    OFF = "OFF"
    IN_PERSON = "IN_PERSON"
    WAITING = "WAITING"
    OFTEN = "OFTEN"
    OVERDUE = "OVERDUE"


class NotAsked(Exception):
    def __init__(self, hindrance: Hindrance) -> None:
        super().__init__(hindrance)
        self.hindrance = hindrance


def hindrance(application: Application, *, now: datetime) -> Hindrance | None:
    """Of one in «Тексеруде»; others have no such question."""
    period = periods.window(application.chosen_intake.school.locality_id, application.year)
    if period is None or not period.asks_documents:
        return Hindrance.OFF
    if application.channel == Channel.IN_PERSON:
        return Hindrance.IN_PERSON
    if waited_for(application, now=now):
        return Hindrance.WAITING
    if application.supplements.count() >= MOST:
        return Hindrance.OFTEN
    return Hindrance.OVERDUE if application.is_overdue(now) else None


def waited_for(application: Application, *, now: datetime) -> Supplement | None:
    """What the applicant has been asked for and may still add."""
    if Status(application.status) not in UNDER_REVIEW:
        return None
    last = application.supplements.last()
    return last if last and last.is_waited_for(now) else None


def marked(rows: QuerySet[Application], *, now: datetime) -> QuerySet[Application]:
    """A list with `document_awaited` on each of its rows."""
    return rows.annotate(**{AWAITED: Exists(_open(now))})


def dated(rows: QuerySet[Application], *, now: datetime) -> QuerySet[Application]:
    """A list for those who are asked, with `document_awaited_until`, the last day of what is waited for."""
    return rows.annotate(**{AWAITED_UNTIL: Subquery(_open(now).values("until")[:1])})


def _open(now: datetime) -> QuerySet[Supplement]:
    return Supplement.objects.filter(
        application=OuterRef("pk"), answered_at=None, lapsed_at=None, until__gte=now
    )


def added(application: Application) -> list[Supplement]:
    """What was added and signed, with its documents."""
    return list(application.supplements.exclude(answered_at=None).select_related("document"))


def kinds(application: Application) -> list[DocumentKind]:
    """What may be asked for: the kinds that were filed."""
    filed = set(application.documents.filter(added=False).values_list("kind", flat=True))
    return [kind for kind in DocumentKind if kind in filed and kind != DocumentKind.SCAN]


def ask(application: Application, *, kind: DocumentKind, why: str, by: User, now: datetime) -> Supplement:
    """Stops the clock and tells the applicant. Raises NotAllowed, Barred, NotAsked."""
    with held(application) as locked:
        rights.demand_post(locked, by, Role.EXECUTOR, Role.DIRECTOR)
        hands.demand(locked, by)
        if locked.status != Status.IN_REVIEW or locked.due_at is None or kind not in kinds(locked):
            raise rights.NotAllowed(f"{locked.status}: no document is asked for")
        if found := hindrance(locked, now=now):
            raise NotAsked(found)
        days = calendar.load_days(now)
        left = calendar.between(now, locked.due_at, days)
        until = calendar.closing(now, settings.DOCUMENT_DAYS, days, clock=LAST_SECOND)
        for late in locked.supplements.filter(answered_at=None, lapsed_at=None).select_related("document"):
            _drop_unsigned(late)
            late.lapsed_at = now
            late.save(update_fields=["lapsed_at"])
        asked = Supplement.objects.create(
            application=locked, kind=kind, why=why, asked_by=by, asked_at=now, left=left, until=until
        )
        _set_due(locked, calendar.after(until, left, days))
        messages.document_asked(locked, asked, now=now)
    return asked


def answer(locked: Application, supplement: Supplement, *, now: datetime) -> None:
    """The addition is signed: the clock goes on from here. Of the locked row."""
    supplement.answered_at = now
    supplement.save(update_fields=["answered_at"])
    _drop_set_aside(supplement)
    _set_due(locked, calendar.after(now, supplement.left, calendar.load_days(now)))
    messages.document_came(locked, supplement, now=now)


def _set_due(locked: Application, due_at: datetime) -> None:
    locked.due_at, locked.reminded_at = due_at, None
    locked.save(update_fields=["due_at", "reminded_at", "updated_at"])


def demand_waited_for(locked: Application, *, now: datetime) -> Supplement:
    """Raises NotAllowed when nothing is asked for, Stopped when it is too late."""
    last = locked.supplements.select_related("document").last()
    if last is None or last.answered_at or Status(locked.status) not in UNDER_REVIEW:
        raise rights.NotAllowed("no document is waited for")
    if not last.is_waited_for(now):
        raise Stopped(Stop.SUPPLEMENT_LATE)
    return last


def demand_in_force(supplement: Supplement, *, now: datetime) -> None:
    """D10: a conclusion of the PMPC is in force on the day on which it is signed, not only when it was
    uploaded. Raises Stopped."""
    if supplement.document and supplement.document.has_ended(timezone.localdate(now)):
        raise Stopped(Stop.CONCLUSION_ENDED)


def demand_heard(locked: Application, decision: Decision, *, now: datetime) -> None:
    """Nobody is refused while their document is waited for, or by a refusal that was written before it came.
    Raises Stopped."""
    if decision.result != Result.REFUSE:
        return
    if waited_for(locked, now=now):
        raise Stopped(Stop.DOCUMENT_AWAITED)
    if not is_heard(locked, decision):
        raise Stopped(Stop.DOCUMENT_CAME)


def is_heard(application: Application, decision: Decision) -> bool:
    """Was it written with all that the applicant has added before the writer's eyes?"""
    return not application.supplements.filter(answered_at__gte=decision.prepared_at).exists()


@contextmanager
def awaited(application: Application, *, now: datetime) -> Iterator[Supplement]:
    """What is waited for, held until the block ends. Raises NotAllowed, Stopped."""
    with held(application) as locked:
        yield demand_waited_for(locked, now=now)


def fill(supplement: Supplement, document: Document, *, away: Callable[[Document], None]) -> None:
    """Of an awaited one. `away`: with what stood there and is not signed."""
    old = supplement.document
    document.save()
    supplement.document = document
    supplement.save(update_fields=["document"])
    if old:
        away(old)


def lapse(*, now: datetime) -> int:
    """Those that were not answered in time: the school hears that its clock goes on."""
    late = Supplement.objects.filter(answered_at=None, lapsed_at=None, until__lt=now - STILL_JUDGED)
    told = 0
    for key in late.order_by("until").values_list("pk", flat=True)[:200]:
        with transaction.atomic():
            one = late.filter(pk=key).select_for_update(of=("self",), skip_locked=True).first()
            if one is None:
                continue
            one.lapsed_at = now
            one.save(update_fields=["lapsed_at"])
            _drop_unsigned(one)
            if Status(one.application.status) in UNDER_REVIEW:
                messages.document_late(one.application, one, now=now)
            told += 1
    return told


def _drop_unsigned(supplement: Supplement) -> None:
    """What was uploaded and not signed in time nobody may see, sign or take back: it is kept for nothing."""
    if draft := supplement.document:
        name = str(draft.file.name)
        draft.delete()
        transaction.on_commit(partial(drafts.forget, [name]))
    _drop_set_aside(supplement)


def _drop_set_aside(supplement: Supplement) -> None:
    """What was uploaded for it before, and replaced (D72)."""
    drafts.drop_set_aside(supplement.application, kind=supplement.kind, removed_at__gte=supplement.asked_at)
