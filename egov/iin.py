"""Numbers of people (ЖСН) and organisations (БСН): twelve digits, the last of them a check."""

import re
from datetime import date

WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
WEIGHTS_AGAIN = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)  # when the first sum ends in 10
CENTURIES = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}  # odd: men, even: women


def valid_iin(text: str) -> bool:
    """Twelve digits, a real day of birth, a known century and the right check digit."""
    return birth_date(text) is not None and _check_digit_fits(text)


def valid_bin(text: str) -> bool:
    """Twelve digits: a month of registration, a known kind of organisation, the right check digit."""
    shaped = re.fullmatch(r"\d\d(0[1-9]|1[0-2])[456][0-3]\d{6}", text, re.ASCII)
    return bool(shaped) and _check_digit_fits(text)


def birth_date(iin: str) -> date | None:
    """The day of birth that the IIN tells; None when it tells none."""
    if not re.fullmatch(r"\d{12}", iin, re.ASCII) or iin[6] not in CENTURIES:
        return None
    try:
        return date(CENTURIES[iin[6]] + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return None


def _check_digit_fits(text: str) -> bool:
    digits = [int(char) for char in text]
    for weights in (WEIGHTS, WEIGHTS_AGAIN):
        rest = sum(weight * digit for weight, digit in zip(weights, digits[:11], strict=True)) % 11
        if rest != 10:
            return rest == digits[11]
    return False  # such a number is never issued
