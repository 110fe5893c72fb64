"""The form in which ops word a ground of a refusal (D49)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from applications.grounds import WORDS
from applications.models import About, Ground

CODE = r"[A-Z][A-Z_]{1,19}"
EMPTY = _("Толтырыңыз: мектеп пен ата-ана оны екі тілде оқиды.")


def _line(label: Any, length: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        error_messages={"required": EMPTY, "max_length": _("Мәтінді қысқартыңыз.")},
    )


def _text(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Мәтінді қысқартыңыз.")},
    )


class GroundForm(TypedForm):
    name_kk = _line(_("Атауы қазақша"), 200)
    name_ru = _line(_("Атауы орысша"), 200)
    law_kk = _line(_("Құқықтық негізі қазақша"), 500)
    law_ru = _line(_("Құқықтық негізі орысша"), 500)
    text_kk = _text(_("Себептің үлгісі қазақша"))
    text_ru = _text(_("Себептің үлгісі орысша"))
    about = forms.ChoiceField(
        label=_("Не дұрыс емес"),
        choices=About.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Біреуін таңдаңыз: қайта өтінім бергенде сол қайта сұралады.")},
    )

    @property
    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WORDS}


class NewGroundForm(GroundForm):
    code = forms.RegexField(
        CODE,
        label=_("Коды"),
        help_text=_("Латынның бас әріптері, мысалы: NO_CONSENT. Кейін өзгермейді."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input--short"}),
        error_messages={
            "required": _("Кодын жазыңыз."),
            "invalid": _("Код латынның бас әріптерінен тұрады, мысалы: NO_CONSENT."),
            "max_length": _("Код 20 әріптен аспайды."),
        },
    )
    field_order = ("code", *WORDS[1:], "about")


def words_of(ground: Ground) -> dict[str, Any]:
    return {name: getattr(ground, name) for name in WORDS}
