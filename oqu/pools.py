"""What the pooler before the database knows and PostgreSQL does not: who waits there for a connection, and
for how long. It is asked at its own console (POOLER_URL), which answers also where the pool is full."""

from dataclasses import dataclass
from typing import Any

import environ
import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

CONSOLE_SECONDS = 2  # for a connection to it
LONG = 1.0  # seconds: in a pool with places nobody waits


@dataclass(frozen=True)
class Pool:
    """Of one database by name, for all roles together."""

    database: str
    waiting: int
    longest: float  # seconds for which the first of them waits

    @property
    def in_words(self) -> str:
        return f"{self.waiting} wait for a connection of {self.database}, the first for {self.longest:.1f} s"


def is_on() -> bool:
    return bool(settings.POOLER_URL)


def standing() -> list[Pool]:
    """All but the console's own. Raises psycopg.Error."""
    with psycopg.connect(_console(), autocommit=True, row_factory=dict_row) as console:
        rows = console.execute("SHOW POOLS").fetchall()
    names = sorted({row["database"] for row in rows} - {"pgbouncer"})
    return [_pool(name, [row for row in rows if row["database"] == name]) for name in names]


def faults() -> list[str]:
    try:
        return [pool.in_words for pool in standing() if pool.longest > LONG]
    except psycopg.Error as error:
        return [f"its console does not answer: {type(error).__name__}; look at POOLER_URL and stats_users"]


def _console() -> str:
    address = environ.Env.db_url_config(settings.POOLER_URL)
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {name: address[ours] for name, ours in named.items() if address.get(ours)}
    return make_conninfo(**{"connect_timeout": CONSOLE_SECONDS} | given | address.get("OPTIONS", {}))


def _pool(name: str, rows: list[dict[str, Any]]) -> Pool:
    longest = max(int(row["maxwait"]) + int(row["maxwait_us"]) / 1_000_000 for row in rows)
    return Pool(name, sum(int(row["cl_waiting"]) for row in rows), longest)
