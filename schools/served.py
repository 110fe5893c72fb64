"""A school's microdistrict as people read it: streets in the order of the Kazakh alphabet, houses as short as
the department writes them (R69, D62), with what it has taken over from schools that have stopped (D57)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from schools import heirs
from schools.addresses import KINDS, is_whole
from schools.kazakh import sort_key
from schools.models import Locality, MicrodistrictAddress, Parity, School
from schools.streets import bare_name

DIGITS = "0–9"


@dataclass(frozen=True)
class Street:
    """One street of the list with its houses in words."""

    name: str
    place: Locality
    houses: str
    without: str  # houses that are not the school's
    letter: str


@dataclass(frozen=True)
class Microdistrict:
    places: list[Locality]  # that are the school's as a whole
    streets: list[Street]
    taken_over: list[School]  # whose microdistricts are among it

    @property
    def letters(self) -> list[tuple[str, list[Street]]]:
        """The streets under the first letters of their names."""
        return [(letter, list(streets)) for letter, streets in groupby(self.streets, lambda one: one.letter)]


def microdistrict_of(school: School) -> Microdistrict:
    """A street of two schools stands twice: houses that one of them leaves out may be the other's."""
    taken_over = heirs.taken_over_by(school)
    lists = MicrodistrictAddress.objects.filter(school__in=[school, *taken_over])
    rows = list(lists.select_related("locality").order_by("school", "pk"))
    places = {row.locality for row in rows if not row.street_key}
    by_street: dict[tuple[int, str, str], list[MicrodistrictAddress]] = {}
    for row in rows:
        if row.street_key:
            by_street.setdefault((row.school_id, row.street_key, row.locality_id), []).append(row)
    streets = sorted((_street(ranges) for ranges in by_street.values()), key=_order)
    return Microdistrict(sorted(places, key=lambda place: place.sort_kk), streets, taken_over)


def _street(ranges: list[MicrodistrictAddress]) -> Street:
    name = ranges[0].street
    first = bare_name(name)[:1].upper()
    return Street(
        name,
        ranges[0].locality,
        houses=_in_words(row for row in ranges if not row.excluded),
        without=_in_words(row for row in ranges if row.excluded),
        letter=DIGITS if first.isdecimal() else first,
    )


def _order(street: Street) -> tuple[str, str, str]:
    return sort_key(bare_name(street.name)), street.name, street.place.sort_kk


def _in_words(ranges: Iterable[MicrodistrictAddress]) -> str:
    ordered = sorted(ranges, key=lambda row: (row.house_from, row.house_to or row.house_from, row.suffix))
    return ", ".join(dict.fromkeys(houses_in_words(row) for row in ordered))


def houses_in_words(row: MicrodistrictAddress) -> str:
    """«1–99 (тақ)», «4А», «45 және одан әрі»; the whole street is «толық»."""
    if is_whole(row):
        return _("толық")
    kind = next((kind for kind in KINDS if row.suffix.startswith(kind)), "")
    suffix = row.suffix.removeprefix(kind)
    before = f"{_kind_in_words(kind)} " if kind else ""
    if row.house_from == row.house_to:
        return f"{before}{row.house_from}{suffix}"
    return before + _numbers(row) + _side(row.parity)


def _numbers(row: MicrodistrictAddress) -> str:
    if row.house_to is not None:
        return f"{row.house_from}–{row.house_to}"
    if row.house_from == 1:
        return _("барлығы")
    return _("%(number)s және одан әрі") % {"number": row.house_from}


def _side(parity: str) -> str:
    return "" if parity == Parity.ALL else f" ({Parity(parity).label})"


def _kind_in_words(kind: str) -> str:
    words = {
        "уч": _("учаске"),
        "стр": _("құрылыс"),
        "общ": _("жатақхана"),
        "вагон": _("вагон"),
        "блок": _("блок"),
    }
    return words[kind]
