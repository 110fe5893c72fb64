"""Loading periods and holidays (R22-R28, R120, D25)."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from schools import calendar
from schools.models import Holiday, Period
from schools.tests.conftest import almaty


def run(command: str, *args: object, **options: object) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def csv(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "file.csv"
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.rule("R24", "R28")
def test_official_dates_need_no_file(places: None) -> None:
    assert run("load_periods", 2026) == "20 periods of 2026 loaded; 0 regions without dates\n"
    assert run("load_periods", 2026) == "20 periods of 2026 loaded; 0 regions without dates\n"

    astana = Period.objects.get(region="710000000", year=2026)
    assert (astana.opens, astana.closes) == (date(2026, 5, 27), date(2026, 8, 31))
    assert Period.objects.count() == 20


def test_dates_of_another_year_come_from_a_file(places: None, csv: Callable[[str], Path]) -> None:
    with pytest.raises(CommandError, match="name a file"):
        run("load_periods", 2027)

    told = run("load_periods", 2027, csv("kato;opens;closes\n710000000;01.04.2027;2027-08-31\n"))

    assert told == "1 periods of 2027 loaded; 19 regions without dates\n"
    assert Period.objects.get().opens == date(2027, 4, 1)


@pytest.mark.rule("D55")
def test_asking_for_documents_is_switched_by_season_and_region_and_touches_no_dates(
    places: None, csv: Callable[[str], Path]
) -> None:
    run("load_periods", 2027, csv("kato;opens;closes\n710000000;01.04.2027;2027-08-31\n"))
    assert not Period.objects.get().asks_documents

    told = run("load_periods", 2027, ask_documents="on", region="710000000")

    found = Period.objects.get()
    assert told == "asking for documents is on in 1 regions of 2027\n"
    assert found.asks_documents and found.opens == date(2027, 4, 1)
    with pytest.raises(CommandError, match="no dates of 2028"):
        run("load_periods", 2028, ask_documents="on")
    run("load_periods", 2027, ask_documents="off")
    assert not Period.objects.get().asks_documents


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("711210000;2027-05-27;2027-08-31", "is not the code of a region"),
        ("710000000;2027-05-27;2027-09-01", "not within 1 January to 31 August of 2027"),
        ("710000000;2026-05-27;2027-08-31", "not within 1 January to 31 August of 2027"),
        ("710000000;2027-08-31;2027-05-27", "not within"),
        ("710000000;27 мая;2027-08-31", "line 2"),
    ],
)
def test_impossible_period_is_refused(places: None, csv: Callable[[str], Path], row: str, error: str) -> None:
    with pytest.raises(CommandError, match=error):
        run("load_periods", 2027, csv(f"kato;opens;closes\n{row}\n"))

    assert not Period.objects.exists()


@pytest.mark.rule("R120", "D25")
def test_official_holidays_of_2026_and_2027(db: None) -> None:
    assert run("load_holidays") == "37 days of 2026, 2027 loaded\n"

    days = calendar.load_days(date(2026, 1, 1), date(2026, 12, 31))
    off = [day for day in days if day.weekday() < 5]
    assert [f"{day:%d.%m}" for day in sorted(off)] == [
        "01.01", "02.01", "07.01", "09.03", "23.03", "24.03", "25.03", "01.05", "07.05", "11.05", "27.05",
        "06.07", "26.10", "16.12",
    ]  # fmt: skip
    next_year = calendar.load_days(date(2027, 1, 1), date(2027, 12, 31))
    assert next_year[date(2027, 3, 15)] is False  # Constitution Day stands there since 2027
    assert date(2026, 8, 31) not in days  # and not on 30 August any more


@pytest.mark.rule("R120", "D13", "D25")
def test_loaded_holidays_move_the_due_time(db: None) -> None:
    at = almaty("2026-05-26 18:30")
    assert calendar.due(at, calendar.load_days(at)) == almaty("2026-05-27 18:30")

    run("load_holidays")

    assert calendar.due(at, calendar.load_days(at)) == almaty("2026-05-28 18:30")


def test_moved_working_day_is_loaded_and_taken_back(db: None, csv: Callable[[str], Path]) -> None:
    header = "date,kind,name_kk,name_ru\n"
    run("load_holidays", csv(header + "2026-06-13,work,Жұмыс күні,Рабочий день\n2026-06-12,off,а,а\n"))
    assert calendar.load_days(date(2026, 6, 1)) == {date(2026, 6, 12): False, date(2026, 6, 13): True}

    run("load_holidays", csv(header + "13.06.2026,usual,,\n"))

    assert calendar.load_days(date(2026, 6, 1)) == {date(2026, 6, 12): False}


def test_holidays_may_come_as_a_sheet(db: None, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["date", "kind", "name_kk", "name_ru"])
    book.active.append([date(2026, 7, 6), "off", "Астана күні", "День столицы"])
    book.save(tmp_path / "days.xlsx")

    run("load_holidays", tmp_path / "days.xlsx")

    assert Holiday.objects.get().date == date(2026, 7, 6)


@pytest.mark.parametrize("row", ["2026-06-31,off,а,а", "2026-06-12,maybe,а,а", ",off,а,а"])
def test_impossible_day_is_refused(db: None, csv: Callable[[str], Path], row: str) -> None:
    with pytest.raises(CommandError, match="line 2"):
        run("load_holidays", csv(f"date,kind,name_kk,name_ru\n{row}\n"))

    assert not Holiday.objects.exists()


def test_dry_run_saves_nothing(places: None) -> None:
    run("load_holidays", dry_run=True)
    run("load_periods", 2026, dry_run=True)

    assert not Holiday.objects.exists()
    assert not Period.objects.exists()
