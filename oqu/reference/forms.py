"""The forms of reference data. What a file's loader would refuse, they refuse with words (D65)."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import seen
from accounts.typed import TypedMixin
from oqu.reference.fields import PlaceField, SchoolField
from schools import dates, school_lists, seats, successors
from schools.models import EndedPlace, Intake, Language, Locality, StreetAlias
from schools.streets import street_key

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    ChoiceField = forms.ModelChoiceField[Any]
else:
    ModelForm, ChoiceField = forms.ModelForm, forms.ModelChoiceField

YEARS = [MinValueValidator(2020), MaxValueValidator(2100)]
MOST_SEATS = 9999  # as in a department's table


class NamedChoice(ChoiceField):
    """Rows that have a name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class SeenForm(TypedMixin, ModelForm):
    """Remembers what it was shown with: a later change of somebody else is told before it is undone (D65)."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stale = False
        self.stands = not self.instance._state.adding
        for field in self.fields.values():
            field.error_messages["required"] = _("Толтырыңыз: «%(label)s».") % {"label": field.label}
        if self.stands:
            self.initial[seen.FIELD] = self._mark()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.stands:
            self._demand_unchanged(data)
        return data

    def _stored(self) -> dict[str, Any]:
        return {name: self.initial.get(name) for name in self.fields if name != seen.FIELD}

    def _mark(self) -> str:
        return seen.mark(self._stored())

    def _demand_unchanged(self, data: dict[str, Any]) -> None:
        stored = self._stored()
        wanted = {name: _plain(data[name]) for name in stored if name in data}
        try:
            seen.demand(str(self.data.get(seen.FIELD, "")), stored=stored, wanted=wanted)
        except seen.Stale:
            self.stale = True
            typed: Any = self.data
            self.data = fresh = typed.copy()
            fresh[seen.FIELD] = self._mark()
            self.add_error(None, self._told({name: stored[name] for name in wanted}, wanted))

    def _told(self, stored: dict[str, Any], wanted: dict[str, Any]) -> str:
        other = [
            f"{self.fields[name].label}: {_in_words(self.fields[name], value)}"
            for name, value in stored.items()
            if value != wanted[name]
        ]
        return _(
            "Сіз бұл бетті ашқаннан кейін жазбаны басқа біреу өзгертті. Қазір сақтаулы тұрғаны: %(stored)s. "
            "Жазғаныңыз төменде: қайта сақтасаңыз, сол қалады."
        ) % {"stored": "; ".join(other)}


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return _("Иә") if value else _("Жоқ")
    choices: Any = getattr(field, "choices", ())
    return str(dict(choices).get(value, "—" if value in (None, "") else value))


class LanguageForm(SeenForm):
    code = forms.RegexField(
        r"[a-z]{2,3}",
        label=gettext_lazy("Коды"),
        help_text=gettext_lazy("Латынның екі не үш кіші әрпі, мысалы: kk. Кейін өзгермейді."),
        max_length=3,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input--short"}),
        error_messages={"invalid": gettext_lazy("Код латынның екі не үш кіші әрпінен тұрады, мысалы: kk.")},
    )


class SchoolForm(SeenForm):
    bin = forms.CharField(
        label=gettext_lazy("БСН"),
        help_text=gettext_lazy("12 цифр. Кейін оны «school» командасы ғана өзгертеді."),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    locality = PlaceField(
        label=gettext_lazy("Елді мекен"),
        help_text=gettext_lazy("ӘАОЖ коды (9 цифр) немесе атауының сөздері."),
    )

    def clean_bin(self) -> str:
        try:
            return school_lists.bin_of(self.cleaned_data["bin"])
        except ValueError:
            raise forms.ValidationError(
                _("Бұл БСН жарамайды: 12 цифрын тексеріңіз. Мектептің бұрынғы БСН-і қайта берілмейді.")
            ) from None


class StreetAliasForm(SeenForm):
    """Two names as people write them; what is stored is their keys (R66)."""

    key = forms.CharField(
        label=gettext_lazy("Бір атауы"),
        help_text=gettext_lazy("Мысалы: Мир көшесі. Түрі жазылмаса, осылай аталатынның бәрі."),
        max_length=180,
    )
    other = forms.CharField(label=gettext_lazy("Екінші атауы"), max_length=180)
    locality = PlaceField(
        label=gettext_lazy("Елді мекен"),
        help_text=gettext_lazy("ӘАОЖ коды немесе атауының сөздері. Бос болса, бүкіл елге ортақ."),
        required=False,
    )

    def clean_key(self) -> str:
        return self._key("key")

    def clean_other(self) -> str:
        return self._key("other")

    def _key(self, name: str) -> str:
        key = street_key(self.cleaned_data[name])
        if not key:
            raise forms.ValidationError(_("Көшенің атауын жазыңыз: бұл жазудан атау танылмады."))
        return key

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        key, other = data.get("key"), data.get("other")
        if key and key == other:
            self.add_error("other", _("Бұл екі жазуды портал онсыз да бір көше деп таниды."))
        pair = StreetAlias.objects.filter(school=None, key=key, other=other, locality=data.get("locality"))
        if key and other and pair.exists():
            self.add_error("other", _("Бұл жұп тізімде бар."))
        return data


class IntakeForm(SeenForm):
    school = SchoolField(
        label=gettext_lazy("Мектеп"), help_text=gettext_lazy("БСН (12 цифр) немесе атауының сөздері.")
    )
    year = forms.IntegerField(label=gettext_lazy("Оқу жылы"), validators=YEARS)
    language = NamedChoice(
        Language.objects.order_by("position", "code"),
        label=gettext_lazy("Оқу тілі"),
        empty_label=gettext_lazy("Таңдаңыз"),
    )
    seats = forms.IntegerField(label=gettext_lazy("Орын саны"), min_value=0, max_value=MOST_SEATS)
    outside_ratio = forms.IntegerField(
        label=gettext_lazy("Сырттан келген бір балаға шағын ауданнан неше бала"),
        help_text=gettext_lazy("Бос болса, порталдың ортақ саны қолданылады."),
        required=False,
        min_value=0,
        max_value=99,
    )

    def _post_clean(self) -> None:
        """What the rule of seats would refuse is said beside the field (R75)."""
        super()._post_clean()  # type: ignore[misc]  # of Django's ModelForm, which its stubs leave out
        intake: Intake = self.instance
        if self.errors or not self.stands:
            return
        try:
            seats.demanded_limit(intake)
        except seats.LimitUnderHeld as refused:
            self.add_error(
                "seats",
                _(
                    "Шағын ауданнан тыс балалар %(held)s орын алып қойған, ал бұл сандармен оларға "
                    "%(limit)s орын ғана қалар еді."
                )
                % {"held": refused.held, "limit": refused.limit},
            )


class PeriodForm(SeenForm):
    region = NamedChoice(
        Locality.objects.filter(parent=None).order_by("sort_kk"),
        label=gettext_lazy("Өңір"),
        empty_label=gettext_lazy("Таңдаңыз"),
    )
    year = forms.IntegerField(label=gettext_lazy("Оқу жылы"), validators=YEARS)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        year = data.get("year", self.instance.year)
        opens, closes = data.get("opens"), data.get("closes")
        if year and opens and closes and not dates.within_season(year, opens, closes):
            self.add_error(
                "closes",
                _("Мерзім %(year)s жылғы 1 қаңтар мен 31 тамыз аралығында, жабылуы ашылуынан кейін болады.")
                % {"year": year},
            )
        return data


UNFIT: dict[type[successors.Unfit], Any] = {
    successors.Ring: gettext_lazy("Бұл мирасқор осы елді мекеннің өзіне қайтып әкеледі."),
    successors.IsArea: gettext_lazy("Мирасқор — аумақ: оның құрамындағы нақты елді мекенді таңдаңыз."),
    successors.LeavesSome: gettext_lazy(
        "Бұл аумақтың құрамында мирасқоры көрсетілмеген елді мекендер бар: алдымен солардың мирасқорын "
        "көрсетіңіз, аумақтың мирасқоры оларға берілмейді."
    ),
}


class EndedPlaceForm(SeenForm):
    place = PlaceField(
        label=gettext_lazy("Таратылған елді мекен"),
        help_text=gettext_lazy("ӘАОЖ коды (9 цифр) немесе атауының сөздері."),
    )
    successor = PlaceField(
        label=gettext_lazy("Қай елді мекеннің құрамына кірді"),
        help_text=gettext_lazy("ӘАОЖ коды (9 цифр) немесе атауының сөздері. Белгісіз болса, бос қалдырыңыз."),
        required=False,
    )

    def clean_place(self) -> Locality:
        place: Locality = self.cleaned_data["place"]
        if EndedPlace.objects.filter(place=place).exists():
            raise forms.ValidationError(_("Бұл елді мекен тізімде бар."))
        return place

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        place, successor = data.get("place", self.instance.place_id), data.get("successor")
        if place and successor:
            code = getattr(place, "pk", place)
            try:
                successors.demand_no_ring(code, successor.pk)
                successors.demand_fit(code, successor.pk)
            except successors.Unfit as reason:
                self.add_error("successor", UNFIT[type(reason)])
        return data
