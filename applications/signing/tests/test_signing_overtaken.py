"""A batch to sign decisions that were overtaken before anybody answered it: no PIN is asked for."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import lifecycle
from applications.models import Application, SigningBatch
from applications.signing.reasons import Outcome, Reason
from applications.signing.tests.bulk_cast import REFUSAL, Desk
from applications.signing.words import ADVICE
from applications.status import Status

pytestmark = pytest.mark.usefixtures("undrawn")

OFFERS = ('href="?way=qr"', "data-oqu-qr", "data-oqu-oids", "Қайта қол қою")


@pytest.fixture(autouse=True)
def at_work(now: datetime) -> object:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def desk(make_application: Callable[..., Application], executor: User, director: User, now: datetime) -> Desk:
    desk = Desk(make_application, executor, director, now)
    desk.client.force_login(director)
    return desk


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def url(name: str, batch: SigningBatch) -> str:
    return reverse(f"signing:{name}", args=[batch.token])


def close(application: Application, status: Status) -> None:
    Application.objects.filter(pk=application.pk).update(status=status, decided_at=application.submitted_at)


def withdraw(desk: Desk, application: Application) -> None:
    close(application, Status.WITHDRAWN)


def decide(desk: Desk, application: Application) -> None:
    close(application, Status.ACCEPTED)


def send_back(desk: Desk, application: Application) -> None:
    lifecycle.return_to_executor(application, by=desk.director, reason="Түзетіңіз", now=desk.now)


def write_another(desk: Desk, application: Application) -> None:
    lifecycle.prepare(application, by=desk.director, now=desk.now, **REFUSAL)


@pytest.mark.rule("R108", "R112")
@pytest.mark.parametrize(
    ("overtake", "reason"),
    [
        (withdraw, Outcome.WITHDRAWN),
        (decide, Outcome.DECIDED),
        (send_back, Outcome.RETURNED),
        (write_another, Outcome.REPLACED),
    ],
)
def test_overtaken_decision_is_not_offered_to_be_signed(
    desk: Desk, overtake: Callable[[Desk, Application], None], reason: Reason
) -> None:
    proposed = desk.proposed()
    batch = desk.invite(proposed)
    before = text(desk.client.get(url("page", batch)))
    overtake(desk, proposed)

    for way in ("", "?way=qr", "?way=eds"):
        shown = text(desk.client.get(url("page", batch) + way))

        assert str(ADVICE[reason].reason) in shown and str(ADVICE[reason].remedy) in shown
        assert not any(offer in shown for offer in OFFERS)
    assert OFFERS[0] in before
    assert desk.client.get(url("status", batch)).json()["open"] is False
    assert "Қолтаңба әлі келген жоқ" not in text(desk.client.get(url("check", batch), follow=True))
    bearer = {"authorization": f"Bearer {batch.auth_token}"}
    for name in ("mobile", "mobile_documents"):  # a code that was scanned before the page learned it
        answer = Client().get(url(name, batch), headers=bearer)
        told = f"{ADVICE[reason].reason} {ADVICE[reason].remedy}"
        assert (answer.status_code, answer.json()["message"]) == (403, told)


def test_batch_is_over_when_none_of_its_decisions_stands(desk: Desk) -> None:
    first, second = desk.proposed(), desk.proposed(**REFUSAL)
    batch = desk.invite(first, second)
    withdraw(desk, first)
    page = desk.client.get(url("page", batch) + "?way=eds")
    told = text(desk.result(batch))
    send_back(desk, second)

    over = desk.client.get(url("page", batch) + "?way=eds", follow=True)

    assert page.status_code == 200
    assert str(ADVICE[Outcome.WITHDRAWN].reason) in told and "әлі күтілуде" in told
    assert over.redirect_chain == [(url("result", batch), 302)]
    assert "әлі күтілуде" not in text(over)
    assert str(ADVICE[Outcome.RETURNED].reason) in text(over)
