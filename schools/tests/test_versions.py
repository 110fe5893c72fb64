"""A list of a school is never replaced in silence: shown against the old one, kept, put back (R69, R70)."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from schools import catalogue, versions
from schools.models import AddressList, School, StreetAlias
from schools.tests.conftest import YEAR

VILLAGE = "593651100"


@pytest.fixture
def school(make_school: Callable[..., School]) -> School:
    return make_school(VILLAGE, "Қарақоға орта мектебі", kk=20)


def load(folder: Path, school: School, text: str, **options: object) -> str:
    path = folder / "list.txt"
    path.write_text(text, "utf-8")
    out = StringIO()
    who = {"by": "Сейітов", "reason": "№15 бұйрық", "confirm": True}
    call_command("load_addresses", path, school=school.bin, stdout=out, **(who | options))
    return out.getvalue()


def lists(school: School, **options: object) -> list[str]:
    out = StringIO()
    call_command("address_lists", school=school.bin, stdout=out, **options)
    return out.getvalue().splitlines()


def serves(school: School, street: str, house: str = "5") -> bool:
    return school in catalogue.schools_for(kato=VILLAGE, street=street, house=house, year=YEAR)


@pytest.mark.rule("R69")
def test_old_list_stays_with_its_author_and_can_be_put_back(school: School, tmp_path: Path) -> None:
    load(tmp_path, school, "Мектеп көшесі (бұрынғы Мир көшесі)\nАбай көшесі, кроме 7")
    load(tmp_path, school, "Достық көшесі", by="Омаров", reason="№16 бұйрық")
    assert not serves(school, "Мектеп көшесі") and not serves(school, "ул. Мира") and serves(school, "Достық")

    told = lists(school)
    assert [line.split("ranges; ")[1] for line in told] == [
        "Омаров, №16 бұйрық, list.txt",
        "Сейітов, №15 бұйрық, list.txt",
    ]

    lists(school, undo=True, by="Сейітов")

    assert serves(school, "Мектеп көшесі") and serves(school, "ул. Мира") and not serves(school, "Достық")
    assert serves(school, "Абай көшесі", "5") and not serves(school, "Абай көшесі", "7")
    assert school.address_lists.count() == 3 and school.address_lists.filter(ended=None).count() == 1
    newest = school.address_lists.filter(reason="№16 бұйрық").get()
    lists(school, restore=newest.pk)
    assert serves(school, "Достық")


@pytest.mark.rule("R69")
def test_change_is_shown_and_a_large_one_asked_twice(school: School, tmp_path: Path) -> None:
    streets = [f"ул. {number} Марта" for number in range(1, 31)]
    load(tmp_path, school, "\n".join(streets))

    small = load(tmp_path, school, "\n".join([*streets[:-1], "ул. Абая 5"]), confirm=False)
    assert "- ул. 30 Марта 1-" in small.splitlines() and "+ ул. Абая 5-5" in small.splitlines()

    with pytest.raises(CommandError, match="more than a tenth"):
        load(tmp_path, school, "ул. Абая 5", confirm=False)
    assert serves(school, "ул. 1 Марта")


def test_list_is_not_saved_without_who_and_what_for(school: School, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="who brings the list"):
        load(tmp_path, school, "ул. Абая 5", by="")

    assert not AddressList.objects.exists()
    assert "dry run" in load(tmp_path, school, "ул. Абая 5", by="", dry_run=True)


@pytest.mark.rule("R69")
def test_decision_of_june_is_explained_in_october(school: School, tmp_path: Path) -> None:
    load(tmp_path, school, "1. ул. Абая 1-15 (нечет)\n2. ул. Мира 7")
    june = timezone.now() - timedelta(days=120)
    school.address_lists.update(began=june - timedelta(days=1))
    load(tmp_path, school, "ул. Достык")

    of_june = versions.on(school, june)
    assert of_june is not None
    assert versions.why(of_june, kato=VILLAGE, street="Абай көшесі", house_text="5") == [
        "1. ул. Абая 1-15 (нечет)"
    ]
    assert versions.why(of_june, kato=VILLAGE, street="Абай көшесі", house_text="6") == []
    assert versions.on(school, june - timedelta(days=2)) is None
    address = [VILLAGE, "ул. Мира", "7"]
    assert lists(school, address=address, on=f"{timezone.localtime(june):%Y-%m-%d}")[1:] == ["2. ул. Мира 7"]
    assert lists(school, address=address)[1:] == []


def test_addresses_of_a_time_before_versions_are_kept_too(school: School, tmp_path: Path) -> None:
    school.addresses.create(locality=school.locality, street="ул. Мира", street_key="street:мир")
    load(tmp_path, school, "ул. Достык")

    lists(school, undo=True)

    assert serves(school, "ул. Мира") and not serves(school, "ул. Достык")


@pytest.mark.rule("R69", "D64")
def test_version_without_addresses_is_not_put_back(school: School, tmp_path: Path) -> None:
    empty = AddressList.objects.create(school=school, ended=timezone.now())
    load(tmp_path, school, "ул. Достык")

    with pytest.raises(CommandError, match="holds no address"):
        lists(school, restore=empty.pk)

    assert serves(school, "ул. Достык")


def test_second_name_goes_with_the_list_that_said_it(
    school: School, make_school: Callable[..., School], tmp_path: Path
) -> None:
    other = make_school(VILLAGE, "№2 мектеп", kk=20)
    for each in (school, other):
        load(tmp_path, each, "Бейбітшілік көшесі (бұрынғы Мир көшесі)")
    load(tmp_path, school, "Достық көшесі")

    assert serves(other, "ул. Мира")
    assert StreetAlias.objects.count() == 1


def test_school_has_one_list_at_a_time(school: School) -> None:
    AddressList.objects.create(school=school)

    with pytest.raises(IntegrityError), transaction.atomic():
        AddressList.objects.create(school=school)


def test_what_is_not_there_is_said(school: School) -> None:
    for options in ({"undo": True}, {"restore": 999}, {"address": [VILLAGE, "ул. Мира", "7"]}):
        with pytest.raises(CommandError):
            lists(school, **options)
    school.bin = "990540099942"
    with pytest.raises(CommandError, match="no school"):
        lists(school)
