"""Leases: one holder at a time, and none for ever."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from notifications import leases
from notifications.models import Lease

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_one_holds_it_until_its_end(subtests: Any) -> None:
    assert leases.take("x", "first", lasts=MINUTE)

    with subtests.test("nobody else has it, and another lease is another"):
        assert not leases.take("x", "second", lasts=MINUTE)
        assert leases.take("y", "second", lasts=MINUTE)
    with subtests.test("who holds it may hold it for longer"):
        assert leases.take("x", "first", lasts=10 * MINUTE)
        assert Lease.objects.get(name="x").until > timezone.now() + 5 * MINUTE
    with subtests.test("another gives nothing back"):
        leases.end("x", "second")
        assert not leases.take("x", "second", lasts=MINUTE)
    with subtests.test("one that has died is replaced after its end, and comes back too late"):
        Lease.objects.filter(name="x").update(until=Now())
        assert leases.take("x", "second", lasts=MINUTE)
        assert not leases.take("x", "first", lasts=MINUTE)
    with subtests.test("given back it is free at once"):
        leases.end("x", "second")
        assert leases.take("x", "first", lasts=MINUTE)


def test_run_gives_its_lease_back_whatever_happens() -> None:
    def broken(**_options: object) -> None:
        assert not leases.take("x", "another", lasts=MINUTE)
        raise MemoryError

    with pytest.raises(MemoryError):
        leases.run_alone(broken, name="x")
    assert leases.take("x", "another", lasts=MINUTE)
    assert leases.run_alone(broken, name="x") == 0


def test_no_two_holders_have_one_name() -> None:
    assert leases.somebody() != leases.somebody()
    assert len(leases.somebody()) <= 100
