"""Numbers of people and organisations."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov.iin import birth_date, valid_bin, valid_iin

GOOD = {
    "200315699904": date(2020, 3, 15),
    "191102599908": date(2019, 11, 2),
    "201231699900": date(2020, 12, 31),
    "210101599906": date(2021, 1, 1),
    "900708499904": date(1990, 7, 8),
    "880120399905": date(1988, 1, 20),
    "200315600408": date(2020, 3, 15),  # by the second row of weights
}


@pytest.mark.parametrize(("iin", "born"), GOOD.items())
def test_iin_is_valid_and_tells_the_birth_date(iin: str, born: date) -> None:
    assert valid_iin(iin)
    assert birth_date(iin) == born


@pytest.mark.parametrize("iin", GOOD)
def test_iin_with_another_check_digit_is_invalid(iin: str) -> None:
    others = [iin[:11] + str(digit) for digit in range(10) if str(digit) != iin[11]]

    assert [other for other in others if valid_iin(other)] == []


def test_iin_of_a_body_that_is_never_issued_is_invalid() -> None:
    assert [digit for digit in range(10) if valid_iin(f"20031560041{digit}")] == []


@pytest.mark.parametrize(
    "text",
    [
        "", "90070849990", "9007084999044", "90070849990x", " 90070849990", "900708499904\n",
        "٩٠٠٧٠٨٤٩٩٩٠٤",  # digits, but not ours
        "900230499905",  # 30 February
        "901308499907",  # month 13
        "900708099908",  # no such century
        "900708799903",
    ],
)  # fmt: skip
def test_iin_of_wrong_shape_is_invalid(text: str) -> None:
    assert not valid_iin(text)


@given(st.text(max_size=14))
def test_any_text_gets_an_answer(text: str) -> None:
    assert valid_iin(text) in (True, False)
    assert valid_bin(text) in (True, False)


@pytest.mark.parametrize("number", ["990540099902", "990540099912", "990540099922"])
def test_bin_is_valid(number: str) -> None:
    assert valid_bin(number)


@pytest.mark.parametrize(
    "text",
    ["", "990540099903", "991340099902", "990510099902", "990547099902", "99054009990", "900708499904"],
)
def test_bin_of_wrong_shape_or_check_is_invalid(text: str) -> None:
    assert not valid_bin(text)
