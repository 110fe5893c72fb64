"""Does a row of a list speak of an address? One answer for the catalogue and for all who compare lists (R66).

A street is asked for by its keys, by its other names, and by the microdistrict that it lies in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from django.db.models import Q, QuerySet

from accounts.prepared import Prepared
from schools import kato as kato_codes
from schools.addresses import House, covers, house, is_whole
from schools.models import MicrodistrictAddress, StreetAlias
from schools.streets import area_keys, keys_to_match, same_person
from schools.successors import Codes

PAST_ALL = 10_000  # no house has as many digits


@dataclass(frozen=True)
class Sought:
    """An address as lists are asked for it."""

    codes: Codes  # of its place, and of those that it was or became a part of (D66)
    street: str
    house: House | None
    keys: set[str]  # of the street as it is written
    names: set[str]  # and of its other names
    areas: set[str]  # of the microdistrict that it lies in

    @property
    def row_keys(self) -> set[str]:
        """Of the rows that may speak of it; the empty one is a whole village's."""
        return self.names | self.areas | {""}

    def is_in(self, row: MicrodistrictAddress) -> bool:
        return self.is_street_of(row) and (row.street_key == "" or covers(row, self.house))

    def is_street_of(self, row: MicrodistrictAddress) -> bool:
        """Whatever its houses."""
        if row.street_key == "":  # a whole village, and only that one
            inside = any(code.startswith(kato_codes.prefix(row.locality_id)) for code in self.codes.around)
            return inside or row.locality_id in self.codes.renamed
        if row.street_key not in self.row_keys or not self.is_near(row.locality_id):
            return False
        if row.street_key in self.keys and not same_person(row.street, self.street):
            return False
        # house 5 of the microdistrict is not house 5 of a street in it
        return row.street_key not in self.areas - self.keys or is_whole(row)

    def is_near(self, place: str) -> bool:
        """Of what has become a part of its place, the streets, and nothing wider."""
        return place in self.codes.before or any(is_near(place, code) for code in self.codes.around)


def sought(codes: Codes, *, street: str, house_text: str, aliases: Iterable[StreetAlias]) -> Sought:
    """The address with those of the aliases that are of its street and hold in its place."""
    keys = keys_to_match(street)
    bare = Sought(codes, street, house(house_text), keys, keys, area_keys(street))
    pairs = [
        {one.key, one.other}
        for one in aliases
        if keys & {one.key, one.other}
        if one.locality_id is None or bare.is_near(one.locality_id)
    ]
    return replace(bare, names=keys | _with_types(set[str]().union(*pairs), keys))


def own_first(address: Sought) -> Sought:
    """Where a list names the street in the place itself, a street of that name in what it has become a part
    of, or in what has become a part of it, is another one (D66)."""
    if not address.codes.foreign:
        return address
    own = replace(address, codes=Codes(address.codes.own))
    rows = MicrodistrictAddress.objects.filter(here(own.codes), street_key__in=own.row_keys, excluded=False)
    return own if any(own.is_street_of(row) for row in rows) else address


def here(codes: Codes) -> Q:
    """The places whose lists may name a street of this one."""
    return _in_places(*_places(codes))


def names_near(keys: set[str], codes: Codes) -> list[StreetAlias]:
    """What these streets are called besides in lists that may name a street of the place."""
    places, ends = _places(codes)
    return _names(len(ends))(list(keys), places, *ends) if keys else []


def rows_near(address: Sought) -> list[MicrodistrictAddress]:
    """Rows that can hold the house by its number; `is_in` looks at the rest."""
    places, ends = _places(address.codes)
    house = address.house  # without a number only a whole street is certain
    first, last = (max(house.number, 1), house.number) if house else (1, PAST_ALL)
    return _rows(len(ends))(list(address.row_keys), first, last, places, *ends)


def holds(rows: Iterable[MicrodistrictAddress], address: Sought) -> bool:
    """Do the rows of one school hold the address? A street of which the house is taken out does not."""
    given: dict[bool, set[str]] = {False: set(), True: set()}  # by «excluded»
    for row in rows:
        if address.is_in(row):
            given[row.excluded].add(row.street_key)
    return bool(given[False] - given[True])


def other_names(keys: set[str]) -> QuerySet[StreetAlias]:
    """What these streets are called besides, anywhere and in anybody's list."""
    every = StreetAlias.objects.all()
    return every.filter(Q(key__in=keys) | Q(other__in=keys)) if keys else every.none()


def is_near(place: str, kato: str) -> bool:
    """May a row of the place name a street of this code: of its city or settlement, or of what is above?"""
    return place.startswith(kato_codes.city_or_settlement(kato)) or place in kato_codes.ancestors(kato)


def _places(codes: Codes) -> tuple[list[str], list[str]]:
    """The same as codes, and as ends of ranges, two and two. A range and not LIKE, so that an index by street
    and place is read no further than the city, however large the country."""
    named, ends = list(codes.before), list[str]()
    for code in codes.around:
        above, inside = kato_codes.ancestors(code), kato_codes.city_or_settlement(code)
        if len(inside) == len(code):
            named += [code, *above]
        else:
            ends += [inside.ljust(9, "0"), inside.ljust(9, "9")]
            named += [one for one in above if not one.startswith(inside)]
    return named, ends


def _in_places(places: Sequence[str], ends: Sequence[str]) -> Q:
    found = Q(locality__among=places)
    for first, last in zip(ends[::2], ends[1::2], strict=True):
        found |= Q(locality__gte=first, locality__lte=last)
    return found


@cache
def _names(ends: int) -> Prepared[StreetAlias]:
    return Prepared(
        lambda keys, places, *ends: StreetAlias.objects.filter(
            Q(key__among=keys) | Q(other__among=keys), _in_places(places, ends) | Q(locality=None)
        ),
        list[str],
        list[str],
        *[str] * ends,
    )


@cache
def _rows(ends: int) -> Prepared[MicrodistrictAddress]:
    return Prepared(_near, list[str], int, int, list[str], *[str] * ends)


def _near(
    streets: Sequence[str], first: int, last: int, places: Sequence[str], *ends: str
) -> QuerySet[MicrodistrictAddress]:
    """Rows of the streets that begin at the first number or before it and end at the last or after it."""
    reaches = Q(house_to=None) | Q(house_to__gte=last)
    begun = MicrodistrictAddress.objects.filter(street_key__among=streets, house_from__lte=first)
    return begun.filter(reaches, _in_places(places, ends))


def _with_types(names: set[str], keys: set[str]) -> set[str]:
    """A name without a type takes the types asked for."""
    kinds = {key.partition(":")[0] for key in keys}
    return names | {f"{kind}{name}" for name in names if name.startswith(":") for kind in kinds}
