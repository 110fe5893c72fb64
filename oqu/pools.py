"""What the pooler before the database knows and PostgreSQL does not: who waits there for a connection, and
for how long. It is asked at its own console (POOLER_URL), which answers also where the pool is full."""

from dataclasses import dataclass
from typing import Any

import environ
import psycopg
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from accounts import deadlines

CONSOLE_SECONDS = 2  # for a connection to it
MODE = "transaction"
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


def mistakes() -> list[str]:
    """What of its settings would keep people waiting, or end their questions, before anybody comes. Where
    its console does not answer `faults` says so."""
    try:
        with psycopg.connect(_console(), autocommit=True, row_factory=dict_row) as console:
            databases = {row["name"]: row for row in console.execute("SHOW DATABASES").fetchall()}
            said = {row["key"]: row["value"] for row in console.execute("SHOW CONFIG").fetchall()}
    except psycopg.Error:
        return []
    ours = [databases[name] for name in _names() if name in databases]
    return [
        *(f"it has no database {name}" for name in _names() if name not in databases),
        *(f"{row['name']} is in the mode {mode}" for row in ours if (mode := _mode(row, said)) != MODE),
        *_patience_mistakes(int(float(said["query_wait_timeout"]))),
        *_size_mistakes(sum(int(row["pool_size"]) for row in ours)),
    ]


def _names() -> list[str]:
    """Under which commands and each kind of process go there."""
    name = str(connection.settings_dict["NAME"])
    for kind in deadlines.Kind:
        name = name.removesuffix(f"_{kind}")
    return [name, *(f"{name}_{kind}" for kind in deadlines.Kind)] if settings.DATABASE_POOLED else [name]


def _mode(row: dict[str, Any], said: dict[str, Any]) -> str:
    return str(row["pool_mode"] or said["pool_mode"])


def _patience_mistakes(seconds: int) -> list[str]:
    """Who has a connection waits twice, and is to read that the portal is busy before nginx gives up."""
    most = settings.DATABASE_LIMITS["web"]["query"] // 2
    if 0 < seconds <= most:
        return []
    return [f"query_wait_timeout is {seconds}, and not between 1 and {most}: people wait in vain"]


def _size_mistakes(places: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
        )
        (most,) = cursor.fetchone()
    return [f"its pools hold {places}, and PostgreSQL takes {most}"] * (places > most)


def _console() -> str:
    address = environ.Env.db_url_config(settings.POOLER_URL)
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {name: address[ours] for name, ours in named.items() if address.get(ours)}
    return make_conninfo(**{"connect_timeout": CONSOLE_SECONDS} | given | address.get("OPTIONS", {}))


def _pool(name: str, rows: list[dict[str, Any]]) -> Pool:
    longest = max(int(row["maxwait"]) + int(row["maxwait_us"]) / 1_000_000 for row in rows)
    return Pool(name, sum(int(row["cl_waiting"]) for row in rows), longest)
