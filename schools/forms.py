"""A list of places as a field of a form: one level of the way down to an address (R82)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.catalogue import Level

REQUIRED = {
    "region": _("Облысты немесе қаланы таңдаңыз."),
    "district": _("Ауданды таңдаңыз."),
    "okrug": _("Ауылдық округті немесе қаланы таңдаңыз."),
    "village": _("Ауылды таңдаңыз."),
}
INVALID = _("Тізімнен таңдаңыз.")


def place_select(level: Level, *, invalid: Any = INVALID) -> forms.ChoiceField:
    options = [(place.kato, name) for place, name in level.named()]
    return forms.ChoiceField(
        label=f"{level.label}:",
        choices=[("", _("Таңдаңыз")), *options],
        required=False,
        initial=level.chosen.kato if level.chosen else "",
        error_messages={"invalid_choice": invalid},
    )
