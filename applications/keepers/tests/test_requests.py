"""«Мекенжайымды қосу»: an address that no school has is asked for, added or refused, and told (R68, D63)."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.filing.tests.wizard_cast import step, text
from applications.keepers.tests.conftest import Browser, leave
from applications.keepers.views import requests
from applications.models import Application
from notifications.models import Channel, Message
from schools import address_requests, versions
from schools.list_files import Source
from schools.microdistricts import read, replace
from schools.models import AddressAsker, AddressRequest, EndedPlace, Locality, Role, School
from schools.streets import street_key
from schools.versions import Origin
from tests.environment import undone


@pytest.fixture
def draft(make_application: Callable[..., Application], school: School, now: datetime) -> Application:
    """Of a parent whose street is in nobody's list."""
    school.addresses.all().delete()
    return make_application(step2_at=None, route="", intake=None)


@pytest.fixture
def asked(at_home: Client, draft: Application) -> AddressRequest:
    at_home.post(reverse("filing:ask_address", args=[draft.public_id]))
    return AddressRequest.objects.get()


@pytest.mark.rule("R68", "D63")
def test_parent_asks_once_and_sees_that_it_is_sent(
    at_home: Client, draft: Application, stranger: User, now: datetime
) -> None:
    assert "Мекенжайымды қосу" in text(at_home.get(step(draft, "way")))
    for _again in range(2):
        at_home.post(reverse("filing:ask_address", args=[draft.public_id]))
    page = text(at_home.get(step(draft, "way")))

    asked = AddressRequest.objects.get()
    assert (asked.kato, asked.street, asked.house) == ("711210000", "Сәтбаев көшесі", "1")
    assert "Сұрауыңыз білім басқармасына жіберілген" in page and "Мекенжайымды қосу" not in page
    address_requests.ask(stranger, draft.applicant.registered_address, now=now)
    assert AddressRequest.objects.count() == 1 and AddressAsker.objects.count() == 2


@pytest.mark.rule("D63")
def test_address_of_a_school_is_not_asked_for(
    at_home: Client, draft: Application, school: School, now: datetime
) -> None:
    school.addresses.create(locality=school.locality, street="Сәтбаев", street_key="street:сатпай")
    school.addresses.update(street_key="")

    at_home.post(reverse("filing:ask_address", args=[draft.public_id]))

    assert not AddressRequest.objects.exists()


@pytest.mark.rule("D63")
def test_keeper_adds_it_as_a_line_and_the_draft_goes_on(
    at_home: Client, officer: Client, asked: AddressRequest, draft: Application, school: School
) -> None:
    page = officer.get(reverse("keepers:requests")).content.decode()
    assert "Сәтбаев көшесі, 1" in page and "Сәрсенова" not in page
    address = reverse("keepers:request", args=[asked.pk])
    leave(officer, address, school=str(school.pk), reason="№14 бұйрық", words="Салынып жатыр")
    back = officer.get(address).content.decode()
    assert "№14 бұйрық" in back and "Салынып жатыр" in back
    assert re.search(rf'value="{school.pk}"[^>]*checked', back)
    with undone():
        told = officer.post(address, {"attach": "1", "school": "", "reason": ""}).content.decode()
        assert "Мектепті таңдаңыз." in told and "негізін жазыңыз" in told
        gone = officer.post(address, {"attach": "1", "school": "999999", "reason": "№15"})
        assert gone.status_code == 400 and not AddressRequest.objects.get().answered_at

    officer.post(address, {"attach": "1", "school": school.pk, "reason": "№15 бұйрық"})

    version = school.address_lists.get(ended=None)
    assert list(version.lines.values()) == ["Сәтбаев көшесі 1"] and version.reason == "№15 бұйрық"
    assert school.addresses.get().house_to == 1
    assert "Иә — шағын аудан бойынша" in text(at_home.get(step(draft, "way")))
    sms = Message.objects.get(channel=Channel.SMS)
    assert sms.text == "OQU: мекенжай сұрауыңызға жауап берілді. Толығы кабинетте."
    inbox = text(at_home.get(reverse("notifications:inbox")))
    assert "Мекенжайыңыз мектепке қосылды" in inbox and "№63" in inbox
    late = officer.post(address, {"refuse": "1", "words": "Жоқ"}, follow=True)
    assert "жауап беріліп қойған" in late.content.decode() and Message.objects.count() == 2


@pytest.mark.rule("D63")
def test_refusal_is_told_in_the_departments_words_and_may_be_asked_again(
    at_home: Client, officer: Client, asked: AddressRequest, draft: Application
) -> None:
    address = reverse("keepers:request", args=[asked.pk])
    assert officer.post(address, {"refuse": "1", "words": " "}).status_code == 400

    officer.post(address, {"refuse": "1", "words": "Бұл үй салынып жатыр."})

    page = text(at_home.get(step(draft, "way")))
    assert "Бұл үй салынып жатыр." in page and "Мекенжайымды қосу" in page
    assert "Бұл үй салынып жатыр." in text(at_home.get(reverse("notifications:inbox")))
    at_home.post(reverse("filing:ask_address", args=[draft.public_id]))
    assert AddressRequest.objects.filter(answered_at=None).count() == 1


@pytest.mark.rule("D63")
def test_line_joins_the_list_that_stands_and_what_stands_already_is_only_told(
    officer: Client, asked: AddressRequest, school: School, now: datetime
) -> None:
    found = read([Source(1, "Абай көшесі (бұрынғы Мир көшесі) 1-9")], school)
    replace(found, Origin("x", "y"))
    address = reverse("keepers:request", args=[asked.pk])
    with undone():
        officer.post(address, {"attach": "1", "school": school.pk, "reason": "№15"})
        standing = versions.current(school)
        assert standing and sorted(standing.lines) == ["1", "2"] and school.aliases.count() == 1
        assert school.addresses.count() == 2
    replace(read([Source(1, "Сәтбаев көшесі")], school), Origin("x", "y"))
    before = school.address_lists.count()

    officer.post(address, {"attach": "1", "school": school.pk, "reason": "№15"})

    assert AddressRequest.objects.get().school == school and school.address_lists.count() == before


@pytest.mark.rule("D63")
def test_address_without_a_house_asks_for_the_whole_list(
    officer: Client, school: School, now: datetime
) -> None:
    asked = AddressRequest.objects.create(kato="711210000", street="", house="", asked_at=now)
    answer: Any = officer.post(
        reverse("keepers:request", args=[asked.pk]), {"attach": "1", "school": school.pk, "reason": "№15"}
    )

    assert answer.status_code == 400 and "үй нөмірі жоқ" in answer.content.decode()


@pytest.mark.rule("D63")
def test_request_stays_open_where_the_list_would_not_hold_the_address(
    officer: Client, asked: AddressRequest, school: School, subtests: Any
) -> None:
    replace(read([Source(1, "Сәтбаев көшесі, кроме 1")], school), Origin("x", "y"))
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "алып тасталған"),
        ({"street": "ул. Кирова (бывш. Ленина)"}, "басқаша оқылады"),
        ({"street": "Абай көшесі", "house": "кв. 5"}, "үй нөмірі жоқ"),
    ]
    for changes, told in cases:
        with subtests.test(told), undone():
            AddressRequest.objects.update(**changes)
            answer: Any = officer.post(
                reverse("keepers:request", args=[asked.pk]),
                {"attach": "1", "school": school.pk, "reason": "№15"},
            )
            assert answer.status_code == 400 and told in answer.content.decode()
            assert not AddressRequest.objects.get().answered_at and not Message.objects.exists()
            assert school.address_lists.count() == 1


@pytest.mark.rule("D63")
def test_any_school_of_the_keeper_is_found_by_name_the_nearest_first(
    browser: Browser, asked: AddressRequest, school: School, other_school: School, other: School
) -> None:
    ops = browser("840214399807", role=Role.OPS)
    School.objects.filter(pk=other_school.pk).update(search=" қарақоға орта мектебі каракога ")
    address = reverse("keepers:request", args=[asked.pk])

    page = ops.get(address).content.decode()
    assert page.index("№63") < page.index("№64") < page.index("Қарақоға орта")
    found = ops.get(address, {"q": "қарақ"}).content.decode()
    assert "Қарақоға орта" in found and "№63" not in found
    assert "Мұндай мектеп табылмады" in ops.get(address, {"q": "жоқ"}).content.decode()
    School.objects.bulk_create(
        School(bin=f"9905400100{at:02}", locality=school.locality, name_kk=f"Алыс {at}", sort_kk=f"я{at:02}")
        for at in range(requests.NEAREST)
    )
    assert "Қарақоға орта" not in ops.get(address).content.decode()
    form = {"attach": "1", "school": other_school.pk, "reason": "№15"}
    told = ops.post(f"{address}?page=2", form).content.decode()
    assert "Қарақоға орта" in told and "басқаша оқылады" in told  # no line of a village names a city's street


@pytest.mark.rule("D63")
def test_holder_of_another_area_is_confirmed_and_its_list_left_alone(
    officer: Client, asked: AddressRequest, other_school: School, now: datetime
) -> None:
    address, form = reverse("keepers:request", args=[asked.pk]), {"attach": "1", "reason": "№15"}
    with pytest.raises(address_requests.NotKept):
        by = User.objects.get(iin="770707399705")
        address_requests.attach(asked, other_school, by=by, origin=Origin("x", "y"), now=now)
    key = street_key("Сәтбаев көшесі")
    other_school.addresses.create(locality_id="711210000", street="Сәтбаев көшесі", street_key=key)

    assert "басқа басқарма жүргізетін" in officer.get(address).content.decode()
    assert officer.post(address, form | {"school": other_school.pk}).status_code == 302

    assert AddressRequest.objects.get().school == other_school
    assert not other_school.address_lists.exists() and Message.objects.exists()


@pytest.mark.rule("D63", "D66")
def test_request_of_a_place_that_came_over_is_answered_with_the_schools_that_came_with_it(
    at_home: Client,
    officer: Client,
    browser: Browser,
    asked: AddressRequest,
    draft: Application,
    school: School,
    localities: dict[str, Locality],
) -> None:
    theirs = browser("780808399705", role=Role.DEPARTMENT, region=localities["593600000"])
    later = AddressRequest.objects.create(
        kato="593651100", street="Абай көшесі", house="4", asked_at=asked.asked_at
    )
    address, answer = reverse("keepers:request", args=[later.pk]), {"attach": "1", "reason": "№15 бұйрық"}
    assert theirs.post(address, answer | {"school": school.pk}).status_code == 400  # another department's

    EndedPlace.objects.create(
        place=school.locality, ended_on=date(2026, 6, 1), successor=localities["593651100"]
    )

    assert "Сұрауыңыз білім басқармасына жіберілген" in text(at_home.get(step(draft, "way")))
    assert theirs.post(address, answer | {"school": school.pk}).status_code == 302
    assert officer.get(address).status_code == 404
    assert list(school.address_lists.get(ended=None).lines.values()) == ["Абай көшесі 4"]
