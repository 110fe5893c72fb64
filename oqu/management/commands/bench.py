"""Measure what pages, signatures, papers and queues cost, as ratios to a bare page, a bare drawing and a bare
locked row of the same run (docs/performance.md). All rows are made up in a transaction that is rolled back or
in a schema that is dropped, files in a folder that is deleted; nobody outside is asked. Takes a minute or two
of one core, so it refuses a production portal without --production."""

import logging
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management.base import BaseCommand, CommandError
from django.test.utils import override_settings
from django.utils import timezone

from applications.papers import keys
from oqu.bench import contention, outside, rows
from oqu.bench.clock import Clock, Cost
from oqu.bench.queues import Emptied
from oqu.bench.rows import Table
from oqu.bench.stage import Stage
from oqu.bench.walk import one_transaction

WIDTH = 42


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=25)
        parser.add_argument("--rows", type=int, default=500, help="of each queue")
        parser.add_argument("--waiting", type=int, default=60, help="applications in the director's queue")
        parser.add_argument("--production", action="store_true")

    def handle(
        self, *args: Any, rounds: int, rows: int, waiting: int, production: bool, **options: Any
    ) -> None:
        if not settings.DEMO and not production:
            raise CommandError("it would take a core from people; --production if that is meant")
        if min(rounds, rows, waiting) < 1:
            raise CommandError("one round, one row and one application at the least")
        self._tell(_measure(rounds, rows, waiting))

    def _tell(self, table: Table) -> None:
        for name, cost in table.units.items():
            self.stdout.write(f"{name:{WIDTH}} {_told(cost)}")
        for row in table.rows:
            ratio = row.ratio(table.units)
            self.stdout.write(f"{row.name:{WIDTH}} {_told(row.cost)} {ratio:7.2f} × {row.unit}")
        for name, emptied in table.queues.items():
            self.stdout.write(f"{name:{WIDTH}} {_of_queue(emptied, table)}")
        for name, ratio in table.hot.items():
            self.stdout.write(f"{name:{WIDTH}} {ratio:7.2f}")


def _measure(rounds: int, count: int, waiting: int) -> Table:
    now = timezone.now()
    hot = {  # with rows that are committed, so before those that are not
        "one school beside many": contention.hot(before=contention.OF_SIGNATURE),
        "one school beside many, its seats alone": contention.hot(),
    }
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="oqu-bench-")))
        stack.enter_context(override_settings(**_apart(folder)))
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.WARNING)  # of what is silent outside
        keys.ensure(now=now)
        authority = stack.enter_context(outside.instead(folder / "ca", now))
        stack.enter_context(one_transaction())
        stage = Stage(now, queue=waiting)
        return rows.measure(stage, WSGIHandler(), authority, Clock(), rounds=rounds, rows=count, hot=hot)


def _apart(folder: Path) -> dict[str, Any]:
    """Files and keys of this run alone."""
    options = {"location": folder / "files", "base_url": None}
    store = {"default": {"BACKEND": "accounts.storage.LockedStorage", "OPTIONS": options}}
    keys = {"KEYS_DIR": folder / "keys", "KEYS": [], "SEAL_PASSWORD": "bench"}
    return {"STORAGES": settings.STORAGES | store} | keys


def _told(cost: Cost) -> str:
    there = "" if cost.database is None else f" + {cost.database * 1000:6.2f} of the database"
    return f"{cost.here * 1000:8.2f} ms{there}"


def _of_queue(emptied: Emptied, table: Table) -> str:
    """Rows a second of one core; and one of them in bare locked rows."""
    worked, lock = emptied.cost, table.units[rows.LOCK]
    seconds = worked.here + (worked.database or 0)
    bare = lock.here + (lock.database or 0)
    ratio = seconds / emptied.rows / bare
    return f"{emptied.rows / seconds:8.0f} rows a second {ratio:7.2f} × {rows.LOCK}"
