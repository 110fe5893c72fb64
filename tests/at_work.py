"""Workers and a beat that are at work."""

from datetime import datetime, timedelta

from django.conf import settings

from notifications import leases, life, ticks


def at_work(*, now: datetime) -> None:
    """Each queue has just given its sign of life, and a beat holds its lease."""
    leases.take(ticks.LEASE, "some-machine 7 x", lasts=timedelta(hours=1))
    for queue in settings.QUEUE_PATIENCE:
        life.beat(queue, now=now)
