"""Is this database the portal's own, or a restored copy of it (D69). A copy sends nothing, takes nothing and
asks nobody, until somebody says that it is the portal now (`manage.py promote`).

The row of `Installation` says where the portal's database is: the portal's address, the number of the
PostgreSQL, those of the database and of the table in it, the timeline. A dump brings the row to other
numbers, a recovery to another timeline. So does a failover to a replica, after which the portal must go on by
itself: it leaves a sign each quarter of a minute in the row and then in Redis. Where the row has every sign
that Redis knows, and Redis was told to the end, nothing was lost and the timeline alone has changed. In doubt
it is a copy.

A restored database is always met over a new connection, so there it is looked at, and nowhere else.
"""

import logging
from dataclasses import asdict, astuple, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.models import Q
from psycopg.errors import UndefinedTable

from accounts.models import Installation

logger = logging.getLogger(__name__)

_FOUND = """SELECT c.system_identifier, d.oid, 'accounts_installation'::regclass::oid,
  CASE WHEN pg_is_in_recovery() THEN 0 ELSE
    ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint END,
  i.address, i.system, i.database, i.tables, i.timeline, i.witnessed_at,
  clock_timestamp()
  FROM pg_control_system() c JOIN pg_database d ON d.datname = current_database()
  LEFT JOIN accounts_installation i ON i.id = 1"""
REFUSAL = "this is a restored copy, which does nothing by itself: see `manage.py promote`"
PORTS = {"http": 80, "https": 443}
MISSED = timedelta(minutes=1)  # by Redis of the row's signs: then it did not see the end
FRESH = timedelta(minutes=5)  # is a sign, by the database's clock; a failover is over by then
RECOVERING = "the database is in recovery: nothing can be written there"


@dataclass(frozen=True)
class Mark:
    """Where a database is."""

    address: str
    system: int
    database: int
    tables: int
    timeline: int


# What differs of a mark, in words, in its order.
WORDS = {
    "address": "PUBLIC_URL is of another address",
    "system": "it lies in another PostgreSQL",
    "database": "it is another database of the same PostgreSQL",
    "tables": "its tables were made anew, as from a dump",
    "timeline": "it was recovered to an earlier moment, or Redis does not know how far it had come",
}


@dataclass(frozen=True)
class Standing:
    """Where the portal's database is said to be, None before anybody has said; where this one is; and whether
    it has all that its portal has left signs of."""

    said: Mark | None
    found: Mark
    at: datetime  # by the database's own clock
    whole: bool = False

    @property
    def is_followed(self) -> bool:
        """A replica has taken over, and nothing was lost."""
        return self._differs() == ["timeline"] and self.whole

    @property
    def reasons(self) -> list[str]:
        """Why it is a copy; nothing where it is the portal's own."""
        if self.found.timeline == 0:
            return [RECOVERING]
        return [] if self.is_followed else [WORDS[name] for name in self._differs()]

    def _differs(self) -> list[str]:
        if self.said is None:
            return []
        said, found = astuple(self.said), astuple(self.found)
        return [name for name, one, other in zip(WORDS, said, found, strict=True) if one != other]


class _Known:
    """By what this process goes: what its newest connection has found."""

    reasons: tuple[str, ...] = ()


def is_copy() -> bool:
    """D69. Costs nothing: it was looked at when the database was met. Who asks before it has met any, or has
    closed its connections since, hears of an earlier one: it connects first."""
    return bool(_Known.reasons)


def reasons() -> list[str]:
    return list(_Known.reasons)


def listen(connection: Any, **_signal: Any) -> None:
    """A new connection: which database does it lead to?"""
    if connection.alias == DEFAULT_DB_ALIAS:
        _know(connection)


def begin() -> None:
    """A process begins to work: it knows before it has done anything. A database that does not answer is no
    reason not to begin, and is met later. The connection is closed again: of a process that forks, its
    children would share it."""
    try:
        connection.ensure_connection()
    except DatabaseError:
        return
    finally:
        connection.close()
    if is_copy():
        logger.warning("this is a restored copy, it sends nothing: %s", "; ".join(_Known.reasons))


def _know(connection: Any) -> None:
    """Before `prepare` has made the tables nobody can have said anything. Of a database that fails meanwhile,
    or may not be asked, nothing new is known."""
    try:
        _Known.reasons = tuple(_look(connection).reasons)
    except DatabaseError as error:
        if isinstance(error.__cause__, UndefinedTable):
            _Known.reasons = ()
        else:
            why = error.__cause__ or error
            logger.warning("where the database is was not told: %s", type(why).__name__)


def standing() -> Standing:
    """As it is at this moment. Raises DatabaseError."""
    return _look(connection)


def refuse() -> None:
    """For a command, which begins to work before it has met the database. Raises CommandError in a copy."""
    if standing().reasons:
        raise CommandError(REFUSAL)


def _look(connection: Any) -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(_FOUND)
        system, database, tables, timeline, address, *said, witnessed_at, at = cursor.fetchone()
    found = Mark(_address(), system, database, tables, timeline)
    if address is None:
        return Standing(None, found, at)
    told = Mark(address, *said)
    lost = told.timeline != timeline and not _has_all_signs(told, witnessed_at, at)
    return Standing(told, found, at, whole=not lost)


def _address() -> str:
    """The host, and the port where it is not the scheme's own."""
    parts = urlsplit(settings.PUBLIC_URL)
    host = parts.hostname or ""
    return host if parts.port in (None, PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


# --- Signs -----------------------------------------------------------------------------------------
def leave_sign() -> None:
    """Of the portal at work, in its own database and then in Redis: the second never knows more than the
    first had. Its time is the database's, whatever the clocks of the machines say. After a failover the new
    timeline is the portal's from here on."""
    here = standing()
    if here.said is None or here.reasons:
        return
    if here.is_followed:
        logger.warning("a replica has taken over: timeline %s", here.found.timeline)
        Installation.objects.update(timeline=here.found.timeline)
    older = Installation.objects.filter(Q(witnessed_at=None) | Q(witnessed_at__lt=here.at))
    if older.update(witnessed_at=here.at):
        _tell_redis(here.found, here.at)


def _tell_redis(where: Mark, sign: datetime) -> None:
    try:
        cache.set(_key(where), sign.isoformat(), None)
    except Exception as error:  # whatever the cache's client raises
        logger.warning("the sign is not in Redis: %s", type(error).__name__)


def _has_all_signs(said: Mark, witnessed_at: datetime | None, at: datetime) -> bool:
    """Redis must be a witness of the end: without it, where it was away meanwhile or where the signs had
    ended before the accident, nobody knows what was filed since."""
    try:
        told = cache.get(_key(said))
    except Exception as error:
        logger.warning("the sign is not in Redis: %s", type(error).__name__)
        return False
    if not told or not witnessed_at:
        return False
    last = datetime.fromisoformat(told)
    return last <= witnessed_at < last + MISSED and abs(at - last) < FRESH


def _key(where: Mark) -> str:
    return f"installation:{where.system}:{where.database}"


# --- Saying it -------------------------------------------------------------------------------------
def say_first(*, now: datetime) -> bool:
    """A database that nobody has said anything of is the portal's: whether it was said now."""
    if Installation.objects.exists():
        return False
    say(now=now)
    return True


def say(*, now: datetime) -> None:
    """This is the portal from now on. What a backup was proven by stays; the signs begin anew."""
    here = standing()
    values = asdict(here.found) | {"said_at": now, "witnessed_at": here.at}
    Installation.objects.update_or_create(pk=1, defaults=values)
    _tell_redis(here.found, here.at)
    _Known.reasons = ()


def last_sign() -> datetime | None:
    """How far the portal's own data reach: a copy, however long it is looked at, leaves no sign."""
    return Installation.objects.values_list("witnessed_at", flat=True).first()


def drilled_at() -> datetime | None:
    """When a backup was restored and proven last."""
    return Installation.objects.values_list("drilled_at", flat=True).first()


def note_drill(*, now: datetime) -> None:
    Installation.objects.update(drilled_at=now)
