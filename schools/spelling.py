"""One form for the words of a street's name, whichever language and case they are written in (R66, D32).

Russian endings go, letters that sound alike become one, and a table brings together what no rule does.
"""

import csv
import re
from functools import cache
from pathlib import Path
from unicodedata import normalize

from schools.kazakh import LOOKALIKES

_TABLE = Path(__file__).parent / "data" / "spellings.csv"  # each row one name in its spellings
_LETTERS = str.maketrans(dict(zip("әғқңөұүһіёэѐѝ", "агкноуухиеееи", strict=True)) | LOOKALIKES)

# (what a word ends in, what is left of it); «улы» and «ов» are one ending in two languages, while a name
# without it is another name: Жәнібек and Жәнібеков.
_ENDINGS = (
    (re.compile(r"(.{2,}?)й?(?:улы|[ое]в(?:а|ой|у|ым|ых)?)"), r"\1ов"),
    (re.compile(r"(.{2,}?)[иы]н(?:а|ой|у|ым)?"), r"\1ин"),
    (re.compile(r"(.{2,}?)([сц])к(?:ий|ого|ая|ой|ое|ие|и)"), r"\1\2к"),
    (re.compile(r"(.{3,}?)(?:ый|ий|ой|ай|ая|яя|ого|его|ое|ее|ые|ие|ых|их)"), r"\1"),
    (re.compile(r"(.{3,})[аяиыйь]"), r"\1"),
)
_SOUNDS = (
    (re.compile(r"дж"), "ж"),
    (re.compile(r"[ьъ]"), ""),
    (re.compile(r"[йы]"), "и"),
    (re.compile(r"и?я"), "а"),
    (re.compile(r"и?ю"), "у"),
    (re.compile(r"иа"), "а"),
    (re.compile(r"щ"), "ш"),
    (re.compile(r"(\D)\1"), r"\1"),
)


def plain(text: str) -> str:
    """The text in small letters with Kazakh ones folded and Latin look-alikes mended, letter for letter."""
    return "".join(char.lower()[0] for char in text).translate(_LETTERS)


def composed(text: str) -> str:
    """Letters of two code points made one: й, ё and the like as PDFs write them."""
    return normalize("NFC", text)


def stem(word: str) -> str:
    """A word of a name in one form: Абай, Абая; Момышұлы, Момышулы; Қонаев, Кунаева (R66)."""
    if word.isdecimal():
        return str(int(word))
    bare = _by_rule(word)
    return _spellings().get(bare, bare)


def _by_rule(word: str) -> str:
    for ending, rest in _ENDINGS:
        if match := ending.fullmatch(word):
            word = match.expand(rest)
            break
    for sound, letter in _SOUNDS:
        word = sound.sub(letter, word)
    return word


@cache
def _spellings() -> dict[str, str]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = [[_by_rule(plain(word)) for word in row] for row in csv.reader(file) if row]
    return {word: row[0] for row in rows for word in row[1:]}
