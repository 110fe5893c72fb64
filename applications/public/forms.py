"""What is asked before signing in: a birth date, a region, an address. Nothing of it is kept."""

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from schools import addresses, streets
from schools.catalogue import Level
from schools.forms import REQUIRED, place_select
from schools.models import Locality

GROWN_UP = 18  # an older birth date is a slip of the finger: the rule itself knows no upper age (D7)
STREET = _("Көшенің немесе ықшам ауданның атауын жазыңыз. Мысалы: Сәтбаев көшесі.")
HOUSE = _("Үйдің нөмірін жазыңыз. Мысалы: 21, 21А, 6/1.")


class AgeForm(TypedForm):
    birth_date = forms.DateField(
        label=_("Баланың туған күні"),
        help_text=_("Күні, айы, жылы. Мысалы: 15.03.2020"),
        widget=forms.DateInput(
            format="%d.%m.%Y", attrs={"class": "input--short", "inputmode": "numeric", "autocomplete": "off"}
        ),
        input_formats=["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d %m %Y", "%Y-%m-%d", "%d%m%Y"],
        error_messages={
            "required": _("Баланың туған күнін жазыңыз."),
            "invalid": _("Туған күнді КК.АА.ЖЖЖЖ түрінде жазыңыз. Мысалы: 15.03.2020."),
        },
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_birth_date(self) -> date:
        born: date = self.cleaned_data["birth_date"]
        if born > self.today:
            raise forms.ValidationError(_("Туған күн бүгінгі күннен кеш болмауы тиіс. Жылын тексеріңіз."))
        if born.year < self.today.year - GROWN_UP:
            raise forms.ValidationError(
                _("Бұл күні туған адам кәмелетке толған. Баланың туған жылын тексеріңіз.")
            )
        return born


class RegionForm(TypedForm):
    where = forms.ChoiceField(
        label=_("Мектеп орналасқан өңір"),
        help_text=_("Өтінім таңдалған мектеп орналасқан өңірдің мерзімі бойынша қабылданады."),
        error_messages={
            "required": _("Өңірді таңдаңыз."),
            "invalid_choice": _("Өңірді тізімнен таңдаңыз."),
        },
    )

    def __init__(self, *args: Any, regions: list[Locality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [(region.kato, region.long_name) for region in regions]
        cast("forms.ChoiceField", self.fields["where"]).choices = [("", _("Таңдаңыз")), *options]


class AddressForm(TypedForm):
    """A registered address, as far as a microdistrict asks: down to the settlement, then street and house."""

    street = forms.CharField(
        label=_("Көше, даңғыл немесе ықшам аудан"),
        help_text=_("Мысалы: Сәтбаев көшесі. Қысқартып та, орысша да жазуға болады."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Көшенің атауы тым ұзын: 200 таңбадан аспауы тиіс.")},
    )
    house = forms.CharField(
        label=_("Үй"),
        help_text=_("Мысалы: 21, 21А, 6/1. Пәтердің нөмірі керек емес."),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"class": "input--short", "autocomplete": "off"}),
        error_messages={"max_length": _("Үйдің нөмірі тым ұзын: 20 таңбадан аспауы тиіс.")},
    )

    def __init__(self, *args: Any, levels: list[Level], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.levels = levels
        for level in levels:
            self.fields[level.name] = place_select(level, invalid=REQUIRED[level.name])
        self.order_fields([*(level.name for level in levels), "street", "house"])
        if self.in_village:
            self.fields["street"].help_text = _("Ауылда көше атауы болмаса, бос қалдырыңыз.")

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[level.name] for level in self.levels]

    @property
    def place(self) -> Locality | None:
        return self.levels[-1].chosen if self.levels else None

    @property
    def in_village(self) -> bool:
        """There a house may have no street, and a street no numbers."""
        return any(level.name == "village" for level in self.levels)

    @property
    def line(self) -> str:
        """The address in one line, in the reader's language."""
        places = [level.chosen.long_name for level in self.levels if level.chosen]
        typed = [self.cleaned_data["street"], self.cleaned_data["house"]]
        return ", ".join(part for part in [*places, *typed] if part)

    def clean_street(self) -> str:
        street: str = self.cleaned_data["street"]
        if not streets.street_key(street) and (street or not self.in_village):
            raise forms.ValidationError(STREET)
        return street

    def clean_house(self) -> str:
        number: str = self.cleaned_data["house"]
        if addresses.house(number) is None and (number or not self.in_village):
            raise forms.ValidationError(HOUSE)
        return number

    def clean(self) -> dict[str, Any]:
        for level in self.levels:
            if level.chosen is None and not self.has_error(level.name):
                self.add_error(level.name, REQUIRED[level.name])
        return self.cleaned_data
