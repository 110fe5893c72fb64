"""The streets that a line names. The type finds a street: Russian puts it before the name, Kazakh after.

A name is words, words with an ordinal («3-й Степной», «Степной 3-й»), a letter with a number («Е 16») or, of
microdistricts, quarters and lines, a number alone. Several names may share one type.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schools.spelling import plain
from schools.streets import find_types


@dataclass(frozen=True)
class Mention:
    """A street, or several with one type and one list of houses, where they stand in the line."""

    kind: str
    names: tuple[str, ...]  # with the type
    start: int
    end: int
    after: bool = False  # the name stands after the type


NUMBERED = frozenset({"mkr", "quarter", "line"})  # their names may be bare numbers
STOP = (  # words of houses: no name goes on over them
    r"(?:дома?|домов|уй|уйлери?|уйлерден|дачи|жуп|так|не?чет\w*|толык|толыгымен|тугел|все|весь|вся|барлык|барлыгы"
    r"|полностью|целиком|кроме|исключая|за исключением|баска\w*|жеке|частн\w*|обе|еки|корп\w*|блок\w*|пом|оф"
    r"|уч|участ\w*|стр|строени\w*|общ|общежити\w*|вагон\w*|(?:с|со|от|до|по)(?=\s+(?:\d|уч|№|дома))"
    r"|д(?=\.?\s*№?\d))\b"
)
WORD = rf"(?!{STOP})[^\W\d][\w.'’-]*"
_ORDINAL = r"\d+\s*-?\s*(?:ый|ий|ой|ая|ья|й|я|е|ши|шы|инши|ыншы)(?!\w)"
_BARE = r"\d+\s?-?\s?(?:(?!с\s+\d|[кд]\.?\s?\d)[^\W\d](?![^\W\d]))?(?![\w/])"
_AND = r"(?:,|\s(?:и|жане)\s)"
_QUOTED = r"[«\"“][^»\"”]+[»\"”](?:\s?-\s?\d+)?"
_LETTER_NUMBER = r"[^\W\d]\s?-?\s?\d+[^\W\d]?(?!\w)(?=\s*(?:[,;:–—=(]|$|[-\s]+\D))"
_WORDS = rf"(?:\d+\s*(?:-\s*\w{{1,3}})?\s+)?{WORD}(?:\s+{WORD})*(?:\s+{_ORDINAL})?"
_NAME = re.compile(rf"\s*(?:{_QUOTED}|{_LETTER_NUMBER}|{_WORDS})")
_ONE_NAME = re.compile(_NAME.pattern.replace(rf"(?:\s+{WORD})*", rf"(?:\s+(?!(?:и|жане)\s){WORD})*"))
_NEXT_NAME = re.compile(rf"\s*{_AND}\s*{_WORDS}(?=\s*(?:,\s*[^\W\d]|$|[–—:;]|\s(?:и|жане)\s))")
_NUMBER_NAME = re.compile(rf"\s*№?\s*{_BARE}")
_NEXT_NUMBER = re.compile(rf"\s*{_AND}\s*{_BARE}")
_ORDINALS = re.compile(rf"\s*((?:\d+(?:\s*-\s*\w{{1,3}})?\s*{_AND}\s*)+{_ORDINAL})\s+({WORD}(?:\s+{WORD})*)")
_ORDINAL_AFTER = re.compile(rf"\s+{_ORDINAL}")
_BEFORE_TYPE = re.compile(rf"(?:\d+(?:\s*-\s*\w{{1,3}})?\s+)?[^\W\d][^,;:=\n]*|{_BARE}|{_ORDINAL}")
_NUMBERS_BEFORE = re.compile(rf"(?:^|(?<=[,;:(\s]))((?:{_BARE}\s*{_AND}\s*)+)$")
_ORDINALS_BEFORE = re.compile(rf"(?:^|(?<=[,;:(\s]))((?:\d+(?:\s*-\s*\w{{1,3}})?\s*{_AND}\s*)+)$")
_WORDS_BEFORE = re.compile(
    r"(?:^|[,;:])\s*((?:\d+\s*-\s*\w{1,3}\s+)?[^\W\d][^,;:\d]*?)(?:,|\s(?:и|жане)\s)\s*$"
)
# «3 Достық көшесі» after «ул. Абая 1,» is a house and a street; «8 Наурыз көшесі» is a street.
_NUMBER_IN_NAME = re.compile(
    r"\d+\s*(?:-|наурыз|марта|мамыр|мая|казан|октябр|ноябр|желтоксан|декабр|жыл|лет|съезд)"
)
_PLURAL = re.compile(
    r"кошелери|улицы|улиц$|переулки|проезды|проспекты|дангылдары|туйыктары|линии|кварталы|орамдары|.*аудандары"
    r"|микрорайон(?:ы|ов)"
)
_KAZAKH = re.compile(
    r"кош|к-си|к\.|дан|д-лы|туй|откели|отпе|бульвары|гулзары|аланы|тас|жагалауы|ыкшам|шагын|молтек|ы/а|ш/а"
    r"|орам|тургын|алабы|бау|желиси"
)


def mentions(text: str) -> Iterator[Mention]:
    """The streets that the line names, from left to right."""
    letters, done, earlier = plain(text), 0, None
    for kind, match in find_types(letters):
        if match.start() < done:
            continue  # a type inside a name: «Тас жол көшесі»
        mention = _mention(text, letters, kind, match, done, earlier)
        if mention:
            yield mention
            done, earlier = mention.end, mention


def _mention(
    text: str, letters: str, kind: str, match: re.Match[str], done: int, earlier: Mention | None
) -> Mention | None:
    plural = bool(_PLURAL.match(match[0]))
    chunk = _chunk_before(letters, done, match.start(), plural=plural)
    follows = _name_after(letters, kind, match, plural=plural)
    named = follows and follows.re is not _NUMBER_NAME
    kazakh = bool(_KAZAKH.match(match[0]))
    if kind in NUMBERED and chunk and done and chunk[0][0].isdecimal():
        if earlier and earlier.after and earlier.kind == kind and follows and not kazakh:
            chunk = None  # «мкр 5 дом 12 мкр 7»
    elif chunk and done and chunk[0][0].isdecimal() and not _NUMBER_IN_NAME.match(chunk[0]):
        chunk = None
    if chunk and (kazakh or not named):
        return _named_before(text, letters, kind, match, chunk)
    return _named_after(text, letters, kind, match, follows) if follows else None


def _chunk_before(letters: str, done: int, end: int, *, plural: bool) -> re.Match[str] | None:
    """The words right before a type, back to the last separator."""
    marks = [*",;:=\n", *([" и ", " жане "] if plural else [])]
    start = max(
        done, *(at + len(mark) for mark in marks if (at := letters.rfind(mark, done, end)) >= 0), done
    )
    while start < end and letters[start] in ' .«»"(–—-':
        start += 1
    return _BEFORE_TYPE.fullmatch(letters[:end].rstrip(' «»"-'), start)


def _name_after(letters: str, kind: str, match: re.Match[str], *, plural: bool) -> re.Match[str] | None:
    end = match.end()
    found = _ORDINALS.match(letters, end) or (_ONE_NAME if plural else _NAME).match(letters, end)
    return found or (_NUMBER_NAME.match(letters, end) if kind in NUMBERED else None)


def _named_before(text: str, letters: str, kind: str, match: re.Match[str], chunk: re.Match[str]) -> Mention:
    word, name = text[match.start() : match.end()], _clean(text[chunk.start() : chunk.end()])
    end = match.end()
    if ordinal := _ORDINAL_AFTER.match(letters, end):  # «Степной проезд 3-й»
        name, end = f"{text[ordinal.start() : ordinal.end()].strip()} {name}", ordinal.end()
    start, names = _more_before(text, letters, kind, match[0], chunk, name)
    return Mention(kind, tuple(f"{each} {word}" for each in names), start, end)


def _more_before(
    text: str, letters: str, kind: str, word: str, chunk: re.Match[str], name: str
) -> tuple[int, list[str]]:
    """«30, 33, 38 микрорайоны», «1-й, 2-й Тау көшелері», «Бейбітшілік, Достық, Бірлік көшелері»."""
    start, names, plural = chunk.start(), [name], bool(_PLURAL.match(word))
    first, _, rest = name.partition(" ")
    if kind in NUMBERED and first[0].isdecimal() and not rest:
        numbers = _NUMBERS_BEFORE.search(letters[:start]) if plural or _is_ordinal(first) else None
        return _with_numbers(text, numbers, start, names, "")
    if first[0].isdecimal() and rest and (plural or _is_ordinal(first)):
        numbers = _ORDINALS_BEFORE.search(letters[:start])
        if numbers:
            return _with_numbers(text, numbers, start, names, f" {rest}")
    while plural and (before := _WORDS_BEFORE.search(letters[:start])):
        start = before.start(1)
        names.insert(0, _clean(text[start : before.end(1)]))
    return start, names


def _with_numbers(
    text: str, numbers: re.Match[str] | None, start: int, names: list[str], rest: str
) -> tuple[int, list[str]]:
    if numbers is None:
        return start, names
    each = re.split(r",|\s(?:и|және)\s", text[numbers.start(1) : numbers.end(1)])
    return numbers.start(1), [*(f"{one.strip()}{rest}" for one in each if one.strip()), *names]


def _named_after(text: str, letters: str, kind: str, match: re.Match[str], name: re.Match[str]) -> Mention:
    end, word = name.end(), text[match.start() : match.end()]
    if name.re is _ORDINALS:  # «пер. 1-й, 2-й, 3-й Степной»
        last = text[name.start(2) : name.end(2)].strip(" .,")
        names = [f"{number}-й {last}" for number in re.findall(r"\d+", name[1])]
        return _after(kind, word, names, match.start(), end)
    names = [_clean_after(text[name.start() : end])]
    if _PLURAL.match(match[0]):  # «улицы Мира, Абая, Гоголя», «микрорайоны 5, 7»
        more = _NEXT_NUMBER if name.re is _NUMBER_NAME else _NEXT_NAME
        while found := more.match(letters, end):
            names.append(re.sub(r"^\s*(?:,|и\s|және\s)\s*", "", text[end : found.end()]).strip(" .,"))
            end = found.end()
    return _after(kind, word, names, match.start(), end)


def _after(kind: str, word: str, names: list[str], start: int, end: int) -> Mention:
    return Mention(kind, tuple(f"{word} {name}" for name in names), start, end, after=True)


def _is_ordinal(text: str) -> bool:
    return bool(re.fullmatch(r"\d+-\w{1,3}", text))


def _clean(name: str) -> str:
    return name.strip(' «»"“”.,')


def _clean_after(name: str) -> str:
    return name.strip(" .,№")
