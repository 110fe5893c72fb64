"""«Деректерді жаңарту» does what it says, against the sandbox's registers (R56, D22, D34)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import children
from accounts.models import Child, User
from conftest import ANSWERED, grant_consent
from tests.reading import words
from tests.sandbox import Sandbox

NEW = "Тізілімде тізіміңізге қосылмаған бала бар"
GONE = "Тізілімде сізге тіркелмеген бала тізімнен алынып тасталды."
SILENT = "Тізілім жауап бермеді. Бұрынғы деректер сақталды"
DONE = "Деректер тізілімнен жаңартылды."
OLGA = "780922499900"


@pytest.fixture
def arman(parent: User, sandbox: Sandbox) -> Child:
    added = [children.add(parent, record, now=ANSWERED) for record in children.of_register(parent.iin)]
    return next(child for child in added if child.name == "Арман")


@pytest.fixture
def mother(client: Client, parent: User, arman: Child) -> Client:
    client.force_login(parent)
    return client


def refreshed(client: Client) -> str:
    answer = client.post(reverse("accounts:refresh_children"), follow=True)
    assert answer.redirect_chain == [(reverse("accounts:children"), 302)]
    return words(answer)


def change(sandbox: Sandbox, adult: str, *ties: dict[str, Any], without: str = "") -> None:
    kept = [tie for tie in sandbox.person(adult)["children"] if tie["iin"] != without]
    sandbox.person(adult, children=[*kept, *ties])


@pytest.mark.rule("D34")
def test_names_and_addresses_are_those_of_today(mother: Client, arman: Child, sandbox: Sandbox) -> None:
    sandbox.person(arman.iin, name="Арыстан")
    assert "Арыстан" not in words(mother.get(reverse("accounts:children")))

    page = refreshed(mother)

    assert "Арыстан" in page and DONE in page
    assert NEW not in page and GONE not in page


@pytest.mark.rule("R56")
def test_newly_born_child_appears(mother: Client, parent: User, sandbox: Sandbox) -> None:
    born = {"name": "Әлия", "birth_date": "2021-01-10", "sex": "F"}
    sandbox.control("POST", f"people/{parent.iin}/children", born)

    assert NEW in refreshed(mother)
    assert "Әлия" in words(mother.get(reverse("accounts:add_child")))


@pytest.mark.rule("R56", "D22")
def test_child_taken_into_care_appears_with_the_number_of_the_decree(
    mother: Client, parent: User, sandbox: Sandbox
) -> None:
    artem = sandbox.person(OLGA)["children"][0]["iin"]
    change(sandbox, parent.iin, {"iin": artem, "relation": "GUARDIAN", "document": "№ 77, 01.06.2026"})
    assert NEW in refreshed(mother)

    record = next(one for one in children.of_register(parent.iin) if one.person.iin == artem)
    grant_consent(parent, children.add(parent, record, now=ANSWERED))

    page = refreshed(mother)
    assert NEW not in page
    assert "Заңды өкілі" in page and "№ 77, 01.06.2026" in page


@pytest.mark.rule("D34")
def test_child_that_is_no_longer_theirs_leaves_the_list(
    mother: Client, arman: Child, parent: User, sandbox: Sandbox
) -> None:
    change(sandbox, parent.iin, without=arman.iin)

    page = refreshed(mother)

    assert GONE in page
    assert "Арман" not in page and "Аружан" in page


@pytest.mark.parametrize("system", ["person", "children", "address"])
def test_silent_register_changes_nothing(mother: Client, arman: Child, sandbox: Sandbox, system: str) -> None:
    sandbox.person(arman.iin, name="Арыстан")
    sandbox.fault(system, "fail")

    page = refreshed(mother)

    assert SILENT in page and DONE not in page
    assert "Арман" in page


@pytest.mark.rule("R49", "D34")
def test_profile_shows_the_name_of_today(mother: Client, parent: User, sandbox: Sandbox) -> None:
    sandbox.person(parent.iin, surname="Сәрсен")

    page = words(mother.post(reverse("accounts:refresh_profile"), follow=True))

    assert "Сәрсен Айгүл" in page and DONE in page
