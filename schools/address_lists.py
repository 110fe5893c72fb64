"""Reading a school's microdistrict as departments send it, line by line (R69, R70).

A line may name a village, one street or several, with or without houses: «с. Косшы, ЖК «Лесная поляна» 1, 2,
мкр. «Алтын дала» 1-9».
"""

import re
from dataclasses import dataclass, field

from schools import villages
from schools.addresses import WHOLE, Span
from schools.house_lists import parse_houses, whole
from schools.line_words import prepare
from schools.mentions import WORD, Mention, mentions
from schools.remarks import Kind, Remark
from schools.spelling import plain
from schools.streets import AREAS, find_types, street_key


@dataclass(frozen=True)
class Reading:
    """One street of a line, or (street and key empty) a whole village."""

    street: str
    key: str
    spans: tuple[Span, ...]
    locality: str = ""  # the village, when the line names one
    also: tuple[str, ...] = ()  # the street's other names
    aliases: tuple[str, ...] = ()  # and their keys

    def __str__(self) -> str:
        street = " = ".join(name for name in (self.street, *self.also) if name)
        where = ", ".join(part for part in (self.locality, street) if part)
        return f"{where}: {', '.join(map(str, self.spans))}"


@dataclass
class Line:
    readings: list[Reading] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def errors(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.is_error]

    def say(self, kind: Kind, text: str = "") -> None:
        self.remarks.append(Remark(kind, text))


_UNTYPED = re.compile(
    rf"(?P<name>{WORD}(?:\s+{WORD})*)\s*(?:[:,–-]\s*|(?<=\s)|$)(?P<houses>\d.*|$)", re.DOTALL
)
# Words that tell where something is and belong to no street's name.
_WHERE = re.compile(
    r"\b(?:рядом|возле|около|напротив|за|угол\w*|между|район\w*|жанында|маны\w*|карсы\w*|арасы\w*|мечет\w*|мешит\w*"
    r"|магазин\w*|дукен\w*|школ\w* №|мектеб\w*)\b"
)
_HOUSES_OF_CELL = re.compile(r"(?P<name>.*?[^\W\d].*?)[\s,:]+(?P<houses>\d.*)", re.DOTALL)


def parse_line(raw: str) -> Line:
    """Read one line of a list (R69). Nothing is dropped silently: what is not in readings is in remarks."""
    prepared = prepare(raw)
    line = Line(remarks=prepared.remarks)
    if prepared.finished:
        return line
    if villages.is_whole_of_here(prepared.text):
        line.readings.append(Reading("", "", (WHOLE,)))
        return line
    locality, text = villages.take(prepared.text)
    if locality and villages.is_whole(text):
        line.readings.append(Reading("", "", (WHOLE,), locality))
    else:
        _read_streets(text, locality, line)
    return line


def parse_pair(street: str, houses: str) -> Line:
    """Read a row that has the street and its houses in two columns; houses that stand in the street's cell
    too must be the same ones."""
    street, houses = street.strip(" ,;:"), houses.strip()
    if not street:
        return Line(remarks=[Remark(Kind.NO_STREET, houses)] if houses else [])
    street, twice = _without_its_houses(street, houses)
    if twice:
        return Line(remarks=[Remark(Kind.AMBIGUOUS, f"{twice} | {houses}")])
    types = find_types(plain(street))
    if len(types) == 1 and houses and _is_one_street(street, types[0][0]):
        line = Line()
        _add([street], types[0][0], houses, "", line)
        return line
    if types or villages.begins(street):
        return parse_line(f"{street}: {houses}" if houses else street)
    prepared = prepare(street)
    line = Line(remarks=prepared.remarks)
    if not prepared.finished:
        name, _, other = prepared.text.partition(" = ")
        _add([name.strip()], "", houses, "", line, [other.strip()] if other else None)
    return line


def _is_one_street(cell: str, kind: str) -> bool:
    """Does the street's cell hold a name and nothing else? «мкр. Самал 2» does, «ул. Абая 5» may not."""
    plural = bool(re.search(r"(?:лери|ы)\b", plain(cell)))
    odd = re.search(r"[,;:=()\n]", cell) or villages.begins(cell) or _WHERE.search(plain(cell))
    return not odd and not plural and (kind in AREAS or not re.search(r"[^\W\d]{2,}\.?\s+\d+\w?$", cell))


def _without_its_houses(street: str, houses: str) -> tuple[str, str]:
    """The street's cell without houses that the other cell repeats; and those that differ from it."""
    if not houses or not re.search(r"\d", street):
        return street, ""
    beside = parse_houses(houses).spans
    for gap in re.finditer(r"[\s,:]+", street):
        name, rest = street[: gap.start()], street[gap.end() :]
        if len(re.findall(r"[^\W\d]", name)) > 1 and beside and parse_houses(rest).spans == beside:
            return name, ""
    found = _HOUSES_OF_CELL.fullmatch(street)
    if not found or any(remark.is_error for remark in parse_houses(found["houses"]).remarks):
        return street, ""  # a number of the name: «8 Марта», «мкр. Самал 2 шағын ауданы»
    listed = bool(re.search(r"[,;]|\d\s*-\s*\d", found["houses"]))
    return street, found["houses"] if listed and len(found["name"].strip()) > 1 else ""


def _read_streets(text: str, locality: str, line: Line) -> None:
    found = list(mentions(text))
    if not found:
        return _read_untyped(text.strip(), locality, line)
    before = text[: found[0].start].strip(' ,.;:-–«»"(')
    if before:
        line.say(Kind.UNREAD, before)
    one: list[Mention] = []  # «Абай көшесі = Мир көшесі 1-15»: one street by its names
    for at, mention in enumerate(found):
        following = found[at + 1] if at + 1 < len(found) else None
        houses = text[mention.end : following.start if following else len(text)]
        if not one and following and _is_place_of(mention, following, houses, line):
            continue
        one.append(mention)
        if houses.strip() != "=":
            aliases = [name for other in one[1:] for name in other.names]
            _add([*one[0].names], one[0].kind, houses, locality, line, aliases)
            one = []
    return line.say(Kind.UNREAD, text) if one else None


def _read_untyped(text: str, locality: str, line: Line) -> None:
    """«Достық 5, 7»: a name without its type, if houses follow it."""
    name, _, other = text.partition(" = ")
    untyped = _UNTYPED.fullmatch(text if not other else name)
    if not untyped or not text[0].isupper() or not untyped["houses"]:
        return line.say(Kind.NO_STREET, text)
    return _add([untyped["name"]], "", untyped["houses"], locality, line)


def _is_place_of(mention: Mention, following: Mention, houses: str, line: Line) -> bool:
    """«мкр. Самал, ул. Абая 5» is a street in a microdistrict, and not the whole of it (R69)."""
    if mention.kind not in AREAS or following.kind in AREAS or houses.strip(" ,:;.–-"):
        return False
    if mention.kind == "complex":  # the complex and the street, or the complex at that address?
        line.say(Kind.AMBIGUOUS, f"{mention.names[0]}, {following.names[0]}")
    else:
        line.say(Kind.WITHIN, ", ".join(mention.names))
    return True


def _add(
    names: list[str], kind: str, houses: str, locality: str, line: Line, aliases: list[str] | None = None
) -> None:
    """A reading for each of the names, with the same houses."""
    also = list(aliases or [])
    other = re.match(rf"\s*=\s*((?:{WORD}\s*)+)", houses)
    if other:
        also.append(other[1].strip())
        houses = houses[other.end() :]
    read = parse_houses(houses.strip(" ,;:.–—-="))
    line.remarks += read.remarks
    if odd := _odd_name(names, read.spans):
        return line.say(odd, f"{', '.join(names)}: {houses.strip()}")
    if any(remark.is_error for remark in read.remarks):
        return None
    if not read.spans:
        line.say(Kind.WHOLE_STREET, ", ".join(names))
    for name in names:
        key = _key(name, kind)
        keys = {_key(alias, kind) for alias in also} - {key}
        spans = tuple(whole(read))
        line.readings.append(Reading(name, key, spans, locality, tuple(also), tuple(sorted(keys))))
    return None


def _odd_name(names: list[str], spans: list[Span]) -> Kind | None:
    """Names that hold more than a name, and houses of which of several streets?"""
    if any(_WHERE.search(plain(name)) for name in names):
        return Kind.UNREAD
    bare = [_key(name, "").partition(":")[2] for name in names]
    if any(len(name) < 2 and not name.isdecimal() for name in bare):
        return Kind.AMBIGUOUS  # «Е 16, 1-20» without a type, «ул. Е, 16»
    several = len(names) > 1 and any(span.start > 1 or span.end for span in spans)
    return Kind.AMBIGUOUS if several else None


def _key(name: str, kind: str) -> str:
    found, _, words = street_key(name).partition(":")
    return f"{found or kind}:{words}"
