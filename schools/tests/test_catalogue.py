"""Schools by address, by place, by name, and where seats are left (R66-R77, R183, R184, D31, D32)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from schools import catalogue, seats
from schools.models import Intake, Locality, Parity, School, StreetAlias
from schools.streets import street_key
from schools.tests.conftest import YEAR

MakeSchool = Callable[..., School]
ESIL, SARYARQA, ASTANA = "711210000", "711310000", "710000000"
SKO, MAGZHAN, OKRUG, QARAQOGA = "590000000", "593600000", "593651000", "593651100"


def add_street(school: School, street: str, start: int = 1, end: int | None = None, **more: Any) -> None:
    locality = more.pop("kato", school.locality_id)
    school.addresses.create(
        locality_id=locality,
        street=street,
        street_key=street_key(street),
        house_from=start,
        house_to=end,
        **more,
    )


def schools_for(street: str, house: str, kato: str = ESIL) -> list[str]:
    found = catalogue.schools_for(kato=kato, street=street, house=house, year=YEAR)
    return [school.name_kk for school in found]


@pytest.mark.rule("R66", "R183", "R199")
def test_address_leads_to_its_school_however_it_is_written(make_school: MakeSchool) -> None:
    add_street(make_school(ESIL, "№63", kk=25), "ул. Сатпаева", 1, 99, parity=Parity.ODD)
    add_street(make_school(ESIL, "№70", kk=25), "Сәтбаев көшесі", 2, 98, parity=Parity.EVEN)

    assert schools_for("Сәтбаев көшесі", "1") == ["№63"]
    assert schools_for("Сәтбаев", "21А") == ["№63"]
    assert schools_for("улица Сатпаева", "98/2") == ["№70"]
    assert schools_for("Сәтбаев көшесі", "101") == []
    assert schools_for("Сәтбаев даңғылы", "1") == []


@pytest.mark.rule("R66")
def test_two_persons_of_one_surname_are_two_streets(make_school: MakeSchool) -> None:
    add_street(make_school(ESIL, "№63", kk=25), "Ахмет Жұбанов көшесі")
    add_street(make_school(ESIL, "№70", kk=25), "Құдайберген Жұбанов көшесі")

    assert schools_for("ул. А. Жубанова", "5") == ["№63"]
    assert schools_for("ул. К. Жубанова", "5") == ["№70"]
    assert schools_for("ул. Жубанова", "5") == ["№63", "№70"]


@pytest.mark.rule("R66", "R69")
def test_houses_taken_out_of_a_street_are_not_the_school_s(make_school: MakeSchool) -> None:
    most, rest = make_school(ESIL, "№63", kk=25), make_school(ESIL, "№70", kk=25)
    add_street(most, "Сәтбаев көшесі")
    add_street(most, "Сәтбаев көшесі", 1, 44, excluded=True)
    add_street(most, "Сәтбаев көшесі", 49, 49, suffix="/53", excluded=True)
    add_street(rest, "Сәтбаев көшесі", 1, 44)

    assert schools_for("Сәтбаев көшесі", "44") == ["№70"]
    assert schools_for("Сәтбаев көшесі", "45") == schools_for("Сәтбаев көшесі", "49") == ["№63"]
    assert schools_for("Сәтбаев көшесі", "49/53") == []
    assert schools_for("Сәтбаев көшесі", "") == ["№63"]


@pytest.mark.rule("R66", "R68")
def test_address_may_belong_to_several_schools_or_to_none(make_school: MakeSchool) -> None:
    for name in ("№64", "№63"):
        add_street(make_school(ESIL, name, kk=25), "Қабанбай батыр даңғылы", 1, 40)

    assert schools_for("проспект Кабанбай батыра", "10") == ["№63", "№64"]
    assert schools_for("Тұран даңғылы", "999") == []
    assert schools_for("", "") == []
    assert schools_for("Қабанбай батыр даңғылы", "10", kato="") == []


def test_school_without_an_intake_of_the_year_is_not_offered(make_school: MakeSchool) -> None:
    add_street(make_school(ESIL, "№63"), "Сәтбаев көшесі")
    add_street(make_school(ESIL, "№70", year=YEAR + 1, kk=25), "Сәтбаев көшесі")

    assert schools_for("Сәтбаев көшесі", "1") == []
    attached = catalogue.attached_to(kato=ESIL, street="Сәтбаев көшесі", house="1")
    assert [school.name_kk for school in attached] == ["№63", "№70"]  # but they are attached all the same
    assert catalogue.attached_to(kato=ESIL, street="Тұран даңғылы", house="999") == []


def test_street_is_one_in_the_whole_city(make_school: MakeSchool) -> None:
    """A register may know the city only, and a microdistrict may cross into the next district."""
    add_street(make_school(ESIL, "№63", kk=25), "Сәтбаев көшесі")

    assert schools_for("Сәтбаев көшесі", "1", kato=ASTANA) == ["№63"]
    assert schools_for("Сәтбаев көшесі", "1", kato=SARYARQA) == ["№63"]
    assert schools_for("Сәтбаев көшесі", "1", kato="751110000") == []


def test_village_s_streets_are_its_own(make_school: MakeSchool) -> None:
    add_street(make_school(QARAQOGA, "Қарақоға", kk=8), "Мектеп көшесі")

    assert schools_for("Мектеп көшесі", "5", kato=QARAQOGA) == ["Қарақоға"]
    assert schools_for("Мектеп көшесі", "5", kato="593651400") == []


def test_whole_village_belongs_to_its_school(make_school: MakeSchool) -> None:
    school = make_school(QARAQOGA, "Қарақоға", kk=8)
    add_street(school, "")
    add_street(school, "", kato="593651500")

    assert schools_for("Мектеп көшесі", "5", kato=QARAQOGA) == ["Қарақоға"]
    assert schools_for("", "", kato="593651500") == ["Қарақоға"]
    assert schools_for("Мектеп көшесі", "5", kato="593651400") == []
    assert schools_for("Мектеп көшесі", "5", kato=OKRUG) == []


def test_old_name_of_a_street_is_known(make_school: MakeSchool) -> None:
    add_street(make_school(ESIL, "№63", kk=25), "Бейбітшілік көшесі")
    pair = {"key": street_key("Бейбітшілік көшесі"), "other": street_key("ул. Мира")}
    StreetAlias.objects.create(locality_id=ESIL, **pair)

    assert schools_for("ул. Мира", "7") == ["№63"]
    assert schools_for("Бейбітшілік көшесі", "7") == ["№63"]


# --- the cascade -------------------------------------------------------------------------------------
def shape(chosen: list[str]) -> list[tuple[str, list[str], str | None]]:
    """The levels as (field, codes offered, code chosen)."""
    return [
        (level.name, [place.kato for place in level.options], level.chosen.kato if level.chosen else None)
        for level in catalogue.levels(chosen, year=YEAR)
    ]


@pytest.fixture
def country(make_school: MakeSchool) -> None:
    make_school(ESIL, "№63", kk=25)
    make_school(SARYARQA, "№70", kk=25)
    make_school(QARAQOGA, "Қарақоға", kk=8)
    make_school("593657100", "Жастар", kk=8)
    make_school("593657200", "Сарытомар", kk=8)
    make_school("711410000", "№5, оқу жылы басқа", year=YEAR + 1, kk=25)
    make_school("751110000", "Сыныбы жоқ мектеп")


@pytest.mark.rule("R75", "R76", "R184", "D31")
def test_first_level_offers_regions_with_schools_only(country: None) -> None:
    assert shape([]) == [("region", [ASTANA, SKO], None)]


@pytest.mark.rule("R76", "D31")
def test_city_asks_for_its_district_and_no_village(country: None) -> None:
    assert shape([ASTANA]) == [
        ("region", [ASTANA, SKO], ASTANA),
        ("district", [ESIL, SARYARQA], None),
    ]
    assert shape([ASTANA, ESIL])[-1] == ("district", [ESIL, SARYARQA], ESIL)


@pytest.mark.rule("R76", "D31")
def test_rural_chain_of_the_instruction_leads_to_the_village(country: None) -> None:
    """A level with one option is chosen by itself: the only district, the only village of the okrug."""
    assert shape([SKO]) == [
        ("region", [ASTANA, SKO], SKO),
        ("district", [MAGZHAN], MAGZHAN),
        ("okrug", [OKRUG, "593657000"], None),
    ]
    assert shape([SKO, MAGZHAN, OKRUG])[-2:] == [
        ("okrug", [OKRUG, "593657000"], OKRUG),
        ("village", [QARAQOGA], QARAQOGA),
    ]
    asked = catalogue.levels([SKO, MAGZHAN, "593657000", "593657200"], year=YEAR)
    assert [str(level.label) for level in asked] == [
        "Облыс / Қала",
        "Аудан / Қ.Ә.",
        "Ауылдық округ / Әкімшілік",
        "Ауыл",
    ]
    place = catalogue.chosen_place(asked)
    assert place and [school.name_kk for school in catalogue.schools_in(place, year=YEAR)] == ["Сарытомар"]


@pytest.mark.parametrize(
    "chosen",
    [
        [ASTANA, MAGZHAN, OKRUG],  # the region was changed after the rest was chosen
        [ASTANA, "no such code"],
        [ASTANA, "711410000"],  # a district without schools this year
        [ASTANA, ""],
    ],
)
def test_choice_that_does_not_fit_is_forgotten(country: None, chosen: list[str]) -> None:
    assert shape(chosen) == shape([ASTANA])


def test_level_with_its_own_school_does_not_hide_it(country: None, make_school: MakeSchool) -> None:
    """A school registered in the okrug itself, above its villages, stays within reach."""
    make_school(OKRUG, "Округтің мектебі", kk=8)

    asked = catalogue.levels([SKO, MAGZHAN, OKRUG], year=YEAR)

    assert asked[-1].chosen is None  # the only village is offered, not chosen by itself
    place = catalogue.chosen_place(asked)
    assert place and [each.name_kk for each in catalogue.schools_in(place, year=YEAR)] == ["Округтің мектебі"]


def test_without_schools_nothing_is_asked(places: None) -> None:
    assert catalogue.levels([], year=YEAR) == []
    assert catalogue.chosen_place([]) is None


def test_path_leads_from_the_region_to_the_place(places: None) -> None:
    village = Locality.objects.get(kato=QARAQOGA)

    assert [place.kato for place in catalogue.path(village)] == [SKO, MAGZHAN, OKRUG, QARAQOGA]


# --- by name and by seats -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("63", ["№63 мектеп"]),
        ("№63", ["№63 мектеп"]),
        ("6", []),
        ("каракога", ["Қарақоға орта мектебі"]),
        ("ҚАРАҚ", ["Қарақоға орта мектебі"]),
        ("мект", ["№63 мектеп", "№163 мектеп", "Қарақоға орта мектебі"]),
        ("орта каракога", ["Қарақоға орта мектебі"]),
        ("гимназия", []),
        ("", []),
        ("%", []),
    ],
)
def test_school_is_found_by_number_or_by_russian_letters(
    make_school: MakeSchool, typed: str, found: list[str]
) -> None:
    for name in ("Қарақоға орта мектебі", "№163 мектеп", "№63 мектеп"):
        make_school(ESIL, name, kk=25)
    make_school(ESIL, "№63 мектеп, биыл қабылдамайды")

    assert [school.name_kk for school in catalogue.search(typed, year=YEAR)] == found


@pytest.mark.rule("R77")
def test_school_offers_its_own_languages(make_school: MakeSchool) -> None:
    school = make_school(ESIL, "№64", ru=25, kk=25)

    assert [each.language_id for each in catalogue.intakes_of([school], YEAR)] == ["kk", "ru"]
    assert list(catalogue.intakes_of([school], YEAR + 1)) == []


def nearest(school: School, *, outside: bool) -> list[str]:
    found = catalogue.nearest_with_seats(school, language="kk", outside=outside, year=YEAR)
    return [intake.school.name_kk for intake in found]


def test_nearest_schools_with_seats_come_first(make_school: MakeSchool) -> None:
    full = make_school("593657100", "Толық", kk=4)
    make_school("593651100", "Ауданда", kk=4)
    make_school("593657200", "Округте", kk=4)
    make_school("593657100", "Ауылда", kk=4)
    make_school("593657100", "Орыс тілінде", ru=4)
    make_school(ESIL, "Басқа өңірде", kk=25)

    assert nearest(full, outside=True) == ["Ауылда", "Округте", "Ауданда"]


@pytest.mark.rule("R75")
def test_nearest_schools_have_a_place_on_that_route(make_school: MakeSchool) -> None:
    school = make_school(ESIL, "№1", kk=4)
    for name, count in (("№2", 3), ("№3", 4), ("№4", 4)):
        make_school(ESIL, name, kk=count)
    third, fourth = (Intake.objects.get(school__name_kk=name) for name in ("№3", "№4"))
    with transaction.atomic():
        seats.take(third.pk, outside=True)
        for _ in range(4):
            seats.take(fourth.pk, outside=False)

    assert nearest(school, outside=False) == ["№2", "№3"]
    assert nearest(school, outside=True) == []
    seats.set_seats(third, 8)
    assert nearest(school, outside=True) == ["№3"]
