"""The words of a school and of a department on an appeal (D73): the parent reads both."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from applications.models import Outcome

SHORTEST = 20  # letters: one word explains nothing
LONGEST = 4000
TOO_SHORT = _("Кемінде 20 таңбамен түсіндіріңіз: оны ата-ана оқиды.")
TOO_LONG = _("4000 таңбаға дейін қысқартыңыз.")


class OpinionForm(TypedForm):
    opinion = forms.CharField(
        label=_("Мектептің пікірі"),
        help_text=_("Шешім неге дұрыс деп санайсыз. Ата-ана мен білім басқармасы оқиды."),
        widget=forms.Textarea(attrs={"rows": 5}),
        min_length=SHORTEST,
        max_length=LONGEST,
        error_messages={
            "required": _("Мектептің пікірін жазыңыз."),
            "min_length": TOO_SHORT,
            "max_length": TOO_LONG,
        },
    )


class AnswerForm(TypedForm):
    outcome = forms.ChoiceField(
        label=_("Нәтижесі"),
        choices=[
            (Outcome.UPHELD, _("Қанағаттандыру: мектеп өтінім бойынша қайта шешім қабылдайды")),
            (Outcome.DECLINED, _("Қанағаттандырусыз қалдыру: бас тарту күшінде қалады")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Нәтижесін таңдаңыз.")},
    )
    answer = forms.CharField(
        label=_("Білім басқармасының жауабы"),
        help_text=_(
            "Ата-анаға және мектепке осы күйінде көрсетіледі. Қандай норма негізінде екенін жазыңыз."
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
        min_length=SHORTEST,
        max_length=LONGEST,
        error_messages={
            "required": _("Жауапты жазыңыз."),
            "min_length": TOO_SHORT,
            "max_length": TOO_LONG,
        },
    )
