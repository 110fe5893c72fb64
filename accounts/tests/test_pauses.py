"""What ops have paused is asked nothing, as if it did not answer, and nobody pays for it (D77)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import consents, freshness, outside
from accounts.models import Child, Consent, Trouble, User
from accounts.tests.conftest import start
from egov import http, persons, reach
from egov.errors import Misconfigured, Unasked, Unavailable

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D77")]
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def paused() -> Callable[..., datetime]:
    """paused(system, …): for an hour from now on; when it ends."""

    def pause(*systems: str) -> datetime:
        now = timezone.now()
        outside.begin_pause(*systems, why="их система на ремонте", until=now + timedelta(hours=1), now=now)
        return now + timedelta(hours=1)

    return pause


def ask(system: str, **more: Any) -> None:
    http.call("GET", NOWHERE, system=system, **more)


def test_it_is_asked_nothing_until_its_end(paused: Callable[..., datetime], time_machine: Any) -> None:
    """Whoever reads the row of a system knows it at once, his threads too; another system is asked."""
    ends = paused("ocsp")
    with pytest.raises(Unavailable) as unread:
        ask("ocsp")
    assert not isinstance(unread.value, Unasked), "this process has not read the row yet"

    assert outside.holds(outside.trouble("ocsp"), now=timezone.now())
    with pytest.raises(Unasked), ThreadPoolExecutor(1) as beside:
        beside.submit(ask, "ocsp").result()
    for system, knock in (("ocsp", True), ("tsp", False)):
        with pytest.raises(Unavailable) as other:
            ask(system, knock=knock)
        assert not isinstance(other.value, Unasked), system

    time_machine.move_to(ends)
    with pytest.raises(Unavailable) as over:
        ask("ocsp")
    assert not isinstance(over.value, Unasked), "it has ended by itself"
    assert outside.trouble("ocsp") is None


def test_a_pause_outlives_answers_and_failures_and_leaves_nothing_behind(
    paused: Callable[..., datetime], time_machine: Any
) -> None:
    """An answer to a question from before does not end it, nor does its command; what fails after its end is
    a failure of its own."""
    now, ends = timezone.now(), paused("sms")
    outside.worked("sms")
    outside.failed(Misconfigured("sms", "code 8"), now=now)
    assert outside.resume("sms", now=now) == 0
    row = Trouble.objects.get()
    assert (row.paused, row.ours, row.until, row.failures) == (True, False, ends, 1)
    assert outside.standing(now=now) == [] and outside.paused(now=now) == [row]

    time_machine.move_to(ends)
    failed = outside.failed(Misconfigured("sms", "code 8"), now=ends)
    assert (failed.paused, failed.ours, failed.since) == (False, True, ends)
    assert not outside.end_pause("sms")
    outside.worked("sms")
    assert not Trouble.objects.exists()


def test_registers_are_silent_and_the_last_answer_stands(
    parent: User,
    child: Child,
    now: datetime,
    paused: Callable[..., datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(persons, "household", lambda *of: asked.append(of))
    paused("address")
    within, known = timedelta(minutes=15), now + timedelta(hours=1)

    assert freshness.demand(parent, child, within=within, now=known).silent
    with pytest.raises(Unavailable):
        freshness.renew_unless_silent(parent, now=known)
    assert asked == []


def test_consent_that_was_not_asked_for_is_no_request(
    parent: User, now: datetime, paused: Callable[..., datetime]
) -> None:
    """The person may ask at once when 1414 is back: no SMS has gone out, so none counts."""
    Consent.objects.all().delete()
    paused("consent")

    with pytest.raises(Unasked):
        consents.ask(parent, now=now)

    assert not Consent.objects.exists()
    assert list(Trouble.objects.values_list("system", "paused")) == [("consent", True)]


def test_sign_in_says_that_egov_does_not_answer(client: Client, paused: Any, settings: Any) -> None:
    """By the page that there is for it, and nothing has gone out."""
    settings.PUBLIC_URL, sent = "http://testserver", []
    paused("login")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "_try", lambda *_asked, **_more: sent.append(1))
        answer = client.get(reverse("accounts:callback"), {"state": start(client), "code": "c0de"})

    assert answer["Location"] == "/login/unavailable/"
    assert sent == []


def test_who_asks_whether_it_is_back_is_let_through(paused: Any, settings: Any) -> None:
    paused("ocsp")
    outside.trouble("ocsp")
    settings.OCSP_URL = NOWHERE

    (why,) = [one.why for one in reach.ask(callback="x") if one.system == "ocsp"]

    assert "paused" not in why
