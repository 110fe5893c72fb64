"""What nobody sees is refused in a text that others read, and shown without it."""

from typing import Any

import pytest
from django import forms

from accounts.typed import CODE, TypedForm, hidden, visible

SEEN = (
    "Айгүл Сәрсенова", "ул.\u00a0Абая, 5/1", "«Ә» — «ә» № 7 👍🏽 ❤️ ½ مدرسة",
    "1\ufe0f\u20e3 \u260e\ufe0e \U0001f44d\ufe0f", "e\u0301", "\U0001f9d1 \ue000",
)  # fmt: skip
UNSEEN = {
    "direction": "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    "without width": "\u200b\u200c\u200d\u2060\ufeff\u00ad",
    "control": "\0\x01\x0b\x0c\x1b\x1f\x7f\x80\x85\x9f",
    "separators": "\u2028\u2029",
    "half of a letter": "\ud800\udfff",
    "no letter": "\ufffe\uffff\U0001ffff\ufdd0",
    "tags": "\U000e0001\U000e0041",
    "fillers": "\u115f\u1160\u3164\uffa0\u2800\u034f\u180b",
}
# Unicode, DerivedCoreProperties: Default_Ignorable_Code_Point.
IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)  # fmt: skip


@pytest.mark.parametrize("text", SEEN)
def test_what_people_write_is_left_alone(text: str) -> None:
    assert not any(hidden(text, lines=False)) and visible(text, lines=False) == text
    both = f"{text}\r\n\t{text}"
    assert not any(hidden(both, lines=True)) and visible(both, lines=True) == both


@pytest.mark.parametrize("letters", UNSEEN.values(), ids=UNSEEN)
def test_each_thing_that_nobody_sees_is_found_and_left_out(letters: str) -> None:
    for letter in letters:
        assert list(hidden(f"а{letter}б", lines=True)) == [letter], f"U+{ord(letter):04X}"
        assert visible(f"а{letter}б", lines=True) == "аб"


def test_nothing_passes_that_every_program_leaves_out() -> None:
    """A selector of pictures behind a letter, a digit, the number sign or another selector as well."""
    letters = "".join(chr(number) for first, last in IGNORABLE for number in range(first, last + 1))
    for before in "м1№":
        text = "".join(f"{before}{letter}" for letter in letters)
        assert "".join(hidden(text, lines=True)) == letters
        assert visible(text, lines=True) == before * len(letters)
    assert list(hidden("\u2764\ufe0f\ufe0f", lines=True)) == ["\ufe0f"]
    assert list(hidden("\ufe0f1\ufe0f", lines=True)) == ["\ufe0f", "\ufe0f"]


def test_a_line_that_may_not_break_has_a_space_instead() -> None:
    assert visible("а\nб\tв\u200b", lines=False) == "а б в"
    assert list(hidden("а\nб", lines=False)) == ["\n"]


class _Form(TypedForm):
    name = forms.CharField(required=False)
    words = forms.CharField(widget=forms.Textarea, required=False)

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data)
        self.fields["later"] = forms.CharField(required=False)


@pytest.mark.parametrize("name", ["name", "words", "later"])
def test_form_refuses_once_and_shows_the_text_without(name: str) -> None:
    """Also in a field that the form adds to itself; in words of ours, with NUL too."""
    for letter in "\u202e\0":
        form = _Form({name: f"бір{letter}екі"})
        assert [error.code for error in form.errors.as_data()[name]] == [CODE]
        assert "көрінбейтін таңбалар" in form.errors[name][0]
        assert form[name].value() == "бірекі" and "бірекі" in str(form)
        assert _Form({name: form[name].value()}).is_valid()


def test_lines_stay_lines_where_they_may() -> None:
    assert _Form({"words": "бір\r\nекі"}).is_valid()
    one_line = _Form({"name": "бір\r\nекі"})
    assert not one_line.is_valid() and one_line["name"].value() == "бір  екі"
