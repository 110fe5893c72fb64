"""Are the workers alive: the sign of life of a queue is a row that a task in it writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from notifications.models import Heartbeat


@dataclass(frozen=True)
class Sign:
    """The last one of a queue, None where there was never one."""

    queue: str
    beat_at: datetime | None
    overdue: timedelta  # negative: it is not yet missed

    @property
    def is_missed(self) -> bool:
        return self.overdue >= timedelta()


def beat(queue: str, *, now: datetime) -> None:
    Heartbeat.objects.update_or_create(part=queue, defaults={"beat_at": now})


def signs(*, now: datetime) -> list[Sign]:
    """Of every queue, the most overdue first."""
    beats = dict(Heartbeat.objects.values_list("part", "beat_at"))
    found = [
        Sign(queue, at := beats.get(queue), now - at - timedelta(seconds=patience) if at else timedelta.max)
        for queue, patience in settings.QUEUE_PATIENCE.items()
    ]
    return sorted(found, key=lambda sign: sign.overdue, reverse=True)


def silent(*, now: datetime) -> list[str]:
    """Queues that nobody takes from."""
    return [sign.queue for sign in signs(now=now) if sign.is_missed]
