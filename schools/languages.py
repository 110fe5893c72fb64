"""The languages of instruction: a table, for besides Kazakh and Russian there are others in the south."""

from pathlib import Path

from django.db import transaction

from schools.files import BadRows
from schools.models import Language
from schools.tables import fitting, read_table

COME_WITH_US = Path(__file__).parent / "data" / "languages.csv"
REQUIRED = {"code", "name_kk", "name_ru"}


@transaction.atomic
def load(path: Path | None = None) -> tuple[int, int]:
    """Those of a table, new and changed, all or nothing; without one those that come with the portal, of
    which what stands stays as it is. How many are new and changed. Raises BadFile, BadRows."""
    new = changed = 0
    problems: list[tuple[int, str]] = []
    for number, row in read_table(path or COME_WITH_US, required=REQUIRED, key="code"):
        try:
            facts = _facts(row)
        except ValueError as error:
            problems.append((number, str(error)))
            continue
        found, made = Language.objects.get_or_create(code=facts["code"], defaults=facts)
        new += made
        if path and any(getattr(found, name) != value for name, value in facts.items()):
            Language.objects.filter(code=found.code).update(**facts)
            changed += 1
    if problems:
        raise BadRows(problems)
    return new, changed


def _facts(row: dict[str, str]) -> dict[str, str | int]:
    """A table without positions moves nothing."""
    if not all(row[name] for name in REQUIRED):
        raise ValueError("a language has a code and a name in Kazakh and in Russian")
    facts: dict[str, str | int] = fitting(Language, **{name: row[name] for name in REQUIRED})
    if "position" in row:
        facts["position"] = _position(row["position"] or "0")
    return facts


def _position(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and int(typed) < 1000):
        raise ValueError(f"«{typed}» is no position in a list")
    return int(typed)
