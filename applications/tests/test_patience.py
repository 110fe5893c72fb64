"""What waits for a lock: how long, and what is tried once more (docs: applications/lifecycle.py)."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, OperationalError, connection

from applications import eligibility, lifecycle
from applications.models import Application
from applications.status import Status


class Fails:
    """A move that the database refuses so many times, with this code."""

    def __init__(self, times: int, sqlstate: str) -> None:
        self.times, self.sqlstate, self.tried = times, sqlstate, 0

    def __call__(self) -> Application:
        self.tried += 1
        if self.tried <= self.times:
            cause = Exception()
            if self.sqlstate:
                cause.sqlstate = self.sqlstate  # type: ignore[attr-defined]
            raise OperationalError from cause
        return Application(pk=7)


PASSING = {"55P03": "no lock in time", "40001": "not in one order", "40P01": "a deadlock"}


@pytest.mark.parametrize("sqlstate", PASSING)
def test_lock_not_given_is_asked_for_once_more(sqlstate: str) -> None:
    move = Fails(1, sqlstate)

    assert lifecycle._patiently(move).pk == 7
    assert move.tried == 2


@pytest.mark.parametrize("sqlstate", PASSING)
def test_lock_not_given_twice_is_a_busy_school(sqlstate: str) -> None:
    move = Fails(9, sqlstate)

    with pytest.raises(lifecycle.Busy):
        lifecycle._patiently(move)
    assert move.tried == 2


@pytest.mark.parametrize("sqlstate", ["57014", "08006", ""])
def test_other_trouble_of_the_database_is_not_tried_again(sqlstate: str) -> None:
    move = Fails(9, sqlstate)

    with pytest.raises(OperationalError):
        lifecycle._patiently(move)
    assert move.tried == 1


def test_no_lock_is_waited_for_longer_than_three_seconds(
    make_application: Callable[..., Application],
) -> None:
    with lifecycle._locked(make_application()), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)


def test_only_the_second_application_of_a_child_is_explained(
    make_application: Callable[..., Application], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another broken rule of the database is nobody's obstacle."""

    def broken(*_args: object, **_options: object) -> None:
        raise IntegrityError("application_has_a_number")

    application = make_application()
    monkeypatch.setattr(Application, "save", broken)
    monkeypatch.setattr(eligibility, "check_active", lambda *_args, **_options: pytest.fail("asked"))

    with pytest.raises(IntegrityError, match="application_has_a_number"):
        lifecycle._move(application, Status.IN_REVIEW, by=None, now=now)
