"""The worker's ticks of the service. Each only calls the function that does the work."""

import logging

from celery import shared_task
from django.utils import timezone

from applications import behind, digest, eve, term
from applications.documents import medical
from applications.family import exports
from applications.keeping import erasing, loose
from applications.papers import heads, making, stamping
from applications.review import tables
from applications.signing import ahead, originals

logger = logging.getLogger(__name__)

ERASING_SECONDS = 15.0  # of a run; the next one goes on


@shared_task(name="applications.render_papers")
def render_papers() -> None:
    making.run()


@shared_task(name="applications.draw_originals")
def draw_originals() -> None:
    originals.run()


@shared_task(name="applications.draw_ahead")
def draw_ahead() -> None:
    ahead.run()


@shared_task(name="applications.stamp_papers")
def stamp_papers() -> None:
    stamping.run()


@shared_task(name="applications.fetch_medical")
def fetch_medical() -> None:
    medical.run()


@shared_task(name="applications.close_denied")
def close_denied() -> None:
    behind.close_denied(now=timezone.now())


@shared_task(name="applications.ask_behind")
def ask_behind() -> None:
    behind.ask_behind(now=timezone.now())


@shared_task(name="applications.ask_superseded")
def ask_superseded() -> None:
    behind.ask_superseded(now=timezone.now())


@shared_task(name="applications.remind_overdue")
def remind_overdue() -> None:
    term.run(now=timezone.now())


@shared_task(name="applications.send_digests")
def send_digests() -> None:
    digest.run(now=timezone.now())


@shared_task(name="applications.remind_openings")
def remind_openings() -> None:
    eve.run(now=timezone.now())


@shared_task(name="applications.export_journal_head")
def export_journal_head() -> None:
    heads.export(now=timezone.now())


@shared_task(name="applications.make_exports")
def make_exports() -> None:
    exports.run()


@shared_task(name="applications.make_tables", soft_time_limit=240, time_limit=270)
def make_tables() -> None:
    """Longer than the others; a copy that the broker gives out meanwhile finds nothing that is free."""
    tables.run()


@shared_task(name="applications.erase_old")
def erase_old() -> None:
    """Each hour: a term is of days, and a hundred thousand drafts of one day are worked off in the night."""
    now = timezone.now()
    report = erasing.run(now=now, seconds=ERASING_SECONDS)
    if report.busy:
        return
    try:
        loose.erase(loose.of_this_hour(now), now=now)
    except loose.WrongStore as wrong:
        logger.error("most files of %s are named by no row: none was removed", wrong)
