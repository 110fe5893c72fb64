"""The reference data that ops keep: what of each is typed, what only read, and what may go (D65)."""

from typing import Any

from django.contrib.admin import display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from oqu.reference.fields import places_called
from oqu.reference.forms import (
    EndedPlaceForm,
    IntakeForm,
    LanguageForm,
    PeriodForm,
    SchoolForm,
    StreetAliasForm,
)
from oqu.reference.kind import Kind
from oqu.reference.listing import RegionFilter, YearFilter
from schools import catalogue, posts, school_lists, seats
from schools.kazakh import fold
from schools.models import EndedPlace, Holiday, Intake, Language, Period, School, StreetAlias
from schools.streets import street_key


class Languages(Kind):
    form = LanguageForm
    about = _("Мектептер қай тілдерде оқытады және олар тізімде қалай тұрады.")
    typed = ("code", "name_kk", "name_ru", "position")
    fixed = ("code",)
    list_display = ("name_kk", "name_ru", "code", "position")
    ordering = ("position", "code")


class Schools(Kind):
    """A BIN, and the day from which a school takes nobody, are changed by the command `school` (D57)."""

    form = SchoolForm
    about = _("Мектептердің атауы, мекенжайы, телефоны және тасымалы.")
    typed = (
        "bin", "locality", "name_kk", "name_ru", "address_kk", "address_ru", "phone", "has_transport",
    )  # fmt: skip
    fixed = ("bin", "locality")
    told = ("stops_on", "successor")
    list_display = ("name", "locality", "bin", "phone", "has_transport", "stops_on")
    list_select_related = ("locality",)
    list_filter = (RegionFilter,)
    region_path = "locality__kato"
    search_fields = ("search",)
    search_help_text = _("Атауының сөздері немесе БСН")
    ordering = ("sort_kk", "pk")

    @display(description=_("Атауы"))
    def name(self, row: School) -> str:
        return row.name

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[School], search_term: str
    ) -> tuple[QuerySet[School], bool]:
        return catalogue.named(queryset, search_term), False

    def save_model(self, request: HttpRequest, obj: School, form: Any, change: bool) -> None:
        for name, key in school_lists.keys_of(obj.name_kk, obj.name_ru).items():
            setattr(obj, name, key)
        obj.save()


class Intakes(Kind):
    """Seats are changed through the rule of seats alone; what is held, by applications alone (D3)."""

    form = IntakeForm
    about = _("Әр мектептің оқу жылына және тілге арналған орындары.")
    typed = ("school", "year", "language", "seats", "outside_ratio")
    fixed = ("school", "year", "language")
    told = ("outside_limit", "held_local", "held_outside")
    list_display = ("school", "year", "language", "seats", "outside_limit", "held_local", "held_outside")
    list_select_related = ("school", "language")
    list_filter = (RegionFilter, YearFilter)
    region_path, year_path = "school__locality__kato", "year"
    search_fields = ("school__search",)
    search_help_text = _("Мектеп атауының сөздері немесе БСН")
    ordering = ("-year", "school__sort_kk", "language", "pk")

    def name_of(self, row: Intake) -> str:
        return f"{row.school.name}, {row.year}, {row.language.name}"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Intake], search_term: str
    ) -> tuple[QuerySet[Intake], bool]:
        if not fold(search_term):
            return queryset, False
        return queryset.filter(school__in=catalogue.named(School.objects.all(), search_term)), False

    def save_model(self, request: HttpRequest, obj: Intake, form: Any, change: bool) -> None:
        intake, ratio = obj, obj.outside_ratio
        if not change:
            intake = seats.open_intake(
                obj.school, year=obj.year, language=obj.language_id, seats=obj.seats
            )  # fmt: skip
        seats.set_plan(intake, seats=obj.seats, ratio=ratio)


class Periods(Kind):
    form = PeriodForm
    about = _("Өңірлер құжатты қай күндері қабылдайды, мектептері жақсырақ құжат сұрай ала ма.")
    typed = ("region", "year", "opens", "closes", "asks_documents")
    fixed = ("region", "year")
    goes = True
    stays = _("Бұл мерзімге өтінімдер берілген, сондықтан ол жойылмайды.")
    list_display = ("region", "year", "opens", "closes", "asks_documents")
    list_select_related = ("region",)
    list_filter = (YearFilter,)
    year_path = "year"
    ordering = ("-year", "opens", "pk")

    def name_of(self, row: Period) -> str:
        return f"{row.region.name}, {row.year}"

    def may_go(self, row: Period) -> bool:
        inside = posts.inside([row.region], "intake__school__locality__kato")
        return not Application.objects.filter(inside, year=row.year).exists()


class Holidays(Kind):
    about = _("Мерекелер, ауыстырылған демалыс және жұмыс күндері: қарау мерзімі солармен есептеледі.")
    typed = ("date", "kind", "name_kk", "name_ru")
    fixed = ("date",)
    goes = True
    list_display = ("date", "kind", "name_kk", "name_ru")
    list_filter = (YearFilter,)
    year_path = "date__year"
    ordering = ("-date",)

    def name_of(self, row: Holiday) -> str:
        return date_format(row.date)


class StreetAliases(Kind):
    """Of ops alone; what a school's list says goes with the list. A pair is taken away and written anew: of
    what was typed only the keys are kept."""

    form = StreetAliasForm
    about = _("Бір көшенің екі атауы: бұрынғысы мен жаңасы, екі түрлі жазылуы.")
    typed = ("key", "other", "locality")
    changes = False
    goes = True
    list_display = ("key", "other", "place")
    list_select_related = ("locality",)
    search_fields = ("key",)
    search_help_text = _("Көшенің атауы")
    ordering = ("key", "other", "pk")

    @display(description=_("Елді мекен"))
    def place(self, row: StreetAlias) -> str:
        return row.locality.name if row.locality else str(_("Бүкіл ел"))

    def name_of(self, row: StreetAlias) -> str:
        return str(row)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StreetAlias]:
        return super().get_queryset(request).filter(school=None)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StreetAlias], search_term: str
    ) -> tuple[QuerySet[StreetAlias], bool]:
        _kind, _colon, name = street_key(search_term).partition(":")
        if not name:
            return queryset, False
        return queryset.filter(key__contains=name) | queryset.filter(other__contains=name), False


class EndedPlaces(Kind):
    """`load_kato` says which places have ended; of what they have become a part, people say (D66)."""

    form = EndedPlaceForm
    about = _("ӘАОЖ-дан шыққан елді мекендер және олар қай елді мекеннің құрамына кірді.")
    typed = ("place", "ended_on", "successor")
    fixed = ("place", "ended_on")
    goes = True
    list_display = ("name", "code", "ended_on", "successor")
    list_select_related = ("place", "successor")
    list_filter = (RegionFilter,)
    region_path = "place__kato"
    search_fields = ("place__kato",)
    search_help_text = _("Атауының сөздері немесе ӘАОЖ коды")
    ordering = ("place__sort_kk", "pk")

    @display(description=_("Атауы"))
    def name(self, row: EndedPlace) -> str:
        return row.place.name

    @display(description=_("Коды"))
    def code(self, row: EndedPlace) -> str:
        return str(row.pk)

    def name_of(self, row: EndedPlace) -> str:
        return f"{row.place.name} ({row.pk})"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[EndedPlace], search_term: str
    ) -> tuple[QuerySet[EndedPlace], bool]:
        if not fold(search_term):
            return queryset, False
        return queryset.filter(place__in=places_called(search_term)), False


KINDS: dict[type[Any], type[Kind]] = {
    School: Schools, Intake: Intakes, Period: Periods, Holiday: Holidays, Language: Languages,
    StreetAlias: StreetAliases, EndedPlace: EndedPlaces,
}  # fmt: skip
