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
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Lower

from schools import heirs, kato
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
OF_ADDRESS = (
    "bin", "kato", "street", "house_from", "house_to", "suffix", "side", "excluded", "serving_bin",
)  # fmt: skip

Row = dict[str, Any]


def schools_csv(year: int) -> Iterator[str]:
    """A row for each language of each school; one without a language where no places are announced."""
    columns = (*OF_SCHOOL, "year", *OF_INTAKE)
    rows = (
        school | {"year": year} | intake for school, intakes in _schools(year) for intake in intakes or [{}]
    )
    return _csv(columns, ([row.get(name) for name in columns] for row in rows))


def schools_json(year: int) -> Iterator[str]:
    """One object with the schools in it, each on a line of its own."""
    yield f'{{"year": {year}, "schools": ['
    before = "\n"
    for school, intakes in _schools(year):
        yield before + _json(school | {"languages": intakes})
        before = ",\n"
    yield "\n]}\n"


def microdistricts_csv(region: str) -> Iterator[str]:
    """The lines of a region's microdistricts, school by school."""
    return _csv(OF_ADDRESS, _addresses(region))


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
    """Changes with every list that is brought, with a school's number, and when another takes it over."""
    schools = _schools_of(region)
    bins = schools.order_by("bin").values_list("bin", flat=True)
    serving = _serving(schools.order_by("pk").values_list("pk", flat=True))
    lists = AddressList.objects.filter(school__in=schools).aggregate(last=Max("pk"))
    former = FormerBin.objects.aggregate(last=Max("pk"))
    return _version(region, lists["last"], former["last"], *bins, *serving.values())


def _version(*parts: object) -> str:
    """Weak, for a proxy may pack the answer."""
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


# --- rows ---------------------------------------------------------------------------------------------
def _schools(year: int) -> Iterator[tuple[Row, list[Row]]]:
    """Every school with its languages of the year."""
    renamed = {"kato": F("locality"), "transport": F("has_transport"), "successor_bin": F("successor__bin")}
    own = [name for name in OF_SCHOOL if name not in renamed]
    schools, last = School.objects.order_by("pk").values("pk", *own, **renamed), 0
    while piece := list(schools.filter(pk__gt=last)[:PIECE]):
        intakes = _intakes([school["pk"] for school in piece], year)
        for school in piece:
            last = school.pop("pk")
            yield {name: school[name] for name in OF_SCHOOL}, intakes[last]


def _intakes(schools: list[int], year: int) -> dict[int, list[Row]]:
    of_year = Intake.objects.filter(school__in=schools, year=year).order_by("language__position")
    found: dict[int, list[Row]] = {school: [] for school in schools}
    for intake in of_year.values("school", "language", *OF_INTAKE[1:]):
        found[intake.pop("school")].append(intake)
    return found


def _schools_of(region: str) -> QuerySet[School]:
    return School.objects.filter(locality__kato__startswith=kato.prefix(region))


def _serving(schools: Iterable[int]) -> dict[int, str]:
    """The BIN of the school that serves the microdistrict of each today (D57); nothing where none does."""
    into = heirs.serving(list(schools))
    bins = dict(School.objects.filter(pk__in=set(into.values())).values_list("pk", "bin"))
    return {school: bins.get(one, "") if one else "" for school, one in into.items()}


def _addresses(region: str) -> Iterator[Sequence[Any]]:
    """The end is empty where the range goes to the end of the street, the street where a place is meant."""
    numbers = list(_schools_of(region).order_by("pk").values_list("pk", flat=True))
    serving = _serving(numbers)
    for start in range(0, len(numbers), LISTS):
        rows = MicrodistrictAddress.objects.filter(school__in=numbers[start : start + LISTS])
        rows = rows.order_by("school", "pk").annotate(side=Lower("parity"))
        for school, *cells in rows.values_list("school", "school__bin", "locality", *OF_ADDRESS[2:-1]):
            yield [*cells, serving[school]]


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
    if isinstance(value, int):
        return str(int(value))  # a truth is 1 or 0
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else harmless(str(value))


def _json(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, cls=DjangoJSONEncoder)
