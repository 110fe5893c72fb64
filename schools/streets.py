"""A street as people, registers and departments write it, brought to one key (R66, D32).

A street is a type and a name: «Сәтбаев көшесі», «ул. Сатпаева» and «Сатпаев к-сі» have one key. First names
and initials are left out of it, and told apart where both sides write them.
"""

import re
from functools import lru_cache

from schools.spelling import composed, plain, stem

# Forms of each type of street in folded letters, the longest first.
TYPES: dict[str, str] = {
    "street": r"кошелеринин|кошелери|кошесинин|кошеси|коше|кош|кше|кш|к-си|(?<=[^\W\d]{3} )к\."
    r"|улицы|улица|улиц|ул",
    "avenue": r"дангылдары|дангылынын|дангылы|дангыл|данг|д-лы|проспекты|проспект|просп|пр-кт|пр-т|пр",
    "lane": r"туйык кошеси|туйыктары|туйыгы|туйык|переулки|переулок|пер|тупик",
    "passage": r"откели|отпе жолы|проезды|проезд|пр-д",
    "boulevard": r"бульвары|бульвар|б-р|гулзары",
    "square": r"аланы|площадь|пл",
    "highway": r"тас жолы|шоссе|трасса",
    "embankment": r"жагалауы|набережная|наб",
    "line": r"линия|линии|желиси",
    "mkr": r"ыкшам ?аудандары|ыкшам ?ауданы?|шагын ?аудандары|шагын ?ауданы?|молтек ?ауданы?"
    r"|микрорайон(?:ы|ов|а)?|мкр-н|мкрн|мкр|м-н|мк-н|м/р|ы/а|ш/а",
    "quarter": r"орамдары|орамы|орам|кварталы|квартал|кв-л",
    "complex": r"тургын уй кешени|жилой комплекс|тук|жк",
    "massif": r"тургын алабы|алабы|т\.\s?а(?=\.)|жилой массив|ж/м|жм|массиви|массив",
    "garden": r"бау-бакша серикт\w*|садовое общество|садовое товарищество|снт|с/о|с/т|(?:со|ст)(?= ?[«\"])",
}
_NAMES = frozenset({"embankment", "highway", "line", "square"})  # types that are names: «ул. Набережная»
AREAS = frozenset({"mkr", "quarter", "complex", "massif", "garden"})  # what streets may lie in
_TYPE = re.compile(
    r"(?<![\w/])(?<!\D-)(?:"
    + "|".join(f"(?P<{code}>{forms})" for code, forms in TYPES.items())
    + r")(?![\w/-])\.?"
)
_ORDINAL = re.compile(r"(\d+)\s*-?\s*(?:ый|ий|ой|ая|ья|ое|го|е|й|я|ыншы|инши|ншы|нши|шы|ши)(?!\w)")
_ORDINAL_WORDS = {
    "перв": "1", "биринши": "1", "втор": "2", "екинши": "2", "трет": "3", "ушинши": "3", "четверт": "4",
    "тортинши": "4", "пят": "5", "бесинши": "5",
}  # fmt: skip
_ORDINAL_WORD = re.compile(r"(?:(перв|втор|трет|четверт|пят)(?:ый|ий|ой|ая|ья)|(\w+инши))")
_INITIALS = re.compile(r"(?<!\w)[^\W\d]\.\s*-?(?!\s*\d)")
_DEDICATION = re.compile(r"(?<!\w)(?:им\.|имени|атындагы|атын\.)\s*")
_TITLES = frozenset({
    "академик", "генерал", "маршал", "космонавт", "композитор", "профессор", "писатель", "летчик", "капитан",
    "партизан", "ученый", "доктор", "акын",
})  # fmt: skip
# Of a place and not of a person: «Кіші Абай», «Малая Калинина» are streets of their own.
_QUALIFIERS = re.compile(
    r"мал|больш|нов|стар|верхн|нижн|средн|северн|южн|восточн|западн|кольцев|киш|улкен|жана|еск|жогарг|томенг|орта"
    r"|солтустик|онтустик|шыгыс|батыс|теле|братье|агайынды|геро"
)
_SURNAME = re.compile(r".{2,}(?:[ое]в(?:а|ой)?|[иы]н(?:а|ой)|ин|улы|кызы|[сц]к(?:ий|ого|ой|ая))")
_SURNAMES = frozenset({  # as `stem` leaves them
    "маркс", "енгелс", "либкнехт", "луксембург", "гогол", "горк", "толст", "фучик", "телман", "маргулан",
    "бокеихан", "жалел",
})  # fmt: skip


def find_types(text: str) -> list[tuple[str, re.Match[str]]]:
    """Every word of a plain text that names a type of street."""
    return [(match.lastgroup or "", match) for match in _TYPE.finditer(text)]


def bare_name(text: str) -> str:
    """«Сәтбаев» of «Сәтбаев көшесі» and of «ул. Сәтбаев»: what a list of streets is sorted by."""
    whole = composed(text)
    for _, match in reversed(find_types(plain(whole))):
        whole = whole[: match.start()] + " " + whole[match.end() :]
    return " ".join(re.findall(r"[\w/]+", whole)) or text


def street_key(text: str) -> str:
    """«type:name» in normal form (R66); the type is empty where the text names none."""
    kind, numbers, words = _read(composed(text))
    name = " ".join(part for part in ("-".join(numbers), "".join(stem(word) for word in words)) if part)
    return f"{kind}:{name}" if name else ""


def keys_to_match(text: str) -> set[str]:
    """Keys under which a list may hold this street: some lists and registers leave the type out."""
    key = street_key(text)
    if not key:
        return set()
    kind, name = key.split(":")
    return {f"{each}:{name}" for each in ([kind, ""] if kind else ["", *TYPES])}


def area_keys(text: str) -> set[str]:
    """Keys of the microdistrict that a street lies in: «мкр. Калкаман-2, ул. Ашимова» is of both."""
    text = composed(text)
    parts = [part for part in re.split(r"[,;]", text) if part.strip()]
    areas = [part for part in parts if {kind for kind, _ in find_types(plain(part))} & AREAS]
    return {street_key(part) for part in areas} - {street_key(text), ""} if len(parts) > 1 else set()


def same_person(one: str, other: str) -> bool:
    """May two texts of one key mean one street? Not where both give first names or initials that differ:
    «ул. А. Толстого» and «ул. Л. Толстого» (R66)."""
    ours, theirs = given_name(one), given_name(other)
    if not ours or not theirs:
        return True
    full = len(ours) > 1 and len(theirs) > 1
    return ours == theirs if full else ours[0].replace("ч", "ш") == theirs[0].replace("ч", "ш")


@lru_cache(maxsize=20_000)
def given_name(text: str) -> str:
    """The first name in one form, or its initial; nothing where it is left out."""
    _, name = _kind_and_name(plain(composed(text)))
    if initials := _INITIALS.findall(name):
        return stem(initials[0][0])
    _, first = _of_person(_words(name))
    return stem(first[0]) if first else ""


def _read(text: str) -> tuple[str, list[str], list[str]]:
    """The type, the numbers and the other words of the name."""
    kind, name = _kind_and_name(plain(text))
    name = _ORDINAL.sub(r"\1 ", _DEDICATION.sub("", _INITIALS.sub(" ", name)))
    words = [_number_of(word) for word in _words(name)]
    numbers = [str(int(word)) for word in words if word.isdecimal()]
    words, _ = _of_person(_joined([word for word in words if not word.isdecimal()]))
    if any(len(word) > 2 for word in words):  # «Гоголя Н В»
        words = [word for word in words if len(word) > 1 or numbers]
    return kind, numbers, words


def _kind_and_name(text: str) -> tuple[str, str]:
    """The type and what is left of the text. A word that names a type may be the name itself: «ул.
    Набережная»; of «5 мкр., ул. Абая» the street is meant."""
    text = _innermost(text)
    found = find_types(text)
    name = _TYPE.sub(" ", text)
    if not found:
        return "", name
    kinds = [kind for kind, _ in found]
    if not re.search(r"\w", name):
        return _name_of_type_words(found)
    special = [kind for kind in kinds if kind != "street"]
    return (special or kinds)[0], name


def _name_of_type_words(found: list[tuple[str, re.Match[str]]]) -> tuple[str, str]:
    """«ул. Набережная», «Тас жол көшесі», or «Набережная» alone: the less common word is the name."""
    common = next((kind for kind, _ in found if kind not in _NAMES), "")
    if common == "" and len(found) > 1:
        common = found[0][0]
    names = [match[0] for kind, match in found if kind != common]
    return common, " ".join(names)


def _innermost(text: str) -> str:
    """«мкр. Калкаман-2, ул. Ашимова» is a street in a microdistrict."""
    parts = [part for part in re.split(r"[,;]", text) if part.strip()]
    typed = [(part, {kind for kind, _ in find_types(part)}) for part in parts]
    if len(typed) > 1 and any(kinds & AREAS for _, kinds in typed):
        return next((part for part, kinds in typed if kinds - AREAS), text)
    return text


def _words(name: str) -> list[str]:
    return re.findall(r"\d+|[^\W\d_]+", name)


def _joined(words: list[str]) -> list[str]:
    """«Абылай хан» and «Абылайхан», «Толе би» and «Төлеби» are one."""
    joined: list[str] = []
    for word in words:
        if joined and word in ("хан", "хана", "би"):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _number_of(word: str) -> str:
    match = _ORDINAL_WORD.fullmatch(word)
    return _ORDINAL_WORDS.get(match[1] or match[2], word) if match else word


def _of_person(words: list[str]) -> tuple[list[str], list[str]]:
    """The surname of a person's name, and what stands before or after it; titles are left out."""
    bare = [word for at, word in enumerate(words) if not _is_title(words, at)] or words
    if len(bare) < 2 or any(_QUALIFIERS.match(word) for word in bare):
        return bare, []
    if _is_surname(bare[-1]):
        return bare[-1:], bare[:-1]
    if len(bare) == 2 and _is_surname(bare[0]):
        return bare[:1], bare[1:]
    return bare, []


def _is_title(words: list[str], at: int) -> bool:
    word = words[at].removesuffix("а")
    if word == "батыр":
        return at > 0  # «Қабанбай батыр», but «Батыр Баян»
    return word in _TITLES and len(words) > 1


def _is_surname(word: str) -> bool:
    return bool(_SURNAME.fullmatch(word)) or stem(word) in _SURNAMES
