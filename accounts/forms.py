"""The forms of the personal pages; rules live in the modules named after them."""

import re
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.children import Candidate
from accounts.typed import TypedForm
from egov import formats
from egov.iin import valid_iin


class IinField(forms.CharField):
    """An IIN that is copied by hand from a paper: spaces and dashes in it are no mistake. `source`: where the
    twelve digits stand; `wrong`: what is said of a number that nobody has."""

    def __init__(self, *, label: Any, source: Any, wrong: Any) -> None:
        super().__init__(
            label=label,
            help_text=source,
            max_length=20,
            widget=forms.TextInput(
                attrs={"inputmode": "numeric", "autocomplete": "off", "class": "input--short"}
            ),
            error_messages={
                "required": _("ЖСН-ді жазыңыз: 12 цифр."),
                "max_length": _("ЖСН 12 цифрдан тұрады."),
                "wrong": wrong,
            },
        )

    def clean(self, value: Any) -> str:
        number = re.sub(r"[\s-]", "", super().clean(value))
        if not valid_iin(number):
            raise forms.ValidationError(self.error_messages["wrong"], code="wrong")
        return number


class ChooseChildForm(TypedForm):
    """Which of the register's children to ask consent for (R57)."""

    child = forms.ChoiceField(
        label=_("Қай баланы қосасыз?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Тізімнен баланы таңдаңыз."),
            "invalid_choice": _("Бұл бала тізімде жоқ. Тізімнен баланы қайта таңдаңыз."),
        },
    )

    def __init__(self, *args: Any, candidates: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {one.key: one for one in candidates if not one.added}
        choices = [
            (key, f"{one.full_name}, {date_format(one.record.person.birth_date)}")
            for key, one in self.by_key.items()
        ]
        cast("forms.ChoiceField", self.fields["child"]).choices = choices
        if len(choices) == 1:
            self.initial.setdefault("child", choices[0][0])

    def chosen(self) -> Candidate:
        return self.by_key[self.cleaned_data["child"]]


class LanguageForm(TypedForm):
    """The language of the pages and of the messages sent to the person."""

    language = forms.ChoiceField(
        label=_("Портал мен хабарламалардың тілі"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Тілді таңдаңыз."),
            "invalid_choice": _("Қазақ немесе орыс тілін таңдаңыз."),
        },
    )


class WaysForm(TypedForm):
    """Where else the person allows to tell them when an SMS does not arrive (R103)."""

    second_phone = forms.CharField(
        label=_("Екінші ұялы нөмір"),
        help_text=_("Мысалы, жақын адамыңыздың нөмірі. Үлгі: +7 701 123 45 67"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "class": "input--short"}),
        error_messages={"max_length": _("Телефон нөмірі тым ұзын. Үлгі: +7 701 123 45 67.")},
    )
    email = forms.EmailField(
        label=_("Электрондық пошта"),
        help_text=_("Үлгі: ad@mail.kz"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": _("Пошта мекенжайын толық жазыңыз. Үлгі: ad@mail.kz."),
            "max_length": _("Пошта мекенжайы тым ұзын."),
        },
    )
    allowed = forms.BooleanField(
        label=_("SMS жетпесе, осы нөмірге және поштаға хабарлауға рұқсат беремін"),
        help_text=_(
            "Хабарламада тек өтінімнің нөмірі мен мәртебесі болады. Белгіні алып тастасаңыз, нөмір мен "
            "пошта жойылады."
        ),
        required=False,
    )

    def clean_second_phone(self) -> str:
        typed = self.cleaned_data["second_phone"].strip()
        found = formats.mobile(typed)
        if typed and not found:
            raise forms.ValidationError(_("Қазақстанның ұялы нөмірін жазыңыз. Үлгі: +7 701 123 45 67."))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        typed, stored = (bool(one["second_phone"] or one["email"]) for one in (data, self.initial))
        if data["allowed"] and not typed:
            self.add_error("second_phone", _("Екінші нөмірді немесе поштаны жазыңыз."))
        elif typed and not data["allowed"] and not stored:
            self.add_error("allowed", _("Жазғаныңызды сақтау үшін осы белгіні қойыңыз."))
        return data
