"""The form by which somebody is given a post; the rules are `schools/appointing.py`'s."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import IinField
from accounts.typed import TypedForm
from schools.appointing import NotAppointed, Post, Reason
from schools.models import Locality, Role, School

ACTING = "ACTING"
ONLY_ACTING = _("Тек директордың міндетін атқарушыға.")
CHOICES = {
    Role.EXECUTOR: _("Орындаушы: өтінімдерді қарайды, шешімді ұсынады"),
    Role.DIRECTOR: _("Директор: шешімге қол қояды. Қазіргі директордың өкілеттігі тоқтатылады"),
    ACTING: _("Директордың міндетін атқарушы: төмендегі күндері шешімге қол қояды"),
    Role.DEPARTMENT: _("Білім басқармасының маманы"),
    Role.OPS: _("Портал қызметі"),
}
REFUSALS = {
    Reason.NOT_AN_IIN: ("iin", _("ЖСН-де қате бар: 12 цифрын құжаттан қарап, қайта теріңіз.")),
    Reason.TOO_YOUNG: ("iin", _("Бұл ЖСН 18 жасқа толмаған адамдікі. Цифрларын тексеріңіз.")),
    Reason.NOT_YOURS: ("role", _("Бұл лауазымға тағайындауға өкілеттігіңіз жоқ.")),
    Reason.ONESELF: (
        "iin",
        _("Өзіңізді лауазымға тағайындай алмайсыз: оны жоғары тұрған мекеме жасайды."),
    ),
    Reason.HAS_IT: ("iin", _("Бұл адам осы лауазымда тұр.")),
    Reason.DAYS: (
        "ends_on",
        _("Соңғы күн бірінші күннен және бүгіннен ерте болмауға, бір жылдан аспауға тиіс."),
    ),
}


class AppointForm(TypedForm):
    """Whom, to which post; a person need not have signed in before (D38)."""

    iin = IinField(
        label=_("Қызметкердің ЖСН-і"),
        source=_(
            "12 цифр. Адам порталға әлі кірмеген болуы мүмкін: лауазымы алғаш кіргенде-ақ күшінде болады."
        ),
        wrong=REFUSALS[Reason.NOT_AN_IIN][1],
    )
    role = forms.ChoiceField(
        label=_("Лауазымы"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Лауазымды таңдаңыз."),
            "invalid_choice": _("Тізімдегі лауазымдардың бірін таңдаңыз."),
        },
    )
    starts_on = forms.DateField(
        label=_("Бірінші күні"),
        help_text=ONLY_ACTING,
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input--short"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Күнді толық жазыңыз, мысалы: 2027-04-01.")},
    )
    ends_on = forms.DateField(
        label=_("Соңғы күні"),
        help_text=ONLY_ACTING,
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input--short"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Күнді толық жазыңыз, мысалы: 2027-04-30.")},
    )

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.acts = Role.DIRECTOR in roles
        open_ = [*roles, ACTING] if self.acts else list(roles)
        choices = [(str(one), CHOICES[one]) for one in open_]
        cast("forms.ChoiceField", self.fields["role"]).choices = choices
        if len(choices) == 1:
            self.initial.setdefault("role", choices[0][0])
        if not self.acts:
            del self.fields["starts_on"], self.fields["ends_on"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("role") == ACTING:
            for name in ("starts_on", "ends_on"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Міндетін атқарушыға екі күнді де жазыңыз."))
        return data

    def post(self, *, school: School | None = None, region: Locality | None = None) -> Post:
        data = self.cleaned_data
        if data["role"] == ACTING:
            return Post(Role.DIRECTOR, school, None, data["starts_on"], data["ends_on"])
        return Post(Role(data["role"]), school, region)

    def refuse(self, refused: NotAppointed) -> None:
        field, told = REFUSALS[refused.reason]
        self.add_error(field if field in self.fields else "iin", told)
