"""What is amiss in a keeper's area, and whose page mends it (D64)."""

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.keepers.tests.conftest import Browser
from schools import quality, unclaimed
from schools.models import (
    AddressList,
    AddressRequest,
    EndedPlace,
    Intake,
    Locality,
    MicrodistrictAddress,
    Role,
    School,
    StreetAlias,
)
from schools.streets import street_key
from tests import plans
from tests.environment import undone


def shown(client: Client, view: str, area: str = "710000000") -> str:
    cache.clear()
    answer = client.get(reverse("keepers:quality"), {"view": view, "area": area})
    assert answer.status_code == 200
    return (
        str(answer.content.decode()).split('id="found"')[1].split("</main>")[0]
    )  # what follows has tokens of chance


@pytest.mark.rule("D64")
def test_each_gap_names_its_schools(
    officer: Client,
    school: School,
    other: School,
    intake: Intake,
    director: User,
    localities: dict[str, Locality],
) -> None:
    School.objects.filter(pk=other.pk).update(search=school.search)
    School.objects.filter(pk=school.pk).update(address_kk="Сәтбаев 1")
    faulty = {
        "list": {other}, "director": {other}, "seats": {other}, "contacts": {other}, "alike": {school, other},
    }  # fmt: skip
    for view, schools in faulty.items():
        page = shown(officer, view)
        assert {one for one in (school, other) if one.name_kk in page} == schools, view
    links = reverse("schools:staff_of_school", args=[other.pk]), reverse("keepers:school", args=[other.pk])
    assert links[0] in shown(officer, "director") and links[1] in shown(officer, "list")


DOUBLES: list[tuple[dict[str, Any], bool]] = [
    ({"house_from": 5, "house_to": 5}, True),
    ({"house_from": 5, "house_to": 5, "suffix": "А"}, True),  # 1-99 holds 5А
    ({"house_from": 5, "house_to": 5, "suffix": "уч"}, False),
    ({"house_from": 4, "house_to": 4}, False),  # the other side
    ({"house_from": 2, "house_to": 98, "parity": "EVEN"}, False),
    ({"house_from": 90, "house_to": 120}, True),
    ({"house_from": 101}, False),
    ({"house_from": 5, "house_to": 5, "excluded": True}, False),
    ({}, True),  # the whole street
    ({"street_key": "avenue:сәтпай"}, False),
]


@pytest.mark.rule("D64")
def test_doubles_are_found_by_the_database_as_the_reader_would(
    officer: Client, school: School, other: School, subtests: Any
) -> None:
    MicrodistrictAddress.objects.filter(school=school).update(parity="ODD")
    area, key = Locality.objects.get(kato="710000000"), school.addresses.get().street_key
    for row, is_double in DOUBLES:
        with subtests.test(row=row):
            other.addresses.all().delete()
            values = {"street": "Сәтбаев", "street_key": key} | row
            made = other.addresses.create(locality=other.locality, **values)
            pairs = quality.doubles(area)
            assert pairs == ([(school.addresses.get().pk, made.pk)] if is_double else [])
    other.addresses.update(street_key=key, excluded=False)
    assert "№64 мектеп" in shown(officer, "doubles")


@pytest.mark.rule("D57", "D64")
def test_double_is_a_house_that_the_catalogue_gives_to_two_schools(
    browser: Browser, school: School, other: School, now: datetime
) -> None:
    esil, city = school.locality, Locality.objects.get(kato="710000000")
    almaty = Locality.objects.create(
        kato="711110000", parent=city, name_kk="Алматы ауданы", name_ru="район Алматы", sort_kk="алматы"
    )
    mine = school.addresses.get()
    street = {"locality": esil, "street": mine.street, "street_key": mine.street_key}
    theirs = other.addresses.create(**street, house_from=5, house_to=5)
    pair = [(mine.pk, theirs.pk)]
    with undone():  # of two areas: each keeper sees it, and mends the own school's list
        School.objects.filter(pk=other.pk).update(locality=almaty)
        assert quality.doubles(city) == quality.doubles(esil) == pair
        assert quality.doubles(almaty) == [(theirs.pk, mine.pk)]
        page = shown(browser("780808399705", role=Role.DEPARTMENT, region=almaty), "doubles", almaty.kato)
        assert reverse("keepers:school", args=[other.pk]) in page and "№63" in page
        assert reverse("keepers:school", args=[school.pk]) not in page
    with undone():
        School.objects.filter(pk=other.pk).update(stops_on=now.date())
        assert quality.doubles(city) == []
    taken_out: list[tuple[dict[str, Any], bool]] = [
        ({"house_from": 5, "house_to": 5}, False),
        ({"house_from": 3, "house_to": 7, "parity": "ODD"}, False),
        ({"house_from": 3, "house_to": 7, "parity": "EVEN"}, True),
        ({"house_from": 5, "house_to": 5, "suffix": "А"}, True),
        ({"house_from": 6}, True),
    ]
    for houses, is_double in taken_out:
        with undone():
            school.addresses.create(**street, **houses, excluded=True)
            assert bool(quality.doubles(city)) == is_double, houses
    MicrodistrictAddress.objects.update(street_key="", house_from=1, house_to=None)  # whole places
    assert quality.doubles(city) == pair
    other.addresses.update(locality=almaty)
    assert quality.doubles(city) == []


@pytest.mark.rule("D64")
def test_street_that_was_seen_and_that_no_list_claims_is_named_without_its_houses(
    officer: Client, school: School, parent: User, subtests: Any
) -> None:
    """By the officer's page; whose it is to mend is the link."""
    ours = reverse("keepers:school", args=[school.pk])
    lists = {"rows": [["711210000", "Бұрынғы көше", "street:x", 1, None, "", "ALL", False, 1]]}
    AddressList.objects.create(school=school, ended=timezone.now(), **lists)
    asked = AddressRequest.objects.create(
        kato="711210000", street="Сұралған көше", house="77", asked_at=timezone.now()
    )
    parent.registered_address |= {"street": "Отбасы көшесі", "house": "78"}
    parent.save()
    link = reverse("keepers:request", args=[asked.pk])
    named = {"Бұрынғы көше": ours, "Сұралған көше": link}

    plans.forget_counts()
    with plans.watched(set()) as whole:
        page = shown(officer, "streets")
    assert not whole
    assert "Есіл ауданы (2)" in page and "77" not in page
    assert all(f'<a href="{to}"><bdi>{street}</bdi>' in page for street, to in named.items())
    assert "Сәтбаев" not in page and "Отбасы" not in page  # where a family lives is not told
    assert "көше қаралды" not in page
    for street in named:
        with subtests.test(street), undone():
            key, other = street_key(street), street_key("Жаңа көше")
            school.addresses.update(street="Жаңа көше", street_key=other)
            StreetAlias.objects.create(key=key, other=other)  # a list claims it by another name
            assert street not in shown(officer, "streets")
            with pytest.MonkeyPatch.context() as patch:  # the rest is not said to be in order
                patch.setattr(unclaimed, "MOST_LOOKED_AT", 1)
                page = shown(officer, "streets")
            assert "1 көше қаралды" in page and "Мұндай олқылық жоқ" not in page
    school.addresses.update(street="", street_key="")  # the whole place
    assert "Мұндай олқылық жоқ" in shown(officer, "streets")


@pytest.mark.rule("D66")
def test_ended_place_is_named_while_something_stands_in_it_and_nobody_says_what_it_is(
    officer: Client, browser: Browser, school: School, localities: dict[str, Locality]
) -> None:
    ended = EndedPlace.objects.create(place=school.locality, ended_on=date(2026, 6, 1))
    link = reverse("reference:schools_endedplace_change", args=[ended.pk])
    assert "Есіл ауданы" in shown(officer, "ended") and link not in shown(officer, "ended")
    assert link in shown(browser("840214399807", role=Role.OPS), "ended")
    with undone():
        ended.successor = localities["593600000"]
        ended.save()
        assert "Есіл ауданы" not in shown(officer, "ended")
    School.objects.update(locality=localities["593651100"])
    assert "Есіл ауданы" in shown(officer, "ended")  # a list names it
    school.addresses.all().delete()
    assert "Есіл ауданы" not in shown(officer, "ended")


@pytest.mark.rule("D64")
def test_ops_choose_a_region_and_nothing_is_counted_of_the_country(
    browser: Browser, school: School, django_assert_max_num_queries: Any
) -> None:
    ops = browser("840214399807", role=Role.OPS)
    changed = reverse("reference:schools_school_change", args=[school.pk])
    assert changed in shown(ops, "contacts") and changed not in shown(ops, "list")
    assert f"{reverse('reference:schools_intake_changelist')}?q={school.bin}" in shown(ops, "seats")
    page = ops.get(reverse("keepers:quality")).content.decode()
    assert "?area=710000000" in page and school.name_kk not in page
    assert ops.get(reverse("keepers:quality"), {"area": "x"}).status_code == 404
    with django_assert_max_num_queries(20):
        shown(ops, "doubles")


@pytest.mark.parametrize("kept", ["no cache", "of another version"])
def test_streets_are_looked_for_anew_where_none_are_kept(
    localities: dict[str, Locality], monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    def silent(*_given: object) -> object:
        if kept == "no cache":
            raise ConnectionError
        return {"streets": "as another version kept them"}

    monkeypatch.setattr(unclaimed, "cache", SimpleNamespace(get=silent, set=silent))

    assert unclaimed.streets(localities["710000000"]) == unclaimed.Found([])
