"""What was counted of a large area serves its next looks for half a minute: who turns the pages of a list of
thousands, sorts and narrows it waits for the counting once. The page says as of when its numbers are."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock

from django.utils.translation import get_language

from accounts.models import User
from applications.review import charts, narrowing, oversight
from applications.review.lateness import Today
from applications.review.narrowing import Narrowing
from applications.review.oversight import Row, Seats
from schools.models import Locality

MANY = 500  # schools: fewer are counted anew each time
LIFE = timedelta(seconds=30)
MOST_AREAS, MOST_LISTS = 4, 16  # that a process keeps

Key = tuple[str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Figures:
    """Of the schools that an officer wants to see."""

    rows: list[Row]
    counters: dict[str, int]
    charts: list[charts.Chart]
    places: dict[str, Seats]
    localities: list[Locality]
    waiting: int
    overdue: int
    all_places: Seats


@dataclass(frozen=True)
class Counted:
    """The schools of an area at a moment, for who may not know of the same hidden children (D35)."""

    today: Today
    hidden: tuple[int, ...]
    rows: list[Row]
    districts: list[Locality]
    long: list[Row]
    _lists: dict[Narrowing, Figures] = field(default_factory=dict)

    def of(self, chosen: Narrowing, *, reader: User) -> Figures:
        wanted = replace(chosen, page=1)
        found = self._lists.get(wanted)
        if found is None:
            found = _figures(self, wanted, reader)
            if len(self._lists) >= MOST_LISTS:
                self._lists.clear()
            self._lists[wanted] = found
        return found

    def serves(self, hidden: tuple[int, ...], today: Today) -> bool:
        """Not a child that was hidden since may be in it, and not a moment from before."""
        return self.hidden == hidden and timedelta() <= today.now - self.today.now < LIFE


_kept: dict[Key, Counted] = {}
_lock = Lock()


def counted(areas: Sequence[Locality], *, reader: User, today: Today) -> Counted:
    key = get_language(), tuple(area.kato for area in areas)
    hidden = _hidden(reader)
    known = _kept.get(key)
    if known and known.serves(hidden, today):
        return known
    rows = oversight.schools_of(list(areas), reader=reader, today=today)
    long = [row for row in rows if row.is_long_overdue]
    found = Counted(today, hidden, rows, narrowing.districts_of(rows), long)
    if len(rows) >= MANY:
        _keep(key, found)
    return found


def forget() -> None:
    """What measures the counting does not want what was counted before."""
    _kept.clear()


def _keep(key: Key, found: Counted) -> None:
    with _lock:
        _kept.pop(key, None)
        _kept[key] = found
        while len(_kept) > MOST_AREAS:
            del _kept[next(iter(_kept))]


def _hidden(reader: User) -> tuple[int, ...]:
    return tuple(sorted(oversight.hidden_from(reader).values_list("pk", flat=True)))


def _figures(one: Counted, chosen: Narrowing, reader: User) -> Figures:
    found = chosen.rows(one.rows)
    return Figures(
        rows=found,
        counters=chosen.counters(one.rows),
        charts=charts.of(found, reader=reader, today=one.today) if found else [],
        places=charts.seats_by_language(found),
        localities=narrowing.localities_of(one.rows, chosen.district) if chosen.district else [],
        waiting=sum(row.waiting for row in found),
        overdue=sum(row.overdue for row in found),
        all_places=sum((row.places for row in found), Seats()),
    )
