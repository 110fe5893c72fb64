"""Step 2: the way of admission, the school with its language, transport (R65-R83)."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from applications.models import Route
from schools.models import Intake, Language
from schools.offers import Offer


class SchoolForm(TypedForm):
    """The school and one of the languages it really offers (R74, R77, R184)."""

    school = forms.ChoiceField(
        label=_("Мектепті таңдаңыз:"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Мектепті таңдаңыз."),
            "invalid_choice": _("Бұл мектепті таңдау мүмкін емес. Тізімнен мектепті таңдаңыз."),
        },
    )
    language = forms.ChoiceField(
        label=_("Оқу тілін таңдаңыз:"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Оқу тілін таңдаңыз."),
            "invalid_choice": _("Мектеп бұл тілде оқытпайды. Ұсынылған тілдердің бірін таңдаңыз."),
        },
    )

    def __init__(self, *args: Any, offers: list[Offer], anew: bool = False, **kwargs: Any) -> None:
        """`anew`: the school is to be thought over, so the only one is not chosen already."""
        super().__init__(*args, **kwargs)
        self.by_key = {str(one.school.pk): one for one in offers}
        cast("forms.ChoiceField", self.fields["school"]).choices = list(self.by_key.items())
        languages = _languages(offers)
        cast("forms.ChoiceField", self.fields["language"]).choices = [(one.code, one) for one in languages]
        if len(offers) == 1 and not anew:
            self.initial.setdefault("school", str(offers[0].school.pk))
        if len(languages) == 1:
            self.initial.setdefault("language", languages[0].code)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "school" in data and "language" in data and self._intake() is None:
            self.add_error("language", self.fields["language"].error_messages["invalid_choice"])
        return data

    def intake(self) -> Intake:
        found = self._intake()
        assert found is not None  # is_valid() was asked first
        return found

    def _intake(self) -> Intake | None:
        return self.by_key[self.cleaned_data["school"]].intake(self.cleaned_data["language"])


class WayForm(SchoolForm):
    """R72, and with «Иә» the school of the address at once (D70)."""

    field_order = ("route", "school", "language")
    route = forms.ChoiceField(
        label=_("Мектепті шағын аудан бойынша таңдау қажет пе?"),
        choices=[
            (Route.LOCAL, _("Иә — шағын аудан бойынша")),
            (Route.OUTSIDE, _("Жоқ — шағын ауданнан тыс")),
        ],
        initial=Route.LOCAL,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Мектепті шағын аудан бойынша таңдайтыныңызды көрсетіңіз: иә немесе жоқ."),
            "invalid_choice": _("«Иә» немесе «Жоқ» деген жауапты таңдаңыз."),
        },
    )

    def clean(self) -> dict[str, Any]:
        """With «Жоқ» nothing is asked of the schools beside it."""
        data = super().clean()
        if data.get("route") == Route.OUTSIDE:
            for name in ("school", "language"):
                self.errors.pop(name, None)
        return data


def _languages(offers: list[Offer]) -> list[Language]:
    found = {place.intake.language.code: place.intake.language for one in offers for place in one.places}
    return sorted(found.values(), key=lambda language: language.position)
