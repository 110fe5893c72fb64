"""What is left of the work when all take seats in one row: from connections of their own, by the wall clock
and with COMMIT, for who waits for a row waits for the COMMIT of who holds it.

The rows lie in a schema of this run alone, in a table like that of the intakes, and are gone with it: of the
true table the journal would keep each of them for good.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from statistics import median
from threading import Barrier
from time import monotonic

from django.db import connection, transaction

from accounts import roles
from accounts.prepared import Prepared
from schools import seats
from schools.models import Intake

_SEATS = Prepared(lambda intake: Intake.objects.filter(pk=intake).values_list("seats"), int)
SCHEMA = "oqu_bench"
SEATS = 10**6
HANDS, ROUNDS, SECONDS = 8, 7, 0.5
OF_SIGNATURE = 30  # questions that its transaction asks before it takes the seat, at the least


def hot(
    *, hands: int = HANDS, rounds: int | None = None, seconds: float | None = None, before: int = 0
) -> float:
    """Seats taken a second in one row by so many at once, of those that they take in a row each; the median
    of rounds in turn, for a machine has other work. `before`: so many questions are asked in each
    transaction before it takes the seat."""
    rounds, seconds = rounds or ROUNDS, seconds or SECONDS
    with ThreadPoolExecutor(1) as aside:  # the caller's own transaction sees nothing of it
        keys = aside.submit(_elsewhere, partial(_make, hands)).result()
        try:
            one, each = keys[:1] * hands, keys
            turns = [[_together(them, seconds, before) for them in (each, one)] for _ in range(rounds)]
            return median(one_row / spread for spread, one_row in turns)
        finally:
            aside.submit(_elsewhere, _drop).result()


def _elsewhere(work: Callable[[], list[int]]) -> list[int]:
    try:
        with roles.as_owner():
            return work()
    finally:
        connection.close()


def _make(count: int) -> list[int]:
    _drop()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(f"CREATE TABLE {SCHEMA}.schools_intake (LIKE schools_intake INCLUDING ALL)")
        cursor.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC")
        cursor.execute(f"GRANT SELECT, UPDATE ON {SCHEMA}.schools_intake TO PUBLIC")
    rows = [
        Intake(school_id=1, language_id="kk", year=year, seats=SEATS, outside_limit=SEATS // 4)
        for year in range(1, count + 1)
    ]
    with _instead():
        return [row.pk for row in Intake.objects.bulk_create(rows)]


def _drop() -> list[int]:
    """Also what was left by a run that was killed."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    return []


@contextmanager
def _instead() -> Iterator[None]:
    """For one transaction the made-up table stands before the true one; a pooler gives it to nobody else."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL search_path TO {SCHEMA}")
        yield


def _together(keys: list[int], seconds: float, before: int) -> float:
    work = partial(_taken, ready=Barrier(len(keys)), seconds=seconds, before=before)
    with ThreadPoolExecutor(len(keys)) as hands:
        return sum(hands.map(work, keys)) / seconds


def _taken(key: int, *, ready: Barrier, seconds: float, before: int) -> int:
    try:
        connection.ensure_connection()
        ready.wait()
        ends, taken = monotonic() + seconds, 0
        while monotonic() < ends:
            with _instead():
                for _ in range(before):
                    _SEATS(key)
                seats.take(key, outside=False)
            taken += 1
        return taken
    finally:
        connection.close()
