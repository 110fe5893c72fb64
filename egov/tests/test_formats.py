"""Days and phones as the state systems write them."""

from datetime import date

import pytest

from egov.formats import day, mobile


@pytest.mark.parametrize(
    "text",
    ["+77011234501", "77011234501", "87011234501", "7011234501", "8 (701) 123-45-01", "+7 701 123 45 01"],
)
def test_mobile_number_becomes_e164(text: str) -> None:
    assert mobile(text) == "+77011234501"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+79161234567",  # Russia
        "+77172123456",  # a landline of Astana
        "+7701123450",
        "+770112345011",
        "+17011234501",
        "0077011234501",
        "none",
        "+7٧٠١١٢٣٤٥٠١",
    ],
)
def test_number_of_another_country_or_shape_is_no_number(text: str) -> None:
    assert mobile(text) == ""


@pytest.mark.parametrize(
    "text",
    ["1990-07-08", "1990-07-08T00:00:00+05:00", "1990-07-08+06:00", "08.07.1990", " 08.07.1990 00:00"],
)
def test_day_is_read_however_it_is_written(text: str) -> None:
    assert day(text) == date(1990, 7, 8)


@pytest.mark.parametrize("text", ["", "1990", "08/07/1990", "1990-13-01", "31.02.1990", "yesterday"])
def test_day_that_is_none_is_none(text: str) -> None:
    assert day(text) is None
