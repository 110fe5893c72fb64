"""Second names of streets that ops keep: old and new ones, spellings that no rule brings together (R66).

A table with the columns name and other; kato where the pair holds in one place only. «ул. Мира» and
«Бейбітшілік көшесі» speak of streets, «Қонаев» and «Кунаев» of everything that is called so.
"""

from pathlib import Path

from schools.files import BadRows
from schools.models import Locality, StreetAlias
from schools.streets import street_key
from schools.tables import fitting, read_table


def read(path: Path) -> list[StreetAlias]:
    """The pairs of a table. Raises BadFile, and BadRows for a pair that brings nothing together."""
    places = set(Locality.objects.values_list("kato", flat=True))
    found: dict[tuple[str, str, str], StreetAlias] = {}
    problems = []
    for number, row in read_table(path, required={"name", "other"}, key=""):
        try:
            alias = _alias(row, places)
            found[(alias.locality_id or "", alias.key, alias.other)] = alias
        except ValueError as error:
            problems.append((number, str(error)))
    if problems:
        raise BadRows(problems)
    return list(found.values())


def replace(aliases: list[StreetAlias]) -> None:
    """Put the pairs in place of all that ops had; those of the schools' lists stay."""
    StreetAlias.objects.filter(school=None).delete()
    StreetAlias.objects.bulk_create(aliases)


def _alias(row: dict[str, str], places: set[str]) -> StreetAlias:
    kato, key, other = row.get("kato", ""), street_key(row["name"]), street_key(row["other"])
    if kato and kato not in places:
        raise ValueError(f"no place with the code {kato}")
    if not key or not other:
        raise ValueError("one of the two names is empty")
    if key == other:
        raise ValueError("the two names meet by themselves")
    return StreetAlias(locality_id=kato or None, **fitting(StreetAlias, key=key, other=other))
