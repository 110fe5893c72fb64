"""When a region is open, to the second (R22-R28, D8, D12)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schools import dates, periods
from schools.models import Locality, Period
from schools.periods import State, Window
from schools.tests.conftest import almaty

ASTANA = Period(region_id="710000000", year=2026, opens=date(2026, 5, 27), closes=date(2026, 8, 31))
OPENS, CLOSES = almaty("2026-05-27 00:00"), almaty("2026-08-31 23:59:59")


@pytest.mark.rule("R24", "R28", "D8")
@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-05-26 23:59:59", State.BEFORE),
        ("2026-05-27 00:00:00", State.OPEN),
        ("2026-08-31 23:59:59", State.OPEN),
        ("2026-08-31 23:59:59.999999", State.OPEN),
        ("2026-09-01 00:00:00", State.CLOSED),
    ],
)
def test_window_opens_and_closes_to_the_second(moment: str, state: State) -> None:
    window = periods.at(ASTANA, almaty(moment))

    assert window == Window(state, OPENS, CLOSES)
    assert window.is_open == (state == State.OPEN)


def test_window_goes_by_the_clock_of_the_country() -> None:
    last_second = datetime(2026, 5, 26, 18, 59, 59, tzinfo=UTC)

    assert periods.at(ASTANA, last_second).name == State.BEFORE
    assert periods.at(ASTANA, last_second + timedelta(seconds=1)).name == State.OPEN


def test_region_without_dates_is_not_announced(places: None) -> None:
    assert periods.state("711210000", 2026, OPENS) == Window(State.NOT_ANNOUNCED)


@pytest.mark.rule("D8")
def test_period_of_a_place_is_its_region_s(places: None) -> None:
    ASTANA.save(force_insert=True)

    assert periods.window("711210000", 2026) == ASTANA
    assert periods.window("711210000", 2027) is None
    assert periods.state("711210000", 2026, OPENS).name == State.OPEN
    assert periods.state("593651100", 2026, OPENS).name == State.NOT_ANNOUNCED


@pytest.mark.rule("R23", "R24", "R25", "R26", "R27", "R28")
def test_official_schedule_of_2026_has_four_waves_of_five_regions(places: None) -> None:
    dates.save_periods(dates.read_periods(dates.OFFICIAL_PERIODS, 2026))

    schedule = periods.schedule(2026, almaty("2026-06-10 12:00"))

    waves: dict[date, list[str]] = {}
    for row in schedule:
        assert row.window.opens_at
        waves.setdefault(row.window.opens_at.date(), []).append(row.region.long_name)
    assert waves == {
        date(2026, 5, 27): [
            "Астана қаласы", "Абай облысы", "Жетісу облысы", "Қызылорда облысы", "Батыс Қазақстан облысы",
        ],
        date(2026, 6, 10): [
            "Алматы қаласы", "Ақмола облысы", "Ақтөбе облысы", "Жамбыл облысы", "Шығыс Қазақстан облысы",
        ],
        date(2026, 6, 18): [
            "Алматы облысы", "Қостанай облысы", "Павлодар облысы", "Атырау облысы", "Шымкент қаласы",
        ],
        date(2026, 6, 29): [
            "Түркістан облысы", "Маңғыстау облысы", "Қарағанды облысы", "Солтүстік Қазақстан облысы",
            "Ұлытау облысы",
        ],
    }  # fmt: skip
    assert {row.window.closes_at for row in schedule} == {CLOSES}
    assert [row.window.name for row in schedule] == [State.OPEN] * 10 + [State.BEFORE] * 10


def test_schedule_lists_unannounced_regions_last(places: None) -> None:
    ASTANA.save(force_insert=True)

    schedule = periods.schedule(2026, OPENS)

    assert len(schedule) == Locality.objects.filter(parent=None).count() == 20
    assert schedule[0].region.kato == "710000000"
    assert {row.window.name for row in schedule[1:]} == {State.NOT_ANNOUNCED}


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        ("2026-01-01 00:00", 2026),
        ("2026-08-31 23:59:59", 2026),
        ("2026-09-01 00:00", 2027),
        ("2026-12-31 23:59", 2027),
    ],
)
def test_current_year_changes_after_31_august(moment: str, year: int) -> None:
    assert periods.current_year(almaty(moment)) == year


def test_current_year_may_be_set(settings: Any) -> None:
    settings.ACADEMIC_YEAR = 2031

    assert periods.current_year(almaty("2026-01-01 00:00")) == 2031


@pytest.mark.rule("R117", "D12")
def test_intake_is_over_after_31_august_of_its_first_year() -> None:
    assert periods.intake_ends(2026) == CLOSES
    assert not periods.is_over(2026, CLOSES)
    assert periods.is_over(2026, CLOSES + timedelta(seconds=1))
    assert not periods.is_over(2027, CLOSES + timedelta(seconds=1))
