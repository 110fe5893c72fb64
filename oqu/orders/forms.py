"""What ops type: always the reason, of ten characters at least and without anybody's number."""

import re
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import IinField
from accounts.typed import TypedForm
from accounts.waiting.terms import Mode

WHY_MIN, WHY_MAX = 10, 200
NUMBER = re.compile(r"(?<!\d)(?:\d[\s().+-]*){10,12}(?!\d)")  # an IIN or a phone, however it is written
# 30.11.2026, 2026-11-30, 30.11, 14.05 or 14:05: a reason may say of when it speaks.
MOMENT = re.compile(
    r"(?<!\d)(?<!\d[.:])"
    r"(?:20\d\d[.-][01]?\d[.-][0-3]?\d|[0-3]?\d[.-][01]?\d[.-]20\d\d|[0-3]?\d[.:][0-5]\d)"
    r"(?!\d|[.:]\d)"
)
MOST_RATE = 100_000
TERMS = {
    15: _("15 минут"),
    30: _("30 минут"),
    60: _("1 сағат"),
    120: _("2 сағат"),
    240: _("4 сағат"),
    720: _("12 сағат"),
    1440: _("24 сағат"),
}


class WhyForm(TypedForm):
    why = forms.CharField(
        label=_("Себебі"),
        help_text=_("Журналда және бұйрықтар тізімінде қалады. Адамның аты мен нөмірлерін жазбаңыз."),
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=WHY_MIN,
        max_length=WHY_MAX,
        error_messages={
            "required": _("Себебін жазыңыз."),
            "min_length": _("Себебін толығырақ жазыңыз: кемінде 10 таңба."),
            "max_length": _("Себебін 200 таңбаға дейін қысқартыңыз."),
        },
    )

    def clean_why(self) -> str:
        why = " ".join(self.cleaned_data["why"].split())
        if len(why) < WHY_MIN:
            raise forms.ValidationError(self.fields["why"].error_messages["min_length"])
        if NUMBER.search(MOMENT.sub(";", why)):
            raise forms.ValidationError(_("Себептен ЖСН мен телефон нөмірін алып тастаңыз."))
        return why


class PauseForm(WhyForm):
    term = forms.TypedChoiceField(
        label=_("Қанша уақытқа?"),
        help_text=_("Уақыты біткенде жүйе өзі қайта қосылады."),
        choices=list(TERMS.items()),
        coerce=lambda minutes: timedelta(minutes=int(minutes)),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Қанша уақытқа тоқтататыныңызды таңдаңыз."),
            "invalid_choice": _("Уақытты тізімнен таңдаңыз."),
        },
    )
    field_order = ("term", "why")


class RoomForm(WhyForm):
    MODES: ClassVar = [
        (Mode.ON, _("Қосулы: кезек жоқ болса, адамдар тоқтамай өтеді")),
        (Mode.AUTO, _("Өзі қосылады: жүктеме көбейгенде және өңір ашыларда")),
        (Mode.OFF, _("Өшірулі: ешкім күтпейді, күтіп тұрғандар бірден кіреді")),
    ]
    mode = forms.ChoiceField(
        label=_("Күту залының тәртібі"),
        choices=MODES,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Күту залының тәртібін таңдаңыз."),
            "invalid_choice": _("Күту залының тәртібін тізімнен таңдаңыз."),
        },
    )
    rate = forms.IntegerField(
        label=_("Минутына кіретін адам саны"),
        help_text=_("Барлық машинаға ортақ сан."),
        min_value=1,
        max_value=MOST_RATE,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input--short"}),
        error_messages={
            "required": _("Минутына қанша адам кіретінін жазыңыз."),
            "invalid": _("Адам санын цифрмен жазыңыз."),
            "min_value": _("Минутына кемінде бір адам кіруі керек."),
            "max_value": _("Бұл сан тым үлкен: 100 000-нан асырмаңыз."),
        },
    )
    field_order = ("mode", "rate", "why")


class PersonForm(TypedForm):
    """Whose sessions to look for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["iin"] = IinField(
            label=_("Адамның ЖСН-і"),
            source=_("12 цифр"),
            wrong=_("Мұндай ЖСН болмайды. Цифрларын тексеріңіз."),
        )
