"""The worker's ticks of the accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="accounts.clear_sessions")
def clear_sessions() -> None:
    """Sessions that are over hold what people typed last: they do not stay in the tables."""
    call_command("clearsessions")
