"""How long one question to the database may take, and wait for a lock, by the kind of process that asks.
Pages answer "busy" before a person gives up; what a task asks ends before the task; commands are made for
what takes long, and have no limit.

A connection says so as it is opened, so it costs no question. A pooler takes nothing of the kind from whom it
serves: there each kind has a database of its own by name, and the pooler sets the same (docs/deploy.md).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

CHANGES_TABLES = re.compile(r"\s*(ALTER|CREATE|DROP|TRUNCATE)\b", re.IGNORECASE)
LOOKS_FOR_CLIENT = 2  # seconds: PostgreSQL ends what a killed process has asked


class Kind(StrEnum):
    WEB = "web"
    WORKER = "worker"  # and beat


def begin(kind: Kind) -> None:
    """For each connection of this process from here on, in all its threads and children."""
    for alias in connections:
        connection = connections[alias]
        connection.close()
        pooled = settings.DATABASE_POOLED and alias == DEFAULT_DB_ALIAS
        connection.settings_dict.update(_limited(connection.settings_dict, kind, pooled=pooled))


def wanted(kind: Kind) -> dict[str, int]:
    """Settings of PostgreSQL and their milliseconds."""
    limits = settings.DATABASE_LIMITS[kind]
    seconds = {
        "statement_timeout": limits["query"],
        "lock_timeout": limits["lock"],
        "client_connection_check_interval": LOOKS_FOR_CLIENT,
    }
    return {name: number * 1000 for name, number in seconds.items()}


@contextmanager
def changing_tables(seconds: float) -> Iterator[None]:
    """Meanwhile who changes a table in a transaction waits so long for its lock: behind one that waits all
    others wait, readers too. What stands in no transaction (an index that is made CONCURRENTLY) holds up
    nobody, and half of it would be left: it waits as long as it has to."""

    def limit(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if connection.in_atomic_block and CHANGES_TABLES.match(str(sql)):
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {int(seconds * 1000)}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(limit):
        yield


def _limited(database: dict[str, Any], kind: Kind, *, pooled: bool) -> dict[str, Any]:
    if pooled:
        return {"NAME": f"{database['NAME']}_{kind}"}
    given = database["OPTIONS"].get("options", "")
    said = " ".join([given, *(f"-c {name}={value}" for name, value in wanted(kind).items())])
    return {"OPTIONS": database["OPTIONS"] | {"options": said.strip()}}
