"""The pages of the sandbox: readable in three languages, and able to do what they offer."""

import re

import pytest
import requests

from egov.tests.cast import AIGUL, NOBODY, OLGA
from sandbox.registry import SERVICES
from tests.sandbox import Sandbox

PAGES = ["/", "/services/", "/phone/", f"/phone/{AIGUL}/", f"/people/{AIGUL}/"]


@pytest.mark.parametrize("path", PAGES)
def test_page_says_it_is_a_sandbox_in_each_language(sandbox: Sandbox, path: str) -> None:
    pages = {
        lang: requests.get(f"{sandbox.url}{path}?lang={lang}", timeout=10) for lang in ("kk", "ru", "en")
    }

    assert {page.status_code for page in pages.values()} == {200}
    for lang, word in (("kk", "Оқу алаңы"), ("ru", "Песочница"), ("en", "Sandbox")):
        assert f'<html lang="{lang}">' in pages[lang].text
        assert word in pages[lang].text
        assert "'unsafe-inline'" not in pages[lang].headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_inline_style_or_script(sandbox: Sandbox, path: str) -> None:
    html = requests.get(sandbox.url + path, timeout=10).text

    assert re.findall(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", html) == []


def test_chosen_language_is_remembered(sandbox: Sandbox) -> None:
    with requests.Session() as browser:
        browser.get(f"{sandbox.url}/?lang=en", timeout=10)

        assert "Who is who" in browser.get(f"{sandbox.url}/phone/", timeout=10).text


def test_first_page_names_everybody_and_every_system(sandbox: Sandbox) -> None:
    html = requests.get(f"{sandbox.url}/", timeout=10).text
    state = sandbox.control("GET", "state")

    assert [human["iin"] for human in state["people"] if human["sim"] and human["iin"] not in html] == []
    assert [name for name in state["services"] if f"/services/#{name}" not in html] == []


def test_switches_work_from_the_page(sandbox: Sandbox) -> None:
    form = {"mode": "slow", "seconds": "3", "times": "2"}
    requests.post(f"{sandbox.url}/services/set/person", data=form, timeout=10)
    faults = sandbox.control("GET", "state")["faults"]
    assert faults["person"] == {"mode": "slow", "seconds": 3.0, "times": 2, "code": ""}

    requests.post(f"{sandbox.url}/services/set/person", data={}, timeout=10)

    assert sandbox.control("GET", "state")["faults"] == {}


def test_facts_change_from_the_page(sandbox: Sandbox) -> None:
    child = sandbox.person(AIGUL)["children"][0]["iin"]

    requests.post(f"{sandbox.url}/people/{child}/", data={"papers": ["065/у"], "grade": "1"}, timeout=10)
    added = {"name": "<b>Әлия</b>", "birth_date": "2021-01-10", "sex": "F"}
    page = requests.post(f"{sandbox.url}/people/{AIGUL}/children", data=added, timeout=10)

    facts = sandbox.person(child)
    assert (facts["papers"], facts["enrolment"]["grade"]) == (["065/у"], 1)
    assert "&lt;b&gt;Әлия" in page.text


@pytest.mark.parametrize(
    "path", ["/phone/123/", f"/phone/{NOBODY}/", "/people/123/", "/idp/login/x", "/none"]
)
def test_unknown_address_is_404(sandbox: Sandbox, path: str) -> None:
    assert requests.get(sandbox.url + path, timeout=10).status_code == 404


def test_texts_exist_in_three_languages() -> None:
    for service in SERVICES:
        for text in (service.title, service.about, service.refusal):
            assert all(text), service.name


def test_no_link_of_the_pages_is_dead(sandbox: Sandbox) -> None:
    link = "?link=http%3A%2F%2F127.0.0.1%3A9%2Fegov-sign"
    pages = [requests.get(sandbox.url + path, timeout=10).text for path in [*PAGES, f"/phone/{link}"]]
    links = {found for page in pages for found in re.findall(r'(?:href|src)="(/[^"#]*)', page)}

    dead = [found for found in links if requests.get(sandbox.url + found, timeout=10).status_code == 404]

    assert dead == []
    assert len(links) > 50


def test_ties_change_from_the_page(sandbox: Sandbox) -> None:
    """A court takes a child away, a decree gives one, a register loses one for a minute."""
    page, kids = f"{sandbox.url}/people/{AIGUL}/ties", sandbox.person(AIGUL)["children"]
    lost, taken = kids[0]["iin"], kids[1]["iin"]
    foreign = sandbox.person(OLGA)["children"][0]["iin"]
    forms: list[dict[str, str]] = [
        {"child": lost, "relation": "PARENT", "lose": "1"},
        {"child": taken, "relation": ""},
        {"child": foreign, "relation": "GUARDIAN", "document": "№ 1"},
    ]

    for form in forms:
        assert requests.post(page, data=form, timeout=10).status_code == 200

    ties = {tie["iin"]: tie for tie in sandbox.person(AIGUL)["children"]}
    assert ties.keys() == {lost, foreign}
    assert ties[lost]["lost_until"] > 0
    assert (ties[foreign]["relation"], ties[foreign]["document"]) == ("GUARDIAN", "№ 1")
    assert requests.post(page, data={"child": NOBODY, "relation": ""}, timeout=10).status_code == 400


def test_court_hides_a_child_from_the_page_and_from_nobody_again(sandbox: Sandbox) -> None:
    kid = sandbox.person(AIGUL)["children"][0]["iin"]
    page = f"{sandbox.url}/people/{kid}/hidden"

    requests.post(page, data={"hidden_from": [AIGUL, NOBODY], "hidden_by": "№ 2-5"}, timeout=10)
    assert (sandbox.person(kid)["hidden_from"], sandbox.person(kid)["hidden_by"]) == ([AIGUL], "№ 2-5")

    requests.post(page, data={}, timeout=10)
    assert sandbox.person(kid)["hidden_from"] == []


def test_change_from_the_page_may_wait_for_the_next_answer(sandbox: Sandbox) -> None:
    form = {"surname": "Сәрсен", "name": "Айгүл", "patronymic": "", "in_base": "on", "turn": "on"}

    page = requests.post(f"{sandbox.url}/people/{AIGUL}/", data=form, timeout=10).text

    assert sandbox.person(AIGUL)["surname"] == "Сәрсенова"
    assert "Келесі жауаптан кейін өзгереді" in page


def test_name_changes_from_the_page(sandbox: Sandbox) -> None:
    form = {"surname": "Сәрсен", "name": "Айгүл", "patronymic": "", "in_base": "on"}

    requests.post(f"{sandbox.url}/people/{AIGUL}/", data=form, timeout=10)

    told = sandbox.person(AIGUL)
    assert (told["surname"], told["name"], told["patronymic"]) == ("Сәрсен", "Айгүл", "")
