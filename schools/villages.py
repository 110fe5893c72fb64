"""The village that a line of a list begins with: «с. Косшы, …», «Қарақоға а., …», «разъезд 39» (R69)."""

import re

from schools.kazakh import fold
from schools.spelling import plain
from schools.streets import find_types

# What is no part of a village's name, in folded letters.
KINDS = frozenset(
    [
        "а",
        "с",
        "д",
        "х",
        "ауыл",
        "ауылы",
        "село",
        "аул",
        "п",
        "пос",
        "поселок",
        "кент",
        "кенти",
        "к",
        "г",
        "ст",
        "станция",
        "станциясы",
        "станса",
        "рзд",
        "разъезд",
        "разъези",
        "деревня",
        "хутор",
        "рп",
        "филиал",
        "бекети",
        "бекет",
    ]
)
# Kinds of small settlements, in both languages: part of the name, for a wintering is another place than the
# village that it is called after.
_SMALL = {
    "кыстауы": "кыстау", "кыстау": "кыстау", "зимовка": "кыстау",
    "уч": "участок", "участок": "участок", "учаскеси": "участок",
    "точка": "точка", "мекени": "точка", "мекен": "точка",
    "ферма": "ферма", "фермасы": "ферма",
    "поселье": "коныс", "конысы": "коныс",
}  # fmt: skip
_SMALL_BEFORE = re.compile(
    r"\s*(?P<name>(?:уч\s*\.|(?:участок|зимовка|ферма|поселье|точка|мекен)\s)\s*[^\d,;:]*[^\W\d][^\d,;:]*"
    r"|(?:точка|мекен)\s+№?\s*\d+)"
)
_SMALL_AFTER = re.compile(
    r"\s*(?P<name>[^\d,;:]+?\s+(?:кыстауы?|учаскеси|уч\.|мекени|фермасы|конысы))"
    r"\s*(?=[,;:]|$|толык|тугел|полностью|барлык)"
)
_BEFORE = re.compile(
    r"\s*(?:филиал\s+)?(?:(?:с|п|пос|д|х|р\.\s?п|ст|рзд)\s*\.|(?:село|аул|ауыл|поселок|деревня|хутор|станция|разъезд"
    r"|бекет|кент|совхоз)\s)\s*(?P<name>[^\d,;:]*[^\W\d][^\d,;:]*|(?<=разъезд )\d+|(?<=рзд\.)\s*\d+)"
)
_AFTER = re.compile(
    r"\s*(?P<name>[^\d,;:]+?|\d+(?=\s+разъез))\s+(?:а\.|с\.|ауылы?|селосы|кенти?|станциясы|стансасы|бекети|разъези)"
    r"\s*(?=[,;:]|$|толык|тугел|полностью|барлык)"
)
_ALL_OF_IT = re.compile(
    r"[\s,.:–—-]*(?:(?:ауыл|село|поселок|все дома|все|барлык уйлер\w*|барлыгы)?\s*"
    r"(?:толык|толыгымен|тугел|полностью|целиком)?)[\s.]*"
)
_ALL_SAID = re.compile(r"\s(?:толык|толыгымен|тугел|полностью|целиком)\s*$")
_HERE = re.compile(r"(?:ауыл|село)\s+\w+")


def words(name: str) -> str:
    """A village's name to compare by: folded, without the words of its kind; a small settlement's kind in one
    form at the end."""
    said = fold(name).split()
    kinds = sorted({_SMALL[word] for word in said if word in _SMALL})
    return " ".join([*(word for word in said if word not in KINDS and word not in _SMALL), *kinds])


def begins(text: str) -> bool:
    return _match(plain(text)) is not None


def take(text: str) -> tuple[str, str]:
    """The village at the start of the line, and the rest; its name said twice is taken once."""
    name, rest = _take(text)
    if name:
        again, after = _take(rest)
        if again and words(again) == words(name):
            return name, after
        if words(rest) == words(name):
            return name, ""
    return name, rest


def is_whole(text: str) -> bool:
    """Does the rest of the line say no more than «all of it»?"""
    return bool(_ALL_OF_IT.fullmatch(plain(text)))


def is_whole_of_here(text: str) -> bool:
    """«ауыл толық»: the school's own village."""
    letters = plain(text)
    return bool(_HERE.fullmatch(letters) and _ALL_OF_IT.fullmatch(letters))


def _match(letters: str) -> re.Match[str] | None:
    patterns = (_SMALL_BEFORE, _SMALL_AFTER, _BEFORE, _AFTER)
    return next((match for pattern in patterns if (match := pattern.match(letters))), None)


def _take(text: str) -> tuple[str, str]:
    letters = plain(text)
    match = _match(letters)
    if not match:
        return "", text
    streets = [found.start() for _, found in find_types(letters) if found.start() < match.end()]
    if streets and match.re is not _BEFORE:  # «Ферма көшесі»
        return "", text
    said = _ALL_SAID.search(letters[: match.end("name")])
    end = min(
        [said.start() if said else match.end("name"), *(at for at in streets if at > match.start("name"))]
    )
    rest = text[end:] if streets else text[match.end() :]
    return text[match.start("name") : end].strip(' «»".,'), rest.lstrip(" ,;:")
