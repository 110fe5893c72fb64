"""Is the portal at work: the answer of /healthz and of `manage.py health`.

Looks at the database only. Redis is never waited for, and a living process proves nothing: the worker's
sign of life is a row that a task of its own writes.
"""

from datetime import datetime
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import outside
from notifications import life, relay, ways
from notifications.life import PATIENCE
from notifications.models import Message

Check = dict[str, bool | float | None]


class NotMigrated(Exception):
    """The tables are older than the code."""


def examine(*, now: datetime) -> dict[str, Check]:
    """Every check with its outcome; nothing in it is secret or personal."""
    try:
        return {"database": {"ok": True}, **_examine_rows(now)}
    except DatabaseError:
        return {"database": {"ok": False}}


def is_healthy(checks: dict[str, Check]) -> bool:
    return all(check["ok"] for check in checks.values())


def has_tables(checks: dict[str, Check]) -> bool:
    return all(checks.get(name, {}).get("ok") for name in ("database", "migrations"))


@require_safe
@never_cache
def answer(request: HttpRequest) -> JsonResponse:
    checks = examine(now=timezone.now())
    healthy = is_healthy(checks)
    return JsonResponse({"healthy": healthy, "checks": checks}, status=200 if healthy else 503)


def _examine_rows(now: datetime) -> dict[str, Check]:
    try:
        _require_migrated()
    except NotMigrated:
        return {"migrations": {"ok": False}}
    # Only of the way that everybody is told by: one that was switched off keeps its rows.
    # What stands behind another message of the same person waits for that one.
    pending = Message.objects.to_send(ways.SMS.channels)
    due = pending.order_by("next_try_at").values_list("next_try_at", flat=True).first()
    return {
        "migrations": {"ok": True},
        "worker": _age(life.last_beat(), now=now, ok_if_none=False),
        # A message that failed and waits for its next try is not late, nor is one held over the night, nor a
        # stopped queue: the relay is at work, and `manage.py health` names the system that fails.
        "messages": _age(None if outside.trouble(relay.SENDING) else due, now=now, ok_if_none=True),
    }


def _age(moment: datetime | None, *, now: datetime, ok_if_none: bool) -> Check:
    if moment is None:
        return {"ok": ok_if_none, "seconds": None}
    age = now - moment
    return {"ok": age < PATIENCE, "seconds": round(max(age.total_seconds(), 0), 1)}


@cache
def _require_migrated() -> None:
    """Costly, and tables do not go back under a running process: a yes is kept, a no is asked again."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated
