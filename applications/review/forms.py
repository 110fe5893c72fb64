"""The forms of a school's decision: result, ground and reason, and the answer on transport (D16, D17); and of
the department's word that a court hides a child from a person (D35)."""

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import IinField
from accounts.prepared import Prepared
from accounts.typed import TypedForm
from applications import facts
from applications.models import Application, Decision, Ground, Result

REASON_MIN = 20  # characters: one word explains nothing to a parent
REASON_MAX = 2000
DAYS = ["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d %m %Y", "%Y-%m-%d", "%d%m%Y"]

_IN_FORCE = Prepared(lambda: Ground.objects.in_force())
YES_NO = [("yes", _("Иә")), ("no", _("Жоқ"))]


class DecisionForm(TypedForm):
    result = forms.ChoiceField(
        label=_("Шешім"),
        choices=[(Result.ACCEPT, _("Қабылдау")), (Result.REFUSE, _("Бас тарту"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Шешімді таңдаңыз: қабылдау немесе бас тарту.")},
    )
    reason_code = forms.ChoiceField(
        label=_("Бас тарту негізі"),
        required=False,
        error_messages={"invalid_choice": _("Бұл негіз енді қолданылмайды: тізімнен басқасын таңдаңыз.")},
    )
    reason = forms.CharField(
        label=_("Бас тарту себебі"),
        help_text=_("Ата-анаға осы күйінде көрсетіледі. Не дұрыс емес екенін және не істеу керегін жазыңыз."),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        max_length=REASON_MAX,
        error_messages={"max_length": _("Себепті 2000 таңбаға дейін қысқартыңыз.")},
    )
    transport = forms.ChoiceField(
        label=_("Тасымалдау қызметі беріле ме?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
    )
    transport_reason = forms.CharField(
        label=_("Тасымалдаудан бас тарту себебі"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=500,
        error_messages={"max_length": _("Себепті 500 таңбаға дейін қысқартыңыз.")},
    )

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grounds = {ground.code: ground for ground in _IN_FORCE()}
        named = [(code, f"{ground.name} ({ground.law})") for code, ground in self.grounds.items()]
        choices = cast(forms.ChoiceField, self.fields["reason_code"])
        choices.choices = [("", _("Негізді таңдаңыз")), *named]
        self.asks_transport = application.transport
        if not self.asks_transport:
            del self.fields["transport"], self.fields["transport_reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("result") == Result.REFUSE:
            self._clean_refusal(data)
        elif data.get("result") == Result.ACCEPT and self.asks_transport:
            self._clean_transport(data)
        return data

    def _clean_refusal(self, data: dict[str, Any]) -> None:
        if not data.get("reason_code"):
            self.add_error("reason_code", _("Бас тарту негізін таңдаңыз."))
        if "reason" in data and len(data["reason"].strip()) < REASON_MIN:
            self.add_error("reason", _("Себепті кемінде 20 таңбамен түсіндіріңіз: оны ата-ана оқиды."))

    def _clean_transport(self, data: dict[str, Any]) -> None:
        if not data.get("transport"):
            self.add_error("transport", _("Тасымалдау бойынша жауапты таңдаңыз: ол шешіммен бірге айтылады."))
        elif data["transport"] == "no" and not data.get("transport_reason", "").strip():
            self.add_error("transport_reason", _("Тасымалдаудан неге бас тартылғанын жазыңыз."))

    def decision(self) -> dict[str, Any]:
        """The fields of a Decision; what does not belong to the result is left out."""
        data = self.cleaned_data
        if data["result"] == Result.REFUSE:
            return {
                "result": Result.REFUSE,
                "reason_code": data["reason_code"],
                "ground": self.grounds[data["reason_code"]],
                "reason": data["reason"].strip(),
            }
        fields: dict[str, Any] = {"result": Result.ACCEPT}
        if self.asks_transport:
            fields["transport"] = data["transport"] == "yes"
            fields["transport_reason"] = "" if fields["transport"] else data["transport_reason"].strip()
        return fields


class CorrectionForm(DecisionForm):
    """A decision in place of the one that was signed by mistake, and what was wrong with that one (D54)."""

    mistake = forms.CharField(
        label=_("Не қате болды"),
        help_text=_("Ата-анаға осы күйінде көрсетіледі. Бұрынғы шешімнің несі қате болғанын түсіндіріңіз."),
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=REASON_MIN,
        max_length=1000,
        error_messages={
            "required": _("Бұрынғы шешімнің несі қате болғанын жазыңыз."),
            "min_length": _("Қатені кемінде 20 таңбамен түсіндіріңіз: оны ата-ана оқиды."),
            "max_length": _("Түсіндірмені 1000 таңбаға дейін қысқартыңыз."),
        },
    )

    def __init__(self, *args: Any, application: Application, corrects: Decision, **kwargs: Any) -> None:
        super().__init__(*args, application=application, **kwargs)
        self.corrects = corrects

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and facts.words(Decision(**super().decision())) == facts.words(
            self.corrects, alone=True
        ):
            self.add_error("result", _("Жаңа шешім бұрынғысымен бірдей: нені түзететініңізді таңдаңыз."))
        return data

    def decision(self) -> dict[str, Any]:
        return super().decision() | {"corrects": self.corrects, "mistake": self.cleaned_data["mistake"]}


def with_pattern(data: QueryDict, *, application: Application) -> DecisionForm:
    """The form as it was typed, its reason in the pattern of the chosen ground, in the parent's language: the
    school fills it in. What has been typed is kept above it."""
    ground = Ground.objects.in_force().filter(code=data.get("reason_code", "").replace("\0", "")).first()
    pattern = ground.pattern(application.applicant.lang) if ground else ""
    typed = data.get("reason", "").strip()
    told = [typed, pattern] if pattern not in typed else [typed]
    initial = data.dict() | {"reason": "\n".join(filter(None, told))}
    return DecisionForm(application=application, initial=initial)


class NoteForm(TypedForm):
    note = forms.CharField(
        label=_("Жазба"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={
            "required": _("Жазбаны жазыңыз."),
            "max_length": _("Жазбаны 1000 таңбаға дейін қысқартыңыз."),
        },
    )


class ReturnForm(TypedForm):
    reason = forms.CharField(
        label=_("Орындаушыға ескертпе"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        error_messages={
            "required": _("Нені түзету керегін жазыңыз."),
            "max_length": _("Ескертпені 500 таңбаға дейін қысқартыңыз."),
        },
    )


def _iin(label: Any) -> IinField:
    wrong = _("ЖСН қате жазылған. Цифрларын сот шешімімен салыстырыңыз.")
    return IinField(label=label, source=_("12 цифр, сот шешімінен."), wrong=wrong)


def _day(label: Any, *, required: bool, **words: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(
            format="%d.%m.%Y", attrs={"class": "input--short", "inputmode": "numeric", "autocomplete": "off"}
        ),
        input_formats=DAYS,
        error_messages={
            "required": _("Сот шешімінің күнін жазыңыз."),
            "invalid": _("Күнді КК.АА.ЖЖЖЖ түрінде жазыңыз. Мысалы: 31.05.2028."),
        },
        **words,
    )


class ProtectionForm(TypedForm):
    """Who is hidden from whom, and by which decision of a court."""

    child_iin = _iin(_("Баланың ЖСН-і"))
    barred_iin = _iin(_("Бала жасырылатын адамның ЖСН-і"))
    document = forms.CharField(
        label=_("Сот шешімінің нөмірі"),
        max_length=100,
        error_messages={
            "required": _("Сот шешімінің нөмірін жазыңыз."),
            "max_length": _("Нөмірді 100 таңбаға дейін қысқартыңыз."),
        },
    )
    decided_on = _day(_("Шешім шыққан күн"), required=True)
    until = _day(
        _("Шешім қай күнге дейін қолданылады"),
        required=False,
        help_text=_(
            "Шешімде көрсетілсе. Ол күні қорғау өздігінен жойылмайды: шешімді қайта қарап, оны өзіңіз "
            "алып тастайсыз."
        ),
    )
    why = forms.CharField(
        label=_("Негізі"),
        help_text=_("Қай сот және не үшін."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=300,
        error_messages={
            "required": _("Негізін жазыңыз: қай сот және не үшін."),
            "max_length": _("Негізін 300 таңбаға дейін қысқартыңыз."),
        },
    )

    def clean_decided_on(self) -> date:
        day: date = self.cleaned_data["decided_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Шешім шыққан күн болашақта болмайды."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("child_iin") and data.get("child_iin") == data.get("barred_iin"):
            self.add_error(
                "barred_iin", _("Бұл — баланың өз ЖСН-і. Бала жасырылатын адамның ЖСН-ін жазыңыз.")
            )
        until, decided_on = data.get("until"), data.get("decided_on")
        if until and decided_on and until < decided_on:
            self.add_error("until", _("Шешім шыққан күнінен бұрын аяқталмайды."))
        return data


class LiftForm(TypedForm):
    why = forms.CharField(
        label=_("Неге алып тасталады"),
        help_text=_("Құжаттың нөмірі мен күнін де жазыңыз."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=300,
        error_messages={
            "required": _("Неге алып тасталатынын жазыңыз: құжаттың нөмірі мен күні."),
            "max_length": _("Себепті 300 таңбаға дейін қысқартыңыз."),
        },
    )
