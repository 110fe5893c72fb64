"""The Kazakh language: sorting names as people expect, finding them as people type, days in a sentence.

The embedded database has no Kazakh collation, so the order is a key stored beside the name; and most
keyboards have Russian letters only, so a search folds Kazakh letters to the Russian ones (spec: domain).
"""

import re
from datetime import date

# Of a month: "from" (шығыс септік) and "to" (барыс септік).
FROM_MONTH = (
    "қаңтардан", "ақпаннан", "наурыздан", "сәуірден", "мамырдан", "маусымнан",
    "шілдеден", "тамыздан", "қыркүйектен", "қазаннан", "қарашадан", "желтоқсаннан",
)  # fmt: skip
TO_MONTH = (
    "қаңтарға", "ақпанға", "наурызға", "сәуірге", "мамырға", "маусымға",
    "шілдеге", "тамызға", "қыркүйекке", "қазанға", "қарашаға", "желтоқсанға",
)  # fmt: skip
ALPHABET = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ"

_LETTERS = {letter: f"{'abcde'[n // 10]}{n % 10}" for n, letter in enumerate(ALPHABET.lower())}
_LATIN = {letter: f"k{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}
_SPACES = dict.fromkeys(" \u00a0-–—", "00")

# What people type instead of a Kazakh letter, and Latin letters that look like Cyrillic ones.
RUSSIAN = dict(zip("әғқңөұүһіё", "агкноуухие", strict=True))
LOOKALIKES = dict(zip("abcehikmoptxy", "авсеникмортху", strict=True))
_FOLD = str.maketrans(RUSSIAN | LOOKALIKES)


def sort_key(text: str) -> str:
    """A key whose plain order is the order of the Kazakh alphabet; numbers by value («№5» before «№63»).

    Only digits and small Latin letters, two for one, so that every collation sorts it alike.
    """
    parts = []
    for word in re.findall(r"\d+|\D", text.lower()):
        if word.isdecimal():
            number = str(int(word))
            parts.append(f"1{min(len(number), 9)}" + "".join(f"2{digit}" for digit in number))
        else:
            parts.append(_LETTERS.get(word) or _LATIN.get(word) or _SPACES.get(word, ""))
    return "".join(parts)


def since(day: date) -> str:
    """«27 мамырдан»."""
    return f"{day.day} {FROM_MONTH[day.month - 1]}"


def until(day: date) -> str:
    """«31 тамызға», to be followed by «дейін»."""
    return f"{day.day} {TO_MONTH[day.month - 1]}"


def fold(text: str) -> str:
    """Words in small Russian letters, one space between them, nothing else."""
    return " ".join(re.findall(r"[^\W_]+", text.lower().translate(_FOLD)))


def search_text(*names: str) -> str:
    """What is stored to be searched: every word stands after a space."""
    return f" {fold(' '.join(names))} "
