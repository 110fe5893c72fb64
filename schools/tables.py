"""Reading the tables that departments send: a header, rows, one object for each (docs/catalogue.md)."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from django.db import models

from accounts.typed import hidden
from schools.files import BadFile, BadRows, Fault, Row, read_rows

T = TypeVar("T")

TITLE_ROWS = 20  # a table may begin below its titles


def read_table(
    path: Path,
    *,
    required: set[str],
    key: str,
    same: Callable[[str], object] = str,
    rename: Mapping[str, str] | None = None,
) -> list[tuple[int, dict[str, str]]]:
    """Rows below the header, which may stand under some titles; short rows are filled up. Raises BadFile when
    a required column is missing, BadRows when a cell is of several lines or two rows have one key; `same`
    brings keys to one form, `rename` gives other names of columns."""
    rows = read_rows(path)
    if not rows:
        raise BadFile(f"{path.name}: the file is empty")
    other = rename or {}
    at = header_at(rows, lambda names: required <= {other.get(name, name) for name in names})
    names = [other.get(name, name) for name in (cell.strip().lower() for cell in rows[at or 0][1])]
    if at is None:
        missing = ", ".join(sorted(required - set(names)))
        raise BadFile(f"{path.name}: no column {missing} in {', '.join(names)}")
    empty = dict.fromkeys(names, "")
    table = [(number, empty | dict(zip(names, cells, strict=False))) for number, cells in rows[at + 1 :]]
    _demand_lines(table)
    if key:
        _demand_keys(table, key, same)
    return table


def header_at(rows: list[Row], is_header: Callable[[set[str]], bool]) -> int | None:
    """Which of the first rows names the columns."""
    named = ({cell.strip().lower() for cell in cells} for _, cells in rows[:TITLE_ROWS])
    return next((at for at, names in enumerate(named) if is_header(names)), None)


def _demand_lines(table: list[tuple[int, dict[str, str]]]) -> None:
    """A fact is of one line: a name that breaks reads as another one. What else nobody sees no row has."""
    problems = [
        (number, f"{name} holds a line break or a tab")
        for number, row in table
        for name, text in row.items()
        if name and any(hidden(text, lines=False))
    ]
    if problems:
        raise BadRows(problems, Fault.HIDDEN)


def _demand_keys(table: list[tuple[int, dict[str, str]]], key: str, same: Callable[[str], object]) -> None:
    first: dict[object, int] = {}
    problems = []
    for number, row in table:
        value = _one_form(row.get(key, ""), same)
        if value in first:
            problems.append((number, f"{key} «{row.get(key, '')}» stands already in line {first[value]}"))
        first.setdefault(value, number)
    if problems:
        raise BadRows(problems)


def _one_form(text: str, same: Callable[[str], object]) -> object:
    try:
        return same(text)
    except ValueError:
        return text  # refused where the row is built, with the reason


def fitting(model: type[models.Model], **facts: Any) -> dict[str, Any]:
    """The facts, none longer than its column. Raises ValueError."""
    for name, value in facts.items():
        most = getattr(model._meta.get_field(name), "max_length", None)
        if most and isinstance(value, str) and len(value) > most:
            raise ValueError(f"{name} has {len(value)} letters, there is room for {most}")
    return facts


def read_objects(
    path: Path,
    *,
    required: set[str],
    key: str,
    build: Callable[[dict[str, str]], T],
    same: Callable[[str], object] = str,
    rename: Mapping[str, str] | None = None,
) -> list[T]:
    """One object for each row; what `build` refuses with ValueError is gathered into BadRows."""
    found, problems = [], []
    for number, row in read_table(path, required=required, key=key, same=same, rename=rename):
        try:
            found.append(build(row))
        except ValueError as error:
            problems.append((number, str(error)))
    if problems:
        raise BadRows(problems)
    return found


def truth(text: str) -> bool:
    """Yes or no in Kazakh, Russian, English or digits. Raises ValueError."""
    word = text.strip().lower()
    if word in ("иә", "бар", "да", "есть", "yes", "1"):
        return True
    if word in ("жоқ", "нет", "no", "0", ""):
        return False
    raise ValueError(f"«{text}» is neither yes nor no")


def day(text: str) -> date:
    """2026-05-27, 27.05.2026, or a date cell of a sheet. Raises ValueError."""
    text = text.split(" ")[0]
    day_first = re.fullmatch(r"(\d{2})\.(\d{2})\.(\d{4})", text)
    return date.fromisoformat("-".join(reversed(day_first.groups())) if day_first else text)
