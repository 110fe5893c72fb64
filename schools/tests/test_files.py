"""Files of every kind are read, or refused with the line and the reason; nothing is half saved (R69)."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from schools import dates, files, school_lists
from schools.files import BadFile, BadRows, Fault, Limits, TooMuch, demand_size, read_rows, read_text
from schools.list_files import sources, typed
from schools.microdistricts import Microdistrict, lines_of, read
from schools.models import Holiday, School
from schools.tests.conftest import YEAR

HEADER = ["bin", "kato", "name_kk", "name_ru"]
ROW = ["990540099902", "593651100", "Мектеп", "Школа"]


def book(path: Path, rows: list[list[object]], *merged: str) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for area in merged:
        made.active.merge_cells(area)
    made.save(path)
    return path


def packed(path: Path, **parts: bytes) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(f"{name}.xml", data)
    return path


def reading(path: Path, school: School) -> Microdistrict:
    return read(lines_of(path, school)[school], school)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_encodings_of_texts_are_told_apart(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("ул. Абая 5\nул. Мира".encode(encoding))

    assert read_text(path) == "ул. Абая 5\nул. Мира"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("Қарақоға ауылы".encode("kz1048"), "KZ-1048"),
        (b"\x98\x98\xff rubbish", "none of UTF-8"),
    ],
)
def test_text_that_cannot_be_read_is_refused_with_a_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(data)

    with pytest.raises(BadFile, match=reason):
        read_text(path)


@pytest.mark.parametrize("kind", ["csv", "txt", "xlsx"])
def test_rows_with_what_nobody_sees_are_named(tmp_path: Path, kind: str) -> None:
    """A no-break space and a cell of two lines are no such thing."""
    path, lines = tmp_path / f"list.{kind}", ["ул.\u00a0Абая", "Мира\u202e", "Бөгенбай", "Сәт\u00adбаев"]
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for line in lines:
            book.worksheets[0].append([line, "1\n2"])
        book.save(path)
    else:
        path.write_text("\n".join(lines), "utf-8")

    with pytest.raises(BadRows) as refused:
        sources(path)

    said = "the line holds a character that nobody sees"
    assert refused.value.problems == [(2, f"{said}, U+202E"), (4, f"{said}, U+00AD")]
    assert refused.value.fault == Fault.HIDDEN
    path = path.with_suffix(".txt")
    path.write_bytes("ул. Абая\nул.\0 Мира".encode())
    with pytest.raises(BadRows, match=r"line 2: .* U\+0000"):
        sources(path)


def test_rubbish_without_end_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 10)
    path = tmp_path / "list.csv"
    path.write_bytes(b"x" * 11)

    with pytest.raises(BadFile, match="larger than"):
        read_rows(path)


def test_header_may_stand_below_titles_and_rows_be_short(places: None, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Мектептер тізімі"],
        [],
        ["2026 жыл"],
        [*HEADER, "phone", "seats_kk"],
        [*ROW],
    ]

    result = school_lists.load(book(tmp_path / "schools.xlsx", rows, "A1:D1"), year=YEAR)

    assert (result.added, result.intakes) == (1, 0)
    short = tmp_path / "short.csv"
    short.write_text(",".join(HEADER) + "\n990540099912,593651100\n", "utf-8")
    with pytest.raises(BadRows, match="line 2: the school has no name"):
        school_lists.load(short, year=YEAR)


def test_merged_cell_of_a_street_speaks_of_all_its_rows(
    make_school: Callable[..., School], tmp_path: Path
) -> None:
    rows: list[list[object]] = [["№15 бұйрыққа қосымша"], ["№", "Көше", "Үйлер"]]
    rows += [[1, "Абай көшесі", "5"], [2, None, "7"], [3, None, "9"], [4, "Мир көшесі", "1"], [5, None, "3"]]
    path = book(tmp_path / "list.xlsx", rows, "A1:C1", "B3:B5")

    found = reading(path, make_school("593651100", "Мектеп", kk=20))

    assert [(row.street, row.house_from) for row in found.rows] == [
        ("Абай көшесі", 5), ("Абай көшесі", 7), ("Абай көшесі", 9), ("Мир көшесі", 1),
    ]  # fmt: skip
    assert [each.number for each, _ in found.errors] == [7]  # not merged: whose house is 3?


def test_formula_without_its_value_is_no_empty_cell(tmp_path: Path) -> None:
    path = book(tmp_path / "list.xlsx", [["Көше", "Үйлер"], ["Абай көшесі", '="1-"&"15"']])

    with pytest.raises(BadRows, match="line 2: the cell B2 holds a formula without its value"):
        read_rows(path)


@pytest.mark.parametrize("column", [2, 3])
def test_what_a_dry_run_calls_good_can_be_saved(places: None, tmp_path: Path, column: int) -> None:
    row = [*ROW]
    row[column] = "м" * 301
    path = book(tmp_path / "schools.xlsx", [[*HEADER], [*row]])

    for dry_run in (True, False):
        with pytest.raises(BadRows, match=r"line 2: name_.. has 301 letters, there is room for 300"):
            school_lists.load(path, year=YEAR, dry_run=dry_run)
    assert not School.objects.exists()


@pytest.mark.parametrize("same", ["2026-05-07", "7.05.2026", "07.05.2026"])
def test_one_day_in_two_forms_is_one_day(db: None, tmp_path: Path, same: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(f"date,kind,name_kk,name_ru\n07.05.2026,off,а,а\n{same},off,б,б\n", "utf-8")

    with pytest.raises(BadRows, match="line 3"):
        dates.read_holidays(path)


def test_one_school_with_and_without_its_leading_zero_is_one(places: None, tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    rows = [HEADER, ["050840099105", *ROW[1:]], ["50840099105", *ROW[1:]]]
    path.write_text("\n".join(",".join(row) for row in rows), "utf-8")

    with pytest.raises(BadRows, match="line 3: bin «50840099105» stands already in line 2"):
        school_lists.load(path, year=YEAR)


def test_names_longer_than_their_column_save_no_day(db: None, tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text(f"date,kind,name_kk,name_ru\n07.05.2026,off,{'а' * 101},а\n", "utf-8")

    with pytest.raises(CommandError, match="name_kk has 101 letters"):
        call_command("load_holidays", path, stdout=StringIO())
    assert not Holiday.objects.exists()


def test_street_longer_than_its_column_is_asked_about(
    make_school: Callable[..., School], tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"ул. {'Абая' * 60} 5", "utf-8")

    assert len(reading(path, make_school("593651100", "Мектеп", kk=20)).errors) == 1


def far(path: Path, *merged: str) -> Path:
    """Two rows, with a million between them that are not there."""
    made = openpyxl.Workbook()
    made.active["A1"], made.active["A1048576"] = "Көше", "Абай көшесі 5"
    for area in merged:
        made.active.merged_cells.add(area)
    made.save(path)
    return path


def test_rows_that_are_not_there_cost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Mock(wraps=files._cells)
    monkeypatch.setattr(files, "_cells", made)
    merged = [f"A1:A{1_048_500 + end}" for end in range(70)]

    rows = read_rows(far(tmp_path / "far.xlsx", *merged))

    assert rows == [(1, ["Көше"]), (1_048_576, ["Абай көшесі 5"])] and made.call_count == 2


def test_file_is_left_at_the_first_row_past_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subtests: Any
) -> None:
    made = Mock(wraps=files._cell)
    monkeypatch.setattr(files, "_cell", made)
    limits = Limits(rows=3, letters=100)
    rows: list[list[object]] = [["Абай көшесі 5"] for _ in range(50)]
    with subtests.test("sheet"), pytest.raises(TooMuch):
        read_rows(book(tmp_path / "many.xlsx", rows), limits)
    assert made.call_count == 4
    (tmp_path / "many.csv").write_text("Абай 5\n" * 50, "utf-8")
    with subtests.test("table"), pytest.raises(TooMuch):
        read_rows(tmp_path / "many.csv", limits)
    with subtests.test("text"), pytest.raises(TooMuch):
        typed("Абай 5\n" * 50, limits)
    long: list[list[object]] = [["Көше"], ["а" * 60, "б" * 60], ["в" * 90]]
    with subtests.test("letters"), pytest.raises(BadRows) as told:
        read_rows(book(tmp_path / "long.xlsx", long), limits)
    assert [line for line, _ in told.value.problems] == [2] and told.value.fault == Fault.LONG
    with subtests.test("letters of merged cells"), pytest.raises(BadRows):
        read_rows(book(tmp_path / "long.xlsx", [["а" * 60], ["", "б" * 60]], "A1:A2"), limits)
    with subtests.test("tags alone"), pytest.raises(BadFile, match="too many cells"):
        demand_size(packed(tmp_path / "tags.xlsx", sheet=b"<c/>" * 5_000), 10_000)


@pytest.mark.parametrize("area", ["A2:A3", "A9:A12", "ZZ1:ZZ9"])
def test_merged_area_of_nothing_says_nothing(tmp_path: Path, area: str) -> None:
    rows: list[list[object]] = [["Көше"], [], [None, "Абай көшесі 5"]]

    found = read_rows(book(tmp_path / "list.xlsx", rows, area))

    assert [(number, "".join(cells)) for number, cells in found] == [(1, "Көше"), (3, "Абай көшесі 5")]


def test_merged_areas_on_each_other_are_refused(tmp_path: Path) -> None:
    merged = [f"A1:A{end}" for end in range(3, 300)]
    rows: list[list[object]] = [["Көше", "Үй"], ["а", "1"], ["б", "2"]]

    with pytest.raises(BadFile, match="lie on each other"):
        read_rows(book(tmp_path / "list.xlsx", [*rows, *rows], *merged))
