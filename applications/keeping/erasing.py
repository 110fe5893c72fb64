"""Erase what has come to the end of its term: in small transactions, each with its act in the journal; the
files after it. Broken off anywhere it goes on where it was: what is erased is due no more, and a file that
was left behind is found by applications/keeping/loose.py.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from math import inf
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import journal, speaker
from accounts.fields import LockedTextField
from applications import drafts
from applications.keeping.policy import Policy
from applications.keeping.table import POLICIES

logger = logging.getLogger(__name__)

AT_ONCE = 100  # rows of one transaction
LOCK = 0x6F7175_657273  # "oquers", an advisory lock


class Busy(Exception):
    """Another run is at work."""


@dataclass
class Done:
    """Of one row of the table."""

    policy: str
    rows: int = 0
    files: int = 0


@dataclass
class Report:
    done: list[Done] = field(default_factory=list)
    busy: bool = False  # another run is at work
    unfinished: bool = False  # the time was over first
    failed: list[str] = field(default_factory=list)  # rows of the table that could not be worked off


def count(*, now: datetime) -> list[Done]:
    """What a run would erase; files are not counted."""
    return [Done(policy.name, rows=policy.rows(now).count()) for policy in POLICIES]


def run(*, now: datetime, seconds: float | None = None) -> Report:
    """Erase until nothing is due, or for so long, the seconds shared by all that have something due. One run
    at a time: who comes second ends at once. What fails keeps nothing else from its end."""
    report = Report(done=[Done(policy.name) for policy in POLICIES])
    left = list(zip(POLICIES, report.done, strict=True))
    ends = inf if seconds is None else monotonic() + seconds
    while left and (over := ends - monotonic()) > 0:
        share = over / len(left)  # what one does not need is shared by the others in the next round
        try:
            left = [(one, done) for one, done in left if not _work_off(one, done, report, now, share)]
        except Busy:
            report.busy = True
            return report
    report.unfinished = bool(left)
    return report


def _work_off(policy: Policy, done: Done, report: Report, now: datetime, seconds: float) -> bool:
    """For so long, one transaction at the least. Is it done with for this run? Raises Busy."""
    ends = monotonic() + seconds
    try:
        for keys in _due(policy, now=now):
            rows, files = _erase(policy, keys, now=now)
            done.rows += rows
            done.files += files
            if monotonic() >= ends:
                return False
    except Busy:
        raise
    except Exception as error:  # an odd row of one kind must not keep all others for ever
        logger.error("not erased, %s: %s", policy.name, type(error).__name__)
        report.failed.append(policy.name)
    return True


def _due(policy: Policy, *, now: datetime) -> Iterator[list[Any]]:
    """Keys of the rows of each transaction. What is due is looked for once for AT_ONCE of them, and each is
    met once: one that somebody holds is left for the next run. Raises Busy."""
    rows = policy.rows(now).order_by("pk")
    found: list[Any] = []
    while found := _read(rows.filter(pk__gt=found[-1]) if found else rows):
        yield from ([key] for key in found) if policy.alone else [found]


@transaction.atomic
def _read(rows: "QuerySet[Any]") -> list[Any]:
    _begin()
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])


def _begin() -> None:
    """Of a transaction. Raises Busy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Busy


@transaction.atomic
def _erase(policy: Policy, keys: list[Any], *, now: datetime) -> tuple[int, int]:
    """How many rows and files, of those that are due still. Columns that are locked are not read: one under
    a key that is not here keeps nothing from its end. Raises Busy."""
    _begin()
    due = policy.rows(now).filter(pk__in=keys).order_by("pk")
    locked = [one.name for one in due.model._meta.concrete_fields if isinstance(one, LockedTextField)]
    rows = list(due.defer(*locked).select_for_update(of=("self",), skip_locked=True))
    if not rows:
        return 0, 0
    erased = [row.pk for row in rows]
    with speaker.speaking(f"erasing {policy.name}"):
        files = [name for name in policy.erase(rows, now) if name]
        journal.erased(due.model, erased, policy=policy.name, files=len(files))
    logger.info("erased %s: %d rows, %d files", policy.name, len(erased), len(files))
    transaction.on_commit(partial(drafts.forget, files), robust=True)
    return len(erased), len(files)


def in_words(done: Done) -> str:
    return f"{done.policy}: {done.rows} rows" + (f", {done.files} files" if done.files else "")
