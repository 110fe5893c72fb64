"""The profile: what the registers say, not to be edited, and where to mend it (R49)."""

import re

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.conftest import Egov, sign_in


@pytest.fixture
def page(client: Client, egov: Egov, parent: User) -> str:
    sign_in(client, egov)
    return client.get("/profile/").content.decode()


@pytest.mark.rule("R49")
def test_profile_shows_the_registers_data_and_no_field_for_them(page: str) -> None:
    for told in ("••••••••9904", "Сәрсенова Айгүл Маратқызы", "+7 701 123 45 01", "Сәтбаев көшесі"):
        assert told in page
    assert "900708499904" not in page
    fields = re.findall(r'<(?:input|select|textarea|button)[^>]* name="(\w+)"', page)
    assert set(fields) == {"csrfmiddlewaretoken", "language", "next", "seen", "wanted"}
    assert "өзгертуге болмайды" in page
    assert "Қате болса, қайда түзетіледі" in page


def test_language_of_messages_is_chosen_here(client: Client, egov: Egov, parent: User, page: str) -> None:
    answer = client.post("/profile/", {"language": "ru"})

    parent.refresh_from_db()
    assert (answer["Location"], parent.lang) == ("/profile/", "ru")
    assert "Язык сохранён" in client.get("/profile/").content.decode()


@pytest.mark.parametrize("language", ["", "en", "kk'--"])
def test_unknown_language_is_refused_with_words(
    client: Client, egov: Egov, parent: User, page: str, language: str
) -> None:
    answer = client.post("/profile/", {"language": language})

    parent.refresh_from_db()
    assert (answer.status_code, parent.lang) == (400, "kk")
    assert "Қателер бар" in answer.content.decode()


def test_address_is_taken_anew_on_demand(client: Client, egov: Egov, parent: User, page: str) -> None:
    egov.street = "Тұран даңғылы"

    client.post("/profile/refresh/")

    parent.refresh_from_db()
    assert parent.registered_address["street"] == "Тұран даңғылы"
    assert "тізілімнен жаңартылды" in client.get("/profile/").content.decode()


def test_silent_register_keeps_the_address(client: Client, egov: Egov, parent: User, page: str) -> None:
    egov.down.add("person")

    client.post("/profile/refresh/")

    parent.refresh_from_db()
    assert parent.registered_address["street"] == "Сәтбаев көшесі"
    assert "Бұрынғы деректер сақталды" in client.get("/profile/").content.decode()
