"""What a school's person copies from an in-person application (R129, D15)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import IinField
from accounts.typed import TypedForm
from applications.filing.forms.child import ChildForm, clean_phone
from applications.models import Application, Why
from egov import formats
from schools.models import Intake

WORDS_MIN = 10  # characters: «иә» is no reason
LANGUAGE_ERRORS = {
    "required": _("Қағаз өтінімде көрсетілген оқу тілін таңдаңыз."),
    "invalid_choice": _("Мектеп бұл тілде қабылдамайды. Ұсынылған тілдердің бірін таңдаңыз."),
}


def _iin(label: Any) -> IinField:
    wrong = _("ЖСН қате жазылған. Цифрларын қағаз өтініммен салыстырыңыз.")
    return IinField(label=label, source=_("12 цифр, қағаз өтінімнен."), wrong=wrong)


def _intakes(several_schools: bool) -> forms.ChoiceField:
    label = _("Мектеп пен оқу тілін таңдаңыз:") if several_schools else _("Оқу тілін таңдаңыз:")
    return forms.ChoiceField(label=label, widget=forms.RadioSelect, error_messages=LANGUAGE_ERRORS)


class IntakeForm(TypedForm):
    """One of the person's own schools' intakes; of another school there is nothing to choose."""

    def __init__(self, *args: Any, intakes: list[Intake], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(one.pk): one for one in intakes}
        several = len({one.school_id for one in intakes}) > 1
        field = _intakes(several)
        field.choices = [
            (key, f"{one.school.name}, {one.language.name}" if several else one.language.name)
            for key, one in self.by_key.items()
        ]
        self.fields["intake"] = field
        if len(intakes) == 1:
            self.initial.setdefault("intake", str(intakes[0].pk))

    def intake(self) -> Intake:
        return self.by_key[self.cleaned_data["intake"]]


class StartForm(IntakeForm):
    """Whose paper it is; the registers tell the rest."""

    applicant_iin = _iin(_("Өтініш берушінің ЖСН-і"))
    child_iin = _iin(_("Баланың ЖСН-і"))
    why = forms.ChoiceField(
        label=_("Азаматты не үшін іздейсіз?"),
        choices=Why.choices,
        widget=forms.RadioSelect,
        help_text=_("Себебі мен уақыты журналға жазылады, оны ата-ана «Кім қарады» бөлімінен көреді."),
        error_messages={"required": _("Себебін таңдаңыз: оны ата-ана көреді.")},
    )
    words = forms.CharField(
        label=_("Себебін толықтырыңыз"),
        help_text=_("«Басқа себеп» таңдалса, міндетті. Адамдардың аты-жөнін жазбаңыз."),
        required=False,
        max_length=200,
        error_messages={"max_length": _("200 таңбаға дейін қысқартыңыз.")},
    )
    consent = forms.BooleanField(
        label=_(
            "Өтініш беруші өзінің және баланың дербес деректерін жинауға, өңдеуге және сыртқы жүйелерден "
            "алуға қағаз түрінде келісім берді"
        ),
        error_messages={
            "required": _("Қағаз түріндегі келісімсіз тізілімдерден деректер сұратылмайды: белгіні қойыңыз.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["applicant_iin", "child_iin", "intake", "why", "words", "consent"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("why") == Why.OTHER and len(data.get("words", "")) < WORDS_MIN:
            self.add_error("words", _("Себебін кемінде 10 таңбамен жазыңыз."))
        return data


class DetailsForm(IntakeForm):
    """What the registers do not know. The number for SMS is asked for only when no profile has one."""

    applicant_phone = forms.CharField(
        label=_("SMS жіберілетін ұялы телефон нөмірі"),
        help_text=_(
            "Қағаз өтінімнен. Өтініш берушінің мәртебе туралы SMS-тері осы нөмірге барады. "
            "Нөмір көрсетілмесе, бос қалдырыңыз: жауапты ата-анаға өзіңіз хабарлайсыз. "
            "Мысалы: +7 701 123 45 67"
        ),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "class": "input--short"}),
        error_messages={"max_length": _("Телефон нөмірі тым ұзын. Үлгі: +7 701 123 45 67.")},
    )
    extra_phone = forms.CharField(
        label=_("Қосымша телефон нөмірі"),
        help_text=_("Міндетті емес, ұялы немесе қалалық. SMS бұл нөмірге жіберілмейді."),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "class": "input--short"}),
        error_messages={"max_length": _("Телефон нөмірі тым ұзын. Үлгі: +7 701 123 45 67.")},
    )
    special_needs = ChildForm.base_fields["special_needs"]

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if application.applicant.phone:
            del self.fields["applicant_phone"]
        self.order_fields(["intake", "applicant_phone", "extra_phone", "special_needs"])

    def clean_extra_phone(self) -> str:
        return clean_phone(self.cleaned_data["extra_phone"])

    def clean_applicant_phone(self) -> str:
        typed = self.cleaned_data["applicant_phone"].strip()
        found = formats.mobile(typed) if typed else ""
        if typed and not found:
            raise forms.ValidationError(_("Қазақстанның ұялы нөмірін жазыңыз. Үлгі: +7 701 123 45 67."))
        return found
