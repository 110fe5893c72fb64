"""How short the way to file is (D70): walked without a script, the pages and the presses counted."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as project
from django.test import Client

from accounts import children
from accounts.models import Child, Consent, User
from accounts.tests.conftest import (
    AIGUL,
    ARMAN,
    ARUZHAN,
    Egov,
    Known,
    sign_in,
)
from accounts.views import consent
from applications.documents import medical
from applications.filing.tests.walker import Walk
from applications.filing.tests.wizard_cast import Registers, pdf
from applications.filing.views import consents as consent_pages
from applications.models import Application, SigningBatch, SigningRequest
from applications.signing import batches
from applications.signing.tests.test_signing_mobile import Phone
from applications.status import Status
from egov import http
from egov.errors import Unavailable
from egov.tests.eds_cast import Pki
from schools.models import School
from tests.reading import first_missing, words

START, CONSENT, PAGE = "/applications/new/", "/consent/", "/applications/new/consents/"
YOUNG = Known("210315699906", "Сәрсенова", "Дана", birth_date="2021-03-15")
OLD = Known("160315599908", "Сәрсенов", "Ерлан", birth_date="2016-03-15", sex="1")
SIGNED = "Өтінімге қол қойылды"


@pytest.fixture
def state(pki: Pki, registers: Registers, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Egov:
    """Every system of the state answers; the parent has one child."""
    settings.PUBLIC_URL = "http://testserver"
    egov = Egov(children={AIGUL.iin: [(ARMAN.iin, "PARENT")]})
    registers.papers = {"065/у": pdf(), "052-2/у": pdf()}
    answers = {"enrolment": registers.call, "medical": registers.call, "ocsp": pki.call, "tsp": pki.call}

    def call(method: str, url: str, *, system: str, **more: Any) -> http.Answer:
        return answers.get(system, egov.call)(method, url, system=system, **more)

    monkeypatch.setattr(http, "call", call)
    return egov


def walker(client: Client, state: Egov, pki: Pki) -> Walk:
    def outside(page: Any) -> None:
        """The worker asks the medical system; SMS are answered with 511, a QR code is signed."""
        while medical.run():
            pass
        state.answers = dict.fromkeys(state.answers, "GRANTED")
        for link in page.xpath("//a[contains(@href, 'link=')]/@href"):
            token = urlsplit(parse_qs(urlsplit(link).query)["link"][0]).path.rpartition("/")[2]
            asked = SigningRequest.objects.get(batch=SigningBatch.objects.get(token=token))
            phone = Phone(asked)
            assert phone.put(phone.signed(pki.sign(data=batches.payload_of(asked)))).status_code == 200

    return Walk(client, outside)


def table(walk: Walk) -> str:
    """As docs/ui.md prints it."""
    pressed: dict[int, list[str]] = {}
    for number, what in walk.presses:
        pressed.setdefault(number, []).append(f"«{what}»")
    rows = [f"| {at} | {page} | {', '.join(pressed.get(at, []))} |" for at, page in enumerate(walk.pages, 1)]
    return "\n".join(["| | page | pressed |", "|---|---|---|", *rows])


@pytest.mark.rule("D70")
@pytest.mark.usefixtures("undrawn", "intake", "clock")
def test_way_is_as_short_as_the_document_says(client: Client, state: Egov, pki: Pki, now: datetime) -> None:
    """The first child, from the sign-in, to which the button of the service's page leads, to the signature;
    then child, consent and way of signing are known."""
    School.objects.update(has_transport=False)
    assert first_missing(client.get("/service/").content.decode(), [f'href="{START}"']) == ""
    assert client.get(START)["Location"] == f"/login/?next={START}"
    sign_in(client, state, next=START)
    first, again = walker(client, state, pki), walker(client, state, pki)

    first.go(START, until=SIGNED)
    Application.objects.update(status=Status.REFUSED, decided_at=now)
    again.go(START, until=SIGNED)

    assert len(first.pages) <= 10 and len(first.presses) <= 12
    assert len(again.pages) <= 6 and len(again.presses) <= 8
    document = (project.BASE_DIR / "docs/ui.md").read_text()
    told = {"first": table(first), "again": table(again)}
    assert {name: shown for name, shown in told.items() if shown not in document} == {}


# --- the children's consents ---------------------------------------------------------------------------
@pytest.fixture
def at_consent(client: Client, state: Egov, clock: Any, db: None) -> Client:
    """Signed in for the first time, on the way to an application."""
    sign_in(client, state, next=START)
    return client


def ask(client: Client, state: Egov, *, then: str = START) -> Any:
    """Press for one's own consent, answer 511, and be led on."""
    client.post(CONSENT, {"next": then})
    state.answer()
    return client.get(f"{CONSENT}?next={then}", follow=True)


@pytest.mark.rule("R57", "R58", "R59", "D70")
def test_each_child_of_the_age_is_asked_for_by_the_same_press(at_consent: Client, state: Egov) -> None:
    """Twins have one page, a child still too young and one long at school none; who has a yes is added."""
    state.people |= {one.iin: one for one in (ARUZHAN, YOUNG, OLD)}
    state.children = {AIGUL.iin: [(one.iin, "PARENT") for one in (ARMAN, ARUZHAN, YOUNG, OLD)]}

    shown = ask(at_consent, state)

    assert shown.redirect_chain[-1][0] == PAGE
    assert [sent["subject_uin"] for sent in state.asked] == [AIGUL.iin, ARUZHAN.iin, ARMAN.iin]
    assert shown["Refresh"] == "5"
    said = ["Сіздің деректеріңіз Келісім берілді", "Аружан Жауап күтілуде", "Арман Жауап күтілуде"]
    assert first_missing(words(shown), said) == ""
    state.answer()
    half = words(at_consent.get(PAGE))
    assert first_missing(half, ["Аружан Жауап күтілуде", "Арман Келісім берілді", "Келесі"]) == ""
    assert [child.name for child in Child.objects.all()] == ["Арман"]
    state.answers["ref-2"] = "GRANTED"
    assert at_consent.get(PAGE)["Location"] == START
    assert Child.objects.count() == 2 and len(state.asked) == 3
    assert at_consent.get(PAGE)["Location"] == START  # nothing is awaited any more


@pytest.mark.rule("R57", "D70")
def test_no_child_is_asked_for_but_on_the_way_to_an_application(at_consent: Client, state: Egov) -> None:
    ask(at_consent, state, then="/messages/")

    assert "Тізімде бала жоқ" in words(at_consent.get(START))
    assert len(state.asked) == 1


@pytest.mark.rule("R58", "D70")
def test_no_from_the_phone_leaves_the_list_of_children(at_consent: Client, state: Egov) -> None:
    ask(at_consent, state)
    state.answer("DENIED")

    shown = at_consent.get(START, follow=True)

    assert shown.redirect_chain[-1][0] == PAGE
    assert "Келісім берілмеді" in words(shown)
    assert f"/children/add/?next={START}" in shown.content.decode()
    assert "Refresh" not in shown.headers
    assert not Child.objects.exists()


@pytest.mark.rule("R56", "D70")
@pytest.mark.parametrize("when", ["asked", "answered"])
def test_silent_register_leaves_the_list_of_children(at_consent: Client, state: Egov, when: str) -> None:
    if when == "answered":
        ask(at_consent, state)
        state.answer()
    state.down.add("children")

    shown = ask(at_consent, state) if when == "asked" else at_consent.get(PAGE, follow=True)

    assert "Тізімде бала жоқ" in words(shown)
    assert len(state.asked) == (1 if when == "asked" else 2)


NOT_ADDED, NOT_SENT = "Келісім берілген бала тізімге әлі қосылған жоқ", "келісім сұрауы толық жіберілмеді"


@pytest.fixture
def twins(state: Egov) -> None:
    state.people |= {ARUZHAN.iin: ARUZHAN}
    state.children = {AIGUL.iin: [(one.iin, "PARENT") for one in (ARMAN, ARUZHAN)]}


@pytest.mark.rule("R57", "D70")
@pytest.mark.usefixtures("twins")
def test_child_on_the_list_is_asked_for_when_its_consent_is_over(at_consent: Client, state: Egov) -> None:
    """As the page of one's own consent promises; who has a consent in force is left in peace."""
    ask(at_consent, state)
    state.answers = dict.fromkeys(state.answers, "GRANTED")
    at_consent.get(PAGE)
    Consent.objects.exclude(child_iin=ARMAN.iin).update(status="EXPIRED")

    shown = ask(at_consent, state)

    assert [sent["subject_uin"] for sent in state.asked[3:]] == [AIGUL.iin, ARUZHAN.iin]
    assert shown.redirect_chain[-1][0] == PAGE and "Аружан Жауап күтілуде" in words(shown)
    assert at_consent.get(START).status_code == 200  # the way by the list is open all the while


@pytest.mark.rule("R56", "D70")
@pytest.mark.usefixtures("twins")
def test_who_is_not_added_for_a_silent_register_is_told_and_not_led_in_a_circle(
    at_consent: Client, state: Egov, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One yes and one question open, then one no; asked as seldom as any page asks the register."""
    ask(at_consent, state)
    state.answer()
    asked: list[str] = []

    def silent(_user: User, iin: str) -> None:
        asked.append(iin)
        raise Unavailable("children", "too late")

    monkeypatch.setattr(children, "record_of", silent)
    monkeypatch.setattr(consent_pages, "REGISTERS", 2)

    for answer, said in (("PENDING", "Мен жауап бердім"), ("DENIED", "Қайталап көру"), ("DENIED", NOT_ADDED)):
        state.answers["ref-2"] = answer
        shown = at_consent.get(PAGE)
        assert first_missing(words(shown), [NOT_ADDED] if said == NOT_ADDED else [NOT_ADDED, said]) == ""
        assert "Келесі" not in words(shown)
    assert len(asked) == 2


@pytest.mark.rule("R57", "D70")
@pytest.mark.usefixtures("twins")
@pytest.mark.parametrize(("problem", "sent"), [("refused", 2), ("unavailable", 1)])
def test_problem_of_one_child_is_no_others_and_what_is_not_sent_is_told(
    at_consent: Client, monkeypatch: pytest.MonkeyPatch, state: Egov, problem: str, sent: int
) -> None:
    asked: list[str] = []
    really = consent.send

    def send(user: User, *, subject: str, now: datetime) -> str:
        asked.append(subject)
        return problem if subject == ARUZHAN.iin else really(user, subject=subject, now=now)

    monkeypatch.setattr(consent_pages, "send", send)

    assert NOT_SENT in words(ask(at_consent, state))
    assert len(asked) == sent
