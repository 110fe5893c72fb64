"""Which schools there are: for an address, by place, by name (R66, R75, R76, R183, R184, D31, D32).

Only schools with an intake of the academic year are ever offered; where nothing is offered, in the catalogue
for everybody, `year` is None and every school that stands is meant (D62).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.prepared import Prepared
from schools import heirs, matching, successors
from schools import kato as kato_codes
from schools.kazakh import fold
from schools.models import FormerBin, Intake, Locality, School
from schools.streets import keys_to_match


def standing(today: date | None = None) -> QuerySet[School]:
    """Schools that have not stopped (D57), in the order of the Kazakh alphabet."""
    stand = School.objects.exclude(stops_on__lte=today or timezone.localdate())
    return stand.select_related("locality").order_by("sort_kk", "pk")


def offering(year: int, today: date | None = None) -> QuerySet[School]:
    """Those of them that take first-graders that year."""
    return standing(today).filter(Exists(Intake.objects.filter(year=year, school=OuterRef("pk"))))


_OFFERING = Prepared(
    lambda schools, year, today: offering(year, today).filter(pk__among=schools), list[int], int, date
)
_INTAKES = Prepared(
    lambda schools, year: (
        Intake.objects.filter(school__among=schools, year=year)
        .select_related("language")
        .order_by("language__position")
    ),
    list[int],
    int,
)


def _among(year: int | None) -> QuerySet[School]:
    return standing() if year is None else offering(year)


def _intakes(year: int) -> QuerySet[Intake]:
    """Of the schools that have not stopped (D57)."""
    return Intake.objects.filter(year=year).exclude(school__stops_on__lte=timezone.localdate())


def intakes_of(schools: Iterable[School], year: int) -> list[Intake]:
    """The schools' languages of instruction that year, with their seats (R77)."""
    return _INTAKES([one.pk for one in schools], year)


# --- by the registered address ---------------------------------------------------------------------
def schools_for(*, kato: str, street: str, house: str, year: int) -> list[School]:
    """Schools of the year whose microdistrict holds the address; there may be several, or none (R66)."""
    holding, today = _holding(kato=kato, street=street, house_text=house), timezone.localdate()
    found = _OFFERING(list(holding), year, today) if holding else []
    if len(found) == len(holding):  # none of them has stopped: nobody serves in another's place
        return found
    serve = heirs.serve(holding)
    return _OFFERING(list(serve), year, today) if serve else []


def attached_to(*, kato: str, street: str, house: str) -> list[School]:
    """The same, whether or not they have announced their places of the year: only where there is none is the
    address attached to nobody (R68)."""
    serve = heirs.serve(_holding(kato=kato, street=street, house_text=house))
    return list(School.objects.filter(pk__in=serve).order_by("sort_kk"))


def _holding(*, kato: str, street: str, house_text: str) -> set[int]:
    """Whose list names the address."""
    if not kato_codes.is_code(kato):
        return set()
    codes = successors.codes_of(kato)
    aliases = matching.names_near(keys_to_match(street), codes)
    address = matching.sought(codes, street=street, house_text=house_text, aliases=aliases)
    address = matching.own_first(address)
    held: dict[bool, set[tuple[int, str]]] = {False: set(), True: set()}  # by «excluded»
    for row in matching.rows_near(address):
        if address.is_in(row):
            held[row.excluded].add((row.school_id, row.street_key))
    return {school for school, _ in held[False] - held[True]}


# --- by place ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Level:
    """One select of the cascade «Облыс / Қала → Аудан / Қ.Ә. → Ауылдық округ / Әкімшілік → Ауыл» (R76)."""

    name: str  # of the form field
    label: str
    options: list[Locality]
    chosen: Locality | None

    def named(self) -> list[tuple[Locality, str]]:
        """Each option with its name; where several under one place are called alike, with its code of KATO,
        by which documents tell them apart (D62)."""
        times = Counter(place.name for place in self.options)
        return [
            (place, f"{place.name} ({place.kato})" if times[place.name] > 1 else place.name)
            for place in self.options
        ]


Name = tuple[str, Any]  # of the form field, and the label, translated when it is shown
REGION, DISTRICT = ("region", _("Облыс / Қала")), ("district", _("Аудан / Қ.Ә."))
OKRUG, VILLAGE = ("okrug", _("Ауылдық округ / Әкімшілік")), ("village", _("Ауыл"))


def levels(chosen: Sequence[str], *, year: int | None) -> list[Level]:
    """The selects to show for the codes chosen so far, from the region down (D31).

    A level is asked for only where places with schools exist under the one above; a single option is
    chosen by itself; a code that does not fit under the one above is forgotten, with all below it.
    """
    asked: list[Level] = []
    above: Locality | None = None
    fits = True
    while options := _options(above, year=year):
        given = chosen[len(asked)] if fits and len(asked) < len(chosen) else ""
        picked = next((option for option in options if option.kato == given), None)
        fits = fits and picked is not None
        if picked is None and len(options) == 1 and not (above and _own_schools(above, year=year)):
            picked = options[0]
        name, label = _level(above, options)
        asked.append(Level(name, label, options, picked))
        if picked is None:
            break
        above = picked
    return asked


def chosen_place(asked: Iterable[Level]) -> Locality | None:
    """The deepest place the levels settle on."""
    return next((level.chosen for level in reversed(list(asked)) if level.chosen), None)


def schools_in(place: Locality, *, year: int) -> list[School]:
    """Schools to choose from once no deeper level is needed: those that stand in this very place, or in one
    that has become a part of it (D66)."""
    return list(_standing_in(place, year=year))


def in_area(place: Locality | None, *, year: int | None) -> QuerySet[School]:
    """All schools somewhere under the place, of no place the whole country's (D62)."""
    every = _among(year)
    if place is None:
        return every
    inside = Q(locality__kato__startswith=kato_codes.prefix(place.kato))
    return every.filter(inside | Q(locality__in=successors.led_into(place.kato)))


def path(place: Locality) -> list[Locality]:
    """The place with all above it, from the region down: the cascade that leads to it. Of one that ended, of
    the place that it is a part of today (D66)."""
    code = successors.today(place.kato)
    codes = [*kato_codes.ancestors(code), code]
    return list(Locality.objects.filter(kato__in=codes).order_by("kato"))


def around(kato: str, *, year: int, limit: int) -> list[School]:
    """Schools of the smallest area around the place that has any (R68)."""
    for code in [kato, *kato_codes.ancestors(kato)] if kato else []:
        found = list(offering(year).filter(locality__kato__startswith=kato_codes.prefix(code))[:limit])
        if found:
            return found
    return []


def _options(above: Locality | None, *, year: int | None) -> list[Locality]:
    """Places right below with schools of the year somewhere under them, as places are today (D66)."""
    digits = 9 if above else 2  # of all the country's schools only their regions matter
    under = in_area(above, year=year).order_by()
    left = Q(locality__ended__successor__isnull=False)
    codes = set(under.exclude(left).values_list(Left("locality_id", digits), flat=True).distinct())
    if moved := list(under.filter(left).values_list("locality_id", flat=True).distinct()):
        codes.update(successors.today_of_each(moved).values())
    places = Locality.objects.filter(parent=above).order_by("sort_kk")
    return [place for place in places if _any_under(place.kato, codes)]


def _any_under(kato: str, codes: set[str]) -> bool:
    digits = kato_codes.prefix(kato)
    return any(code.startswith(digits) for code in codes)


def _own_schools(place: Locality, *, year: int | None) -> bool:
    return _standing_in(place, year=year).exists()


def _standing_in(place: Locality, *, year: int | None) -> QuerySet[School]:
    return _among(year).filter(Q(locality=place) | Q(locality__in=successors.led_to(place.kato)))


def _level(above: Locality | None, options: list[Locality]) -> Name:
    if above is None:
        return REGION
    if above.parent_id is None:
        return DISTRICT
    return VILLAGE if any(not option.kato.endswith("000") for option in options) else OKRUG


# --- by name and by seats ----------------------------------------------------------------------------
def search(text: str, *, year: int | None, under: Locality | None = None) -> QuerySet[School]:
    """Schools whose names have words that begin as typed; a number must be whole, a BIN, of today or of
    before, too; Russian letters do."""
    found = named(in_area(under, year=year), text)
    return found if fold(text).split() else found.none()


def named(schools: QuerySet[School], text: str) -> QuerySet[School]:
    """Those that `search` finds among them; all where nothing is typed."""
    words = fold(text).split()
    if len(words) == 1 and len(words[0]) == 12 and words[0].isdecimal():
        former = FormerBin.objects.filter(number=words[0]).values("school")
        return schools.filter(Q(bin=words[0]) | Q(pk__in=former))
    for word in words:
        schools = schools.filter(search__contains=f" {word} " if word.isdecimal() else f" {word}")
    return schools


def with_regions(schools: Iterable[School]) -> list[tuple[School, Locality]]:
    """«Алматы ауданы» is in Astana: the name of a district alone misleads."""
    listed = list(schools)
    regions = Locality.objects.in_bulk({kato_codes.region_of(one.locality_id) for one in listed})
    return [(one, regions[kato_codes.region_of(one.locality_id)]) for one in listed]


def distance(code: str, path: str) -> Case:
    """From a place: the same one, its rural district, district, region; the path leads to the other code."""
    steps = [
        When(**{f"{path}__startswith": code[:digits]}, then=Value(9 - digits)) for digits in (9, 6, 4, 2)
    ]
    return Case(*steps, default=Value(9), output_field=IntegerField())


def nearest_with_seats(
    school: School, *, language: str, outside: bool, year: int, limit: int = 3
) -> list[Intake]:
    """Other intakes in that language with a place left on the route, the nearest first: the same place,
    rural district, district, region. Other regions have other dates and are not offered."""
    kato = school.locality_id
    left = F("seats") - F("held_local") - F("held_outside")
    near = (
        _intakes(year)
        .annotate(left=left)
        .filter(language_id=language, left__gt=0, school__locality__kato__startswith=kato[:2])
    )
    if outside:
        near = near.filter(held_outside__lt=F("outside_limit"))
    far = distance(kato, "school__locality__kato")
    ordered = near.exclude(school=school).annotate(distance=far).order_by("distance", "school__sort_kk")
    return list(ordered.select_related("school__locality", "language")[:limit])
