"""A form of a decision that was shown before another decision was prepared does not replace it unread."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import lifecycle
from applications.models import Application, Decision, DocumentKind, Result, SigningRequest
from applications.status import Status

MARK = re.compile(r'name="seen" value="(\w{16})"')
REFUSAL = {"result": "REFUSE", "reason_code": "OTHER", "reason": "Құжаттар басқа баланікі екен."}


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def at_school(client: Client, director: User) -> Client:
    client.force_login(director)
    return client


@pytest.fixture
def filed(make_application: Callable[..., Application]) -> Application:
    return make_application(Status.IN_REVIEW)


def url(name: str, filed: Application) -> str:
    return reverse(f"review:{name}", args=[filed.public_id])


def mark_of(page: Any) -> str:
    return MARK.findall(page.content.decode())[0]


def test_director_is_shown_what_the_executor_has_proposed_meanwhile(
    at_school: Client, filed: Application, executor: User, now: datetime
) -> None:
    seen = mark_of(at_school.get(url("application", filed)))
    lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)

    shown = at_school.post(url("decide", filed), REFUSAL | {"seen": seen})

    page = shown.content.decode()
    assert shown.status_code == 409
    assert "басқа шешім дайындалды" in page and REFUSAL["reason"] in page
    assert Decision.objects.count() == 1
    assert at_school.post(url("decide", filed), REFUSAL | {"seen": mark_of(shown)}).status_code == 302
    assert Decision.objects.count() == 2


def test_director_sends_back_only_what_was_read(
    at_school: Client, filed: Application, executor: User, director: User, now: datetime
) -> None:
    lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    seen = mark_of(at_school.get(url("application", filed)))
    lifecycle.return_to_executor(filed, by=director, reason="Түзетіңіз", now=now)
    lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)

    shown = at_school.post(url("return", filed), {"reason": "Фотосурет анық емес", "seen": seen})

    assert shown.status_code == 409
    assert "Фотосурет анық емес" in shown.content.decode()
    assert Decision.objects.filter(returned_at=None).count() == 1


@pytest.mark.rule("D82")
@pytest.mark.parametrize("button", ["sign", "sign_decision"])
def test_director_signs_only_what_was_shown(
    at_school: Client, filed: Application, executor: User, director: User, now: datetime, button: str,
) -> None:  # fmt: skip
    """Neither from the application's page nor for a new code from a page of a signature."""
    read = lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    lifecycle.return_to_executor(filed, by=director, reason="Түзетіңіз", now=now)
    later = lifecycle.propose(
        filed,
        by=executor,
        now=now,
        result=Result.REFUSE,
        reason_code="OTHER",
        reason="Құжаттар басқа баланікі екен.",
    )

    shown = at_school.post(url(button, filed), {"decision": str(read.pk)}, follow=True)

    assert "өзгер" in shown.content.decode()
    assert not SigningRequest.objects.exists()
    assert f'name="decision" value="{later.pk}"' in at_school.get(url("application", filed)).content.decode()

    signing = at_school.post(url(button, filed), {"decision": str(later.pk)}, follow=True)

    assert SigningRequest.objects.get().decision == later
    assert later.get_result_display() in signing.content.decode()  # with a key nothing else tells it


@pytest.mark.rule("D55")
def test_document_that_is_added_meanwhile_is_shown_before_anything_is_decided_without_it(
    at_school: Client, filed: Application, executor: User, now: datetime
) -> None:
    filed.supplements.create(
        kind=DocumentKind.F065, why="Екінші беті жоқ", asked_by=executor, asked_at=now,
        left=timedelta(hours=1), until=now + timedelta(days=3),
    )  # fmt: skip
    seen = mark_of(at_school.get(url("application", filed)))
    document = filed.documents.create(
        kind=DocumentKind.F065, source="MANUAL", mime="application/pdf", size=1, file="s", added=True,
        added_at=now,
    )  # fmt: skip
    filed.supplements.update(answered_at=now - timedelta(seconds=1), document=document)

    shown = at_school.post(url("decide", filed), REFUSAL | {"seen": seen})

    assert shown.status_code == 409
    assert "ата-ана құжат қосты" in shown.content.decode() and REFUSAL["reason"] in shown.content.decode()
    assert not Decision.objects.exists()
    assert at_school.post(url("decide", filed), REFUSAL | {"seen": mark_of(shown)}).status_code == 302


def test_executor_is_not_held_up_by_what_is_not_shown_to_them(
    client: Client, filed: Application, executor: User, director: User, now: datetime
) -> None:
    """What the director has begun is the director's (D1)."""
    client.force_login(executor)
    seen = mark_of(client.get(url("application", filed)))
    lifecycle.prepare(filed, by=director, now=now, result=Result.ACCEPT)

    assert client.post(url("decide", filed), REFUSAL | {"seen": seen}).status_code == 302


def test_form_with_a_fault_keeps_the_mark_it_was_shown_with(
    at_school: Client, filed: Application, executor: User, now: datetime
) -> None:
    seen = mark_of(at_school.get(url("application", filed)))
    lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)

    faulty = at_school.post(url("decide", filed), {"result": "REFUSE", "seen": seen})

    assert (faulty.status_code, mark_of(faulty)) == (400, seen)
