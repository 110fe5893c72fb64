"""Consent through 1414 against the sandbox's КДК and the phone of the person."""

from typing import Any

import pytest
import requests

from egov import consent, persons
from egov.consent import Answer, ConsentAnswer
from egov.errors import Refused, Unavailable
from egov.tests.cast import AIGUL, DANIYAR, SANZHAR
from tests.sandbox import Sandbox


@pytest.fixture(autouse=True)
def _portal(settings: Any) -> None:
    settings.EGOV_TIMEOUT = 5.0


def ask(iin: str = AIGUL, subject: str = "") -> str:
    scope = "child" if subject else "applicant"
    return consent.request(iin, subject_iin=subject or iin, scope=scope)


@pytest.fixture
def arman(sandbox: Sandbox) -> str:
    return next(record.person.iin for record in persons.children(AIGUL) if record.person.name == "Арман")


@pytest.mark.rule("R38", "R126")
def test_request_brings_an_sms_from_1414_and_waits(sandbox: Sandbox) -> None:
    reference = ask()

    message = sandbox.inbox(AIGUL)[0]
    assert (message["from"], message["to"]) == ("1414", "+77011234501")
    assert "511" in message["text"]
    assert consent.status(reference) == ConsentAnswer(Answer.PENDING)


@pytest.mark.rule("R38")
def test_511_grants_with_a_token_and_a_key(sandbox: Sandbox) -> None:
    reference = ask()

    sandbox.reply(AIGUL, " 511 ")

    answer = consent.status(reference)
    assert answer.answer is Answer.GRANTED
    assert answer.token and answer.public_key


@pytest.mark.rule("R38")
@pytest.mark.parametrize("text", ["512", "жоқ", "нет", "5 1 1", "511 иә"])
def test_any_other_answer_denies(sandbox: Sandbox, text: str) -> None:
    reference = ask()

    sandbox.reply(AIGUL, text)

    assert consent.status(reference) == ConsentAnswer(Answer.DENIED)


@pytest.mark.rule("R38")
def test_silence_expires_and_a_late_511_changes_nothing(sandbox: Sandbox, settings: Any) -> None:
    reference = ask()
    sandbox.clock(settings.CONSENT_ANSWER_SECONDS + 1)
    sandbox.reply(AIGUL)

    assert consent.status(reference) == ConsentAnswer(Answer.EXPIRED)


@pytest.mark.rule("R39")
def test_answer_from_another_sim_card_does_not_count(sandbox: Sandbox) -> None:
    reference = ask()

    sandbox.reply(DANIYAR)

    assert consent.status(reference).answer is Answer.PENDING


@pytest.mark.rule("R40", "R57", "R58")
def test_each_child_is_asked_about_separately(sandbox: Sandbox, arman: str) -> None:
    own, child = ask(), ask(subject=arman)
    assert "Арман" in sandbox.inbox(AIGUL)[0]["text"]

    sandbox.reply(AIGUL)

    assert (consent.status(own).answer, consent.status(child).answer) == (Answer.PENDING, Answer.GRANTED)


def test_second_511_answers_the_request_before(sandbox: Sandbox, arman: str) -> None:
    own, child = ask(), ask(subject=arman)

    sandbox.reply(AIGUL)
    sandbox.reply(AIGUL)

    assert {consent.status(own).answer, consent.status(child).answer} == {Answer.GRANTED}


def test_person_without_a_phone_in_the_base_is_refused_with_the_reason(sandbox: Sandbox) -> None:
    with pytest.raises(Refused) as caught:
        ask(SANZHAR)

    assert caught.value.detail == "NO_PHONE"


def test_after_registering_the_phone_the_request_goes_through(sandbox: Sandbox) -> None:
    requests.post(f"{sandbox.url}/phone/{SANZHAR}/register", timeout=10)

    assert consent.status(ask(SANZHAR)).answer is Answer.PENDING


def test_nobody_is_asked_about_a_child_that_is_not_theirs(sandbox: Sandbox, arman: str) -> None:
    with pytest.raises(Refused, match="SUBJECT_NOT_THEIRS"):
        ask(SANZHAR if sandbox.person(SANZHAR, in_base=True) else "", subject=arman)


def test_unknown_reference_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="REQUEST_UNKNOWN"):
        consent.status("unknown")


def test_dropped_request_is_not_repeated(sandbox: Sandbox) -> None:
    """Every request is one more SMS on somebody's phone."""
    sandbox.fault("consent", "drop", times=1)

    with pytest.raises(Unavailable):
        ask()

    assert sandbox.inbox(AIGUL) == []


def test_late_request_has_sent_its_sms(sandbox: Sandbox, settings: Any) -> None:
    settings.EGOV_TIMEOUT = 0.8
    sandbox.fault("consent", "late", seconds=2, times=1)

    with pytest.raises(Unavailable):
        ask()

    assert [message["from"] for message in sandbox.inbox(AIGUL)] == ["1414"]


@pytest.mark.rule("R38")
def test_phone_page_shows_the_sms_and_takes_the_answer(sandbox: Sandbox) -> None:
    reference = ask()
    page = requests.get(f"{sandbox.url}/phone/{AIGUL}/", timeout=10).text
    assert "511 деп жауап беру" in page

    requests.post(f"{sandbox.url}/phone/{AIGUL}/reply", data={"text": "511"}, timeout=10)

    assert consent.status(reference).answer is Answer.GRANTED
