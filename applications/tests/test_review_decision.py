"""The school's decision on its way to the signature: found again, kept, and told when it is too late."""

from collections.abc import Callable
from datetime import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import lifecycle
from applications.models import Application, SigningRequest
from applications.tests.bulk_cast import REFUSAL, Desk

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
    assert again.url == reverse("signing:page", args=[SigningRequest.objects.get().batch.token])


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
