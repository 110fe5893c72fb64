"""Consent and children in the instruction's words (R29, R37-R39, R55-R59, R128), in both languages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from accounts.models import Child, Consent, User
from accounts.tests.conftest import Egov, sign_in
from tests.reading import told, words

LIST, ADD = "/children/", "/children/add/"


@pytest.fixture(params=["kk", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def reader(client: Client, egov: Egov, parent: User, language: str) -> Iterator[Client]:
    """Айгүл, signed in, her own consent given, no child added yet."""
    User.objects.update(lang=language)
    with time_machine.travel(datetime(2026, 6, 10, 6, 0, tzinfo=UTC), tick=False):
        sign_in(client, egov)
        client.cookies["lang"] = language
        yield client


@pytest.mark.rule("R29")
def test_door_of_the_portal_is_kiru(client: Client, db: None, egov: Egov, settings, language: str) -> None:
    source = client.get("/", headers={"accept-language": language}).content.decode()

    assert f'href="/login/">{told(language, "Кіру")}</a>' in source
    assert client.get("/login/")["Location"].startswith(settings.EGOV_IDP_URL)


@pytest.mark.rule("R37", "R38", "R39")
def test_consent_is_asked_in_the_instructions_words(reader: Client, parent: User, language: str) -> None:
    Consent.objects.filter(user=parent).delete()

    page = words(reader.get("/consent/"))

    assert told(language, "Дербес деректерді жинауға және өңдеуге келісім беріңіз") in page
    assert told(language, "Жауапты SMS келген SIM-картадан жіберіп жатқаныңызға көз жеткізіңіз.") in page
    assert {"1414", "511"} <= set(re.findall(r"\d+", page))


@pytest.mark.rule("R55", "R56", "R57", "R58", "R59", "R128", "R181")
def test_child_is_added_by_the_instructions_buttons(
    reader: Client, egov: Egov, settings, language: str
) -> None:
    """«Баланы қосу», a child of the list, the request, 511, «Келесі», «Қосу»."""
    listed = reader.get(LIST).content.decode()
    assert told(language, "Менің балаларым") in words(listed)
    assert f'href="{ADD}">{told(language, "Баланы қосу")}</a>' in listed

    offered = reader.get(ADD).content.decode()
    assert f'href="{settings.EGOV_URL}">{told(language, "Мемлекеттік қызметтер")}</a>' in offered
    asked = (
        "Бала бойынша дербес деректерді жинауға және өңдеуге сұрау жіберіледі. Сұрау әр бала бойынша жеке "
        "жіберіледі."
    )
    assert told(language, asked) in words(offered)
    key = re.findall(r'name="child" value="(\w+)"', offered)[0]

    waiting = reader.post(ADD, {"child": key})["Location"]
    page = words(reader.get(waiting))
    assert {"1414", "511"} <= set(re.findall(r"\d+", page))
    assert {"kk": "КДК сұранысы", "ru": "КДП"}[language] in page

    egov.answer()
    granted = reader.get(waiting).content.decode()
    assert f'href="{waiting}confirm/">{told(language, "Келесі")}</a>' in granted
    confirm = reader.get(f"{waiting}confirm/").content.decode()
    assert f'<button class="button">{told(language, "Қосу")}</button>' in confirm
    assert not Child.objects.exists()

    reader.post(f"{waiting}confirm/")
    assert Child.objects.get().full_name in words(reader.get(LIST))
