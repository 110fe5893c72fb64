"""The forms of the personal pages; rules live in the modules named after them."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.children import Candidate


class ChooseChildForm(forms.Form):
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


class LanguageForm(forms.Form):
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
