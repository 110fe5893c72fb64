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
# Pictures that a selector behind them makes coloured or plain (Unicode, `Emoji`): the planes beside the first
# hold them by the hundred, and no letter of anybody's name.
PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9-\u21aa\u231a-\u231b\u2328\u23cf"
    "\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa-\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2604\u260e"
    "\u2611\u2614-\u2615\u2618\u261d\u2620\u2622-\u2623\u2626\u262a\u262e-\u262f\u2638-\u263a"
    "\u2640\u2642\u2648-\u2653\u265f-\u2660\u2663\u2665-\u2666\u2668\u267b\u267e-\u267f"
    "\u2692-\u2697\u2699\u269b-\u269c\u26a0-\u26a1\u26a7\u26aa-\u26ab\u26b0-\u26b1\u26bd-\u26be"
    "\u26c4-\u26c5\u26c8\u26ce-\u26cf\u26d1\u26d3-\u26d4\u26e9-\u26ea\u26f0-\u26f5\u26f7-\u26fa"
    "\u26fd\u2702\u2705\u2708-\u270d\u270f\u2712\u2714\u2716\u271d\u2721\u2728\u2733-\u2734"
    "\u2744\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2764\u2795-\u2797\u27a1\u27b0\u27bf"
    "\u2934-\u2935\u2b05-\u2b07\u2b1b-\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"
)
# Of other categories, or of none yet, and blank all the same (Unicode, `Default_Ignorable_Code_Point`); an
# empty pattern of Braille and a note without a head.
EMPTY = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0d\uffa0\ufff0-\ufff8"
    "\U0001d159\U000e0000-\U000e0fff"
)
SELECTORS = "\ufe0e\ufe0f"  # of pictures: behind anything but one, or a digit with its key, they are blank
SUSPECT = re.compile(f"[{EMPTY}{SELECTORS}]")
BLANK = re.compile(f"[{EMPTY}]|(?<![{PICTURES}])(?!(?<=[#*0-9])\ufe0f\u20e3)[{SELECTORS}]")
NON_CHARACTERS = range(0xFDD0, 0xFDF0)  # beside the last two of each plane: none is ever given out
CODE = "hidden"
REFUSAL = _(
    "Мәтінде көрінбейтін таңбалар болды. Біз оларды алып тастадық: мәтінді тексеріп, қайта жіберіңіз."
)


def hidden(text: str, *, lines: bool) -> Iterator[str]:
    """What of the text nobody sees; `lines`: it may be of several lines."""
    if text.isprintable() and not SUSPECT.search(text):  # of long files nearly every line
        return iter(())
    return (letter for letter, is_seen in _judged(text, lines=lines) if not is_seen)


def visible(text: str, *, lines: bool) -> str:
    """The text without it; a line that may not break has a space instead."""
    if not any(hidden(text, lines=lines)):
        return text
    instead = {letter: " " for letter in LINES}
    return "".join(one if is_seen else instead.get(one, "") for one, is_seen in _judged(text, lines=lines))


def _judged(text: str, *, lines: bool) -> Iterator[tuple[str, bool]]:
    """Each letter, and whether it is seen: of some it depends on what stands before them."""
    blank = {found.start() for found in BLANK.finditer(text)}
    for at, letter in enumerate(text):
        yield letter, at not in blank and not _is_hidden(letter, lines=lines)


def _is_hidden(letter: str, *, lines: bool) -> bool:
    if letter in LINES:
        return not lines
    number = ord(letter)
    return unicodedata.category(letter) in UNSEEN or number & 0xFFFE == 0xFFFE or number in NON_CHARACTERS


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
