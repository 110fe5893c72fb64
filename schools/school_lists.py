"""Schools with their seats from the table of a department (docs/catalogue.md names its columns)."""

from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from egov.iin import valid_bin
from schools import seats
from schools.files import BadFile, BadRows
from schools.kazakh import search_text, sort_key
from schools.models import FormerBin, Language, Locality, School
from schools.tables import fitting, read_table, truth

REQUIRED = {"bin", "kato", "name_kk", "name_ru"}
SEATS = "seats_"  # seats_kk, seats_ru, …: one column for each language


@dataclass
class Result:
    """What a file did, or would do."""

    added: int = 0
    changed: int = 0
    intakes: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


def load(path: Path, *, year: int, dry_run: bool = False) -> Result:
    """Add and change schools and their seats of that year, all or nothing. Raises BadFile, BadRows."""
    rows = read_table(path, required=REQUIRED, key="bin", same=lambda text: text.zfill(12))
    languages = _languages(rows)
    result = Result()
    with transaction.atomic():
        for number, row in rows:
            try:
                _save(row, languages=languages, year=year, result=result)
            except (ValueError, seats.SeatsError) as error:
                result.problems.append((number, str(error)))
        if result.problems:
            raise BadRows(result.problems)
        transaction.set_rollback(dry_run)
    return result


def _languages(rows: list[tuple[int, dict[str, str]]]) -> list[str]:
    """The languages that the file has columns for."""
    columns = {name.removeprefix(SEATS) for _, row in rows for name in row if name.startswith(SEATS)}
    known = set(Language.objects.values_list("code", flat=True))
    if columns - known:
        raise BadFile(f"no language with the code {', '.join(sorted(columns - known))}")
    return sorted(columns)


def _save(row: dict[str, str], *, languages: list[str], year: int, result: Result) -> None:
    school, created = School.objects.update_or_create(bin=bin_of(row["bin"]), defaults=_facts(row))
    result.added += created
    result.changed += not created
    for language in languages:
        if text := row.get(SEATS + language, ""):  # an empty cell leaves things as they are
            seats.open_intake(school, year=year, language=language, seats=_count(text))
            result.intakes += 1


def _facts(row: dict[str, str]) -> dict[str, object]:
    if not Locality.objects.filter(kato=row["kato"]).exists():
        raise ValueError(f"no place with the code {row['kato']}")
    if not row["name_kk"] or not row["name_ru"]:
        raise ValueError("the school has no name in both languages")
    facts: dict[str, object] = fitting(School, **{name: row[name] for name in _PLAIN if name in row})
    if "transport" in row:
        facts["has_transport"] = truth(row["transport"])
    return facts | {"locality_id": row["kato"]} | keys_of(row["name_kk"], row["name_ru"])


def keys_of(name_kk: str, name_ru: str) -> dict[str, str]:
    """By what a school of these names is sorted and found."""
    return {"sort_kk": sort_key(name_kk)[:600], "search": search_text(name_kk, name_ru)[:600]}


_PLAIN = ("name_kk", "name_ru", "phone", "address_kk", "address_ru")


def bin_of(text: str) -> str:
    """The BIN of a school that is added or found by it. Raises ValueError."""
    number = text.zfill(12)  # a sheet drops the leading zero
    if not valid_bin(number):
        raise ValueError(f"«{text}» is not a BIN")
    if former := FormerBin.objects.filter(number=number).select_related("school").first():
        raise ValueError(f"the school has the BIN {former.school.bin} since {former.until}")
    return number


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > 9999:
        raise ValueError(f"«{text}» is not a number of seats")
    return int(text)
