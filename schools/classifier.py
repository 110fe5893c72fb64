"""Loading the classifier of places from a table with the columns kato, name_kk, name_ru (domain §2)."""

from pathlib import Path

from schools import kato
from schools.files import BadFile
from schools.kazakh import sort_key
from schools.models import Locality
from schools.tables import fitting, read_objects

EXTRACT = Path(__file__).parent / "data" / "kato_extract.csv"  # enough for the demo and the 20 regions


def read(path: Path) -> list[Locality]:
    """Places with their parents, parents first. Raises BadFile."""
    places = {
        place.kato: place for place in read_objects(path, required=set(COLUMNS), key="kato", build=_place)
    }
    for code, place in places.items():
        place.parent_id = kato.parent_of(code, places)
        if place.parent_id is None and code != kato.region_of(code):
            raise BadFile(f"{path.name}: {code} lies in a region that the file does not have")
    return [places[code] for code in sorted(places)]


def save(places: list[Locality]) -> None:
    """Add the places and rename those that are there. None is ever deleted: schools stand in them."""
    Locality.objects.bulk_create(
        places,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["kato"],
        update_fields=["parent", "name_kk", "name_ru", "sort_kk"],
    )


COLUMNS = ("kato", "name_kk", "name_ru")


def _place(row: dict[str, str]) -> Locality:
    code, kk, ru = (row.get(name, "") for name in COLUMNS)
    if len(code) != 9 or not code.isdecimal():
        raise ValueError(f"«{code}» is not a code of nine digits")
    if not kk or not ru:
        raise ValueError(f"{code} has no name in both languages")
    names = fitting(Locality, name_kk=kato.mend_kk(kk), name_ru=kato.mend_ru(ru))
    return Locality(kato=code, sort_kk=sort_key(names["name_kk"])[:400], **names)
