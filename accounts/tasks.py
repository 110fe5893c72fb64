"""The worker's ticks of the accounts."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from accounts import chain, taking


@shared_task(name="accounts.clear_sessions")
def clear_sessions() -> None:
    """Sessions that are over hold what people typed last: they do not stay in the tables."""
    call_command("clearsessions")


@shared_task(name="accounts.link_journal")
def link_journal() -> None:
    chain.link()


@shared_task(name="accounts.link_whole_journal")
def link_whole_journal() -> None:
    """Also what an act wrote that took longer than all others."""
    chain.link(everything=True)


@shared_task(name="accounts.knock_at_store")
def knock_at_store() -> None:
    """Also while nobody has a file for it."""
    taking.knock(now=timezone.now())
