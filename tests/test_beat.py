"""Beat on two machines, at work on one of them."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery.beat import SchedulingError
from celery.utils.imports import symbol_by_name
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from notifications import leases, ticks
from notifications.models import Lease, Tick
from oqu import beat
from oqu.celery import app

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCHEDULE = {"hourly": {"task": "x", "schedule": 3600.0}, "daily": {"task": "x", "schedule": 86400.0}}


class Beat(beat.Scheduler):
    """One machine's; what it orders is noted."""

    producer = None

    def __init__(self, ordered: list[str]) -> None:
        self.ordered = ordered
        self.fails: Callable[[], None] = lambda: None
        super().__init__(app)

    def setup_schedule(self) -> None:
        self.merge_inplace(SCHEDULE)

    def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> None:
        self.fails()
        self.ordered.append(entry.name)

    def looks(self) -> list[str]:
        """A look at the clock and all that is due; what of it was ordered."""
        self._looks_at, before = 0.0, len(self.ordered)
        while self.tick() == 0:
            pass
        return self.ordered[before:]


@pytest.fixture
def ordered() -> list[str]:
    return []


@pytest.fixture
def pair(db: None, ordered: list[str]) -> tuple[Beat, Beat]:
    """Two machines a day after their last work; the first one was there first."""
    one, other = Beat(ordered), Beat(ordered)
    assert one.looks() == []
    Tick.objects.update(ran_at=F("ran_at") - DAY)
    one._begin_anew()
    return one, other


def lapse() -> None:
    """The holder has said nothing for longer than its lease."""
    Lease.objects.update(until=Now())


def test_one_of_two_orders_and_goes_on_doing_so(pair: tuple[Beat, Beat]) -> None:
    one, other = pair

    assert sorted(one.looks()) == ["daily", "hourly"]
    assert (one.looks(), other.looks()) == ([], [])
    assert leases.holder(ticks.LEASE) == one._holder


@pytest.mark.parametrize("stopped", [False, True])
def test_other_takes_over_and_skips_and_doubles_nothing(stopped: bool, pair: tuple[Beat, Beat]) -> None:
    one, other = pair
    assert len(one.looks()) == 2
    if stopped:
        leases.end(ticks.LEASE, one._holder)
    else:
        lapse()

    assert other.looks() == []  # the first one's turns are known
    Tick.objects.filter(name="hourly").update(ran_at=F("ran_at") - HOUR)
    other._begin_anew()
    assert other.looks() == ["hourly"]
    assert one.looks() == []


def test_lease_that_is_lost_amid_a_turn_is_noticed(pair: tuple[Beat, Beat]) -> None:
    """The first one has looked and then stood still, as a machine does that is moved."""
    one, other = pair
    assert one._holds()
    lapse()
    assert sorted(other.looks()) == ["daily", "hourly"]

    assert one.tick() == 0  # it takes itself for the holder still
    assert not one._at_work
    assert len(one.ordered) == 2
    lapse()
    assert one.looks() == []  # the holder again, it knows what the other has ordered


@pytest.mark.parametrize("error", [OperationalError("gone"), SchedulingError("gone")])
def test_what_could_not_be_ordered_is_told_once_and_ordered_later(
    pair: tuple[Beat, Beat], error: Exception, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = pair
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction is in it

    def fail() -> None:
        raise error

    one.fails = fail
    assert [one.looks() for _try in range(3)] == [[], [], []]
    assert [line.levelno for line in caplog.records if line.levelno >= logging.ERROR] == [logging.ERROR]

    one.fails = lambda: None
    assert sorted(one.looks()) == ["daily", "hourly"]


def test_database_that_is_away_at_the_start_is_waited_for(
    ordered: list[str], monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def gone(*_asked: Any, **_more: Any) -> bool:
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "close", lambda: None)
    one = Beat(ordered)
    with monkeypatch.context() as patched:
        patched.setattr(leases, "take", gone)
        assert one.tick() == beat.LOOKS
    assert one.looks() == []
    assert leases.holder(ticks.LEASE) == one._holder


@pytest.mark.django_db(transaction=True)
def test_beat_that_stops_gives_its_lease_back(ordered: list[str]) -> None:
    """Over a connection of its own, for it may stop amid a question."""
    one = Beat(ordered)
    one.looks()
    one.close()
    one.close()  # Celery closes it twice

    assert leases.holder(ticks.LEASE) is None


def test_celery_takes_this_scheduler_and_its_schedule() -> None:
    assert symbol_by_name(app.Beat().scheduler_cls) is beat.Scheduler

    scheduler = beat.Scheduler(app, schedule_filename="unused")
    assert set(scheduler.schedule) == set(app.conf.beat_schedule)
    assert timedelta(seconds=scheduler.max_interval) < beat.LASTS / 3


@pytest.mark.django_db
def test_new_entry_waits_for_its_first_turn() -> None:
    now = timezone.now()
    assert ticks.last_runs(["a"], now=now - HOUR) == {"a": now - HOUR}
    assert ticks.last_runs(["a", "b"], now=now) == {"a": now - HOUR, "b": now}


@pytest.mark.django_db
def test_turns_of_a_clock_that_was_ahead_hold_nothing_up() -> None:
    now = timezone.now()
    ticks.last_runs(["a"], now=now + DAY)
    assert ticks.last_runs(["a", "b"], now=now) == {"a": now, "b": now}
