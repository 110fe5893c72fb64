"""The files that departments send: texts and CSV in any common encoding, the first sheet of an xlsx file.

What cannot be read is refused with the line and the reason in a sentence; nothing is guessed.
"""

import csv
import io
import re
from bisect import bisect_right
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import openpyxl
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from openpyxl.utils.cell import get_column_letter, range_boundaries

from accounts.typed import hidden
from schools.cells import bare

Row = tuple[int, list[str]]  # the line in the file, from 1, and its cells

LARGEST = 50_000_000  # bytes: a whole region's list has five
UNPACKED = 10  # so many times as large may a sheet be that is unpacked
BYTES_TO_A_TAG = 4  # of the size allowed: a sheet of empty tags alone is small and takes gigabytes to read
LAST_ROW = 1_048_576  # of a sheet, in every program
MOST_COLUMNS = 100
MOST_MERGES = 20_000
_KZ1048_LETTERS = re.compile("[ЂЃЉЊЌЋЏђѓљњќћџ]")  # Kazakh letters of the old encoding, read as Windows-1251
_MERGES = re.compile(rb'<mergeCell ref="([A-Z]+\d+:[A-Z]+\d+)"')
_TAIL = 1 << 20


class Fault(TextChoices):
    """Why a file or its lines cannot be used, as a page says it; the commands say it in full."""

    UNREADABLE = (
        "UNREADABLE",
        _("Файл оқылмады: ол бүлінген немесе кесте емес. CSV, XLSX не TXT етіп қайта сақтаңыз."),
    )
    TOO_LARGE = "TOO_LARGE", _("Файл тым үлкен.")
    ENCODING = "ENCODING", _("Файлдың кодтауы танылмады: оны UTF-8 етіп қайта сақтаңыз.")
    HIDDEN = "HIDDEN", _("Бұл жолдарда көрінбейтін таңба бар: мәтінді қайта теріп, файлды қайта сақтаңыз.")
    FORMULA = "FORMULA", _("Бұл жолдарда мәні сақталмаған формула бар: файлды Excel-де ашып, қайта сақтаңыз.")
    LONG = "LONG", _("Бұл жолдар тым ұзын: бір жолға бір көшені жазыңыз.")
    SCHOOL = "SCHOOL", _("Бұл жолдарда мектеп көрсетілмеген немесе танылмады: БСН-ін тексеріңіз.")


class BadFile(Exception):
    """The file as a whole cannot be used; the text says why."""

    def __init__(self, text: str, fault: Fault = Fault.UNREADABLE) -> None:
        super().__init__(text)
        self.fault = fault


class BadRows(BadFile):
    """Rows that cannot be used, each with its line and reason; nothing of the file is saved."""

    def __init__(self, problems: list[tuple[int, str]], fault: Fault = Fault.UNREADABLE) -> None:
        super().__init__("; ".join(f"line {line}: {reason}" for line, reason in problems), fault)
        self.problems = problems


class TooMuch(BadFile):
    """More rows than are read at once."""


@dataclass(frozen=True)
class Limits:
    """How much of a file is read; past that it is refused where it is reached, and not when all is built."""

    rows: int = LAST_ROW  # that hold anything
    letters: int = 100_000  # of a row


ANY = Limits()


def read_rows(path: Path, limits: Limits = ANY) -> list[Row]:
    """All rows that hold anything, cells as stripped texts. Raises BadFile."""
    try:
        demand_size(path)
        rows = _sheet(path, limits) if path.suffix.lower() == ".xlsx" else _csv(read_text(path))
        found = list(bounded(rows, limits))
    except BadFile:
        raise
    except Exception as error:  # whatever the readers of sheets and tables raise of a broken or hostile file
        raise BadFile(f"{path.name}: {error}") from error
    return found


def bounded(rows: Iterable[Row], limits: Limits) -> Iterator[Row]:
    """The rows that hold anything, none of them kept that is too long or holds what nobody sees. Raises
    TooMuch at the first row too many, BadRows of those at the end."""
    count, long, unseen = 0, [], []
    for number, cells in rows:
        if not any(cells):
            continue
        count += 1
        if count > limits.rows:
            raise TooMuch(f"more than {limits.rows} rows", Fault.TOO_LARGE)
        if sum(map(len, cells)) > limits.letters:
            long.append((number, f"more than {limits.letters} letters"))
        elif found := next(hidden("".join(cells), lines=True), ""):
            unseen.append((number, f"the line holds a character that nobody sees, U+{ord(found):04X}"))
        else:
            yield number, cells
    if long:
        raise BadRows(long, Fault.LONG)
    if unseen:
        raise BadRows(unseen, Fault.HIDDEN)


def demand_size(path: Path, most: int | None = None) -> None:
    """Not larger than that, and a sheet not so many times as large when it is unpacked. Raises BadFile."""
    most = most or LARGEST
    if path.stat().st_size > most:
        raise BadFile(f"{path.name}: the file is larger than {most // 1_000_000} MB", Fault.TOO_LARGE)
    if path.suffix.lower() == ".xlsx":
        try:
            _demand_unpacked(path, most)
        except BadFile:
            raise
        except Exception as error:  # whatever the archive's reader raises of a broken or locked one
            raise BadFile(f"{path.name}: {error}") from error


def _demand_unpacked(path: Path, most: int) -> None:
    with ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > most * UNPACKED:
            raise BadFile(f"{path.name}: the file unpacks to {unpacked // 1_000_000} MB", Fault.TOO_LARGE)
        if sum(_tags(archive, part) for part in archive.infolist()) > most // BYTES_TO_A_TAG:
            raise BadFile(f"{path.name}: the file holds too many cells", Fault.TOO_LARGE)


def _tags(archive: ZipFile, part: ZipInfo) -> int:
    with archive.open(part) as file:
        return sum(block.count(b"<") for block in iter(lambda: file.read(_TAIL), b""))


def read_text(path: Path) -> str:
    """UTF-8 or UTF-16 with or without its mark, or what Excel saves on a Russian Windows. Raises BadFile."""
    data = path.read_bytes()
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _decoded(path, data, "utf-16")
    low, high = data[::2].count(0), data[1::2].count(0)  # spaces and digits of UTF-16 are half a NUL
    if low + high > len(data) // 20 and not (low and high):
        return _decoded(path, data, "utf-16-le" if high else "utf-16-be")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _decoded(path, data, "cp1251")
    if _KZ1048_LETTERS.search(text):
        raise BadFile(f"{path.name}: the file is in the encoding KZ-1048; save it as UTF-8", Fault.ENCODING)
    return text


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        told = f"{path.name}: the text is in none of UTF-8, UTF-16 and Windows-1251"
        raise BadFile(told, Fault.ENCODING) from error


def _csv(text: str) -> Iterator[Row]:
    """Delimited by what stands in most of the first lines: «Абай;1, 3, 5» has more commas than semicolons,
    its header has none."""
    head = [line for line in text.splitlines()[:20] if line]
    longest = max(head, key=len, default="")
    delimiter = max(",;\t", key=lambda one: (sum(one in line for line in head), longest.count(one)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    for cells in reader:
        yield start, [bare(cell).strip() for cell in cells]
        start = reader.line_num + 1


def _sheet(path: Path, limits: Limits) -> Iterable[Row]:
    """Cells as they are shown; of merged cells each has the text of the first. Raises BadRows where a formula
    was saved without its value."""
    values, formulas = (
        openpyxl.load_workbook(path, read_only=True, data_only=shown) for shown in (True, False)
    )
    try:
        sheet = values.worksheets[0]
        rows = dict(bounded(((number, _cells(row)) for number, row in _values(sheet)), limits))
        _demand_values(rows, _values(formulas.worksheets[0]), limits)
        merges = _merged(path, str(getattr(sheet, "_worksheet_path", "")))
    finally:
        values.close()
        formulas.close()
    _fill(rows, [range_boundaries(area) for area in merges])
    return rows.items()


def _values(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows that hold anything, without the columns that nobody writes a list in: a sheet may claim to be
    of any size, and between two of its rows there may be a million without any."""
    widest = min(sheet.max_column or MOST_COLUMNS, MOST_COLUMNS)
    sheet.reset_dimensions()
    with closing(sheet.iter_rows(max_col=widest, values_only=True)) as rows:
        for number, row in enumerate(rows, start=1):
            if number > LAST_ROW:
                raise TooMuch(f"a row below {LAST_ROW}", Fault.TOO_LARGE)
            if row.count(None) < len(row):
                yield number, row


def _demand_values(
    rows: dict[int, list[str]], formulas: Iterator[tuple[int, tuple[Any, ...]]], limits: Limits
) -> None:
    """The formulas are read to their end, for only then is their file let go."""
    found = (
        (number, f"the cell {get_column_letter(at)}{number} holds a formula without its value")
        for number, written in formulas
        for at, formula in enumerate(written, start=1)
        if isinstance(formula, str) and formula.startswith("=")
        if not "".join(rows.get(number, [])[at - 1 : at])
    )
    if problems := list(islice(found, limits.rows)):
        raise BadRows(problems, Fault.FORMULA)


def _merged(path: Path, sheet: str) -> list[str]:
    """The merged areas; they stand at the end of a sheet, which is not read again as a whole."""
    with ZipFile(path) as archive, archive.open(sheet.lstrip("/")) as file:
        tail = b""
        while block := file.read(_TAIL):
            tail = tail[-_TAIL:] + block
    found = [area.decode() for area in dict.fromkeys(_MERGES.findall(tail))]
    if len(found) > MOST_MERGES:
        raise BadFile(f"{path.name}: more than {MOST_MERGES} merged areas", Fault.TOO_LARGE)
    return found


def _fill(rows: dict[int, list[str]], areas: list[Any]) -> None:
    """A cell merged over several rows speaks of each of them; over several columns it is one text. Areas that
    lie on each other, as no program writes them, are refused."""
    numbers, room = list(rows), len(rows) * MOST_COLUMNS
    for left, top, _right, bottom in areas:
        if left > MOST_COLUMNS or top not in rows:
            continue
        below = numbers[bisect_right(numbers, top) : bisect_right(numbers, bottom)]
        room -= len(below)
        if room < 0:
            raise BadFile("merged areas lie on each other")
        for number in below:
            rows[number][left - 1 : left] = rows[top][left - 1 : left]


def _cells(values: tuple[Any, ...]) -> list[str]:
    return [_cell(value) for value in values]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a BIN typed as a number
    return "" if value is None else str(value).strip()
