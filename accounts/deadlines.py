"""How long one question to the database may take, and wait for a lock, by the kind of process that asks.
Pages answer "busy" before a person gives up; what a task asks ends before the task; commands are made for
what takes long, and have no limit.

A connection says so as it is opened, so it costs no question. A pooler takes nothing of the kind from whom it
serves: there each kind has a database of its own by name, and the pooler sets the same (docs/deploy.md).
"""

import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from time import monotonic
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

CHANGES_TABLES = re.compile(r"\s*(ALTER|CREATE|DROP|TRUNCATE)\b", re.IGNORECASE)
BESIDE_ALL = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)
LEAST = 0.1  # seconds, for pages that are at work pass in them
AGAIN = 0.2  # seconds, for a connection that is opened after the end
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
def cut_after(seconds: float) -> Iterator[None]:
    """What this thread asks of its databases fails then, wherever it waits: who stands in line at a pooler is
    out of reach of PostgreSQL's limits. Raises DatabaseError in there; the next question is asked over a new
    connection."""
    asked = [connections[alias] for alias in connections]
    over, cut = threading.Event(), threading.Event()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            cut.set()
            wait = AGAIN
            for each in asked:
                _shut(each.connection)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        for each in asked if cut.is_set() else ():
            each.close()


def _shut(connection: Any) -> None:
    """Whoever reads from it is told so at once. Its own thread may close it meanwhile, and another thing be
    opened under the same number: that is let be."""
    if connection is None:
        return
    with suppress(OSError, psycopg.Error):
        number = connection.fileno()
        twin = os.dup(number)
        with suppress(psycopg.Error):
            if not connection.closed and connection.fileno() == number:
                with socket.socket(fileno=twin) as channel:
                    channel.shutdown(socket.SHUT_RDWR)
                return
        os.close(twin)


@contextmanager
def changing_tables(seconds: float) -> Iterator[None]:
    """Meanwhile who changes tables waits so long for their locks: behind one that waits all others wait,
    readers too, and who waits for the second of a transaction holds up those of the first. So the time is the
    whole transaction's, from its first change on. What is made CONCURRENTLY holds up nobody, and half of it
    would be left: it waits as long as it has to."""
    first: dict[str, float] = {}  # by the number of the transaction

    def limit(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not CHANGES_TABLES.match(str(sql)) or BESIDE_ALL.search(str(sql)):
            return execute(sql, params, many, context)
        if connection.in_atomic_block:
            _wait("SET LOCAL", max(seconds - _since_first_change(first), LEAST))
            return execute(sql, params, many, context)
        _wait("SET", seconds)  # of a migration that is not atomic
        try:
            return execute(sql, params, many, context)
        finally:
            _ask("RESET lock_timeout")

    with connection.execute_wrapper(limit):
        yield


def _since_first_change(first: dict[str, float]) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        (number,) = cursor.fetchone()
    now = monotonic()
    return now - first.setdefault(number, now)


def _wait(order: str, seconds: float) -> None:
    _ask(f"{order} lock_timeout = {int(seconds * 1000)}")


def _ask(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _limited(database: dict[str, Any], kind: Kind, *, pooled: bool) -> dict[str, Any]:
    if pooled:
        return {"NAME": f"{database['NAME']}_{kind}"}
    given = database["OPTIONS"].get("options", "")
    said = " ".join([given, *(f"-c {name}={value}" for name, value in wanted(kind).items())])
    return {"OPTIONS": database["OPTIONS"] | {"options": said.strip()}}
