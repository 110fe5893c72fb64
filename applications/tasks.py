"""The worker's ticks of the service. Each only calls the function that does the work."""

from celery import shared_task
from django.utils import timezone

from applications import registers, term
from applications.documents import medical
from applications.papers import heads, making, stamping


@shared_task(name="applications.render_papers")
def render_papers() -> None:
    making.run()


@shared_task(name="applications.stamp_papers")
def stamp_papers() -> None:
    stamping.run()


@shared_task(name="applications.fetch_medical")
def fetch_medical() -> None:
    medical.run()


@shared_task(name="applications.close_denied")
def close_denied() -> None:
    registers.close_denied(now=timezone.now())


@shared_task(name="applications.remind_overdue")
def remind_overdue() -> None:
    term.run(now=timezone.now())


@shared_task(name="applications.export_journal_head")
def export_journal_head() -> None:
    heads.export(now=timezone.now())
