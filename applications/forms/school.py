"""Step 2: the way of admission, the school with its language, transport (R65-R83)."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Route
from schools import catalogue, seats
from schools.models import Intake, Language, School


class WayForm(forms.Form):
    """R72."""

    route = forms.ChoiceField(
        label=_("Мектепті шағын аудан бойынша таңдау қажет пе?"),
        choices=[(Route.LOCAL, _("Иә")), (Route.OUTSIDE, _("Жоқ"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Мектепті шағын аудан бойынша таңдайтыныңызды көрсетіңіз: иә немесе жоқ."),
            "invalid_choice": _("«Иә» немесе «Жоқ» деген жауапты таңдаңыз."),
        },
    )


@dataclass(frozen=True)
class Place:
    """One language of a school with the places left on each route."""

    intake: Intake
    free: seats.Free

    def left(self, route: str) -> int:
        return self.free.outside if route == Route.OUTSIDE else self.free.local


@dataclass(frozen=True)
class Offer:
    """A school as the list of choices shows it."""

    school: School
    places: list[Place]

    def __str__(self) -> str:
        return self.school.name_kk

    def intake(self, language: str) -> Intake | None:
        return next((one.intake for one in self.places if one.intake.language_id == language), None)


def offer(school: School, *, year: int) -> Offer:
    return Offer(school, [Place(one, seats.free(one)) for one in catalogue.intakes(school, year)])


class SchoolForm(forms.Form):
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

    def __init__(self, *args: Any, offers: list[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(one.school.pk): one for one in offers}
        self.fields["school"].choices = list(self.by_key.items())  # type: ignore[attr-defined]
        languages = _languages(offers)
        self.fields["language"].choices = [(one.code, one) for one in languages]  # type: ignore[attr-defined]
        if len(offers) == 1:
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


def _languages(offers: list[Offer]) -> list[Language]:
    found = {place.intake.language.code: place.intake.language for one in offers for place in one.places}
    return sorted(found.values(), key=lambda language: language.position)
