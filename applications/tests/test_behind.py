"""Whom the worker asks the registers about behind their backs, one after another (D34)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings

from accounts.models import Child, Guardianship, User
from applications import behind, tasks
from applications.models import Application
from applications.status import Status
from schools.models import Intake

pytestmark = pytest.mark.rule("D34")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def filed(intake: Intake, make_application: Callable[..., Application], now: datetime) -> set[User]:
    """Of twenty-one people, on an answer of yesterday."""
    Intake.objects.update(seats=100)
    people = set()
    for number in range(21):
        user = User.objects.create(iin=f"{number:012}")
        child = Child.objects.create(iin=f"9{number:011}", birth_date=now.date())
        people.add(user)
        make_application(Status.IN_REVIEW, applicant=user, child=child, registers_as_of=now - DAY)
    Guardianship.objects.update(answered_at=now - DAY)
    return people


def test_whom_the_registers_never_answer_for_holds_nobody_up(
    filed: set[User], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty of them; and where a tick has time for one alone it is another one each time."""
    asked: list[User] = []
    last = max(filed, key=lambda user: user.pk)

    def answered(user: User, *, now: datetime) -> bool:
        asked.append(user)
        return user == last

    monkeypatch.setattr(behind, "_is_answered", answered)
    assert (behind.ask_behind(now=now + MINUTE), set(asked)) == (1, filed)

    asked.clear()
    clock: Iterator[float] = iter(range(0, 10**6, 15))
    monkeypatch.setattr(behind, "monotonic", lambda: next(clock))
    for _tick in range(10):
        behind.ask_behind(now=now + MINUTE)
    assert len(asked) == 10
    assert len(set(asked)) > 1


def test_registers_that_have_fallen_silent_are_left_alone_until_the_next_tick(
    filed: set[User], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[User] = []

    def silent(user: User, *, now: datetime) -> bool:
        tried.append(user)
        monkeypatch.setattr("accounts.freshness.is_paused", lambda **_now: True)
        return False

    monkeypatch.setattr(behind, "_is_answered", silent)

    assert (behind.ask_behind(now=now + MINUTE), len(tried)) == (0, 1)


@pytest.mark.parametrize("task", ["ask_behind", "ask_superseded", "close_denied"])
def test_a_task_has_time_for_what_it_asks(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its questions lasts as long as it may, and the last person waits for two seconds more."""
    asked: list[str] = []
    for name in ("ask_behind", "ask_superseded", "close_denied"):
        monkeypatch.setattr(behind, name, lambda *, now, name=name: asked.append(name))

    getattr(tasks, task).run()

    assert asked == [task]
    assert len(asked) * (behind.SECONDS + 2) < settings.CELERY_TASK_SOFT_TIME_LIMIT
