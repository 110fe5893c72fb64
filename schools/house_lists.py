"""The houses of one street as departments list them: «1-15 (нечет), 2, 4А, 6/1» (domain rules 1-4).

A range whose ends have one parity means that side of the street only, for lists give both sides apart;
an explicit word wins. What cannot be read is reported, never guessed.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from schools.addresses import HOUSE, KINDS, WHOLE, House, Span, house_of, tidy
from schools.models import Parity


class Kind(TextChoices):
    """What a reader has to say about a line. The errors keep the file from being imported."""

    NO_STREET = "no street named", _("Көше көрсетілмеген")
    UNREAD = "cannot be read", _("Оқылмады")
    REVERSED = "a range that runs backwards", _("Аралық кері бағытта жазылған")
    UNKNOWN_LOCALITY = "no such village in the school's district", _("Мектеп ауданында мұндай ауыл жоқ")
    ONE_SIDE = "read as one side of the street", _("Көшенің бір жағы деп оқылды")
    SEPARATOR = "a comma seems to be missing", _("Үтір жоқ сияқты")
    ORDER = "out of order", _("Реті бұзылған")
    DUPLICATE = "named twice", _("Екі рет жазылған")
    FLATS = "flats are not taken into account", _("Пәтерлер ескерілмейді")
    LINE_BREAK = "a line break inside", _("Жол үзілген")
    WHOLE_STREET = "no houses named, the whole street is taken", _("Үйлер көрсетілмеген, көше толық алынды")
    IGNORED = "no address, left out", _("Мекенжай емес, қалдырылды")


ERRORS = frozenset({Kind.NO_STREET, Kind.UNREAD, Kind.REVERSED, Kind.UNKNOWN_LOCALITY})


@dataclass(frozen=True)
class Remark:
    kind: Kind
    text: str = ""

    @property
    def is_error(self) -> bool:
        return self.kind in ERRORS

    def __str__(self) -> str:
        return f"{self.kind.value}: «{self.text}»" if self.text else self.kind.value


@dataclass
class Houses:
    spans: list[Span] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    seen: set[Span] = field(default_factory=set)

    def add(self, span: Span) -> None:
        if span in self.seen:
            return self.say(Kind.DUPLICATE, str(span))
        self.seen.add(span)
        return self.spans.append(span)

    def say(self, kind: Kind, text: str = "") -> None:
        self.remarks.append(Remark(kind, text))


def _named(prefix: str) -> str:
    """The pattern of a house with its groups renamed, so that two fit into one pattern."""
    return re.sub(r"\(\?P<(\w+)>", rf"(?P<{prefix}\1>", HOUSE)


_SIDE = r"(?:нечетн\w*|нечет|неч|четн\w*|чет|тақ|жұп)"
_SIDE_WORDS = re.compile(
    rf"\(?\b(?P<side>{_SIDE})\b\.?,?\s*(?:жақ\w*|жағы|сторон\w*|үйлер\w*|номер\w*|сан\w*)?\s*\)?"
)
_WHOLE = re.compile(r"\b(?:барлық|барлығы|толығымен|толық|түгел|полностью|целиком|весь|вся|все|ауыл|көше)\b")
_BOTH = re.compile(rf"{_SIDE}\s*(?:и|және|/)\s*{_SIDE}")
_FILLER = re.compile(r"\b(?:жеке |жилые )?(?:дома|дом|үйлері?|үй|дачи)\b[\s.:]*|\bд\.\s*|№")
_AND = re.compile(r"(?<=\d)\s+(?:и|және)\s+(?=\d)")
_ONE = re.compile(_named("a_"))
_RANGE = re.compile(rf"{_named('a_')}\s*-\s*{_named('b_')}")
_FROM_TO = re.compile(
    rf"(?:с|со|от)\s+{_named('a_')}\s*(?:по|до)\s+{_named('b_')}"
    rf"|{_named('c_')}\s*-\s*[дтн][еа]н\s+{_named('d_')}\s*-?\s*(?:ге|ға|ке|қа)\s+дейін"
)
_OPEN = re.compile(
    rf"(?:с|со|от)\s+{_named('a_')}(?:\s*(?:до конца|и далее|и выше))?"
    rf"|{_named('b_')}\s*-?\s*[дтн][еа]н\s+(?:бастап|соңына дейін|әрі)"
)
_BREAK = re.compile(r"[\s.]+")
_SIDES = {"не": Parity.ODD, "та": Parity.ODD, "че": Parity.EVEN, "жұ": Parity.EVEN}


def parse_houses(text: str) -> Houses:
    """Read a list of houses; without any house it is the whole street, or a side of it."""
    found = Houses()
    if "\n" in text.strip():
        found.say(Kind.LINE_BREAK)
    side: Parity | None = None
    for part in re.split(r"[,;\n]", _AND.sub(",", _FILLER.sub(" ", _BOTH.sub("все", tidy(text))))):
        words = _SIDE_WORDS.search(part)
        here = _SIDES[words["side"][:2]] if words else side
        rest = _SIDE_WORDS.sub(" ", part).strip(" .:-()") if words else _trim(part)
        if re.search(r"\d", rest) and _WHOLE.search(rest):  # «1-5 (все)»
            here, rest = Parity.ALL, _WHOLE.sub(" ", rest).strip(" .:-()")
        if rest:
            _read_part(rest, here, found)
        elif words:
            side = here  # «нечетные: 1-15, 21» or a whole side
    _check_order(found)
    if side and not found.spans and not any(remark.is_error for remark in found.remarks):
        found.add(Span(parity=side))
    return found


def _trim(part: str) -> str:
    """Without the brackets around it; a bracket after a number is the house's own: 70(1)."""
    part = part.strip(" .:-")
    if part.startswith("("):
        part = part[1:]
    return part.rstrip(") ") if part.count(")") > part.count("(") else part


def _read_part(part: str, side: Parity | None, found: Houses) -> None:
    if _WHOLE.sub("", part).strip(" .-") == "":
        found.add(Span(parity=side or Parity.ALL))
        return
    position, count = 0, 0
    while position < len(part):
        gap = _BREAK.match(part, position)
        if gap:
            position = gap.end()
            continue
        end = _read_one(part, position, side, found)
        if end is None:
            found.say(Kind.UNREAD, part[position:])
            return
        position, count = end, count + 1
    if count > 1:
        found.say(Kind.SEPARATOR, part)


def _read_one(part: str, position: int, side: Parity | None, found: Houses) -> int | None:
    """Read what stands at the position; where it ends, or None."""
    if match := _FROM_TO.match(part, position) or _RANGE.match(part, position):
        first, last = ("a_", "b_") if match["a_number"] else ("c_", "d_")
        _add_range(_house(match, first), _house(match, last), side, match[0], found)
    elif match := _OPEN.match(part, position):
        first_house = _house(match, "a_" if match["a_number"] else "b_")
        found.add(Span(first_house.number, None, parity=side or Parity.ALL))
    elif match := _ONE.match(part, position):
        one = _house(match, "a_")
        found.add(Span(one.number, one.number, one.suffix))
    else:
        return None
    return match.end()


def _house(match: re.Match[str], prefix: str) -> House:
    groups = match.groupdict().items()
    return house_of({name.removeprefix(prefix): value for name, value in groups if name.startswith(prefix)})


def _add_range(first: House, last: House, side: Parity | None, text: str, found: Houses) -> None:
    if first.number > last.number:
        return found.say(Kind.REVERSED, text)
    if (first.number == last.number and first.suffix != last.suffix) or first.suffix.startswith(KINDS):
        return found.say(Kind.UNREAD, text)
    if side is None and first.number % 2 == last.number % 2 and first.number != last.number:
        side = Parity.ODD if first.number % 2 else Parity.EVEN
        found.say(Kind.ONE_SIDE, text)
    suffix = first.suffix if first.number == last.number else ""
    found.add(Span(first.number, last.number, suffix, side or Parity.ALL))
    return None


def _check_order(found: Houses) -> None:
    """«1, 2, 34, 5, 6»: a number greater than the next one is most likely a slip of the pen."""
    singles = [span for span in found.spans if span.start == span.end and not span.suffix[:2].islower()]
    for span, following in pairwise(singles):
        if span.start > following.start:
            found.say(Kind.ORDER, str(span))


def whole(houses: Houses) -> list[Span]:
    """The spans, or the whole street where the list names no house."""
    return houses.spans or [WHOLE]
