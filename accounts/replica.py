"""Reading from a replica of the database (REPLICA_URL), for pages whose reader loses nothing by some seconds.
It is read while it is behind the primary by no more than REPLICA_LAG; else, or when it fails, the primary is.
Sessions, people and who may do what are always the primary's, and so is every write.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from math import ceil
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., HttpResponseBase])

ALIAS = "replica"
ROOMS = frozenset({"schools", "applications"})
OF_RIGHTS = frozenset({"schools.staffmember"})
ASKED_EVERY = 2.0  # seconds, by each process
STANDS = 2 * ASKED_EVERY  # so long what was found is believed, should whoever asks hang
WROTE = "wrote"  # the cookie of who has written a moment ago
SAFE = ("GET", "HEAD")

_reading: ContextVar[bool] = ContextVar("reading", default=False)


class Router:
    """Of DATABASE_ROUTERS. Rows know where they came from; nobody else asks."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        of_rooms = model._meta.app_label in ROOMS and model._meta.label_lower not in OF_RIGHTS
        return ALIAS if _reading.get() and of_rooms else DEFAULT_DB_ALIAS

    def db_for_write(self, _model: type[Model], **_hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, _one: Model, _other: Model, **_hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, _app: str, **_hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def may_lag(*, signed_in: bool = False) -> Callable[[View], View]:
    """A view that reads the replica for visitors, or for the signed-in as well, but not for who has written a
    moment ago. Innermost of its decorators, which ask for rights: where the replica fails it runs again."""

    def decorate(view: View) -> View:
        @wraps(view)
        def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not (is_on() and _may_lag(request, signed_in=signed_in) and watch.fits()):
                return view(request, *args, **kwargs)
            try:
                with reading():
                    return view(request, *args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                watch.failed(error)
                return view(request, *args, **kwargs)

        return read  # type: ignore[return-value]  # the same view, its reads led elsewhere

    return decorate


def is_on() -> bool:
    return ALIAS in connections.settings


@contextmanager
def reading() -> Iterator[None]:
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def _may_lag(request: HttpRequest, *, signed_in: bool) -> bool:
    if WROTE in request.COOKIES or request.method not in SAFE:
        return False
    return signed_in or settings.SESSION_COOKIE_NAME not in request.COOKIES


def has_written(request: HttpRequest) -> bool:
    """Somebody who is signed in, perhaps: what visitors send changes nothing."""
    return request.method not in SAFE and settings.SESSION_COOKIE_NAME in request.COOKIES


def own_seconds() -> int:
    """After which a replica that is read has what was written before."""
    return ceil(float(settings.REPLICA_LAG) + STANDS)


@dataclass(frozen=True)
class Standing:
    """Why the replica is not read, "" while it is; and how far behind it is, where it says so."""

    why: str
    lag: float | None = None


class Watch:
    """Of one process: asks at times, remembers, and says once when it changes."""

    def __init__(self) -> None:
        self._standing, self._at = Standing("not asked yet"), float("-inf")
        self._asking = threading.Lock()

    def fits(self) -> bool:
        return not self.standing().why and monotonic() - self._at <= STANDS

    def standing(self) -> Standing:
        """Whoever comes when it is time asks; the others go by what is known."""
        if monotonic() - self._at >= ASKED_EVERY and self._asking.acquire(blocking=False):
            asked = monotonic()  # of that moment tells what it finds, however long it takes
            try:
                self._take(_ask(), asked)
            finally:
                self._asking.release()
        return self._standing

    def failed(self, error: Exception) -> None:
        self._take(Standing(type(error).__name__), monotonic())

    def _take(self, found: Standing, at: float) -> None:
        if bool(found.why) != bool(self._standing.why) or self._at == float("-inf"):
            logger.warning("replica: %s", f"the primary is read: {found.why}" if found.why else "is read")
        self._standing, self._at = found, at


watch = Watch()


def _ask() -> Standing:
    try:
        lag = _lag()
    except DatabaseError as error:
        return Standing(type(error).__name__)
    if lag is None:
        return Standing("it is no replica, or has received nothing yet")
    behind = lag > settings.REPLICA_LAG
    return Standing(f"{lag:.1f} s behind" if behind else "", lag)


def _lag() -> float | None:
    """None where there is none to speak of. One that has all that the primary had written is not behind,
    however long ago that was; that it has all that it was sent would say nothing where the line is cut. By
    the clock of the primary, which has timed what the replica has: the replica's own may be wrong."""
    with connection.cursor() as primary:
        primary.execute("SELECT pg_current_wal_insert_lsn()::text, clock_timestamp()")
        written, at = primary.fetchone()
    with connections[ALIAS].cursor() as replica:
        replica.execute(
            "SELECT CASE WHEN NOT pg_is_in_recovery() THEN NULL"
            " WHEN pg_last_wal_replay_lsn() >= %s::pg_lsn THEN 0"
            " ELSE extract(epoch FROM %s - pg_last_xact_replay_timestamp()) END::float8",
            [written, at],
        )
        (lag,) = replica.fetchone()
    return None if lag is None else max(float(lag), 0.0)
