"""Houses as people, registers and departments write them, brought to one form (R66, D32).

A house is a number with what follows it: a letter, a fraction, a block, a kind (plot, building, hostel,
wagon).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from schools.kazakh import LOOKALIKES
from schools.models import Parity
from schools.spelling import composed


@dataclass(frozen=True)
class House:
    number: int
    suffix: str = ""  # «А», «/1», «А/2», «к2»; «уч», «стр», «общ», «вагон» for what is no house


KINDS = ("уч", "стр", "общ", "вагон", "блок")
_DIRT = str.maketrans({"\\": "/", "«": "", "»": "", '"': "", "“": "", "”": "", "№": " ", "–": "-", "—": "-"})
_LETTER = r"[а-яәғқңөұүһі](?![а-яәғқңөұүһі])"
_NO_BLOCK = r"(?!к\.?\s?\d|б\.\s?\d|с\s+\d)"  # «12 к 3», and «12 с 15 до 20» without its comma
HOUSE = (  # after `tidy`
    r"(?:(?P<kind>уч|стр|общ|вагон|блок)[а-яё]*\.?\s*)?(?P<number>\d{1,4}(?!\d))"
    rf"(?:\s?{_NO_BLOCK}(?P<letter>{_LETTER}))?"
    rf"(?:\s?/\s?(?P<fraction>\d{{1,3}}(?:\s?{_NO_BLOCK}{_LETTER})?)|\((?P<paren>\d{{1,3}})\))?"
    r"(?:\s?(?P<word>корпуса?|корп\.?|блок\.?|к\.?|б\.)\s?(?P<block>\d{1,2})(?!\d))?"
)
_HOUSE = re.compile(r"(?:дом|д\.|үй)?\s*" + HOUSE + r"(?:\s*-?\s*(?:үй|ші үй|шы үй))?")
_FLAT = re.compile(r"[,\s]*(?:\b(?:кв|пәтер|п\.)|\b\d+\s*-?\s*пәтер).*$")


_MENDED = str.maketrans(LOOKALIKES | {"ё": "е", "ѐ": "е", "ѝ": "и"})


def tidy(text: str) -> str:
    """Small letters, one kind of dash, slash and quote, Latin look-alikes mended; Kazakh letters stay."""
    return composed(text).lower().translate(_MENDED).translate(_DIRT)


def house_of(parts: Mapping[str, str | None]) -> House:
    """The house in the groups of the HOUSE pattern."""
    fraction = parts["fraction"] or parts["paren"]
    suffix = (parts["kind"] or "") + (parts["letter"] or "").upper()
    suffix += f"/{fraction.replace(' ', '').upper()}" if fraction else ""
    return House(int(parts["number"] or 0), suffix + (f"к{parts['block']}" if parts["block"] else ""))


def house(text: str) -> House | None:
    """The house in a registered address; None when there is no number to go by."""
    match = _HOUSE.fullmatch(_FLAT.sub("", tidy(text)).strip())
    return house_of(match.groupdict()) if match else None


def on_side(number: int, parity: str) -> bool:
    return parity == Parity.ALL or (number % 2 == 1) == (parity == Parity.ODD)


@dataclass(frozen=True)
class Span:
    """Houses of a street: one house, a range, a side, or (without an end) all from a number on."""

    start: int = 1
    end: int | None = None
    suffix: str = ""
    parity: Parity = Parity.ALL
    excluded: bool = False  # «все, кроме 49/53»: taken out of the other spans of the street

    def __str__(self) -> str:
        return f"except {self._houses()}" if self.excluded else self._houses()

    def _houses(self) -> str:
        if self.start == self.end:
            return f"{self.start}{self.suffix}"
        side = "" if self.parity == Parity.ALL else f" {self.parity.value.lower()}"
        side += f" {self.suffix}" if self.suffix else ""
        if self.end is None:
            return (f"from {self.start}" if self.start > 1 else "all") + side
        return f"{self.start}-{self.end}{side}"


WHOLE = Span()


class HouseRange(Protocol):
    """A row of a microdistrict."""

    house_from: int
    house_to: int | None
    suffix: str
    parity: str


def is_whole(row: HouseRange) -> bool:
    """Is it the whole street, with no number left out?"""
    return row.house_from == 1 and row.house_to is None and row.parity == Parity.ALL and not row.suffix


def covers(row: HouseRange, found: House | None) -> bool:
    """Does the range hold this house? One house must be the same to the letter; a range is compared by
    number, whatever follows it, and holds plots, wagons and the like only where it is a range of those; a
    whole street holds also a house that has no number."""
    whole = is_whole(row)
    if whole or found is None:
        return whole
    if row.house_from == row.house_to:
        return found == House(row.house_from, row.suffix)
    if found.number < row.house_from or (row.house_to is not None and found.number > row.house_to):
        return False
    kind = found.suffix if found.suffix in KINDS else ""
    return on_side(found.number, row.parity) and kind == row.suffix


def covers_span(one: Span, other: Span) -> bool:
    """Does the first range hold the whole of the second?"""
    ends = {other.start, other.end or max(one.end or 0, other.start)}
    inside = one.end is None or (other.end is not None and other.end <= one.end)
    row = _Row(one.start, one.end, one.suffix, one.parity)
    return inside and all(covers(row, House(number, other.suffix)) for number in ends)


@dataclass
class _Row:
    house_from: int
    house_to: int | None
    suffix: str
    parity: str


def overlap(one: HouseRange, other: HouseRange) -> bool:
    """May one house lie in both ranges? Asked of the reports only, so ends are tried, not solved."""
    numbers: Iterable[int] = {
        number + step
        for number in (one.house_from, other.house_from, one.house_to or 1, other.house_to or 1)
        for step in (0, 1)
    }
    houses = [House(number, suffix) for number in numbers for suffix in {"", one.suffix, other.suffix}]
    return any(covers(one, each) and covers(other, each) for each in houses)
