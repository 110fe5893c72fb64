"""Second names that ops keep lead to the school's street, in one place or in the country (R66)."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from schools import catalogue
from schools.models import School, StreetAlias
from schools.streets import street_key
from schools.tests.conftest import YEAR

VILLAGE, ANOTHER = "593651100", "593651500"


def load(folder: Path, *rows: str, **options: object) -> str:
    path = folder / "names.csv"
    path.write_text("name,other,kato\n" + "\n".join(rows), "utf-8")
    out = StringIO()
    call_command("load_street_names", path, stdout=out, **options)
    return out.getvalue()


def serves(street: str, kato: str = VILLAGE) -> bool:
    return bool(catalogue.schools_for(kato=kato, street=street, house="5", year=YEAR))


@pytest.fixture
def streets(make_school: Callable[..., School]) -> None:
    for place in (VILLAGE, ANOTHER):
        school = make_school(place, "мектеп", kk=20)
        for street in ("Бейбітшілік көшесі", "Хакім көшесі", "Хакім даңғылы"):
            school.addresses.create(locality_id=place, street=street, street_key=street_key(street))


@pytest.mark.rule("R66")
def test_pair_of_streets_holds_where_it_is_said(streets: None, tmp_path: Path) -> None:
    load(tmp_path, f"Бейбітшілік көшесі,ул. Мира,{VILLAGE}")

    assert serves("ул. Мира") and not serves("пр. Мира") and not serves("ул. Мира", ANOTHER)


@pytest.mark.rule("R66")
def test_pair_of_names_holds_in_the_country_for_every_type(streets: None, tmp_path: Path) -> None:
    load(tmp_path, "Хакім,Хакимжан,")

    assert all(
        serves(f"{kind} Хакимжана", place) for kind in ("ул.", "пр.", "") for place in (VILLAGE, ANOTHER)
    )
    assert not serves("пер. Хакимжана")


def test_loading_again_replaces_and_leaves_the_schools_own(streets: None, tmp_path: Path) -> None:
    school = School.objects.first()
    StreetAlias.objects.create(locality_id=VILLAGE, key="street:а", other="street:б", school=school)
    for _ in range(2):
        load(tmp_path, "Хакім,Хакимжан,", "Хакім,Хакимжан,")
    assert StreetAlias.objects.count() == 2

    assert load(tmp_path, "Мир,Бейбітшілік,", dry_run=True) == "1 pairs read\n"
    assert serves("ул. Хакимжана")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Мир,,", "empty"),
        ("Абай көшесі,ул. Абая,", "meet by themselves"),
        ("Мир,Бейбітшілік,999", "no place"),
    ],
)
def test_pair_that_brings_nothing_together_is_refused(
    streets: None, tmp_path: Path, row: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=f"line 2: .*{reason}"):
        load(tmp_path, row)


@pytest.mark.rule("R66")
def test_whole_microdistrict_holds_the_streets_in_it_and_its_houses_do_not(
    make_school: Callable[..., School],
) -> None:
    whole, houses = make_school(VILLAGE, "№1", kk=20), make_school(VILLAGE, "№2", kk=20)
    for school, end in ((whole, None), (houses, 9)):
        key = street_key("мкр. Самал")
        school.addresses.create(locality_id=VILLAGE, street="мкр. Самал", street_key=key, house_to=end)

    found = catalogue.schools_for(kato=VILLAGE, street="мкр. Самал, ул. Абая", house="5", year=YEAR)

    assert found == [whole]
