"""The term of review: one working day in working time (R119-R121, D13)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from schools import calendar
from schools.models import Holiday
from schools.tests.conftest import almaty

HOLIDAYS = {date(2026, 5, 27): False, date(2026, 7, 6): False}


@pytest.mark.rule("R119", "R120", "R121", "R98", "D13")
@pytest.mark.parametrize(
    ("moment", "received", "due"),
    [
        ("2026-05-26 18:29", "2026-05-26 18:29", "2026-05-28 18:29"),
        ("2026-05-26 18:30", "2026-05-28 09:00", "2026-05-28 18:30"),
        ("2026-05-27 10:00", "2026-05-28 09:00", "2026-05-28 18:30"),
        ("2026-06-10 00:01", "2026-06-10 09:00", "2026-06-10 18:30"),
        ("2026-06-10 08:59", "2026-06-10 09:00", "2026-06-10 18:30"),
        ("2026-06-10 09:00", "2026-06-10 09:00", "2026-06-10 18:30"),
        ("2026-06-10 09:01", "2026-06-10 09:01", "2026-06-11 09:01"),
        ("2026-06-12 19:05", "2026-06-15 09:00", "2026-06-15 18:30"),
        ("2026-06-13 12:00", "2026-06-15 09:00", "2026-06-15 18:30"),
        ("2026-07-03 17:00", "2026-07-03 17:00", "2026-07-07 17:00"),
        ("2026-08-31 11:00", "2026-08-31 11:00", "2026-09-01 11:00"),
        ("2026-08-31 23:59", "2026-09-01 09:00", "2026-09-01 18:30"),
        ("2026-06-10 18:29:59", "2026-06-10 18:29:59", "2026-06-11 18:29:59"),
        ("2026-06-10 18:30:00", "2026-06-11 09:00", "2026-06-11 18:30"),
    ],
)
def test_due_time_follows_the_table_of_examples(moment: str, received: str, due: str) -> None:
    assert calendar.received(almaty(moment), HOLIDAYS) == almaty(received)
    assert calendar.due(almaty(moment), HOLIDAYS) == almaty(due)


def test_moment_in_another_zone_is_read_on_the_country_s_clock() -> None:
    at = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)  # 09:00 in Almaty

    assert calendar.due(at, {}) == almaty("2026-06-10 18:30")


def test_moved_working_saturday_counts_as_a_working_day() -> None:
    days = {date(2026, 6, 12): False, date(2026, 6, 13): True}

    assert calendar.due(almaty("2026-06-11 15:00"), days) == almaty("2026-06-13 15:00")


def slow_due(at: datetime, days: dict[date, bool]) -> datetime:
    """Walk minute by minute and count those in which the school works; nothing else is known here."""
    midnight = datetime.combine(at.date(), time(), at.tzinfo)
    coming = [at.date() + timedelta(days=number) for number in range(40)]
    open_days = [days.get(day, day.isoweekday() <= 5) for day in coming]
    minute, worked = at.hour * 60 + at.minute, 0
    while worked < 9 * 60 + 30:
        if open_days[minute // 1440] and 9 * 60 <= minute % 1440 < 18 * 60 + 30:
            worked += 1
        minute += 1
    return midnight + timedelta(minutes=minute)


FIRST = almaty("2026-05-01 00:00")
MINUTES = st.integers(0, 120 * 24 * 60)  # to the end of August
EXCEPTIONS = st.lists(st.integers(-1, 135), max_size=6)  # days, by their distance from the first


@pytest.mark.rule("R121", "D13", "D25")
@hypothesis_settings(max_examples=1000)
@given(minutes=MINUTES, exceptions=EXCEPTIONS)
def test_due_time_agrees_with_counting_minutes(minutes: int, exceptions: list[int]) -> None:
    at = FIRST + timedelta(minutes=minutes)
    odd = [FIRST.date() + timedelta(days=number) for number in exceptions]
    days = {day: day.weekday() >= 5 for day in odd}  # a weekday off, a working weekend

    due = calendar.due(at, days)

    assert due == slow_due(at, days)
    assert calendar.received(at, days) <= due
    assert calendar.received(calendar.received(at, days), days) == calendar.received(at, days)


@pytest.mark.rule("R119", "R121", "D13")
@pytest.mark.parametrize(
    ("moment", "two_hours_later"),
    [
        ("2026-06-10 11:00", "2026-06-10 13:00"),
        ("2026-06-10 16:30", "2026-06-10 18:30"),  # the last two hours of the day
        ("2026-06-10 16:31", "2026-06-11 09:01"),
        ("2026-06-10 18:30", "2026-06-11 11:00"),
        ("2026-06-10 03:00", "2026-06-10 11:00"),
        ("2026-06-12 18:00", "2026-06-15 10:30"),  # over a weekend
        ("2026-05-26 18:00", "2026-05-28 10:30"),  # over a holiday
        ("2026-07-04 12:00", "2026-07-07 11:00"),  # from a Saturday over a holiday on Monday
    ],
)
def test_working_time_runs_only_while_the_school_works(moment: str, two_hours_later: str) -> None:
    assert calendar.after(almaty(moment), timedelta(hours=2), HOLIDAYS) == almaty(two_hours_later)


@pytest.mark.rule("R121", "D13")
@hypothesis_settings(max_examples=300)
@given(minutes=MINUTES, exceptions=EXCEPTIONS)
def test_one_working_day_of_working_time_ends_when_the_answer_is_due(
    minutes: int, exceptions: list[int]
) -> None:
    at = FIRST + timedelta(minutes=minutes)
    odd = [FIRST.date() + timedelta(days=number) for number in exceptions]
    days = {day: day.weekday() >= 5 for day in odd}

    assert calendar.after(at, timedelta(hours=9, minutes=30), days) == calendar.due(at, days)


@pytest.mark.rule("R119")
@pytest.mark.parametrize(
    ("moment", "at_work"),
    [
        ("2026-06-10 08:59:59", False),
        ("2026-06-10 09:00", True),
        ("2026-06-10 18:29:59", True),
        ("2026-06-10 18:30", False),
        ("2026-06-13 12:00", False),
        ("2026-05-27 12:00", False),
    ],
)
def test_school_works_on_working_days_from_nine_to_half_past_six(moment: str, at_work: bool) -> None:
    assert calendar.is_open(almaty(moment), HOLIDAYS) == at_work


@pytest.mark.rule("D54", "D55")
@pytest.mark.parametrize(
    ("moment", "days", "closes"),
    [
        ("2026-05-26 18:29", 1, "2026-05-28 18:30"),
        ("2026-05-26 23:59:59", 3, "2026-06-01 18:30"),
        ("2026-05-27 00:00", 1, "2026-05-28 18:30"),
        ("2026-06-13 12:00", 3, "2026-06-17 18:30"),
    ],
)
def test_term_of_working_days_ends_with_the_last_of_them(moment: str, days: int, closes: str) -> None:
    assert calendar.closing(almaty(moment), days, HOLIDAYS) == almaty(closes)


@pytest.mark.rule("D55")
@given(st.integers(0, 20_000), st.integers(0, 9_000))
def test_working_time_between_two_moments_leads_back_to_the_later_one(minute: int, more: int) -> None:
    start = almaty("2026-05-20 00:00") + timedelta(minutes=minute)
    end = calendar.after(start, timedelta(minutes=more), HOLIDAYS)

    left = calendar.between(start, end, HOLIDAYS)

    assert left == timedelta(minutes=more) and calendar.between(end, end, HOLIDAYS) == timedelta()


def test_days_are_loaded_in_one_query(db: None, django_assert_num_queries: Any) -> None:
    Holiday.objects.create(date=date(2026, 7, 6), kind="off", name_kk="Астана күні", name_ru="День столицы")
    Holiday.objects.create(date=date(2026, 7, 11), kind="work", name_kk="Жұмыс күні", name_ru="Рабочий день")
    Holiday.objects.create(date=date(2026, 7, 2), kind="off", name_kk="Кеше", name_ru="Вчера")

    with django_assert_num_queries(1):
        days = calendar.load_days(almaty("2026-07-03 00:30"))

    assert days == {date(2026, 7, 6): False, date(2026, 7, 11): True}
    assert calendar.load_days(date(2026, 7, 1), date(2026, 7, 6)) == {
        date(2026, 7, 2): False,
        date(2026, 7, 6): False,
    }


def test_days_are_loaded_for_sixty_days_ahead(db: None) -> None:
    for day in (date(2026, 8, 31), date(2026, 9, 1)):
        Holiday.objects.create(date=day, kind="off", name_kk="Мереке", name_ru="Праздник")

    assert calendar.load_days(date(2026, 7, 2)) == {date(2026, 8, 31): False}


def test_whole_country_is_five_hours_ahead_of_utc() -> None:
    """With an old zone file every deadline would be an hour wrong."""
    assert settings.TIME_ZONE == "Asia/Almaty"
    assert almaty("2026-06-01 12:00").utcoffset() == timedelta(hours=5)
