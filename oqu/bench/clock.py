"""CPU time: of this thread, and of the database's process that works for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import thread_time

from django.db import connection


@dataclass(frozen=True)
class Cost:
    """Seconds of a core. `database`: None where its process is not on this machine."""

    here: float
    database: float | None

    def __add__(self, other: "Cost") -> "Cost":
        both = self.database is not None and other.database is not None
        return Cost(self.here + other.here, (self.database or 0) + (other.database or 0) if both else None)

    def times(self, number: float) -> "Cost":
        return Cost(self.here * number, self.database and self.database * number)


class Clock:
    """Of one connection."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._process = Path("/proc") / str(cursor.fetchone()[0])
        self._local = _is_postgres(self._process)

    def spent(self, work: Callable[[], object]) -> Cost:
        there, here = self._there(), thread_time()
        work()
        here = thread_time() - here
        after = self._there()
        return Cost(here, None if there is None or after is None else after - there)

    def _there(self) -> float | None:
        """The first number of schedstat is what a core has worked for the process, in nanoseconds."""
        return int((self._process / "schedstat").read_text().split()[0]) / 1e9 if self._local else None


def _is_postgres(process: Path) -> bool:
    try:
        (process / "schedstat").read_text()
        return (process / "comm").read_text().startswith("postgres")
    except OSError:
        return False


def middle(costs: list[Cost]) -> Cost:
    """The median of many looks: what else the machine does, and a collection of garbage, tell on few."""
    there = [cost.database for cost in costs if cost.database is not None]
    return Cost(median(cost.here for cost in costs), median(there) if len(there) == len(costs) else None)
