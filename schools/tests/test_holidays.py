"""The lists of holidays that come with the portal, beside those of the package `holidays`, which nobody of
the portal has written. It announces no swaps of the Government: that is what the table is for (D25)."""

from datetime import date

import holidays
import pytest

from schools import dates

# The day of Kurban Ait follows the moon and is announced in the year itself; the package estimates it. In
# 2027 it would be a Sunday, which no term counts anyway, and it does not move.
DIFFERENT = {2026: set[date](), 2027: {date(2027, 5, 16)}}


@pytest.mark.rule("D25", "D61")
def test_lists_agree_with_an_outside_judge() -> None:
    listed = [day for path in dates.official_holidays() for day in dates.read_holidays(path)]
    days_off = {year: {one.date for one in listed if one.date.year == year} for year in DIFFERENT}
    judged = {year: set(holidays.country_holidays("KZ", years=year)) for year in DIFFERENT}

    assert {one.kind for one in listed} == {"off"}
    assert {year: days_off[year] ^ judged[year] for year in DIFFERENT} == DIFFERENT
    assert {one.date.year for one in listed} == set(DIFFERENT)
    assert all(day.weekday() >= 5 for different in DIFFERENT.values() for day in different)
