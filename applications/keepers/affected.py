"""How many families a new list concerns, as a number and nobody's name (D64)."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from applications import eligibility
from applications.models import Application, Route
from applications.status import ACTIVE, Status
from schools import matching, successors
from schools.microdistricts import Microdistrict
from schools.models import MicrodistrictAddress, StreetAlias
from schools.streets import keys_to_match

Places = list[dict[str, str]]  # where a family is registered, one under each name of its street


def families_left_out(found: Microdistrict, *, year: int, reader: User) -> int:
    """Families of this year that have chosen the school by an address that its new list holds no more."""
    chosen = Application.objects.filter(
        intake__school=found.school, year=year, route=Route.LOCAL, status__in=[Status.DRAFT, *ACTIVE]
    )
    theirs = chosen.not_hidden_from(reader).select_related("applicant", "child")
    places = {one: eligibility.places_that_count(one) for one in theirs}
    aliases = _aliases(places.values())
    others = [alias for alias in aliases if alias.school_id != found.school.pk]
    codes = successors.codes_of_each({one["kato"] for at in places.values() for one in at})
    old = _List.of(found.school.addresses.all(), aliases, codes)
    new = _List.of(found.rows, [*others, *found.aliases], codes)
    return len({one.applicant_id for one, at in places.items() if old.holds(at) and not new.holds(at)})


def _aliases(places: Iterable[Places]) -> list[StreetAlias]:
    """Everybody's other names of these families' streets."""
    keys = set[str]().union(*(keys_to_match(one["street"]) for of_family in places for one in of_family))
    return list(matching.other_names(keys))


@dataclass(frozen=True)
class _List:
    rows: dict[str, list[MicrodistrictAddress]]  # by the key of their street
    aliases: list[StreetAlias]
    codes: dict[str, successors.Codes]  # of each place

    @classmethod
    def of(
        cls,
        rows: Iterable[MicrodistrictAddress],
        aliases: list[StreetAlias],
        codes: dict[str, successors.Codes],
    ) -> "_List":
        by_key: dict[str, list[MicrodistrictAddress]] = {}
        for row in rows:
            by_key.setdefault(row.street_key, []).append(row)
        return cls(by_key, aliases, codes)

    def holds(self, places: Places) -> bool:
        """As the catalogue would answer the family."""
        return any(self._holds(**place) for place in places)

    def _holds(self, *, kato: str, street: str, house: str) -> bool:
        address = matching.sought(self.codes[kato], street=street, house_text=house, aliases=self.aliases)
        address = matching.own_first(address)
        return matching.holds([row for key in address.row_keys for row in self.rows.get(key, [])], address)
