"""What waits for a lock: how long, and what is tried once more (docs: applications/holding.py)."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, OperationalError, connection

from accounts.models import User
from applications import eligibility, holding, lifecycle
from applications.models import Application
from applications.status import Status


class Cause(Exception):
    """What the driver raises, with the code that PostgreSQL gave."""

    sqlstate: str


class Fails:
    """A move that the database refuses so many times, with this code."""

    def __init__(self, times: int, sqlstate: str) -> None:
        self.times, self.sqlstate, self.tried = times, sqlstate, 0

    def __call__(self) -> Application:
        self.tried += 1
        if self.tried <= self.times:
            cause = Cause()
            if self.sqlstate:
                cause.sqlstate = self.sqlstate
            raise OperationalError from cause
        return Application(pk=7)


PASSING = {"55P03": "no lock in time", "40001": "not in one order", "40P01": "a deadlock"}


@pytest.mark.parametrize("sqlstate", PASSING)
def test_lock_not_given_is_asked_for_once_more(sqlstate: str) -> None:
    move = Fails(1, sqlstate)

    assert holding.patiently(move).pk == 7
    assert move.tried == 2


@pytest.mark.parametrize("sqlstate", PASSING)
def test_lock_not_given_twice_is_a_busy_school(sqlstate: str) -> None:
    move = Fails(9, sqlstate)

    with pytest.raises(holding.Busy):
        holding.patiently(move)
    assert move.tried == 2


@pytest.mark.parametrize("sqlstate", ["57014", "08006", ""])
def test_other_trouble_of_the_database_is_not_tried_again(sqlstate: str) -> None:
    move = Fails(9, sqlstate)

    with pytest.raises(OperationalError):
        holding.patiently(move)
    assert move.tried == 1


def test_no_lock_is_waited_for_longer_than_three_seconds(
    make_application: Callable[..., Application],
) -> None:
    with holding.held(make_application()), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)


@pytest.mark.rule("R52", "R202", "D4")
def test_who_was_second_by_a_hair_hears_of_the_first(
    make_application: Callable[..., Application], stranger: User, now: datetime
) -> None:
    """Both passed the check, and the constraint has let one in."""
    second = make_application(applicant=stranger, number="2")
    first = make_application(Status.IN_REVIEW, number="1")

    with pytest.raises(eligibility.Blocked) as blocked:
        lifecycle._move(
            second, Status.IN_REVIEW, by=stranger, now=now, submitted_at=now, received_at=now, due_at=now,
            step3_at=now, data_correct_at=now, external_data_at=now,
        )  # fmt: skip

    assert (blocked.value.code, blocked.value.facts) == (eligibility.Code.ACTIVE, {"application": first})


def test_only_the_second_application_of_a_child_is_explained(
    make_application: Callable[..., Application], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another broken rule of the database is nobody's obstacle."""
    application = make_application()
    monkeypatch.setattr(eligibility, "check_active", lambda *_args, **_options: pytest.fail("asked"))

    with pytest.raises(IntegrityError, match="filed_application_is_complete"):
        lifecycle._move(application, Status.IN_REVIEW, by=None, now=now)
