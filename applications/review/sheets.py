"""A table as a file, CSV or XLSX, in which a spreadsheet finds text, numbers and times, and no formula."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import IO, Any

from django.utils import timezone
from django.utils.formats import date_format
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

Cell = str | int | datetime | None
TIME = "dd.mm.yyyy hh:mm"
WIDTH = 18  # of a column, in letters
# = + - @ in their usual, full-width and small forms, at the start of a cell or of what a spreadsheet with
# another separator takes for one: Excel in Kazakhstan splits at «;» whatever we write.
SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
FORMULA = re.compile(rf'(^|[;,|])(?=[\s"]*[{SIGNS}])')


@dataclass(frozen=True)
class Sheet:
    head: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def plain(text: str) -> str:
    """The text without letters that nobody sees: some of them no XLSX may hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def harmless(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would begin to compute (OWASP, «CSV Injection»)."""
    shown = plain(text)
    return "'" + shown if text.startswith(("\t", "\r", "\n")) else FORMULA.sub(r"\1'", shown)


def write_csv(sheet: Sheet, file: IO[bytes]) -> None:
    """With commas, every cell in quotes, and the mark by which Excel knows UTF-8."""
    text = codecs.getwriter("utf-8-sig")(file)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(harmless(name) for name in sheet.head)
    writer.writerows([_in_words(cell) for cell in row] for row in sheet.rows)


def write_xlsx(sheet: Sheet, file: IO[bytes]) -> None:
    """Strings are typed as strings, so that they stand as they are; numbers and times can be summed and
    sorted."""
    book = Workbook(write_only=True)
    page = book.create_sheet("OQU")
    page.freeze_panes = "A2"
    for column in range(1, len(sheet.head) + 1):
        page.column_dimensions[get_column_letter(column)].width = WIDTH
    for row in chain([sheet.head], sheet.rows):
        page.append([_typed(page, cell) for cell in row])
    book.save(file)


def _in_words(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return date_format(timezone.localtime(cell), "SHORT_DATETIME_FORMAT")
    return harmless(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def _typed(page: Any, cell: Cell) -> Any:
    if isinstance(cell, datetime):
        made = WriteOnlyCell(page, timezone.localtime(cell).replace(tzinfo=None))
        made.number_format = TIME
        return made
    if not isinstance(cell, str):
        return cell
    made = WriteOnlyCell(page, plain(cell))
    made.data_type = "s"  # whatever it looks like
    made.quotePrefix = harmless(cell) != plain(cell)  # and after somebody has edited it
    return made


def file_name(name: str, form: str, now: datetime) -> str:
    """It says what and when, and nothing of anybody."""
    return f"OQU-{name}-{timezone.localdate(now).isoformat()}.{form}"


@dataclass(frozen=True)
class Form:
    """How a table is written down."""

    write: Callable[[Sheet, IO[bytes]], None]
    mime: str

    def of(self, sheet: Sheet) -> bytes:
        file = io.BytesIO()
        self.write(sheet, file)
        return file.getvalue()


FORMS = {
    "csv": Form(write_csv, "text/csv; charset=utf-8"),
    "xlsx": Form(write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
