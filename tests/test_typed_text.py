"""No form of the portal takes a text with anything in it that nobody sees: every form, every field of it."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.typed import CODE, TypedMixin
from tests.plan import MAY_IMPORT

HIDDEN = ("\u202e", "\u2067", "\u200b", "\u200f", "\0", "\ud800", "\x1b", "\u2028", "\u3164", "\ufe0f")
TEXT = (forms.TextInput, forms.Textarea)


def _every(base: type[Any]) -> Iterator[type[Any]]:
    for one in base.__subclasses__():
        yield one
        yield from _every(one)


def forms_of_the_portal() -> list[type[Any]]:
    import_module(settings.ROOT_URLCONF)  # each page with its forms
    found = {one for one in _every(forms.BaseForm) if one.__module__.partition(".")[0] in MAY_IMPORT}
    return sorted((one for one in found if ".tests." not in one.__module__), key=lambda one: str(one))


def test_every_form_refuses_what_nobody_sees_in_each_text_of_it(subtests: pytest.Subtests) -> None:
    every = forms_of_the_portal()
    assert len(every) > 40
    texts = 0
    for one in every:
        with subtests.test(f"{one.__module__}.{one.__qualname__}"):
            assert issubclass(one, TypedMixin), "no form is made of Django's own base"
            form = one.__new__(one)  # whatever its own beginning asks for, its fields are these
            form.fields = {name: field.__deepcopy__({}) for name, field in one.base_fields.items()}
            form.demand_visible()
            for name, field in form.fields.items():
                texts += _refuses(name, field)
    assert texts > 60


def _refuses(name: str, field: forms.Field) -> int:
    """A field of another kind that is typed all the same keeps no text: a number, a day."""
    if isinstance(field, forms.CharField):
        for letter in HIDDEN:
            with pytest.raises(ValidationError) as refused:
                field.clean(f"ab{letter}cd")
            assert CODE in [error.code for error in refused.value.error_list], f"{name} U+{ord(letter):04X}"
        return 1
    if isinstance(field.widget, TEXT):
        with pytest.raises(ValidationError):
            field.clean("20\u202e26")
    return 0
