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
    """A village's name to compare by: folded, without the words of its kind."""
    return " ".join(word for word in fold(name).split() if word not in KINDS)


def begins(text: str) -> bool:
    letters = plain(text)
    return bool(_BEFORE.match(letters) or _AFTER.match(letters))


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


def _take(text: str) -> tuple[str, str]:
    letters = plain(text)
    match = _BEFORE.match(letters) or _AFTER.match(letters)
    if not match:
        return "", text
    streets = [found.start() for _, found in find_types(letters) if found.start() < match.end()]
    if streets and match.re is _AFTER:
        return "", text
    said = _ALL_SAID.search(letters[: match.end("name")])
    end = min(
        [said.start() if said else match.end("name"), *(at for at in streets if at > match.start("name"))]
    )
    rest = text[end:] if streets else text[match.end() :]
    return text[match.start("name") : end].strip(' «»".,'), rest.lstrip(" ,;:")
