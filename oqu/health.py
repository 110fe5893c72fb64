"""Is the portal at work: the answer of /healthz and of `manage.py health`.

Looks at the database and this machine's disk. Redis is never waited for, and a living process proves nothing:
the worker's sign of life is a row that a task of its own writes.

Three questions, for two that ask. A load balancer asks at /readyz whether to send people here: 503 takes the
machine out, so it is of this machine alone. A database that is away is so for all of them, and a balancer
without machines shows a page of its own in place of ours. Who watches asks at /healthz whether pages can be
served, by the status, and whether everything is well, by the answer.
"""

from datetime import datetime, timedelta
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import outside, storage
from notifications import life, outbox, relay, ways
from oqu import space

PATIENCE = timedelta(seconds=60)  # with a message that is due
SERVING = ("database", "migrations", "space")  # without one of these this machine serves no page but "busy"

Check = dict[str, bool | float | None]


class NotMigrated(Exception):
    """The tables are older than the code."""


def examine(*, now: datetime) -> dict[str, Check]:
    """Every check with its outcome; nothing in it is secret or personal."""
    room: dict[str, Check] = {"space": {"ok": not space.is_full()}, **_store()}
    try:
        return {"database": {"ok": True}, **_examine_rows(now), **room}
    except DatabaseError:
        return {"database": {"ok": False}, **room}


def is_healthy(checks: dict[str, Check]) -> bool:
    return all(check["ok"] for check in checks.values())


def serves(checks: dict[str, Check]) -> bool:
    """Can this machine answer people? The worker's silence is told and stops no page."""
    return all(check["ok"] for name, check in checks.items() if name in SERVING)


def has_tables(checks: dict[str, Check]) -> bool:
    return all(checks.get(name, {}).get("ok") for name in ("database", "migrations"))


@require_safe
@never_cache
def answer(request: HttpRequest) -> JsonResponse:
    checks = examine(now=timezone.now())
    told = {"healthy": is_healthy(checks), "checks": checks}
    return JsonResponse(told, status=200 if serves(checks) else 503)


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Waits for nobody but this machine: a probe that queues for the database takes out who could say that
    the portal is busy."""
    checks: dict[str, Check] = {"migrations": {"ok": _is_migrated()}, "space": {"ok": not space.is_full()}}
    return JsonResponse({"checks": checks}, status=200 if is_healthy(checks) else 503)


def _is_migrated() -> bool:
    """The database is asked until it has been seen once: tables do not go back under a running process."""
    try:
        _require_migrated()
    except (NotMigrated, DatabaseError):
        return False
    return True


def _examine_rows(now: datetime) -> dict[str, Check]:
    try:
        _require_migrated()
    except NotMigrated:
        return {"migrations": {"ok": False}}
    # Only of the way that everybody is told by: one that was switched off keeps its rows.
    due = None if outside.trouble(relay.SENDING) else outbox.due_since(ways.SMS, now=now)
    return {
        "migrations": {"ok": True},
        "worker": _worker(now),
        # A message that failed and waits for its next try is not late, nor is one held over the night, nor a
        # stopped queue: the relay is at work, and `manage.py health` names the system that fails.
        "messages": _age(due, now=now, ok_if_none=True),
    }


def _worker(now: datetime) -> Check:
    """Of the queue whose sign of life is missed the most: one without a worker is enough."""
    sign = life.signs(now=now)[0]
    return {"ok": not sign.is_missed, "seconds": _seconds(now - sign.beat_at) if sign.beat_at else None}


def _store() -> dict[str, Check]:
    """Of files; with how long its answer took. A disk is looked at by `space`."""
    look = storage.look()
    return {"store": {"ok": not look.faults, "seconds": round(look.seconds, 2)}} if look else {}


def _age(moment: datetime | None, *, now: datetime, ok_if_none: bool) -> Check:
    if moment is None:
        return {"ok": ok_if_none, "seconds": None}
    age = now - moment
    return {"ok": age < PATIENCE, "seconds": _seconds(age)}


def _seconds(age: timedelta) -> float:
    return round(max(age.total_seconds(), 0), 1)


@cache
def _require_migrated() -> None:
    """Costly, and tables do not go back under a running process: a yes is kept, a no is asked again."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated
