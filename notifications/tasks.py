"""The worker's ticks. Each only calls the function that does the work; running twice changes nothing."""

from celery import shared_task
from django.utils import timezone

from accounts import copies, taking
from notifications import life, missed
from notifications import relay as delivery


@shared_task(name="notifications.relay")
def relay() -> None:
    delivery.run()


@shared_task(name="notifications.find_missed")
def find_missed() -> None:
    missed.run(now=timezone.now())


@shared_task(name="notifications.heartbeat")
def heartbeat(queue: str) -> None:
    """Written by a task, so it also says that tasks are really run, not only that a process lives. Whoever
    does it looks at the disk of its machine: one that has workers alone is looked at by nobody else."""
    copies.leave_sign()
    life.beat(queue, now=timezone.now())
    taking.look_here(now=timezone.now())
