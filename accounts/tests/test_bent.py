"""Whatever eGov and the registers answer, a page comes of it, and what was known of people stays known."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import people
from accounts.models import Child, User
from accounts.tests.conftest import AIGUL, ARMAN, ARUZHAN, Egov, sign_in
from egov import http, persons
from egov.tests.bender import bent_json, bent_xml

pytestmark = pytest.mark.django_db
KNOWN = ("surname", "name", "patronymic", "birth_date", "phone")
BASIC = {
    "person": {
        "iin": AIGUL.iin,
        "surname": AIGUL.surname,
        "name": AIGUL.name,
        "patronymic": AIGUL.patronymic,
        "birthDate": AIGUL.birth_date,
    }
}


def says(monkeypatch: pytest.MonkeyPatch, egov: Egov, system: str, content: bytes) -> None:
    """One system answers with these bytes; of the sign-in, the person's own data."""

    def call(method: str, url: str, *, system: str, **more: Any) -> http.Answer:
        asked = "basic" if url.endswith("/basic") else system
        return (
            http.Answer(system, 200, content)
            if asked == wanted
            else egov.call(method, url, system=system, **more)
        )

    wanted = system
    monkeypatch.setattr(http, "call", call)


def test_bent_sign_in_has_a_page_and_erases_nothing(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(Client(), egov)
    known = User.objects.values(*KNOWN).get()
    for how, content in bent_json(BASIC):
        cache.clear()  # they are many, and limits are another test's
        says(monkeypatch, egov, "basic", content)
        client = Client()
        back = sign_in(client, egov)
        assert back.status_code == 302, how
        if "/login/problem" in back["Location"] or "problem" in back["Location"]:
            assert client.get(back["Location"]).status_code in (409, 503), how
            assert "_auth_user_id" not in client.session, how
        now_known = User.objects.values(*KNOWN).get()  # and nobody else was made
        kept = {part for part in KNOWN if now_known[part] == known[part]}
        told_none = how in {f"person.patronymic {way}" for way in ("null", "empty", "blank")}
        assert len(kept) >= len(KNOWN) - 1, how
        assert all(now_known[part] for part in KNOWN if not (told_none and part == "patronymic")), how
        User.objects.update(**known)


@pytest.mark.parametrize(
    "person",
    [
        {"iin": AIGUL.iin},
        {"iin": AIGUL.iin, "surname": "", "name": None},
        {"iin": AIGUL.iin, "surname": "\0\u202e", "name": " "},
        {"iin": "000000000000", "surname": "А", "name": "Б"},
        {"iin": AIGUL.iin[:11] + "5", "surname": "А", "name": "Б"},
        {"iin": "900230499905", "surname": "А", "name": "Б"},
        {"iin": AIGUL.iin, "surname": "Ә" * 301, "name": "Б"},
    ],
)
def test_person_who_cannot_be_named_gets_a_page_and_no_account(
    egov: Egov, monkeypatch: pytest.MonkeyPatch, person: dict[str, Any]
) -> None:
    says(monkeypatch, egov, "basic", json.dumps({"person": person}).encode())
    client = Client()

    page = client.get(sign_in(client, egov)["Location"])

    assert page.status_code == 409
    assert "eGov-тағы деректеріңіз толық емес" in page.content.decode()
    assert not User.objects.exists()


def test_answer_without_names_keeps_the_known_ones(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(Client(), egov)
    says(monkeypatch, egov, "basic", json.dumps({"person": {"iin": AIGUL.iin}}).encode())

    sign_in(Client(), egov)

    assert User.objects.get().full_name == "Сәрсенова Айгүл Маратқызы"


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"patronymic": ""}, ""),
        ({"patronymic": "  "}, ""),
        ({"patronymic": None}, ""),
        ({}, "Маратқызы"),
        ({"patronymic": "\u200b"}, "Маратқызы"),  # a text that shows nothing
        ({"patronymic": "Болатқызы"}, "Болатқызы"),
    ],
)
def test_patronymic_taken_away_at_egov_is_taken_away_here(
    egov: Egov, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any], known: str
) -> None:
    sign_in(Client(), egov)
    person = {"iin": AIGUL.iin, "surname": AIGUL.surname, "name": AIGUL.name} | told
    says(monkeypatch, egov, "basic", json.dumps({"person": person}).encode())

    sign_in(Client(), egov)

    assert User.objects.get().patronymic == known


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("<patronymic/>", ""),
        ("<patronymic> </patronymic>", ""),
        ("", "Ерланұлы"),
        ("<patronymic><b/></patronymic>", "Ерланұлы"),
        ("<patronymic>Болатұлы</patronymic>", "Болатұлы"),
    ],
)
def test_register_takes_a_patronymic_away_only_in_words(
    egov: Egov, parent: User, monkeypatch: pytest.MonkeyPatch, told: str, known: str
) -> None:
    User.objects.create(iin=ARMAN.iin, surname=ARMAN.surname, name=ARMAN.name, patronymic="Ерланұлы")
    given = egov._person(ARMAN.iin)
    bent = re.sub(r"<patronymic>.*?</patronymic>", told, given)
    says(monkeypatch, egov, "person", egov._data(bent).encode())

    people.from_register(persons.person(ARMAN.iin), now=timezone.now())

    assert User.objects.get(iin=ARMAN.iin).patronymic == known


@pytest.mark.parametrize("length", [101, 300])
def test_long_surname_is_kept_whole(egov: Egov, length: int) -> None:
    egov.people[AIGUL.iin] = replace(AIGUL, surname="Ә" * length)

    sign_in(Client(), egov)

    assert User.objects.get().surname == "Ә" * length


@pytest.fixture
def signed_in(egov: Egov, parent: User) -> Client:
    client = Client()
    client.force_login(parent)
    return client


@pytest.mark.rule("R56")
def test_one_bad_record_costs_that_child_and_is_told(egov: Egov, signed_in: Client) -> None:
    egov.people[ARMAN.iin] = replace(ARMAN, sex="9")

    page = signed_in.get(reverse("accounts:add_child"))

    assert page.status_code == 200
    text = page.content.decode()
    assert "Аружан" in text and "Арман" not in text
    assert "Бір баланың деректерін көрсету мүмкін болмады" in text

    signed_in.post(reverse("accounts:language"), {"language": "ru"})
    assert (
        "Данные одного ребёнка показать не удалось"
        in signed_in.get(reverse("accounts:add_child")).content.decode()
    )


def test_family_of_bad_records_alone_is_told_so(egov: Egov, signed_in: Client) -> None:
    for one in (ARMAN, ARUZHAN):
        egov.people[one.iin] = replace(one, name="")

    text = signed_in.get(reverse("accounts:add_child")).content.decode()

    assert "Деректерін көрсету мүмкін болмаған балалар саны: 2" in text


@pytest.mark.parametrize("system", ["children", "address"])
def test_bent_register_has_a_page(
    egov: Egov, signed_in: Client, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    if system == "children":
        good = egov._data("".join(
            f"<child><relation>PARENT</relation>{egov._person(one.iin)}</child>" for one in (ARMAN, ARUZHAN)
        ))  # fmt: skip
    else:
        good = egov._data("".join(egov._registration(one.iin) for one in (ARMAN, ARUZHAN)))
    for how, content in list(bent_xml(good))[::3]:
        cache.clear()
        says(monkeypatch, egov, system, content)
        assert signed_in.get(reverse("accounts:add_child")).status_code in (200, 503), how
    assert not Child.objects.exists()
