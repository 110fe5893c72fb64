"""The queues whose rows ops may have tried again at once (D77): what was given up, and what waits for its
next try. Rows are known by their numbers alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from applications.documents import medical
from applications.models import Document, FamilyExport, FetchState, MedicalFetch, Paper, TableExport
from applications.status import Status
from notifications import missed, outbox, queue, ways
from notifications.models import Message, MessageState

PORTION = 500  # rows that one statement touches
SECONDS = 5.0  # for which a page does it; what is left waits for another press
SHOWN = 50  # numbers of rows on the page

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Lot:
    """`waiting` and `dead`: its rows; `revive`: dead ones get their tries back, how many. `news`: what is
    dead for longer is tried again by its number alone."""

    waiting: Callable[[], Rows]
    dead: Callable[[], Rows]
    revive: Callable[[Rows, datetime], int]
    since: str = "created_at"  # the column that says since when a row is there
    news: timedelta | None = None

    def again(self, row: int | None, now: datetime) -> Rows:
        """The dead ones that are tried again, of all or of the one."""
        if row is not None:
            return self.dead().filter(pk=row)
        return self.dead().exclude(self._is_old(now))

    def old(self, now: datetime) -> Rows:
        return self.dead().filter(self._is_old(now))

    def _is_old(self, now: datetime) -> Q:
        return Q(**{f"{self.since}__lte": now - self.news}) if self.news else Q(pk__in=[])

    def delayed(self, now: datetime) -> Rows:
        """What has failed and waits for its next try; nothing that a worker holds."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.waiting().filter(free, attempts__gt=0, next_try_at__gt=now)

    def oldest(self) -> datetime | None:
        found = [rows.aggregate(at=Min(self.since))["at"] for rows in (self.waiting(), self.dead())]
        return min(filter(None, found), default=None)

    def count(self, row: int | None, *, now: datetime) -> int:
        """How many may be tried again, of all or of the one."""
        return self.again(row, now).count() + _only(self.delayed(now), row).count()


@dataclass(frozen=True)
class Tried:
    """How many rows are due again, and whether the time was over before all were."""

    rows: int
    all: bool


def retry(lot: Lot, *, row: int | None, now: datetime) -> Tried:
    """All of the queue, or the one row; portion by portion, each whole by itself. Done twice it does nothing
    more: what is due is neither dead nor delayed."""
    ends, done = monotonic() + SECONDS, 0
    for rows in _portions(lot.again(row, now)):
        done += _revived(lot, rows, now)
        if monotonic() > ends:
            return Tried(done, all=False)
    for rows in _portions(_only(lot.delayed(now), row)):
        done += rows.update(next_try_at=now)
        if monotonic() > ends:
            return Tried(done, all=False)
    return Tried(done, all=True)


def _only(rows: Rows, row: int | None) -> Rows:
    return rows if row is None else rows.filter(pk=row)


def _portions(rows: Rows) -> Iterator[Rows]:
    """The newest first: of two orders of one person the later one is wanted."""
    below: list[Any] = []
    while keys := list(rows.filter(*below).order_by("-pk").values_list("pk", flat=True)[:PORTION]):
        yield rows.filter(pk__in=keys)
        below = [Q(pk__lt=keys[-1])]


def _revived(lot: Lot, rows: Rows, now: datetime) -> int:
    """Where one of them may not stand beside another that waits, each goes by itself, and that one stays."""
    try:
        with transaction.atomic():
            return lot.revive(rows, now)
    except IntegrityError:
        keys = list(rows.order_by("-pk").values_list("pk", flat=True))
        if len(keys) == 1:
            return 0
        return sum(_revived(lot, rows.filter(pk=key), now) for key in keys)


def _with_dead(model: Any, now_open: Q, since: str = "created_at") -> Lot:
    """A queue whose rows have a column for it."""
    return Lot(
        waiting=lambda: model.objects.filter(now_open, dead=False),
        dead=lambda: model.objects.filter(now_open, dead=True),
        revive=lambda rows, now: rows.update(dead=False, **queue.afresh(now)),
        since=since,
    )


def _messages(way: ways.Way) -> Lot:
    return Lot(
        waiting=lambda: Message.objects.filter(state=MessageState.PENDING, channel__in=way.channels),
        dead=lambda: outbox.unheard().filter(channel__in=way.channels),
        revive=lambda rows, now: outbox.revive(rows, now=now),
        news=missed.NEWS,
    )


def _fetches(*, ended: bool) -> Rows:
    """Of drafts whose document nobody has brought meanwhile."""
    there = Document.objects.filter(application=OuterRef("application"), kind=OuterRef("kind"))
    if not ended:
        return medical.open_fetches().filter(~Exists(there))
    failed = MedicalFetch.objects.filter(state=FetchState.FAILED, answered_at__isnull=False)
    return failed.filter(~Exists(there), application__status=Status.DRAFT)


LOTS = {
    **{way.system: _messages(way) for way in ways.WAYS},
    "papers": _with_dead(Paper, Q(rendered_at=None)),
    "medical": Lot(
        waiting=partial(_fetches, ended=False),
        dead=partial(_fetches, ended=True),
        revive=lambda rows, now: rows.update(**medical.opened(now)),
        since="requested_at",
    ),
    "families": _with_dead(FamilyExport, Q(made_at=None), "ordered_at"),
    "tables": _with_dead(TableExport, Q(made_at=None), "ordered_at"),
}
