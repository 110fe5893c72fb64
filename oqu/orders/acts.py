"""The acts of ops (D77). Each leaves an Order in its transaction, which the journal has with who it was."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts import outside, signed_in
from accounts.models import Order, OrderKind, Trouble, User
from accounts.waiting.line import Standing
from accounts.waiting.room import room
from accounts.waiting.terms import Mode
from oqu.orders import lots
from oqu.orders.lots import LOTS, Tried
from oqu.pauses import SYSTEMS

LOCK = 0x6F7175_6F7264  # "oquord", an advisory lock: of two people the second sees what the first has ordered

logger = logging.getLogger(__name__)


class Overtaken(Exception):
    """A colleague has ordered something else since the page was shown."""


class NotTaken(Exception):
    """Redis keeps no room, so it takes no order."""


def mark_of(found: Trouble | Standing | None) -> str:
    """What a page was shown with: another pause, or another order to the room, is another mark."""
    if isinstance(found, Standing):
        return f"{found.mode} {found.rate}"
    return f"{found.since.timestamp():.6f}" if found else ""


def retry(name: str, *, row: int | None, by: User, why: str, now: datetime) -> Tried:
    """It is written down first, for the rows are many transactions; where there is nothing to do, nothing."""
    lot = LOTS[name]
    found = lot.count(row, now=now)
    if not found:
        return Tried(0, all=True)
    _order(OrderKind.RETRY, by=by, about=name, number=found, why=why, now=now)
    return lots.retry(lot, row=row, now=now)


def pause(name: str, *, term: timedelta, by: User, why: str, seen: str, now: datetime) -> None:
    """Raises Overtaken."""
    with _one_by_one():
        _demand_seen(pause_of(name, now=now), seen)
        until = now + term
        outside.begin_pause(name, *SYSTEMS[name].also, why=why, until=until, now=now)
        _order(OrderKind.PAUSE, by=by, about=name, until=until, why=why, now=now)


def resume(name: str, *, by: User, why: str, seen: str, now: datetime) -> None:
    """Raises Overtaken."""
    with _one_by_one():
        _demand_seen(pause_of(name, now=now), seen)
        outside.end_pause(name, *SYSTEMS[name].also)
        _order(OrderKind.RESUME, by=by, about=name, why=why, now=now)


def pause_of(name: str, *, now: datetime) -> Trouble | None:
    return next((found for found in outside.paused(now=now) if found.system == name), None)


def order_room(mode: Mode, *, rate: int, by: User, why: str, seen: str, now: datetime) -> None:
    """Raises Overtaken, NotTaken."""
    with _one_by_one():
        standing = room.standing()
        if standing is None:
            raise NotTaken
        _demand_seen(standing, seen)
        _order(OrderKind.ROOM, by=by, about=mode, number=rate, why=why, now=now)
        if not room.order(mode, rate=rate):
            raise NotTaken


def end_sessions(person: User, *, by: User, why: str, now: datetime) -> int:
    """How many were known to live; of others too none opens anything from now on."""
    with _one_by_one():
        ended = signed_in.end_all(person, now=now)
        _order(OrderKind.SESSIONS, by=by, person=person, number=ended, why=why, now=now)
    return ended


@contextmanager
def _one_by_one() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield


def _demand_seen(found: Trouble | Standing | None, seen: str) -> None:
    if mark_of(found) != seen:
        raise Overtaken


def _order(kind: OrderKind, *, by: User, why: str, now: datetime, about: str = "", **more: Any) -> None:
    Order.objects.create(kind=kind, by=by, about=about, why=why, at=now, **more)
    logger.warning("ops have ordered: %s %s", kind, about)
