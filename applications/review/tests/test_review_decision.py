"""The school's decision on its way to the signature: found again, kept, and told when it is too late."""

from collections.abc import Callable
from datetime import datetime

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from applications import lifecycle
from applications.models import Application, Decision, RefusalReason, Route, SigningRequest
from applications.signing.tests.bulk_cast import REFUSAL, Desk
from applications.status import Status
from schools.models import Intake

WRITE_ANOTHER = "Басқа шешім жазу"


@pytest.fixture(autouse=True)
def at_work(now: datetime) -> object:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def desk(make_application: Callable[..., Application], executor: User, director: User, now: datetime) -> Desk:
    desk = Desk(make_application, executor, director, now)
    desk.client.force_login(director)
    return desk


def url(name: str, application: Application) -> str:
    return reverse(f"review:{name}", args=[application.public_id])


def read(client: Client, application: Application) -> str:
    return client.get(url("application", application)).content.decode()


@pytest.mark.rule("R108", "D16")
def test_decision_that_the_director_left_unsigned_is_found_again(desk: Desk) -> None:
    filed = desk.filed()
    desk.client.post(url("decide", filed), REFUSAL)

    shown = read(desk.client, filed)
    again = desk.client.post(url("sign", filed))

    assert REFUSAL["reason"] in shown
    assert "Шешімге қол қою" in shown
    assert WRITE_ANOTHER in shown
    assert again.headers["Location"] == reverse(
        "signing:page", args=[SigningRequest.objects.get().batch.token]
    )


def test_director_writes_another_decision_over_the_unsigned_one(desk: Desk) -> None:
    filed = desk.filed()
    desk.client.post(url("decide", filed), REFUSAL)

    desk.client.post(url("decide", filed), {"result": "ACCEPT"})

    assert [str(one.result) for one in filed.decisions.waiting()] == ["ACCEPT", "REFUSE"]
    assert REFUSAL["reason"] not in read(desk.client, filed)


def test_unsigned_decision_of_the_director_leaves_the_executor_their_form(desk: Desk) -> None:
    filed = desk.filed()
    desk.client.post(url("decide", filed), REFUSAL)
    desk.client.force_login(desk.executor)

    shown = read(desk.client, filed)

    assert REFUSAL["reason"] not in shown
    assert "Директорға ұсыну" in shown


def test_decision_of_the_director_stands_in_place_of_the_returned_one(desk: Desk, now: datetime) -> None:
    proposed = desk.proposed()
    lifecycle.return_to_executor(proposed, by=desk.director, reason="Себебін толықтырыңыз", now=now)
    returned = read(desk.client, proposed)
    desk.client.post(url("decide", proposed), REFUSAL)

    assert "Себебін толықтырыңыз" in returned
    assert "Себебін толықтырыңыз" not in read(desk.client, proposed)


# --- what was typed when the session ended ---


def come_back(desk: Desk, who: User, filed: Application, name: str, data: dict[str, str], page: str) -> str:
    """The button `name` is pressed on `page` after the session has ended; the page after signing in again."""
    desk.client.force_login(who)
    desk.client.get(url("application", filed))
    del desk.client.cookies[settings.SESSION_COOKIE_NAME]
    referer = f"http://testserver{url(page, filed)}"
    sent = desk.client.post(url(name, filed), data, headers={"Referer": referer})
    assert sent["Location"] == f"/login/?next={url(page, filed)}"
    desk.client.force_login(who)
    return desk.client.get(url(page, filed), follow=True).content.decode()


# The browser is at the button's own address when the form has come back with an error.
@pytest.mark.rule("R109", "D16")
@pytest.mark.parametrize("page", ["application", "decide"])
def test_refusal_typed_when_the_session_ended_is_given_back(desk: Desk, page: str) -> None:
    for who in (desk.director, desk.executor):
        filed = desk.filed()

        shown = come_back(desk, who, filed, "decide", REFUSAL, page)

        assert REFUSAL["reason"] in shown
        assert REFUSAL["reason"] not in read(desk.client, filed)
        assert not Decision.objects.exists()


@pytest.mark.parametrize("page", ["application", "return"])
def test_word_to_the_executor_typed_when_the_session_ended_is_given_back(desk: Desk, page: str) -> None:
    proposed = desk.proposed()

    shown = come_back(desk, desk.director, proposed, "return", {"reason": "Фотосурет анық емес"}, page)

    assert "Фотосурет анық емес" in shown
    assert WRITE_ANOTHER not in shown


def test_decision_typed_before_the_executors_proposal_is_given_back_along_with_it(desk: Desk) -> None:
    proposed = desk.proposed()

    shown = come_back(desk, desk.director, proposed, "decide", REFUSAL, "application")

    assert REFUSAL["reason"] in shown
    assert "Бекова Жанар дайындады" in shown


def test_what_was_typed_too_late_is_not_asked_to_be_mended(desk: Desk, now: datetime) -> None:
    proposed = desk.proposed()

    shown = come_back(desk, desk.executor, proposed, "decide", {"reason_code": ""}, "application")

    assert "Қателер бар" not in shown


# --- too late ---


@pytest.mark.parametrize("name", ["decide", "return"])
@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.ACCEPTED, Status.REFUSED])
def test_unfinished_form_on_a_closed_application_is_told_what_happened(
    desk: Desk, name: str, status: Status
) -> None:
    filed = desk.filed()
    Application.objects.filter(pk=filed.pk).update(status=status, decided_at=desk.now)

    for who in (desk.director, desk.executor):
        desk.client.force_login(who)
        answer = desk.client.post(url(name, filed), {"result": "REFUSE"}, follow=True)

        assert answer.redirect_chain == [(url("application", filed), 302)]
        assert "Өтінімнің жағдайы өзгеріп кеткен" in answer.content.decode()
        assert "Қателер бар" not in answer.content.decode()


def test_unfinished_proposal_on_a_proposed_application_is_told_what_happened(desk: Desk) -> None:
    proposed = desk.proposed()
    desk.client.force_login(desk.executor)

    answer = desk.client.post(url("decide", proposed), {"result": "REFUSE"}, follow=True)

    assert "Өтінімнің жағдайы өзгеріп кеткен" in answer.content.decode()


def test_unfinished_decision_of_the_director_keeps_its_form_beside_a_proposal(desk: Desk) -> None:
    proposed = desk.proposed()

    answer = desk.client.post(url("decide", proposed), {"result": "REFUSE", "reason": REFUSAL["reason"]})

    assert answer.status_code == 400
    assert REFUSAL["reason"] in answer.content.decode()
    assert answer.content.decode().count('id="id_reason"') == 1


# --- the buttons' own addresses ---


@pytest.mark.parametrize("name", ["decide", "sign", "return"])
def test_address_of_a_button_leads_to_its_page(desk: Desk, name: str) -> None:
    filed = desk.filed()

    for send in (desk.client.get, desk.client.head):
        assert send(url(name, filed)).headers["Location"] == url("application", filed)


def test_language_changes_on_the_page_of_an_error(desk: Desk) -> None:
    filed = desk.filed()
    wrong = desk.client.post(url("decide", filed), {"result": "REFUSE"})

    there = wrong.content.decode().partition('name="next" value="')[2].partition('"')[0]
    answer = desk.client.post("/language/", {"language": "ru", "next": there}, follow=True)

    assert answer.status_code == 200
    assert f"Заявление № {filed.number}" in answer.content.decode()


# --- the seats beside it ---


@pytest.mark.rule("D3a", "D16")
@pytest.mark.parametrize(
    ("language", "over", "advised"),
    [
        (
            "kk",
            "Қабылдау жоспарынан асып кетті.",
            "Орын жетпегендіктен бас тартсаңыз, «Бос орын жоқ» негізін таңдаңыз.",
        ),
        (
            "ru",
            "Превышен план приёма.",
            "Если отказываете из-за нехватки мест, выберите основание «Нет свободных мест».",
        ),
    ],
    ids=["kk", "ru"],
)
def test_over_the_plan_the_ground_of_seats_is_advised_for_the_microdistrict(
    desk: Desk, language: str, over: str, advised: str
) -> None:
    local, outside = desk.filed(), desk.filed(route=Route.OUTSIDE)
    Intake.objects.update(seats=1, outside_limit=1)
    desk.client.cookies["lang"] = language

    of_local, of_outside = read(desk.client, local), read(desk.client, outside)

    assert over in of_local and advised in of_local
    assert over in of_outside and advised not in of_outside
    with translation.override(language):
        assert f"«{RefusalReason.NO_SEATS.label}»" in advised
