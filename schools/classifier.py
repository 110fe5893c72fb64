"""Loading the classifier of places from a table with the columns kato, name_kk, name_ru (R76, D31).

A file that was cut, or has lost its Kazakh letters, is refused; what it would change is shown before.
"""

from dataclasses import dataclass, field
from pathlib import Path

from schools import kato
from schools.files import BadFile
from schools.kazakh import sort_key
from schools.models import Locality
from schools.tables import fitting, read_objects

EXTRACT = Path(__file__).parent / "data" / "kato_extract.csv"  # enough for the demo and the 20 regions
COLUMNS = ("kato", "name_kk", "name_ru")
PUBLISHED = {  # the columns of the workbook of the Bureau of National Statistics
    "te": "kato", "kaz_name": "name_kk", "name_kaz": "name_kk", "rus_name": "name_ru", "name_rus": "name_ru",
}  # fmt: skip
MANY = 100  # names; among so many some have a letter that only Kazakh has
KAZAKH_LETTERS = set("әғқңөұүһіӘҒҚҢӨҰҮҺІ")


@dataclass
class Change:
    """What a file changes among the places of the portal; each as a line to be shown."""

    added: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # they have ended, and stay: schools may stand in them
    back: list[str] = field(default_factory=list)  # they had ended, and what they became would be forgotten


def read(path: Path) -> list[Locality]:
    """Places with their parents, parents first. The parent is the nearest place that the file or the portal
    has, so that a partial file moves nobody (D31). Raises BadFile."""
    found = read_objects(path, required=set(COLUMNS), key="kato", build=_place, rename=PUBLISHED)
    if not found:
        raise BadFile(f"{path.name}: the file has a header and no places")
    if len(found) > MANY and not any(KAZAKH_LETTERS & set(place.name_kk) for place in found):
        raise BadFile(f"{path.name}: none of the names has a Kazakh letter: they were lost when it was saved")
    places = {place.kato: place for place in found}
    known = {*places, *Locality.objects.values_list("kato", flat=True)}
    for code, place in places.items():
        place.parent_id = kato.parent_of(code, known)
        if place.parent_id is None and code != kato.region_of(code):
            raise BadFile(f"{path.name}: {code} lies in a region that the file does not have")
    return [places[code] for code in sorted(places)]


def difference(places: list[Locality]) -> Change:
    """What saving these places would change."""
    change, known = Change(), {place.pk: place for place in Locality.objects.select_related("ended")}
    for place in places:
        old = known.pop(place.kato, None)
        if old is None:
            change.added.append(f"{place.kato} {place.name_kk}")
            continue
        if (old.name_kk, old.name_ru) != (place.name_kk, place.name_ru):
            change.renamed.append(f"{place.kato} {old.name_kk} → {place.name_kk}")
        if old.parent_id != place.parent_id:
            change.moved.append(f"{place.kato} {place.name_kk}: {old.parent_id} → {place.parent_id}")
        if hasattr(old, "ended") and old.ended.successor_id:
            change.back.append(f"{place.kato} {place.name_kk}, a part of {old.ended.successor_id}")
    regions = {kato.region_of(place.kato) for place in places}
    change.gone = [
        f"{place.kato} {place.name_kk}"
        for place in known.values()
        if not hasattr(place, "ended") and kato.region_of(place.kato) in regions
    ]
    return change


def save(places: list[Locality]) -> None:
    """Add the places and rename those that are there. None is ever deleted: schools stand in them."""
    Locality.objects.bulk_create(
        places,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["kato"],
        update_fields=["parent", "name_kk", "name_ru", "sort_kk"],
    )


def _place(row: dict[str, str]) -> Locality:
    code, kk, ru = (row.get(name, "") for name in COLUMNS)
    if len(code) != 9 or not code.isdecimal():
        raise ValueError(f"«{code}» is not a code of nine digits")
    if not kk or not ru:
        raise ValueError(f"{code} has no name in both languages")
    if "?" in kk or "?" in ru:
        raise ValueError(f"{code} has «?» for letters that were lost when the file was saved")
    names = fitting(Locality, name_kk=kato.mend_kk(kk), name_ru=kato.mend_ru(ru))
    return Locality(kato=code, sort_kk=sort_key(names["name_kk"])[:400], **names)
