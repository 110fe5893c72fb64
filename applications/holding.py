"""The row of an application, held while it is moved; nobody waits for it for long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Max

from accounts.prepared import Prepared
from applications import facts
from applications.evidence import Evidence
from applications.models import Application, Decision
from applications.rights import NotAllowed
from egov.eds import Refusal, SignatureRefused

LOCK_SECONDS = 3  # a page may not hang on a hot school longer than this
RETRIED = ("55P03", "40001", "40P01")  # lock not available, serialisation failure, deadlock
_LOCKED = Prepared(
    lambda application: (
        Application.objects.select_for_update(of=("self",)).filter(pk=application).with_facts()
    ),
    int,
)


class Busy(Exception):
    """The school's seats were locked too long, twice; nothing changed, trying again will help."""


def patiently(move: Callable[[], Application]) -> Application:
    """One more try when a lock was not given in time. Raises Busy."""
    for is_last in (False, True):
        try:
            return move()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in RETRIED:
                raise
            if is_last:
                raise Busy from error
    raise AssertionError("unreachable")


@contextmanager
def held(application: Application) -> Iterator[Application]:
    """A transaction that holds the application's row and waits at most LOCK_SECONDS for any lock."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {int(LOCK_SECONDS * 1000)}")
        row = _LOCKED.first(application.pk)
        if row is None:
            raise NotAllowed("the draft was deleted")
        yield row


def moment(locked: Application, now: datetime) -> datetime:
    """The moment of a move. `now` is when the request came, by which terms are judged: while its signature
    was examined somebody else may have moved the application, and its history never runs backwards."""
    last = locked.changes.aggregate(last=Max("at"))["last"]
    return max(now, last) if last else now


def demand_same(locked: Application, evidence: Evidence, decision: Decision | None = None) -> dict[str, Any]:
    """What was signed is what stands now, its facts; a change in between voids the signature. Raises
    SignatureRefused(CHANGED)."""
    told, asked = facts.of(locked), evidence.signing_request
    if facts.content_sha256(locked, asked.purpose, decision, asked.stated, told=told) != asked.content_sha256:
        raise SignatureRefused(Refusal.CHANGED)
    return told
