"""When each task of the schedule was last ordered, in a place that all machines know: whoever takes over from
another beat goes on where it was (oqu/beat.py)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists
from django.db.models.functions import Now

from notifications.models import Lease, Tick

LEASE = "beat"  # whose it is orders the tasks


def last_runs(names: Iterable[str], *, now: datetime) -> dict[str, datetime]:
    """Of each; one that is new counts as ordered now, so that its first turn comes after its time. So does
    what was ordered by a machine whose clock was ahead, or it would be silent until that time has come."""
    Tick.objects.filter(ran_at__gt=now).update(ran_at=now)
    Tick.objects.bulk_create([Tick(name=name, ran_at=now) for name in names], ignore_conflicts=True)
    return dict(Tick.objects.values_list("name", "ran_at"))


def claim(name: str, *, ran_at: datetime, now: datetime, holder: str) -> bool:
    """Order it now, as the holder of the lease and as the first since `ran_at`. Until the transaction ends
    nobody else can."""
    held = Lease.objects.filter(name=LEASE, holder=holder, until__gt=Now())
    return bool(Tick.objects.filter(Exists(held), name=name, ran_at=ran_at).update(ran_at=now))
