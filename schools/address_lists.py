"""Reading a school's microdistrict as departments send it, line by line (domain rules 1-7).

A line may name a village, one street or several, with or without houses: «с. Косшы, ЖК «Лесная поляна» 1, 2,
мкр. «Алтын дала» 1-9». The type of a street finds it: Russian puts it before the name, Kazakh after.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from schools.addresses import WHOLE, Span
from schools.house_lists import parse_houses, whole
from schools.remarks import Kind, Remark
from schools.spelling import plain
from schools.streets import find_types, street_key


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


@dataclass(frozen=True)
class Mention:
    """A street, or several with one type and one list of houses, where they stand in the line."""

    kind: str
    names: tuple[str, ...]  # with the type
    start: int
    end: int


_IGNORED = re.compile(
    r"(?:приложени|косымша|приказ|распоряжени|буйрык|утвержден|бекитилген|№ ?п/п|р/с|страница|бет\b|улица$"
    r"|коше$|адрес\w*$|мекенжай\w*$|перечень|тизим|территория обслуживания|закрепленн|\d+\s*(?:бет|стр\.?)$)"
)
_FLATS = re.compile(r"(?:\bкв\.?|\bквартир\w*|\bпәтер\w*)\s*№?\s*\d+(?:\s*[-–]\s*\d+)?", re.IGNORECASE)
_OLD_NAME = re.compile(r"\((?:бұрынғы|бұр\.|бывшая|бывший|бывш\.|быв\.)\s*([^)]*)\)", re.IGNORECASE)
_NUMBERING = re.compile(r"\s*\d+[.)]\s+(?=\D)")
_VILLAGE_BEFORE = re.compile(
    r"\s*(?:с\s*\.|село\s|аул\s|ауыл\s|п\s*\.|пос\s*\.|поселок\s)\s*(?P<name>[^\d,;:]+)"
)
_VILLAGE_AFTER = re.compile(
    r"\s*(?P<name>[^\d,;:]+?)\s+(?:а\.|с\.|ауылы?|кенти?)\s*(?=[,;:]|$|толык|тугел|полностью)"
)
_ALL_OF_IT = re.compile(
    r"[\s,.:–—-]*(?:(?:ауыл|село|все дома|все|барлык уйлер)?\s*(?:толык|тугел|полностью|целиком)?)[\s.]*"
)

_STOP = (
    r"(?:дома?|уй|уйлери?|дачи|жуп|так|не?чет\w*|толык|тугел|все|весь|вся|барлык|барлыгы|полностью|целиком|"
    r"уч|участ\w*|стр|строени\w*|общ|общежити\w*|вагон\w*|(?:с|со|от)(?=\s+\d))\b"
)
_WORD = rf"(?!{_STOP})[^\W\d][\w.'’-]*"
_NAME = re.compile(rf"\s*(?:[«\"“][^»\"”]+[»\"”]|(?:\d+\s*(?:-\s*\w{{1,3}})?\s+)?{_WORD}(?:\s+{_WORD})*)")
_NEXT_NAME = re.compile(rf",{_NAME.pattern}(?=\s*(?:,\s*[^\W\d]|$|[–—:;]))")
_NUMBER_NAME = re.compile(r"\s*\d+\w?(?!\w)")
_ORDINALS = re.compile(r"\s*((?:\d+\s*-\s*(?:й|я)\s*,\s*)+\d+\s*-\s*(?:й|я))\s+([^\W\d]\w*)")
_BEFORE_SUFFIX = re.compile(r"(?:\d+(?:\s*-\s*\w{1,3})?\s+)?[^\W\d][^,;:=\n]*|\d+(?:\s*-\s*\w{1,3}|\w)?")
# «3 Достық көшесі» after «ул. Абая 1,» is a house and a street; «8 Наурыз көшесі» is a street.
_NUMBER_IN_NAME = re.compile(
    r"\d+\s*(?:-|наурыз|марта|мамыр|мая|казан|октябр|ноябр|желтоксан|декабр|жыл|лет|съезд)"
)
_ABOVE = re.compile(
    r"\s*(?:(?:г\.|город|район|обл\.|область)\s*[^\W\d]+|[^\W\d]+ (?:к\.|каласы|облысы|область)"
    r"|(?:(?!шагын|ыкшам)[^\W\d]+ )+(?:ауданы|район))\s*[,:]"
)
_UNTYPED = re.compile(rf"(?P<name>{_WORD}(?:\s+{_WORD})*)\s*[:,–-]?\s*(?P<houses>\d.*)", re.DOTALL)
_NUMBERED = ("mkr", "quarter")  # their names may be bare numbers
_PLURAL = ("кошелери", "улицы", "переулки")
_KAZAKH = re.compile(
    r"кош|к-си|к\.|дан|д-лы|туй|откели|отпе|бульвары|гулзары|аланы|тас|жагалауы|ыкшам|шагын|ы/а|ш/а|орамы|тургын|алабы|бау"
)


def parse_line(raw: str) -> Line:
    """Read one line of a list. Nothing is dropped silently: what is not in readings is in remarks."""
    line = Line()
    text = _NUMBERING.sub("", raw.strip(), count=1)
    if not text or _IGNORED.match(plain(text)):
        line.remarks += [Remark(Kind.IGNORED, text)] if text else []
        return line
    text = _leave_out_above(text, line)
    text, flats = _FLATS.subn(" ", _OLD_NAME.sub(r" = \1 ", text))
    if flats:
        line.remarks.append(Remark(Kind.FLATS))
    if re.fullmatch(r"(?:ауыл|село)\s+\w+", plain(text)) and _ALL_OF_IT.fullmatch(plain(text)):
        line.readings.append(Reading("", "", (WHOLE,)))
        return line
    locality, text = _take_village(text)
    if locality and _ALL_OF_IT.fullmatch(plain(text)):
        line.readings.append(Reading("", "", (WHOLE,), locality))
    else:
        _read_streets(text, locality, line)
    return line


def _leave_out_above(text: str, line: Line) -> str:
    """Without the city and its district, which the file is about anyway."""
    while above := _ABOVE.match(plain(text)):
        line.remarks.append(Remark(Kind.IGNORED, text[: above.end()].strip(" ,:")))
        text = text[above.end() :]
    return text.strip()


def parse_pair(street: str, houses: str) -> Line:
    """Read a row that has the street and its houses in two columns."""
    if not street.strip():
        return Line(remarks=[Remark(Kind.NO_STREET, houses)] if houses.strip() else [])
    if find_types(plain(street)) or _village(plain(street)):
        return parse_line(f"{street}: {houses}" if houses.strip() else street)
    line = Line()
    _add([street.strip()], street_key(street).split(":")[0], houses, "", line)
    return line


def _village(text: str) -> re.Match[str] | None:
    return _VILLAGE_BEFORE.match(text) or _VILLAGE_AFTER.match(text)


def _take_village(text: str) -> tuple[str, str]:
    """The village at the start of the line, and the rest."""
    match = _village(plain(text))
    if not match:
        return "", text
    streets = [found.start() for _, found in find_types(plain(text)) if found.start() < match.end()]
    if streets and match.re is _VILLAGE_AFTER:
        return "", text
    end = min([match.end("name"), *streets])
    rest = text[end:] if streets else text[match.end() :]
    return text[match.start("name") : end].strip(' «»".,'), rest.lstrip(" ,;:")


def _read_streets(text: str, locality: str, line: Line) -> None:
    mentions = list(_mentions(text))
    if not mentions:
        untyped = _UNTYPED.fullmatch(text.strip())
        if untyped and text.strip()[0].isupper():
            return _add([untyped["name"]], "", untyped["houses"], locality, line)
        return line.remarks.append(Remark(Kind.NO_STREET, text.strip()))
    before = text[: mentions[0].start].strip(' ,.;:-–«»"')
    if before:
        line.remarks.append(Remark(Kind.UNREAD, before))
    ends = [mention.start for mention in mentions[1:]] + [len(text)]
    one: list[Mention] = []  # «Абай көшесі = Мир көшесі 1-15»: one street by its names
    for mention, end in zip(mentions, ends, strict=True):
        houses = text[mention.end : end]
        one.append(mention)
        if houses.strip() != "=":
            aliases = [name for other in one[1:] for name in other.names]
            _add([*one[0].names], one[0].kind, houses, locality, line, aliases)
            one = []
    return line.remarks.append(Remark(Kind.UNREAD, text)) if one else None


def _add(
    names: list[str], kind: str, houses: str, locality: str, line: Line, aliases: list[str] | None = None
) -> None:
    """A reading for each of the names, with the same houses."""
    also = list(aliases or [])
    other = re.match(r"\s*=\s*([^\W\d][^\d,:;=]*)", houses)
    if other:
        also.append(other[1].strip())
        houses = houses[other.end() :]
    read = parse_houses(houses.strip(" ,;:.–—-="))
    line.remarks += read.remarks
    if any(remark.is_error for remark in read.remarks):
        return
    if not read.spans:
        line.remarks.append(Remark(Kind.WHOLE_STREET, ", ".join(names)))
    for name in names:
        key = _key(name, kind)
        keys = {_key(alias, kind) for alias in also} - {key}
        spans = tuple(whole(read))
        line.readings.append(Reading(name, key, spans, locality, tuple(also), tuple(sorted(keys))))


def _key(name: str, kind: str) -> str:
    found, _, words = street_key(name).partition(":")
    return f"{found or kind}:{words}"


def _mentions(text: str) -> Iterator[Mention]:
    """The streets that the line names, from left to right."""
    letters, done = plain(text), 0
    for kind, match in find_types(letters):
        if match.start() < done:
            continue  # a type inside a name: «Тас жол көшесі»
        chunk = _chunk_before(letters, done, match.start())
        kazakh = bool(_KAZAKH.match(match[0]))
        follows = _name_after(letters, kind, match)
        named = follows and follows.re is not _NUMBER_NAME
        if chunk and done and chunk[0][0].isdecimal() and not _NUMBER_IN_NAME.match(chunk[0]):
            chunk = None
        if chunk and (kazakh or not named):
            mention = _named_before(text, kind, match, chunk, plural=match[0] in _PLURAL)
        elif follows:
            mention = _named_after(text, kind, match, follows, plural=match[0] in _PLURAL)
        else:
            continue
        yield mention
        done = mention.end


def _chunk_before(letters: str, done: int, end: int) -> re.Match[str] | None:
    """The words right before a type, back to the last separator."""
    start = max(letters.rfind(mark, done, end) for mark in ",;:=\n") + 1
    start = max(start, done)
    chunk = re.compile(_BEFORE_SUFFIX).fullmatch(letters[:end].rstrip(' «»"'), _skip(letters, start))
    return chunk


def _skip(letters: str, start: int) -> int:
    while start < len(letters) and letters[start] in ' .«»"':
        start += 1
    return start


def _name_after(letters: str, kind: str, match: re.Match[str]) -> re.Match[str] | None:
    found = _ORDINALS.match(letters, match.end()) or _NAME.match(letters, match.end())
    return found or (_NUMBER_NAME.match(letters, match.end()) if kind in _NUMBERED else None)


def _named_before(
    text: str, kind: str, match: re.Match[str], chunk: re.Match[str], *, plural: bool
) -> Mention:
    word = text[match.start() : match.end()]
    start, names = chunk.start(), [f"{_clean(text[chunk.start() : chunk.end()])} {word}"]
    while plural:  # «Бейбітшілік, Достық, Бірлік көшелері»
        earlier = re.search(r"(?:^|[,;])\s*([^\W\d][^,;:\d]*),\s*$", text[:start])
        if not earlier:
            break
        start, names = earlier.start(1), [f"{_clean(earlier[1])} {word}", *names]
    return Mention(kind, tuple(names), start, match.end())


def _named_after(text: str, kind: str, match: re.Match[str], name: re.Match[str], *, plural: bool) -> Mention:
    end, word = name.end(), text[match.start() : match.end()]
    if name.re is _ORDINALS:  # «пер. 1-й, 2-й, 3-й Степной»
        last = text[name.start(2) : name.end(2)]
        names = [f"{word} {number}-й {last}" for number in re.findall(r"\d+", name[1])]
        return Mention(kind, tuple(names), match.start(), end)
    names = [f"{word} {text[name.start() : end].strip(' .,')}"]
    while plural and (more := _NEXT_NAME.match(plain(text), end)):  # «улицы Мира, Абая, Гоголя»
        names.append(f"{word} {text[more.start() + 1 : more.end()].strip(' .,')}")
        end = more.end()
    return Mention(kind, tuple(names), match.start(), end)


def _clean(name: str) -> str:
    return name.strip(' «»"“”.,')
