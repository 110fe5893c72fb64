"""Is the worker alive: its sign of life is a row that a task of its own writes."""

from datetime import datetime, timedelta

from notifications.models import Heartbeat

PATIENCE = timedelta(seconds=60)  # four signs of life


def last_beat() -> datetime | None:
    return Heartbeat.objects.filter(part="worker").values_list("beat_at", flat=True).first()


def worker_is_silent(*, now: datetime) -> bool:
    beat = last_beat()
    return beat is None or now - beat >= PATIENCE
