"""How somebody who works wants to be told of their work (D58)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from notifications import mail
from notifications.models import MORNING


class WishesForm(TypedForm):
    digest = forms.BooleanField(
        label=_("Таңғы есеп"),
        help_text=_(
            "Жұмыс күндері күніне бір рет: қанша өтінім жауап күтіп тұр, қаншасының мерзімі бүгін бітеді, "
            "қаншасынікі өтіп кетті. Айтатын ештеңе болмаса, келмейді."
        ),
        required=False,
    )
    digest_hour = forms.TypedChoiceField(
        label=_("Таңғы есептің уақыты"),
        choices=[(hour, f"{hour}:00") for hour in MORNING],
        coerce=int,
        widget=forms.Select(attrs={"class": "input--short"}),
        error_messages={
            "required": _("Таңғы есептің уақытын таңдаңыз."),
            "invalid_choice": _("Таңғы есептің уақытын тізімнен таңдаңыз."),
        },
    )
    reminders = forms.BooleanField(
        label=_("Мерзім бітер алдында еске салу"),
        help_text=_("Екі жұмыс сағаты қалғанда, сізді күтіп тұрған барлық өтінім туралы бір хабарлама."),
        required=False,
    )
    by_sms = forms.BooleanField(
        label=_("SMS арқылы да жіберу"),
        help_text=_("eGov айтқан нөміріңізге."),
        required=False,
    )
    by_email = forms.BooleanField(
        label=_("Электрондық поштаға да жіберу"),
        help_text=_("Профильде рұқсат берген поштаңызға."),
        required=False,
    )

    def __init__(self, *args: Any, at_school: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not at_school:
            del self.fields["reminders"]
        if not mail.is_on():
            del self.fields["by_email"]

    def in_words(self, wanted: Mapping[str, object]) -> list[tuple[str, str]]:
        """What is stored, by the labels of the form."""
        return [(str(field.label), _said(wanted[name])) for name, field in self.fields.items()]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return gettext("иә") if value else gettext("жоқ")
    return f"{value}:00"
