"""Does a row of a list speak of an address? One answer for the catalogue and for all who compare lists (R66).

A street is asked for by its keys, by its other names, and by the microdistrict that it lies in.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from schools import kato as kato_codes
from schools.addresses import House, covers, house, is_whole
from schools.models import MicrodistrictAddress, StreetAlias
from schools.streets import area_keys, keys_to_match, same_person

CODE = 9  # digits; of a shorter one nothing is known


@dataclass(frozen=True)
class Sought:
    """An address as lists are asked for it."""

    codes: tuple[str, ...]  # of its place, and of those that it was or became a part of (D66)
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
        if row.street_key == "":  # a whole village, and only that one
            return any(code.startswith(kato_codes.prefix(row.locality_id)) for code in self.codes)
        if row.street_key not in self.row_keys or not self._is_near(row.locality_id):
            return False
        if row.street_key in self.keys and not same_person(row.street, self.street):
            return False
        if row.street_key in self.areas - self.keys and not is_whole(row):
            return False  # house 5 of the microdistrict is not house 5 of a street in it
        return covers(row, self.house)

    def _is_near(self, place: str) -> bool:
        return any(is_near(place, code) for code in self.codes)


def sought(codes: Iterable[str], *, street: str, house_text: str, aliases: Iterable[StreetAlias]) -> Sought:
    """The address with those of the aliases that are of its street and hold in its place."""
    known = tuple(code for code in codes if len(code) == CODE)
    keys = keys_to_match(street)
    pairs = [
        {one.key, one.other}
        for one in aliases
        if keys & {one.key, one.other}
        if one.locality_id is None or any(is_near(one.locality_id, code) for code in known)
    ]
    names = _with_types(set[str]().union(*pairs), keys)
    return Sought(known, street, house(house_text), keys, keys | names, area_keys(street))


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


def _with_types(names: set[str], keys: set[str]) -> set[str]:
    """A name without a type takes the types asked for."""
    kinds = {key.partition(":")[0] for key in keys}
    return names | {f"{kind}{name}" for name in names if name.startswith(":") for kind in kinds}
