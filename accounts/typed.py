"""Text that one person types and others read holds nothing that nobody sees: no mark that turns the direction
of reading, no letter without width, no control character, no half of a letter. With them a school's name
reads otherwise than it is stored, two that look alike are two, and a line breaks out of its cell.

Every form of the portal is a `TypedForm`, and rows of files pass `hidden` too: what is refused is refused in
one place. The page shows the text again without them, so that who has pasted one sends what they see.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from egov.gate import UNSEEN

LINES = "\t\n\r"  # what a text of several lines is written with
# Of other categories, and blank all the same: fillers, joiners, an empty pattern of Braille.
BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u2800\u3164\uffa0]")
NON_CHARACTERS = range(0xFDD0, 0xFDF0)  # beside the last two of each plane: none is ever given out
CODE = "hidden"
REFUSAL = _(
    "Мәтінде көрінбейтін таңбалар болды. Біз оларды алып тастадық: мәтінді тексеріп, қайта жіберіңіз."
)


def hidden(text: str, *, lines: bool) -> Iterator[str]:
    """What of the text nobody sees; `lines`: it may be of several lines."""
    if text.isprintable() and not BLANK.search(text):  # of long files nearly every line
        return iter(())
    return (letter for letter in text if _is_hidden(letter, lines=lines))


def visible(text: str, *, lines: bool) -> str:
    """The text without it; a line that may not break has a space instead."""
    if not any(hidden(text, lines=lines)):
        return text
    return "".join(_shown(letter, lines=lines) for letter in text)


def _shown(letter: str, *, lines: bool) -> str:
    if not _is_hidden(letter, lines=lines):
        return letter
    return " " if letter in LINES else ""


def _is_hidden(letter: str, *, lines: bool) -> bool:
    if letter in LINES:
        return not lines
    number = ord(letter)
    return (
        unicodedata.category(letter) in UNSEEN
        or BLANK.match(letter) is not None
        or number & 0xFFFE == 0xFFFE
        or number in NON_CHARACTERS
    )


@deconstructible
class Visible:
    """Refuses a text with anything hidden in it."""

    def __init__(self, *, lines: bool) -> None:
        self.lines = lines

    def __call__(self, text: Any) -> None:
        if any(hidden(str(text), lines=self.lines)):
            raise ValidationError(REFUSAL, code=CODE)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Visible) and self.lines == other.lines

    def __hash__(self) -> int:
        return hash(self.lines)


def takes_lines(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.Textarea)


class TypedMixin:
    """Of a form, whatever it is made of."""

    base_fields: dict[str, forms.Field]
    fields: dict[str, forms.Field]

    def full_clean(self) -> None:
        """Before anything else is judged, also of fields that the form has added to itself."""
        self.demand_visible()
        super().full_clean()  # type: ignore[misc]  # of the form beside it

    def demand_visible(self) -> None:
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                _demand_visible(field)


def _demand_visible(field: forms.CharField) -> None:
    """In place of Django's own refusal of NUL, whose words are not ours."""
    replaced = (ProhibitNullCharactersValidator, Visible)
    others = [one for one in field.validators if not isinstance(one, replaced)]
    field.validators = [Visible(lines=takes_lines(field)), *others]


class TypedForm(TypedMixin, forms.Form):
    """The base of every form of the portal."""
