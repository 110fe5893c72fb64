"""The houses of one street as departments list them: «1-15 (нечет), 2, 4А, 6/1» (R69, R70).

    list   = part { ("," | ";") part }
    part   = { side } { house | range | open | upto } { side }
    range  = house "-" house | "с" house "до" house
    open   = "с" house [ "…" ]        upto = "до" house        side = "нечет" | "чет" | "обе" | "все"

A side before houses holds until another one is named, a side after them for that part. A range whose ends
have one parity means that side of the street only, for lists give both sides apart; an explicit word wins.
What can be read in two ways is asked about, never guessed.
"""

import re
from dataclasses import replace
from itertools import pairwise

from schools.addresses import KINDS, WHOLE, House, Span, covers_span, on_side, tidy
from schools.house_items import Item, items_of
from schools.house_words import in_few_words, take_exceptions, without_premises, without_sector
from schools.models import Parity
from schools.remarks import Asked, Houses, Kind


def parse_houses(text: str) -> Houses:
    """Read a list of houses (R69); without any house it is the whole street, or a side of it. What cannot be
    read, or can in two ways, is among the remarks as an error."""
    found = Houses()
    if "\n" in text.strip():
        found.say(Kind.LINE_BREAK)
    tidied, premises = without_premises(tidy(text))
    tidied, private = without_sector(tidied)
    if premises:
        found.say(Kind.FLATS)
    if private:
        found.say(Kind.PRIVATE)
    words, exceptions = take_exceptions(in_few_words(tidied))
    try:
        _Reader(found).read(words)
        if exceptions:
            _take_out(exceptions, found)
    except Asked as asked:
        found.remarks.append(asked.remark)
    _check_order(found)
    return found


def _take_out(exceptions: str, found: Houses) -> None:
    """The houses after «кроме» or before «басқа»; each must be among those that are taken."""
    without = Houses()
    _Reader(without).read(exceptions)
    taken = whole(found)
    for span in without.spans:
        if not any(covers_span(one, span) for one in taken):
            raise Asked(Kind.AMBIGUOUS, exceptions.strip())
    found.remarks += without.remarks
    found.spans = taken + [replace(span, excluded=True) for span in without.spans]


class _Reader:
    """Goes through the parts of a list and keeps the side that holds, and the block last named."""

    def __init__(self, found: Houses) -> None:
        self.found = found
        self.heading: Parity | None = None
        self.waiting = ""  # a side that stands alone, until houses follow it
        self.whole = False
        self.block: Span | None = None
        self.unsaid = ""  # a range of both sides that no word speaks of
        self.number = 0

    def read(self, words: str) -> None:
        parts = [items_of(part) for part in re.split(r"[,;\n]", words)]
        numbers = [item.first.number for part in parts for item in part if item.first]
        self.following = iter([*numbers[1:], 0])
        for part in parts:
            self._part(part)
        self._finish()

    def _part(self, items: list[Item]) -> None:
        houses = [item for item in items if item.first]
        sides = [item for item in items if item.side]
        side, unsaid = _side_of(sides), self.unsaid
        if not houses:
            return self._alone(sides, side)
        self.unsaid = ""
        if side and not items[0].first:
            self.heading = side
        elif (
            side in (Parity.ODD, Parity.EVEN) and unsaid
        ):  # «1-20, 21-40 (нечет)»: does the word speak of the first range too?
            raise Asked(Kind.AMBIGUOUS, f"{unsaid}, {houses[0].text}")
        if len(houses) > 1 and any(item.touching for item in houses):
            self.found.say(Kind.SEPARATOR, " ".join(item.text for item in houses))
        for item in houses:
            self._houses(item, side or self.heading)
        self.waiting = ""
        return None

    def _alone(self, sides: list[Item], side: Parity | None) -> None:
        if not sides:
            return
        if all(item.text in ("все", "обе") for item in sides):
            self.whole = True
        else:
            self.heading, self.waiting = side, sides[-1].text

    def _houses(self, item: Item, side: Parity | None) -> None:
        first, last = item.first, item.last
        next_number = next(self.following)
        assert first is not None
        if item.open_end:
            _demand_side(first.number, side, item.text)
            self._add(Span(first.number, None, _kind(first), side or Parity.ALL), first)
        elif last is None:
            self._single(item, first, side, next_number)
        else:
            self._range(item, first, last, side)

    def _single(self, item: Item, one: House, side: Parity | None, next_number: int) -> None:
        if item.touching:
            _demand_whole_number(self.number, one, next_number, item.text)
        _demand_side(one.number, side, item.text)
        if self.block and not one.suffix and (last := self._one_more_block(one.number, item.text)):
            one = last
        span = Span(one.number, one.number, one.suffix)
        self._add(span, one)
        if item.blocks:
            self.block = span
        elif one.suffix and not (self.block and self.block.suffix == one.suffix):
            self.block = None

    def _one_more_block(self, number: int, text: str) -> House | None:
        """After «10 корпус 1» a bare 2 is the next block, a bare 12 another house; all else is asked."""
        assert self.block is not None
        base, _, last = self.block.suffix.rpartition("к")
        next_block, another_house = number == int(last) + 1, number > self.block.start
        if next_block and not another_house:
            self.block = replace(self.block, suffix=f"{base}к{number}")
            return House(self.block.start, self.block.suffix)
        if another_house and not next_block:
            self.block = None
            return None
        raise Asked(Kind.AMBIGUOUS, text)

    def _range(self, item: Item, first: House, last: House, side: Parity | None) -> None:
        if item.blocks and not last.suffix and last.number < first.number:  # «10 корпус 1-3»
            base, _, block = first.suffix.rpartition("к")
            if int(block) >= last.number:
                raise Asked(Kind.REVERSED, item.text)
            for number in range(int(block), last.number + 1):
                self._add(Span(first.number, first.number, f"{base}к{number}"), first)
            return
        span = _range(item.text, first, last, side, self.found)
        self._add(span, last)
        if side is None and span.parity == Parity.ALL and not span.suffix:
            self.unsaid = item.text
        self.block = None

    def _add(self, span: Span, last: House) -> None:
        if self.whole:
            raise Asked(Kind.AMBIGUOUS, str(span))
        self.found.add(span)
        self.number = last.number

    def _finish(self) -> None:
        """A side at the end, or «все» beside houses: fine where it changes nothing, else a question."""
        spans = self.found.spans
        if self.whole and spans:
            raise Asked(Kind.AMBIGUOUS, ", ".join(map(str, spans)))
        if not spans and (self.whole or self.heading):
            self.found.add(Span(parity=self.heading or Parity.ALL))
        elif self.waiting and not all(_on_that_side(span, self.heading) for span in spans):
            raise Asked(Kind.AMBIGUOUS, f"{spans[-1]}, {self.waiting}")


def _kind(house: House) -> str:
    return house.suffix if house.suffix in KINDS else ""


def _side_of(words: list[Item]) -> Parity | None:
    """«все нечетные» is odd; two sides in one part are no answer."""
    sides = {item.side for item in words if item.side} - ({Parity.ALL} if len(words) > 1 else set())
    if len(sides) > 1:
        raise Asked(Kind.AMBIGUOUS, ", ".join(item.text for item in words))
    return next(iter(sides), None) or (Parity.ALL if words else None)


def _range(text: str, first: House, last: House, side: Parity | None, found: Houses) -> Span:
    if first.number > last.number:
        raise Asked(Kind.REVERSED, text)
    kind, other = _kind(first), _kind(last)
    same = first.number == last.number
    if (same and first.suffix != last.suffix) or (other and other != kind) or (kind and same):
        raise Asked(Kind.UNREAD, text)
    if text.startswith("до"):
        found.say(Kind.UP_TO, text)
        return Span(1, last.number, kind, side or Parity.ALL)
    one_side = first.number % 2 == last.number % 2 and not same and not kind
    if side is None and one_side:
        side = Parity.ODD if first.number % 2 else Parity.EVEN
        found.say(Kind.ONE_SIDE, text)
    if one_side and side:
        _demand_side(first.number, side, text)
    return Span(first.number, last.number, first.suffix if same else kind, side or Parity.ALL)


def _demand_side(number: int, side: Parity | None, text: str) -> None:
    """«2 (нечет)»: one of the two is a slip of the pen."""
    if side and not on_side(number, side):
        raise Asked(Kind.AMBIGUOUS, text)


def _demand_whole_number(before: int, one: House, following: int, text: str) -> None:
    """«73 75» lacks a comma, «4 1» is 41 torn by the end of a line: asked where both could be."""
    joined = int(f"{before}{one.number}")
    room = following if following > before else before + 100
    if one.number <= before or (joined < room and joined < 1000):
        raise Asked(Kind.TORN, f"{before} {text}")


def _on_that_side(span: Span, side: Parity | None) -> bool:
    exact = span.start == span.end
    return on_side(span.start, side or Parity.ALL) if exact else span.parity == side


def _check_order(found: Houses) -> None:
    """«1, 2, 34, 5, 6»: a number greater than the next one is most likely a slip of the pen."""
    singles = [span for span in found.spans if span.start == span.end and not span.suffix[:2].islower()]
    for span, following in pairwise(singles):
        if span.start > following.start and not following.excluded:
            found.say(Kind.ORDER, str(span))


def whole(houses: Houses) -> list[Span]:
    """The spans, or the whole street where the list names no house."""
    return houses.spans or [WHOLE]
