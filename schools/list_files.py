"""The lines of a department's file: a text, a table of one column, or columns for street, houses, school."""

from dataclasses import dataclass
from pathlib import Path

from schools.address_lists import Line, parse_line, parse_pair
from schools.files import Row, read_rows, read_text
from schools.tables import header_at

STREET = {
    "street", "line", "көше", "көшелер", "улица", "улицы", "көше атауы", "наименование улицы", "мекенжай",
    "адрес",
}  # fmt: skip
HOUSES = {"houses", "үй", "үйлер", "үй нөмірлері", "дом", "дома", "номера домов", "№ дома", "№ домов"}
SCHOOL = {"bin", "бин", "бсн", "school", "мектеп", "школа", "мектеп бсн", "бин школы"}


@dataclass
class ReadLine:
    number: int
    raw: str
    line: Line
    school: str = ""  # the BIN or name in the line's own column, if there is one


def read_lines(path: Path) -> list[ReadLine]:
    """Read a file of lines (.txt), or a table. Raises BadFile."""
    if path.suffix.lower() == ".txt":
        texts = read_text(path).splitlines()
        return [ReadLine(n, text, parse_line(text)) for n, text in enumerate(texts, start=1) if text.strip()]
    rows = read_rows(path)
    at = header_at(rows, lambda names: bool(names & STREET and names & (HOUSES | SCHOOL)))
    if at is None:
        return [_one_column(number, cells) for number, cells in rows]
    names = [cell.lower() for cell in rows[at][1]]
    columns = [_column(names, wanted) for wanted in (STREET, HOUSES, SCHOOL)]
    return [_columns(row, columns) for row in rows[at + 1 :]]


def _column(names: list[str], wanted: set[str]) -> int | None:
    return next((at for at, name in enumerate(names) if name in wanted), None)


def _one_column(number: int, cells: list[str]) -> ReadLine:
    raw = ", ".join(cell for cell in cells if cell)
    return ReadLine(number, raw, parse_line(raw))


def _columns(row: Row, columns: list[int | None]) -> ReadLine:
    number, cells = row
    street, houses, school = (cells[at] if at is not None and at < len(cells) else "" for at in columns)
    if columns[1] is None:
        return ReadLine(number, street, parse_line(street), school)
    return ReadLine(number, f"{street} | {houses}", parse_pair(street, houses), school)
