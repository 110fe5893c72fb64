"""The worker's ticks of the portal as a whole."""

from celery import shared_task
from django.utils import timezone

from oqu import knocking


@shared_task(name="oqu.ask_again")
def ask_again() -> None:
    """Systems outside whose fault of ours nobody has met for a while."""
    knocking.ask_again(now=timezone.now())
