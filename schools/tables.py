"""Reading the tables that departments send: CSV of any common kind, or the first sheet of an xlsx file."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

import openpyxl

T = TypeVar("T")

Row = tuple[int, list[str]]  # the line in the file, from 1, and its cells


class BadFile(Exception):
    """The file as a whole cannot be used; the text says why."""


class BadRows(BadFile):
    """Rows that cannot be used, each with its line and reason; nothing of the file is saved."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {line}: {reason}" for line, reason in problems))
        self.problems = problems


def read_rows(path: Path) -> list[Row]:
    """All rows that hold anything, cells as stripped texts."""
    try:
        rows = _sheet(path) if path.suffix.lower() == ".xlsx" else _csv(read_text(path))
        return [(number, cells) for number, cells in rows if any(cells)]
    except (OSError, csv.Error, ValueError, KeyError, BadZipFile) as error:
        raise BadFile(f"{path.name}: {error}") from error


def read_table(path: Path, *, required: set[str], key: str) -> list[tuple[int, dict[str, str]]]:
    """Rows of a table whose first row names its columns. Raises BadFile when a required one is missing,
    BadRows when two rows have one key."""
    rows = read_rows(path)
    if not rows:
        raise BadFile(f"{path.name}: the file is empty")
    names = [name.strip().lower() for name in rows[0][1]]
    missing = required - set(names)
    if missing:
        raise BadFile(f"{path.name}: no column {', '.join(sorted(missing))} in {', '.join(names)}")
    table = [(number, dict(zip(names, cells, strict=False))) for number, cells in rows[1:]]
    _demand_keys(table, key)
    return table


def _demand_keys(table: list[tuple[int, dict[str, str]]], key: str) -> None:
    first: dict[str, int] = {}
    problems = []
    for number, row in table:
        if (value := row.get(key, "")) in first:
            problems.append((number, f"{key} «{value}» stands already in line {first[value]}"))
        first.setdefault(value, number)
    if problems:
        raise BadRows(problems)


def read_objects(
    path: Path, *, required: set[str], key: str, build: Callable[[dict[str, str]], T]
) -> list[T]:
    """One object for each row; what `build` refuses with ValueError is gathered into BadRows."""
    found, problems = [], []
    for number, row in read_table(path, required=required, key=key):
        try:
            found.append(build(row))
        except ValueError as error:
            problems.append((number, str(error)))
    if problems:
        raise BadRows(problems)
    return found


def read_text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1251")  # what Excel saves on a Russian Windows


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


def _csv(text: str) -> Iterator[Row]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    for cells in reader:
        yield start, [cell.strip() for cell in cells]
        start = reader.line_num + 1


def _sheet(path: Path) -> Iterator[Row]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            yield number, [_cell(value) for value in cells]
    finally:
        book.close()


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a BIN typed as a number
    return "" if value is None else str(value).strip()
