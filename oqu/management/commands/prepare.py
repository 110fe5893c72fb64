"""Bring an installation up to its code: texts, static files, tables, keys (and the demo's data)."""

from time import sleep
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from accounts import copies, deadlines, roles

LOCK_SECONDS = 3.0  # below what a page waits for (WEB_LOCK_SECONDS)
TRIES, PAUSE = 6, 10.0  # seconds between two tries, in which people go on
NOT_AVAILABLE = "55P03"  # no lock in time


class Command(BaseCommand):
    """One process for all steps; every step may be repeated, so every start and every deploy runs it."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="write the demo's data as well")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        call_command("compile_texts", stdout=self.stdout)
        call_command("collectstatic", interactive=False, verbosity=0)
        self._bring_tables()
        say_where(demo=demo)
        call_command("load_languages", stdout=self.stdout)
        call_command("load_grounds", stdout=self.stdout)
        call_command("keys", "ensure", stdout=self.stdout)
        if demo:
            call_command("demo", stdout=self.stdout)

    def _bring_tables(self) -> None:
        """While people work: what stands before a table for long (a dump, the check of the journal) is waited
        for by turns, so that readers pass in between. What was done in a try before stays done."""
        for left in reversed(range(TRIES)):
            try:
                bring_tables()
                return
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != NOT_AVAILABLE:
                    raise
            if left:
                self.stderr.write(f"a table is held by somebody else; tried {left} times more")
                sleep(PAUSE)
        raise CommandError(
            "a table is held by somebody else: a dump, verify_journal, a session that was left open "
            "(pg_stat_activity). The old version works on; run prepare again when that has ended. "
            "Until prepare has ended well verify_journal may find rows that differ, for changed tables are "
            "told anew at its end"
        )


def bring_tables() -> None:
    with roles.as_owner(), deadlines.changing_tables(LOCK_SECONDS):
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DATABASE_OWNER:
            roles.give(settings.DATABASES["default"]["USER"])


def say_where(*, demo: bool) -> None:
    """D69: at first; of a demo again wherever it is started, on another port too."""
    now = timezone.now()
    if not copies.say_first(now=now) and demo and settings.DEMO and copies.standing().reasons:
        copies.say(now=now)
