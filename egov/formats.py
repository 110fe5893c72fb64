"""How the state systems write days and phones, read into one form."""

import re
from datetime import date, datetime

# Codes of Kazakhstan's mobile operators. +7 9… is Russia; other +7 7… are landlines.
MOBILE = re.compile(r"7(0[0-25-8]|47|6[0-4]|7[15-8]|85)\d{7}", re.ASCII)


def mobile(text: str) -> str:
    """E.164 of a Kazakhstan mobile number however it is written; "" of anything else."""
    digits = re.sub(r"[^0-9]", "", text)
    national = digits[1:] if len(digits) == 11 and digits[0] in "78" else digits
    return f"+7{national}" if MOBILE.fullmatch(national) else ""


def day(text: str) -> date | None:
    """Of 1990-07-08, 1990-07-08T00:00:00+05:00 or 08.07.1990; None of anything else."""
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip()[:10], pattern).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    return None
