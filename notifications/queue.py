"""Rows that are queues: messages to send, papers to make, documents to fetch.

A worker claims due rows, does its work outside any transaction, then gives them back or closes them. How
often a row was tried and until when it is somebody's stand in the row, so neither a lost worker nor a lost
Redis loses anything.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from time import monotonic
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import Count, F, Min, Q
from django.utils import timezone

from accounts import copies, speaker, taking, written
from accounts.storage import StoreAway, disk_as_store

logger = logging.getLogger(__name__)

MAX_TRIES = 8
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=2)  # eight tries reach over three hours
JITTER = 0.2
RUN_SECONDS = 10.0  # one run of a task; the next tick goes on
LEASE = timedelta(seconds=60)  # longer than the worker's hard time limit
TOGETHER_SECONDS = 0.5  # for rows that are claimed together: where each is slow other workers have them


def ordered_by() -> str:
    """The number of the request that writes a row, "" of none."""
    return speaker.request_number() or ""


class QueueRow(models.Model):
    """What every queue keeps in its rows. Whoever does the work of one says whose it is (`speaker.numbered`):
    log and journal then bear the number of the request that has ordered it."""

    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    request = models.CharField(max_length=64, blank=True, default=ordered_by, db_default="")

    class Meta:
        abstract = True

    @property
    def is_spent(self) -> bool:
        """Claimed once more than it may be tried: every try before ended without a word."""
        return self.attempts > MAX_TRIES

    @property
    def is_last_try(self) -> bool:
        return self.attempts >= MAX_TRIES

    def close(self, **changes: Any) -> None:
        """Write how it ended; the row is nobody's any more. Nothing is written where it is not this worker's:
        it was asked for anew meanwhile, or the lease has passed on."""
        changes |= {"lease_until": None}
        before = {name: getattr(self, name) for name in changes}
        self._take(changes)
        if not written.update(self, *changes, only={"lease_until": before["lease_until"]}):
            self._take(before)

    def _take(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    def postpone(self, *, now: datetime, **changes: Any) -> None:
        """Give the row back, to be tried again later; each wait is longer, never the same for two rows."""
        self.close(next_try_at=now + wait(self.attempts), **changes)


def afresh(now: datetime, *, attempts: int = 0) -> dict[str, Any]:
    """The columns of a row that is revived; some queues keep one try counted. Where a request does it, the
    row is that one's from here on."""
    again = {"request": number} if (number := ordered_by()) else {}
    return {"attempts": attempts, "next_try_at": now, "lease_until": None} | again


Row = TypeVar("Row", bound=QueueRow)


def claim(
    rows: models.QuerySet[Row], *, now: datetime, limit: int = 1, lost_alone: bool = False
) -> list[Row]:
    """Take due rows of a queue for this worker alone.

    A try is counted when it begins, so a row that kills its worker is not tried for ever: the caller
    asks `is_spent` first. With `lost_alone` a row whose worker never told how its last try ended comes by
    itself: should it kill this worker too, it takes no other row with it. Not inside a transaction: what is
    claimed must be seen by the others at once. Of a restored copy nothing is ever claimed (D69).
    """
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    with transaction.atomic(durable=True):
        if copies.is_copy():  # known for certain now that the database is met
            return []
        due = rows.filter(free, next_try_at__lte=now).order_by("next_try_at", "pk")
        claimed = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
        if lost_alone:
            claimed = list(takewhile(lambda row: row.lease_until is None, claimed)) or claimed[:1]
        for row in claimed:
            row.attempts += 1
            row.lease_until = now + LEASE
        if len(claimed) == 1:
            written.update(claimed[0], "attempts", "lease_until")
        elif claimed:
            taken = rows.model._default_manager.filter(pk__in=[row.pk for row in claimed])
            taken.update(attempts=F("attempts") + 1, lease_until=now + LEASE)
    return claimed


def release(rows: Sequence[QueueRow]) -> None:
    """Give back what was claimed together and not tried: the next claim finds it as it was. What another
    worker has claimed since is left to that one."""
    if rows:
        claimed = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])
        claimed.filter(lease_until=rows[0].lease_until).update(attempts=F("attempts") - 1, lease_until=None)


def do_next(
    rows: models.QuerySet[Row], do: Callable[[Row], bool | None], *, now: datetime, tries: int = MAX_TRIES
) -> bool | None:
    """Do the work of the oldest due row of a queue that has a column `dead`: whether it was done, None when
    nothing is due. `do` says False when the row had no work left in it."""
    done = do_some(rows, do, now=now, limit=1, tries=tries)
    return None if done is None else bool(done)


def do_some(
    rows: models.QuerySet[Row],
    do: Callable[[Row], bool | None],
    *,
    now: datetime,
    limit: int,
    tries: int = MAX_TRIES,
) -> int | None:
    """The same of some rows that are claimed together: how many were done. Each ends by itself, whatever
    becomes of the others; what is not reached in time, or because this worker fails or the store of files is
    silent, is given back, and no try is counted. None also where that silence was all there was."""
    ends = monotonic() + TOGETHER_SECONDS
    claimed = claim(rows.filter(dead=False), now=now, limit=limit, lost_alone=True)
    reached = done = 0
    try:
        for row in claimed:
            reached += 1
            with speaker.numbered(row.request):
                done += _is_done(row, do, now=now, tries=tries)
            if monotonic() > ends:
                break
    except StoreAway:
        return done or None
    finally:
        release(claimed[reached:])
    return done if claimed else None


def _is_done(row: Row, do: Callable[[Row], bool | None], *, now: datetime, tries: int) -> bool:
    """Whatever went wrong, the row tells and the next try may do better; after the last one it is dead, until
    somebody asks for it again. That the store of files is silent or takes nothing, or a disk is full, costs
    it no try, and the next row would fare no better: raises StoreAway."""
    if row.attempts <= tries:  # else each try before ended without a word
        try:
            with disk_as_store():
                return do(row) is not False
        except StoreAway as error:
            if taking.is_of_all(error, now=now):
                logger.error("%s waits for the store: %s", row, error)
                row.postpone(now=now, attempts=row.attempts - 1)
                raise
            logger.error("%s, try %s: %s", row, row.attempts, error)
        except Exception as error:
            logger.error("%s, try %s: %s", row, row.attempts, type(error).__name__)
        if row.attempts < tries:
            row.postpone(now=now)
            return False
    logger.error("%s is dead", row)
    row.close(dead=True)
    return False


@dataclass(frozen=True)
class Standing:
    """How a queue stands: what waits in it, since when its oldest row is due, what was given up."""

    waiting: int
    due_at: datetime | None
    dead: int = 0
    stopped: bool = False  # the system it leads to fails: nothing is claimed until it answers

    def is_late(self, *, now: datetime, patience: timedelta) -> bool:
        return not self.stopped and self.due_at is not None and now - self.due_at > patience


def standing(
    waiting: models.QuerySet[Any], *, now: datetime, dead: int = 0, stopped: bool = False
) -> Standing:
    """A row that waits for its next try is not due."""
    due = Min("next_try_at", filter=Q(next_try_at__lte=now))
    found = waiting.order_by().aggregate(waiting=Count("pk"), due_at=due)
    return Standing(dead=dead, stopped=stopped, **found)


def run(step: Callable[..., int | None], *, seconds: float = RUN_SECONDS) -> int:
    """Take one step after the other until nothing is due or the run's time is over; how many did their work.
    A step says how many did (whether it did), None when nothing is due."""
    ends, done = monotonic() + seconds, 0
    while monotonic() < ends:
        outcome = step(now=timezone.now())
        if outcome is None:
            break
        done += outcome
    return done


def wait(attempts: int) -> timedelta:
    """How long after so many tries: 10 s, 30 s, 90 s … two hours, give or take a fifth."""
    factor: int = 3 ** max(attempts - 1, 0)
    plain = min(FIRST_WAIT * factor, LONGEST_WAIT)
    return plain * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (no secret)
