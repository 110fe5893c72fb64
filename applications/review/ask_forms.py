"""The form by which a school asks for a better document (D55)."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from applications import supplements
from applications.models import Application
from applications.review.forms import REASON_MIN


class AskForm(TypedForm):
    """A better document instead of a refusal (D55)."""

    kind = forms.ChoiceField(
        label=_("Қай құжат"), error_messages={"required": _("Қай құжат керек екенін таңдаңыз.")}
    )
    why = forms.CharField(
        label=_("Құжаттың несі дұрыс емес"),
        help_text=_("Ата-анаға осы күйінде көрсетіледі. Қандай құжат керек екенін де жазыңыз."),
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=REASON_MIN,
        max_length=500,
        error_messages={
            "required": _("Құжаттың несі дұрыс емес екенін жазыңыз."),
            "min_length": _("Кемінде 20 таңбамен түсіндіріңіз: оны ата-ана оқиды."),
            "max_length": _("Түсіндірмені 500 таңбаға дейін қысқартыңыз."),
        },
    )

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = cast(forms.ChoiceField, self.fields["kind"])
        choices.choices = [(kind.value, kind.label) for kind in supplements.kinds(application)]
