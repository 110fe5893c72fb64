"""Erase what has come to the end of its term: in small transactions, each with its act in the journal; the
files after it. Broken off anywhere it goes on where it was: what is erased is due no more, and a file that
was left behind is found by applications/keeping/loose.py.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic

from django.db import connection, transaction

from accounts import journal, speaker
from applications import drafts
from applications.keeping.policy import Policy
from applications.keeping.table import POLICIES

logger = logging.getLogger(__name__)

AT_ONCE = 100  # rows of one transaction
LOCK = 0x6F7175_657273  # "oquers", an advisory lock


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
    """Erase until nothing is due, or for so long. One run at a time: who comes second ends at once. What
    fails keeps nothing else from its end."""
    report, ends = Report(), monotonic() + seconds if seconds else None
    for policy in POLICIES:
        done = Done(policy.name)
        report.done.append(done)
        try:
            _work_off(policy, done, report, now=now, ends=ends)
        except Exception as error:  # an odd row of one kind must not keep all others for ever
            logger.error("not erased, %s: %s", policy.name, type(error).__name__)
            report.failed.append(policy.name)
        if report.busy or report.unfinished:
            break
    return report


def _work_off(policy: Policy, done: Done, report: Report, *, now: datetime, ends: float | None) -> None:
    while True:
        if ends is not None and monotonic() >= ends:
            report.unfinished = True
            return
        erased = _erase_some(policy, now=now)
        if erased is None:
            report.busy = True
        if not erased or not erased[0]:
            return
        done.rows += erased[0]
        done.files += erased[1]


@transaction.atomic
def _erase_some(policy: Policy, *, now: datetime) -> tuple[int, int] | None:
    """How many rows and files; None when another run is at work. Rows that somebody holds are left for the
    next run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
    due = policy.rows(now).order_by("pk").select_for_update(of=("self",), skip_locked=True)
    rows = list(due[: 1 if policy.alone else AT_ONCE])
    if not rows:
        return 0, 0
    keys = [row.pk for row in rows]
    with speaker.speaking(f"erasing {policy.name}"):
        files = [name for name in policy.erase(rows, now) if name]
        journal.erased(type(rows[0]), keys, policy=policy.name, files=len(files))
    logger.info("erased %s: %d rows, %d files", policy.name, len(keys), len(files))
    transaction.on_commit(partial(drafts.forget, files), robust=True)
    return len(keys), len(files)


def in_words(done: Done) -> str:
    return f"{done.policy}: {done.rows} rows" + (f", {done.files} files" if done.files else "")
