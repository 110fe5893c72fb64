"""A place that ended, and the one that it has become a part of: addresses, lists and schools of either code
are found under the other, through however many hands (D66)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from schools import kato
from schools.files import BadRows
from schools.models import EndedPlace, Locality
from schools.tables import read_table

LOCK = 0x6F7175_706C63  # "oquplc", an advisory lock: of two who name successors the second sees the first's
# UNION leaves out what was found before, so that even a ring would end.
_LATER = """later(asked, code) AS (
  SELECT one, one FROM unnest(%s::varchar[]) one
  UNION SELECT l.asked, e.successor_id FROM later l JOIN schools_endedplace e ON e.place_id = l.code
   WHERE e.successor_id IS NOT NULL
)"""
# `alone`: no list names what it became a part of, on all the way; the place has only been given another code.
_EARLIER = """earlier(asked, code, alone) AS (
  SELECT one, one, true FROM unnest(%s::varchar[]) one
  UNION SELECT b.asked, e.place_id,
         b.alone AND NOT EXISTS (SELECT FROM schools_microdistrictaddress r WHERE r.locality_id = b.code)
    FROM earlier b JOIN schools_endedplace e ON e.successor_id = b.code
)"""
_CHAIN = f"WITH RECURSIVE {_LATER} SELECT asked, code FROM later"  # noqa: S608 - of words that stand here
_ALL = (
    f"WITH RECURSIVE {_LATER}, {_EARLIER} "  # noqa: S608 - the same
    "SELECT asked, code, NULL AS alone FROM later UNION SELECT asked, code, alone FROM earlier"
)
_TODAY = (
    f"WITH RECURSIVE {_LATER} SELECT asked, code FROM later l "  # noqa: S608 - the same
    "LEFT JOIN schools_endedplace e ON e.place_id = l.code WHERE e.successor_id IS NULL"
)
_INTO = """WITH RECURSIVE earlier(code) AS (
  SELECT place_id FROM schools_endedplace WHERE successor_id BETWEEN %s AND %s
  UNION SELECT e.place_id FROM earlier b JOIN schools_endedplace e ON e.successor_id = b.code
) SELECT code FROM earlier"""


class Unfit(Exception):
    """The successor would take in what it can not hold, or leave out what it should."""


class Ring(Unfit):
    """It leads back to the place itself."""


class IsArea(Unfit):
    """It has places under it: an address of which only the area is known is in none of them."""


class LeavesSome(Unfit):
    """A place under the one that ended has no successor of its own, and would be found nowhere."""


@dataclass(frozen=True)
class Codes:
    """Under which a list may name an address of a place; not those of its neighbours in the new place."""

    own: str
    later: tuple[str, ...] = ()  # that it has become a part of: there it lies today
    before: tuple[str, ...] = ()  # that have become a part of it: their streets are in it, it is not in them
    renamed: tuple[str, ...] = ()  # those of them that are all of it under another code

    @property
    def around(self) -> tuple[str, ...]:
        """In which it lies; of what is no code nothing is known."""
        return (self.own, *self.later) if kato.is_code(self.own) else ()

    @property
    def foreign(self) -> tuple[str, ...]:
        return self.later + self.before


def codes_of(code: str) -> Codes:
    return codes_of_each([code])[code]


def codes_of_each(codes: Iterable[str]) -> dict[str, Codes]:
    later: dict[str, tuple[str, ...]] = {code: () for code in codes}
    before, renamed = dict(later), dict(later)
    known = _known(later)
    for asked, code, alone in _rows(_ALL, [known, known]):
        if code == asked:
            continue
        if alone is None:
            later[asked] += (code,)
        elif code not in before[asked]:
            before[asked] += (code,)
        if alone:
            renamed[asked] += (code,)
    return {code: Codes(code, later[code], before[code], renamed[code]) for code in later}


def today(code: str) -> str:
    """What the place is a part of today; most are what they are."""
    return today_of_each([code]).get(code, code)


def today_of_each(codes: Iterable[str]) -> dict[str, str]:
    return dict(_rows(_TODAY, [_known(codes)]))


def led_into(area: str) -> RawSQL:
    """Codes of the places that have become a part of one in the area, for a query."""
    digits = kato.prefix(area)
    return RawSQL(_INTO, [digits.ljust(9, "0"), digits.ljust(9, "9")])  # noqa: S611 - constants of this file


def led_to(code: str) -> RawSQL:
    """Of those that have become a part of this very place, and not of one under it."""
    return RawSQL(_INTO, [code, code])  # noqa: S611 - the same


def _known(codes: Iterable[str]) -> list[str]:
    return [code for code in codes if kato.is_code(code)]


def _rows(sql: str, values: list[list[str]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) found", values)  # noqa: S608 - of words that stand here
        return list(cursor.fetchall())


# --- who names them ----------------------------------------------------------------------------------
def demand_no_ring(place: str, successor: str) -> None:
    """In the transaction that saves the successor; who comes second waits and sees it. Raises Ring."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if (successor, place) in _rows(_CHAIN, [[successor]]):
        raise Ring


def demand_fit(place: str, successor: str) -> None:
    """A successor above is not inherited by the places below. Raises IsArea, LeavesSome."""
    below = Locality.objects.filter(parent=place)
    if below.filter(ended__successor=None).exists():
        raise LeavesSome
    is_city = successor[:2] in kato.REPUBLIC_CITIES  # an address stands in it or in its district
    others = Locality.objects.filter(parent=successor, ended__successor=None).exclude(pk=place)
    if not is_city and not below.exists() and others.exists():
        raise IsArea


@transaction.atomic
def end_all_but(places: Iterable[Locality], *, on: date) -> None:
    """What a classifier lacks in the regions that it has, has ended; what it has again goes on."""
    codes = [place.kato for place in places]
    regions = reduce(or_, (Q(kato__startswith=digits) for digits in {code[:2] for code in codes}))
    EndedPlace.objects.filter(place__in=codes).delete()
    gone = Locality.objects.filter(regions, ended=None).exclude(kato__in=codes)
    EndedPlace.objects.bulk_create([EndedPlace(place=place, ended_on=on) for place in gone], batch_size=1000)


def read(path: Path) -> list[tuple[int, str, str]]:
    """The pairs of a table with the columns kato and successor, each with its line. Raises BadFile, and
    BadRows for a code that the portal does not have."""
    known = set(Locality.objects.values_list("kato", flat=True))
    table = read_table(path, required={"kato", "successor"}, key="kato")
    pairs = [(number, row["kato"], row["successor"]) for number, row in table]
    unknown = [
        (number, f"no place with the code «{code}»")
        for number, *codes in pairs
        for code in codes
        if code not in known
    ]
    if unknown:
        raise BadRows(unknown)
    return pairs


@transaction.atomic
def name(pairs: Iterable[tuple[int, str, str]], *, on: date) -> None:
    """Places with their successors; one that had not ended ends now. Raises BadRows for a ring, and for an
    area in the place of a place in it; these are seen when all are named."""
    pairs = list(pairs)
    for number, place, successor in pairs:
        try:
            demand_no_ring(place, successor)
        except Ring as error:
            raise BadRows([(number, f"{successor} leads back to {place}")]) from error
        EndedPlace.objects.update_or_create(
            place_id=place,
            defaults={"successor_id": successor},
            create_defaults={"successor_id": successor, "ended_on": on},
        )
    if unfit := [(number, words) for number, *pair in pairs if (words := _why_unfit(*pair))]:
        raise BadRows(unfit)


def _why_unfit(place: str, successor: str) -> str:
    try:
        demand_fit(place, successor)
    except IsArea:
        return f"{successor} is an area: name the place in it"
    except LeavesSome:
        return f"{place} has places under it without a successor: name theirs too"
    return ""
