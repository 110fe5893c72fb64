"""`bench` measures every row of its table in one run, and leaves nothing behind (docs/performance.md)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications.models import Application
from applications.steps import DOCUMENTS, REVIEW, WAY
from notifications.models import Message
from oqu.bench import contention
from oqu.bench.clock import Clock, Cost
from schools import seats
from schools.models import School

BEFORE_ITS_TRANSACTION = 12  # questions of the signing POST
SENT = (WAY, DOCUMENTS)
UNITS = ["bare page", "bare drawing", "bare locked row"]
PAGES = [
    "cabinet", "start", "start, sent", *(f"step {page}" for page in (*SENT, REVIEW)),
    *(f"step {page}, sent" for page in SENT), "signature opened", "signature, choice of the way",
    "signature, by key", "signing POST", "result", "original, drawn ahead", "receipt, made and sealed",
    "director's queue", "director's desk", "department", "department's school", "school's people", "ops",
]  # fmt: skip
MOST_QUESTIONS = {
    "cabinet": 8, "start": 8, "start, sent": 34, "step way": 15, "step way, sent": 20, "step documents": 16,
    "step documents, sent": 16, "step review": 30, "original, drawn ahead": 17, "signature opened": 28,
    "signature, choice of the way": 8, "signature, by key": 8, "signing POST": 51, "result": 7,
    "receipt, made and sealed": 9,
}  # fmt: skip
WHOLE = ["a whole application: web", "a whole application: worker", "a whole application"]
HOT = ["one school beside many", "one school beside many, its seats alone"]
QUEUES = [
    "messages, fresh",
    "messages, after a failure of all",
    "papers, fresh",
    "papers, after a failure of all",
]


@pytest.fixture(autouse=True)
def as_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who makes tables, as on a machine that names the owner."""

    @contextmanager
    def owner() -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        yield

    monkeypatch.setattr("accounts.roles.as_owner", owner)


@pytest.mark.django_db
def test_every_row_is_told_and_nothing_is_left(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured in questions to the database, of which there may be no more than were left to each page."""
    settings.DEMO = True
    monkeypatch.setattr(Clock, "spent", _questions)
    monkeypatch.setattr(contention, "SECONDS", 0.05)
    monkeypatch.setattr(contention, "ROUNDS", 1)
    out = StringIO()

    call_command("bench", rounds=1, rows=3, waiting=1, stdout=out)

    told = {line[:42].strip(): line[42:].split()[0] for line in out.getvalue().splitlines()}
    wanted = [*UNITS, *PAGES, *WHOLE, "receipt with its seal", *QUEUES, *HOT]
    assert sorted(told) == sorted(wanted)
    asked = {name: round(float(told[name]) / 1000) for name in MOST_QUESTIONS}
    assert {name: asked[name] for name, most in MOST_QUESTIONS.items() if asked[name] > most} == {}
    assert asked["signing POST"] >= contention.OF_SIGNATURE + BEFORE_ITS_TRANSACTION
    assert not any(model.objects.exists() for model in (User, School, Application, Message))


@pytest.mark.django_db
def test_who_holds_a_row_for_long_costs_the_one_school_and_not_the_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And nothing is left of it."""

    def slow(key: int, *, outside: bool) -> bool:
        over_plan = take(key, outside=outside)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
        return over_plan

    take = seats.take
    monkeypatch.setattr(seats, "take", slow)
    held = contention.hot(hands=4, rounds=1, seconds=0.3)

    assert 0 < held < 0.5  # of four, who wait for each other, it is one quarter
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [contention.SCHEMA])
        assert cursor.fetchone() == (0,)


def _questions(_clock: Clock, work: Callable[[], object]) -> Cost:
    """In place of seconds."""
    with CaptureQueriesContext(connection) as asked:
        work()
    return Cost(len(asked) or 1, None)


def test_a_production_portal_is_spared_unless_it_is_meant(settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="--production"):
        call_command("bench")
    with pytest.raises(CommandError, match="one round"):
        call_command("bench", rounds=0, production=True)
