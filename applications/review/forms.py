"""The form of a school's decision: result, ground and reason, and the answer on transport (D16, D17)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Application, RefusalReason, Result

REASON_MIN = 20  # characters: one word explains nothing to a parent
REASON_MAX = 2000

YES_NO = [("yes", _("Иә")), ("no", _("Жоқ"))]


class DecisionForm(forms.Form):
    result = forms.ChoiceField(
        label=_("Шешім"),
        choices=[(Result.ACCEPT, _("Қабылдау")), (Result.REFUSE, _("Бас тарту"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Шешімді таңдаңыз: қабылдау немесе бас тарту.")},
    )
    reason_code = forms.ChoiceField(
        label=_("Бас тарту негізі"),
        choices=[("", _("Негізді таңдаңыз")), *RefusalReason.choices],
        required=False,
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
                "reason": data["reason"].strip(),
            }
        fields: dict[str, Any] = {"result": Result.ACCEPT}
        if self.asks_transport:
            fields["transport"] = data["transport"] == "yes"
            fields["transport_reason"] = "" if fields["transport"] else data["transport_reason"].strip()
        return fields


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("Орындаушыға ескерту"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        error_messages={
            "required": _("Нені түзету керегін жазыңыз."),
            "max_length": _("Ескертуді 500 таңбаға дейін қысқартыңыз."),
        },
    )
