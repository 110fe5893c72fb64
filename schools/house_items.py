"""One part of a list of houses in the small language, taken to pieces: words of a side, houses, ranges."""

import re
from dataclasses import dataclass, replace

from schools.addresses import HOUSE, House, house_of
from schools.models import Parity
from schools.remarks import Asked, Kind


def _named(prefix: str) -> str:
    """The pattern of a house with its groups renamed, so that two fit into one pattern."""
    return re.sub(r"\(\?P<(\w+)>", rf"(?P<{prefix}\1>", HOUSE)


_A, _B = _named("a_"), _named("b_")
_RANGE = re.compile(rf"(?:с\s+)?{_A}\s*(?:-|до)\s*{_B}")
_OPEN = re.compile(rf"с\s+{_A}(?:\s*…)?|{_B}\s*…")
_UP_TO = re.compile(rf"до\s+{_A}")
_ONE = re.compile(_A)
_WORD = re.compile(r"(?:нечет|чет|обе|все)(?!\w)")
_BREAK = re.compile(r"[\s.:()]+")
_SIDES = {"нечет": Parity.ODD, "чет": Parity.EVEN, "обе": Parity.ALL, "все": Parity.ALL}


@dataclass(frozen=True)
class Item:
    """A word of a side, or houses: from, to (the same for one house), and how they were written."""

    text: str
    side: Parity | None = None
    first: House | None = None
    last: House | None = None
    open_end: bool = False
    blocks: bool = False  # «10 корпус 1»: what follows may be its other blocks
    touching: bool = False  # nothing but a space since the number before


def items_of(part: str) -> list[Item]:
    """The words and houses of one part. Raises Asked at what is neither."""
    items: list[Item] = []
    position = 0
    while position < len(part):
        if gap := _BREAK.match(part, position):
            position = gap.end()
            continue
        match, item = _one_item(part, position)
        if (
            match is None
            or item is None
            or (items and match[0][0].isdecimal() and part[position - 1].isalnum())
        ):
            raise Asked(Kind.UNREAD, part[position:].strip())
        touching = bool(items and items[-1].first and item.first)
        items.append(replace(item, touching=touching))
        position = match.end()
    return items


def _one_item(part: str, position: int) -> tuple[re.Match[str] | None, Item | None]:
    if match := _WORD.match(part, position):
        return match, Item(match[0], side=_SIDES[match[0]])
    if match := _RANGE.match(part, position):
        blocks = bool(match["a_block"])
        return match, Item(match[0], first=_house(match, "a_"), last=_house(match, "b_"), blocks=blocks)
    if match := _OPEN.match(part, position):
        prefix = "a_" if match["a_number"] else "b_"
        return match, Item(match[0], first=_house(match, prefix), open_end=True)
    if match := _UP_TO.match(part, position):
        return match, Item(match[0], first=House(1), last=_house(match, "a_"))
    if match := _ONE.match(part, position):
        blocks = bool(match["a_word"] and match["a_word"].startswith("корп"))
        return match, Item(match[0].strip(), first=_house(match, "a_"), blocks=blocks)
    return None, None


def _house(match: re.Match[str], prefix: str) -> House:
    groups = match.groupdict().items()
    return house_of({name.removeprefix(prefix): value for name, value in groups if name.startswith(prefix)})
