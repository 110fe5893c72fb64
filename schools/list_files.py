"""The lines of a department's file: a text, a table of one column, or columns for street, houses, school."""

from dataclasses import dataclass
from pathlib import Path

from schools.address_lists import Line, parse_line, parse_pair
from schools.files import ANY, Limits, Row, bounded, read_rows, read_text
from schools.tables import header_at

STREET = {
    "street", "line", "көше", "көшелер", "улица", "улицы", "көше атауы", "наименование улицы", "мекенжай",
    "адрес",
}  # fmt: skip
HOUSES = {"houses", "үй", "үйлер", "үй нөмірлері", "дом", "дома", "номера домов", "№ дома", "№ домов"}
SCHOOL = {"bin", "бин", "бсн", "school", "мектеп", "школа", "мектеп бсн", "бин школы"}


BETWEEN = " | "  # a street and its houses, where they stood in two cells


@dataclass(frozen=True)
class Source:
    """A line as it came, before it is read."""

    number: int
    text: str
    school: str = ""  # the BIN or name in the line's own column, if there is one


@dataclass
class ReadLine:
    number: int
    raw: str
    line: Line
    school: str = ""


def read_source(source: Source) -> ReadLine:
    street, bar, houses = source.text.partition("|")
    line = parse_pair(street, houses) if bar else parse_line(source.text)
    return ReadLine(source.number, source.text, line, source.school)


def sources(path: Path, limits: Limits = ANY) -> list[Source]:
    """The lines of a text (.txt) or of a table, as they stand in it. Raises BadFile."""
    if path.suffix.lower() == ".txt":
        return typed(read_text(path), limits)
    rows = read_rows(path, limits)
    at = header_at(rows, lambda names: bool(names & STREET and names & (HOUSES | SCHOOL)))
    if at is None:
        return [Source(number, ", ".join(cell for cell in cells if cell)) for number, cells in rows]
    names = [cell.lower() for cell in rows[at][1]]
    columns = [_column(names, wanted) for wanted in (STREET, HOUSES, SCHOOL)]
    return [_columns(row, columns) for row in rows[at + 1 :]]


def typed(text: str, limits: Limits = ANY) -> list[Source]:
    """One line of a text for a street. Raises BadFile."""
    lines = ((number, [line]) for number, line in enumerate(text.splitlines(), start=1) if line.strip())
    return [Source(number, line) for number, [line] in bounded(lines, limits)]


def _column(names: list[str], wanted: set[str]) -> int | None:
    return next((at for at, name in enumerate(names) if name in wanted), None)


def _columns(row: Row, columns: list[int | None]) -> Source:
    number, cells = row
    street, houses, school = (cells[at] if at is not None and at < len(cells) else "" for at in columns)
    return Source(number, street if columns[1] is None else f"{street}{BETWEEN}{houses}", school)
