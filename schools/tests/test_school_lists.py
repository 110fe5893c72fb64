"""Schools and seats from a department's table: all or nothing."""

from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from schools import seats
from schools.models import Intake, School

HEADER = "bin;kato;name_kk;name_ru;phone;transport;seats_kk;seats_ru\n"
ROW = "990540099902;711210000;«№63 мектеп» КММ;КГУ «Школа №63»;+77172000063;иә;25;\n"


def load(path: Path, **options: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("load_schools", path, year=2026, stdout=out, stderr=err, **options)
    except CommandError as error:
        return str(error), err.getvalue()
    return out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path, places: None) -> Path:
    path = tmp_path / "schools.csv"
    path.write_text(HEADER + ROW, "utf-8")
    return path


@pytest.mark.rule("D3")
def test_school_comes_with_its_seats(file: Path) -> None:
    assert load(file) == ("1 schools added, 0 changed, 1 intakes of 2026\n", "")

    school = School.objects.get()
    assert (school.bin, school.locality_id, school.has_transport) == ("990540099902", "711210000", True)
    assert (school.phone, school.search) == ("+77172000063", " 63 мектеп кмм кгу школа 63 ")
    assert list(school.intakes.values_list("language", "year", "seats", "outside_limit")) == [
        ("kk", 2026, 25, 6)
    ]


def test_loading_again_changes_and_an_empty_cell_keeps(file: Path) -> None:
    load(file)
    file.write_text(HEADER + ROW.replace("+77172000063;иә;25;", ";жоқ;;50"), "utf-8")

    assert load(file)[0] == "0 schools added, 1 changed, 1 intakes of 2026\n"

    school = School.objects.get()
    assert school.has_transport is False
    assert dict(school.intakes.values_list("language", "seats")) == {"kk": 25, "ru": 50}


@pytest.mark.parametrize(
    ("hidden", "told"),
    [
        ("\n", "line 2: name_kk holds a line break or a tab"),
        ("\t", "line 2: name_kk holds a line break or a tab"),
        ("\ufe0f", "line 2: the line holds a character that nobody sees, U+FE0F"),
        ("\u3164", "line 2: the line holds a character that nobody sees, U+3164"),
    ],
    ids=["line break", "tab", "selector", "filler"],
)
def test_name_holds_nothing_that_nobody_sees(file: Path, hidden: str, told: str) -> None:
    """Else two schools of one name stand in the catalogue."""
    file.write_text(HEADER + ROW.replace("«№63 мектеп» КММ", f'"№63{hidden}мектеп"'), "utf-8")

    assert load(file) == ("1 lines cannot be used; nothing is saved", f"{told}\n")
    assert not School.objects.exists()


def test_dry_run_checks_and_saves_nothing(file: Path) -> None:
    told, _ = load(file, dry_run=True)

    assert told == "1 schools added, 0 changed, 1 intakes of 2026; dry run, nothing is saved\n"
    assert not School.objects.exists()


def test_one_bad_line_keeps_the_whole_file_out(file: Path) -> None:
    bad = [
        "990540099903;711210000;а;а;;;;",
        "990540099912;999999999;а;а;;;;",
        "990540099922;711210000;;а;;;;",
        "990540099932;711210000;а;а;;мүмкін;;",
        "990540099942;711210000;а;а;;;көп;",
        "990540099902;711210000;а;а;;;;",
    ]
    file.write_text(HEADER + ROW + "\n".join(bad[:5]) + "\n", "utf-8")

    told, problems = load(file)

    assert told == "5 lines cannot be used; nothing is saved"
    assert problems.splitlines() == [
        "line 3: «990540099903» is not a BIN",
        "line 4: no place with the code 999999999",
        "line 5: the school has no name in both languages",
        "line 6: «мүмкін» is neither yes nor no",
        "line 7: «көп» is not a number of seats",
    ]
    assert not School.objects.exists()

    file.write_text(HEADER + ROW + bad[5], "utf-8")
    assert load(file)[1] == "line 3: bin «990540099902» stands already in line 2\n"


def test_unknown_language_is_refused(file: Path) -> None:
    file.write_text("bin;kato;name_kk;name_ru;seats_xx\n990540099902;711210000;а;а;5\n", "utf-8")

    assert load(file)[0] == "no language with the code xx"


@pytest.mark.rule("D3")
def test_seats_under_the_places_held_outside_are_refused(file: Path) -> None:
    load(file)
    intake = Intake.objects.get()
    with transaction.atomic():
        seats.take(intake.pk, outside=True)
    file.write_text(HEADER + ROW.replace(";25;", ";3;"), "utf-8")

    assert "1 outside places are held" in load(file)[1]
    assert Intake.objects.get().seats == 25


def test_sheet_and_windows_text_are_read_too(file: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["BIN", "kato", "name_kk", "name_ru", "seats_kk"])
    book.active.append([50840099105, 711210000, "№70", "№70", 50.0])  # typed as numbers
    book.save(tmp_path / "schools.xlsx")
    assert load(tmp_path / "schools.xlsx")[0].startswith("1 schools added")
    assert School.objects.get().bin == "050840099105"

    file.write_bytes((HEADER + ROW.replace("№63 мектеп", "Школа")).replace("иә", "да").encode("cp1251"))
    assert load(file)[0].startswith("1 schools added")


def test_file_that_is_no_table_is_refused(file: Path, tmp_path: Path) -> None:
    fake = tmp_path / "fake.xlsx"
    fake.write_bytes(b"not a sheet")

    assert "fake.xlsx" in load(fake)[0]
    assert "nowhere.csv" in load(tmp_path / "nowhere.csv")[0]


def test_faults_stand_beside_their_lines_and_the_mended_file_loads(file: Path, tmp_path: Path) -> None:
    file.write_text(HEADER + ROW + ROW.replace("990540099902", "990540099903"), "utf-8")
    told = tmp_path / "told.csv"

    assert load(file, errors=told)[0] == "1 lines cannot be used; nothing is saved"

    lines = told.read_text("utf-8-sig").splitlines()
    assert [line.rpartition(",")[2] for line in lines] == ["error", "", "«990540099903» is not a BIN"]
    told.write_text("\n".join(lines).replace("990540099903", "990540099912"), "utf-8")
    assert load(told)[0] == "2 schools added, 0 changed, 2 intakes of 2026\n"


def test_faults_that_cannot_be_written_are_told_all_the_same(file: Path, tmp_path: Path) -> None:
    file.write_text(HEADER + ROW.replace("990540099902", "990540099903"), "utf-8")

    said, lines = load(file, errors=tmp_path / "nowhere" / "told.csv")

    assert "No such file" in said and "is not a BIN" in lines
