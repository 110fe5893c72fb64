"""The gate that text from outside passes: each kind of field has one reader, and nothing else is let in.

A field that cannot be what it says is named in the log, its value never is. Of names nothing is cut: what has
no place in any text (NUL, control characters, marks that turn the direction of reading) is taken out of them,
and a name that is too long, or holds what no name holds, is refused whole.
"""

import json
import logging
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, NoReturn

from egov import iin as numbers
from egov.errors import Unreadable

logger = logging.getLogger(__name__)

MAX_NAME = 300  # of each part of a name, as wide as its column
MAX_DEPTH = 32  # of JSON; a real answer has about 6
INVISIBLE = ("Cc", "Cf")  # control characters; bidi overrides, zero widths, soft hyphens
UNSEEN = (*INVISIBLE, "Cs", "Zl", "Zp")  # halves of characters, ends of lines that no keyboard makes
IN_NAMES = "-‐‑–—'’‘ʼʹ`´.,()\"«»/·"  # beside letters and their marks


class NotJson(ValueError):
    """Not JSON, or JSON that no system of ours writes."""


def loads(content: bytes) -> Any:
    """JSON in UTF-8: no number without a value, no key twice, no half of a character, not too deep.
    Raises NotJson."""
    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            parse_float=_finite,
            parse_constant=_no_number,
            object_pairs_hook=_once_each,
        )
    except (ValueError, RecursionError):
        raise NotJson("not JSON") from None
    _check_tree(value)
    return value


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def _no_number(_text: str) -> NoReturn:
    raise NotJson("a number without a value")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise NotJson("a key twice")
    return dict(pairs)


def _check_tree(value: Any) -> None:
    level = [value]
    for _depth in range(MAX_DEPTH):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and not _is_whole(one):
                raise NotJson("half of a character")
        if not below:
            return
        level = below
    raise NotJson("too deep")


def _is_whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def plain(text: str) -> bool:
    """Nothing in it that a line of text cannot show."""
    return not any(unicodedata.category(char) in UNSEEN for char in text)


def code(text: str) -> str:
    """A code of theirs as our logs may show it, "" of anything that is none."""
    return text if re.fullmatch(r"[A-Za-z0-9_.:-]{1,40}", text, re.ASCII) else ""


@dataclass(frozen=True)
class Gate:
    """The readers of one system's fields. Each raises Unreadable."""

    system: str

    def refuse(self, field: str, why: str) -> NoReturn:
        logger.warning("%s: the field %s is %s", self.system, field, why)
        raise Unreadable(self.system, f"{field} is {why}")

    def mapping(self, value: Any, field: str) -> dict[str, Any]:
        return value if isinstance(value, dict) else self.refuse(field, "not an object")

    def text(self, value: Any, field: str) -> str:
        """Missing and null are both nothing."""
        if value is None:
            return ""
        if not isinstance(value, str) or not _is_whole(value):
            self.refuse(field, "not text")
        return value.strip()

    def line(self, value: Any, field: str, *, limit: int) -> str:
        """One line for people to read."""
        text = self._seen(self.text(value, field))
        return text if len(text) <= limit else self.refuse(field, "too long")

    def name(self, value: Any, field: str) -> str:
        """A part of a person's name."""
        text = self.line(value, field, limit=MAX_NAME)
        if text and not any(char.isalpha() for char in text):
            self.refuse(field, "without a letter")
        if any(unicodedata.category(char)[0] not in "LM" and char not in IN_NAMES + " " for char in text):
            self.refuse(field, "not a name")
        return text

    def patronymic(self, value: Any) -> str | None:
        """ "" says that the person has none; None is a text that shows nothing, which says so of nobody."""
        name = self.name(value, "patronymic")
        return name or ("" if value is None or not value.strip() else None)

    def token(self, value: Any, field: str, *, limit: int) -> str:
        """A secret or a reference that goes back to the system as it came."""
        text = self.text(value, field)
        if not re.fullmatch(r"[\x21-\x7e]*", text):
            self.refuse(field, "not a token")
        return text if len(text) <= limit else self.refuse(field, "too long")

    def iin(self, value: Any, field: str = "iin") -> str:
        """Twelve digits, a real day of birth, the right check digit."""
        text = self.text(value, field)
        return text if numbers.valid_iin(text) else self.refuse(field, "not an IIN")

    def digits(self, value: Any, field: str, *, limit: int) -> str:
        text = self.text(value, field)
        return text if re.fullmatch(rf"[0-9]{{0,{limit}}}", text) else self.refuse(field, "not a number")

    def integer(self, value: Any, field: str, *, low: int, high: int) -> int:
        """Written as a number or as its digits."""
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value.strip()):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.refuse(field, "not a number of the range")
        return value

    def _seen(self, text: str) -> str:
        """Without what nobody sees; every run of white space is one space."""
        spaced = " ".join(text.split())
        return "".join(char for char in spaced if unicodedata.category(char) not in INVISIBLE).strip()
