"""The catalogue as open data: what its pages show, in files for programs and tables (D62).

A file is made while it is read, a piece at a time: neither a slow reader nor a large region costs more memory
than a piece, and no cursor waits for either.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Max, Prefetch, QuerySet

from schools import kato
from schools.cells import harmless
from schools.models import AddressList, FormerBin, Intake, MicrodistrictAddress, School

PIECE = 500  # schools
LISTS = 20  # schools whose microdistricts are read at once
MARK = "\ufeff"  # by which Excel knows UTF-8

OF_SCHOOL = (
    "bin", "name_kk", "name_ru", "kato", "address_kk", "address_ru", "phone", "transport", "stops_on",
    "successor_bin",
)  # fmt: skip
OF_INTAKE = ("language", "seats", "outside_limit", "held_local", "held_outside")
OF_ADDRESS = ("bin", "kato", "street", "house_from", "house_to", "suffix", "side", "excluded")

Row = dict[str, Any]


def schools_csv(year: int) -> Iterator[str]:
    """A row for each language of each school; one without a language where no places are announced."""
    columns = (*OF_SCHOOL, "year", *OF_INTAKE)
    rows = (
        _of_school(school) | {"year": year} | intake
        for school in _in_pieces(_with_intakes(year))
        for intake in _intakes(school) or [{}]
    )
    return _csv(columns, ([row.get(name) for name in columns] for row in rows))


def schools_json(year: int) -> Iterator[str]:
    """One object with the schools in it, each on a line of its own."""
    yield f'{{"year": {year}, "schools": ['
    before = "\n"
    for school in _in_pieces(_with_intakes(year)):
        yield before + _json(_of_school(school) | {"languages": _intakes(school)})
        before = ",\n"
    yield "\n]}\n"


def microdistricts_csv(region: str) -> Iterator[str]:
    """The lines of a region's microdistricts, school by school."""
    return _csv(OF_ADDRESS, (_of_address(row) for row in _addresses(region)))


def version_of_schools(year: int) -> str:
    """Changes with any row that the files of schools are made of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT sum(hashtextextended(s::text, 0)) FROM schools_school s),"
            " (SELECT sum(hashtextextended(i::text, 0)) FROM schools_intake i WHERE year = %s)",
            [year],
        )
        return _version(year, *cursor.fetchone())


def version_of_microdistricts(region: str) -> str:
    """Changes with every list that is brought, and with a school's number."""
    schools = _schools_of(region)
    bins = schools.order_by("bin").values_list("bin", flat=True)
    lists = AddressList.objects.filter(school__in=schools).aggregate(last=Max("pk"))
    former = FormerBin.objects.aggregate(last=Max("pk"))
    return _version(region, lists["last"], former["last"], *bins)


def _version(*parts: object) -> str:
    """Weak, for a proxy may pack the answer."""
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


# --- rows ---------------------------------------------------------------------------------------------
def _with_intakes(year: int) -> QuerySet[School]:
    of_year = Intake.objects.filter(year=year).order_by("language__position")
    return School.objects.select_related("successor").prefetch_related(Prefetch("intakes", of_year))


def _in_pieces(schools: QuerySet[School]) -> Iterator[School]:
    last = 0
    while piece := list(schools.filter(pk__gt=last).order_by("pk")[:PIECE]):
        yield from piece
        last = piece[-1].pk


def _of_school(school: School) -> Row:
    successor = school.successor.bin if school.successor else None
    told = {"kato": school.locality_id, "transport": school.has_transport, "successor_bin": successor}
    return {name: told[name] if name in told else getattr(school, name) for name in OF_SCHOOL}


def _intakes(school: School) -> list[Row]:
    return [
        {"language": intake.language_id} | {name: getattr(intake, name) for name in OF_INTAKE[1:]}
        for intake in school.intakes.all()
    ]


def _schools_of(region: str) -> QuerySet[School]:
    return School.objects.filter(locality__kato__startswith=kato.prefix(region))


def _addresses(region: str) -> Iterator[MicrodistrictAddress]:
    numbers = list(_schools_of(region).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(numbers), LISTS):
        rows = MicrodistrictAddress.objects.filter(school__in=numbers[start : start + LISTS])
        yield from rows.select_related("school").order_by("school_id", "pk")


def _of_address(row: MicrodistrictAddress) -> Sequence[Any]:
    """The end is empty where the range goes to the end of the street, the street where a place is meant."""
    houses = (row.house_from, row.house_to, row.suffix, row.parity.lower(), row.excluded)
    return row.school.bin, row.locality_id, row.street, *houses


# --- how they are written -------------------------------------------------------------------------------
class _Line:
    """What `csv` writes to: it hands each line on."""

    def write(self, text: str) -> str:
        return text


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """With commas, every cell in quotes, and none that a spreadsheet takes for a formula."""
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield MARK + str(writer.writerow(columns))
    for row in rows:
        yield str(writer.writerow([_cell(value) for value in row]))


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else harmless(str(value))


def _json(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, cls=DjangoJSONEncoder)
