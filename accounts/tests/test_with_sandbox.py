"""The same way against the real sandbox over HTTP: what the double of the other tests says is true."""

import re
from urllib.parse import urljoin

import pytest
import requests
from django.conf import settings as project
from django.test import Client

from accounts.models import Child, User
from tests.sandbox import Sandbox

AIGUL, SANZHAR_PHONELESS = "900708499904", "Санжар"


@pytest.fixture
def portal(db: None, settings) -> Client:
    settings.PUBLIC_URL = project.PUBLIC_URL
    return Client(headers={"host": project.PUBLIC_URL.partition("//")[2]})


def allow(sandbox: Sandbox, address: str, iin: str, *, answer: str = "allow") -> str:
    """A person on eGov's pages: who they are, the code of the SMS, «Рұқсат беру». Where it leads back to."""
    with requests.Session() as browser:
        page = browser.get(address, timeout=10)
        at = page.url.partition("?")[0]
        code_page = browser.post(at, data={"typed": iin}, timeout=10)
        code = next(
            found[1] for sms in sandbox.inbox(iin) if (found := re.search(r"\b(\d{5})\b", sms["text"]))
        )
        browser.post(code_page.url.partition("?")[0], data={"code": code}, timeout=10)
        back = browser.post(f"{at}/consent", data={"answer": answer}, allow_redirects=False, timeout=10)
        return urljoin(at, back.headers["Location"])


def sign_in(portal: Client, sandbox: Sandbox, iin: str, *, answer: str = "allow"):
    back = allow(sandbox, portal.get("/login/")["Location"], iin, answer=answer)
    return portal.get(back.removeprefix(project.PUBLIC_URL))


@pytest.mark.rule("R29", "R37", "R38", "R57", "R58", "R59")
def test_first_entry_to_first_child(portal: Client, sandbox: Sandbox) -> None:
    entered = sign_in(portal, sandbox, AIGUL)
    assert entered["Location"] == "/consent/?next=/service/"

    portal.post("/consent/")
    sandbox.reply(AIGUL, "511")
    assert portal.get("/consent/").status_code == 302
    user = User.objects.get(iin=AIGUL)
    assert (user.phone, user.registered_address["kato"]) == ("+77011234501", "711210000")

    page = portal.get("/children/add/").content.decode()
    keys = re.findall(r'name="child" value="(\w+)"', page)
    assert len(keys) == 2
    waiting = portal.post("/children/add/", {"child": keys[0]})["Location"]
    assert portal.get(waiting)["Refresh"] == "5"
    sandbox.reply(AIGUL, "511")
    assert "Келісім алынды" in portal.get(waiting).content.decode()
    assert portal.post(waiting + "confirm/")["Location"] == "/children/"
    child = Child.objects.get()
    assert list(child.guardians.all()) == [user]
    assert user.consents.get(child=child).token


def test_other_answer_than_511_is_a_no(portal: Client, sandbox: Sandbox) -> None:
    sign_in(portal, sandbox, AIGUL)
    portal.post("/consent/")

    sandbox.reply(AIGUL, "жоқ")

    assert "Сіз келісім бермедіңіз" in portal.get("/consent/").content.decode()


def test_person_without_a_phone_learns_why_1414_cannot_ask(portal: Client, sandbox: Sandbox) -> None:
    people = sandbox.control("GET", "state")["people"]
    iin = next(one["iin"] for one in people if not one["in_base"] and one["name"] == SANZHAR_PHONELESS)
    sign_in(portal, sandbox, iin)

    page = portal.post("/consent/")

    assert User.objects.get().phone == ""
    assert page.status_code == 409
    assert "Нөміріңіз Мобильді азаматтар базасында жоқ" in page.content.decode()


def test_refusal_and_replay_on_egov(portal: Client, sandbox: Sandbox) -> None:
    assert sign_in(portal, sandbox, AIGUL, answer="deny")["Location"].startswith("/login/denied/")

    back = allow(sandbox, portal.get("/login/")["Location"], AIGUL).removeprefix(project.PUBLIC_URL)
    code = back.partition("code=")[2].partition("&")[0]
    portal.get(back)
    portal.post("/logout/")
    state = portal.get("/login/")["Location"].partition("state=")[2].partition("&")[0]

    replayed = portal.get("/auth/egov/", {"state": state, "code": code})

    assert replayed["Location"] == "/login/stale/"
    assert "_auth_user_id" not in portal.session


@pytest.mark.parametrize("service", ["token", "user-basic"])
def test_broken_egov_is_told_and_sign_in_works_after(portal: Client, sandbox: Sandbox, service: str) -> None:
    sandbox.fault(service, "fail")
    assert sign_in(portal, sandbox, AIGUL)["Location"].startswith("/login/unavailable/")

    sandbox.repair()

    assert sign_in(portal, sandbox, AIGUL)["Location"].startswith("/consent/")
