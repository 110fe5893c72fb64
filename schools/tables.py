"""Reading the tables that departments send: CSV of any common kind, or the first sheet of an xlsx file."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl

Row = tuple[int, list[str]]  # the line in the file, from 1, and its cells


class BadFile(Exception):
    """The file as a whole cannot be used; the text says why."""


def read_rows(path: Path) -> list[Row]:
    """All rows that hold anything, cells as stripped texts."""
    try:
        rows = _sheet(path) if path.suffix.lower() == ".xlsx" else _csv(path.read_bytes())
        return [(number, cells) for number, cells in rows if any(cells)]
    except (
        OSError,
        csv.Error,
        ValueError,
        KeyError,
        openpyxl.utils.exceptions.InvalidFileException,
    ) as error:
        raise BadFile(f"{path.name}: {error}") from error


def read_table(path: Path, *, required: set[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows of a table whose first row names its columns. Raises BadFile when a required one is missing."""
    rows = read_rows(path)
    if not rows:
        raise BadFile(f"{path.name}: the file is empty")
    names = [name.strip().lower() for name in rows[0][1]]
    missing = required - set(names)
    if missing:
        raise BadFile(f"{path.name}: no column {', '.join(sorted(missing))} in {', '.join(names)}")
    return [(number, dict(zip(names, cells, strict=False))) for number, cells in rows[1:]]


def truth(text: str, *, words: Mapping[str, bool] | None = None) -> bool:
    """Yes or no in Kazakh, Russian, English or digits. Raises ValueError."""
    known = words or {
        "иә": True, "да": True, "yes": True, "1": True, "бар": True,
        "жоқ": False, "нет": False, "no": False, "0": False, "": False,
    }  # fmt: skip
    try:
        return known[text.strip().lower()]
    except KeyError:
        raise ValueError(f"«{text}» is neither yes nor no") from None


def _csv(data: bytes) -> Iterator[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1251")  # what Excel saves on a Russian Windows
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
