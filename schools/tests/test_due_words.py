"""What is left of a term, in working time and in words (R119-R121)."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from schools import calendar, due_words
from schools.tests.conftest import almaty

HOLIDAYS = {date(2026, 5, 27): False, date(2026, 7, 6): False}


@pytest.mark.rule("R119", "R121")
@pytest.mark.parametrize(
    ("now", "due", "kk", "ru"),
    [
        ("2026-06-10 11:00", "2026-06-10 13:15", "2 сағат 15 минут қалды", "осталось: 2 часа 15 минут"),
        ("2026-06-10 17:30", "2026-06-11 10:00", "2 сағат қалды", "осталось: 2 часа"),
        ("2026-06-12 20:00", "2026-06-15 09:01", "1 минут қалды", "осталось: 1 минута"),
        ("2026-06-10 12:59:01", "2026-06-10 13:00", "1 минут қалды", "осталось: 1 минута"),
        ("2026-05-26 18:29", "2026-05-28 18:29", "1 жұмыс күні қалды", "осталось: 1 рабочий день"),
        ("2026-06-10 09:00", "2026-06-10 14:05", "5 сағат 5 минут қалды", "осталось: 5 часов 5 минут"),
        ("2026-06-10 11:00", "2026-06-10 10:39", "кешікті: 21 минут", "просрочено: 21 минута"),
        ("2026-06-11 11:00", "2026-06-10 11:00", "кешікті: 1 жұмыс күні", "просрочено: 1 рабочий день"),
        ("2026-06-15 08:00", "2026-06-10 18:30", "кешікті: 2 жұмыс күні", "просрочено: 2 рабочих дня"),
        ("2026-07-07 09:00", "2026-06-26 18:30", "кешікті: 5 жұмыс күні", "просрочено: 5 рабочих дней"),
        ("2026-06-10 23:59:59", "2026-06-10 18:30", "мерзімі жаңа ғана өтті", "срок только что прошёл"),
    ],
)
def test_term_is_told_as_the_clock_counts(now: str, due: str, kk: str, ru: str) -> None:
    for lang, words in (("kk", kk), ("ru", ru)):
        with translation.override(lang):
            assert due_words.in_words(almaty(due), now=almaty(now), days=HOLIDAYS) == words


@given(st.integers(0, 60 * 24 * 120), st.integers(1, 9 * 60))
def test_time_between_is_what_the_clock_has_counted(start: int, work: int) -> None:
    at = almaty("2026-05-01 00:00") + timedelta(minutes=start)

    later = calendar.after(at, timedelta(minutes=work), HOLIDAYS)

    assert calendar.between(at, later, HOLIDAYS) == timedelta(minutes=work)
