"""Workers that are at work."""

from datetime import datetime

from django.conf import settings

from notifications import life


def at_work(*, now: datetime) -> None:
    """Each queue has just given its sign of life."""
    for queue in settings.QUEUE_PATIENCE:
        life.beat(queue, now=now)
