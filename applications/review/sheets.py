"""A table as a file, CSV or XLSX, in which a spreadsheet finds text, numbers and times, and no formula."""

import codecs
import csv
import errno
import io
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import IO, Any

from django.utils import timezone
from django.utils.formats import date_format
from lxml.etree import SerialisationError
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import ALL_TEMP_FILES

from schools.cells import harmless, plain

Cell = str | int | datetime | None
TIME = "dd.mm.yyyy hh:mm"
WIDTH = 18  # of a column, in letters


@dataclass(frozen=True)
class Sheet:
    head: Sequence[str]
    rows: Iterable[Sequence[Cell]]


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
    try:
        for row in chain([sheet.head], sheet.rows):
            page.append([_typed(page, cell) for cell in row])
        book.save(file)
    except SerialisationError as error:
        if number := _said_by_the_disk(error):
            raise OSError(number, os.strerror(number)) from error
        raise
    finally:
        _leave_nothing(page)


def _said_by_the_disk(error: SerialisationError) -> int:
    """The library writes a file in passing, and has words of its own for what the disk says: IO_ENOSPC."""
    number: int = getattr(errno, str(error).removeprefix("IO_"), 0)
    return number


def _leave_nothing(page: Any) -> None:
    """It would keep what was broken off until its process ends: on the disk that is full."""
    writer = page._writer
    if writer is None or writer.out not in ALL_TEMP_FILES:
        return
    for stream in filter(None, (page._rows, writer.xf)):
        with suppress(Exception):  # what could not be written once can not be now
            stream.close()
    writer.cleanup()


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
