"""Deliver messages without Celery and without Redis: the same work as the worker's tick, in a loop."""

from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from accounts import copies, deadlines
from notifications import life, missed, relay

PAUSE_SECONDS = 2.0
QUEUE = "messages"  # whose work it does


class Command(BaseCommand):
    help = "Deliver what is due, every two seconds until stopped (--once: one round)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        copies.refuse()
        if once:
            missed.run(now=timezone.now())
            self.stdout.write(f"{relay.run()} sent")
            return
        deadlines.begin(deadlines.Kind.WORKER)  # in whose place it stands
        while True:
            try:
                self._round()
            except OperationalError as error:  # the database restarts: so shall we, at the next round
                self.stderr.write(f"no database: {type(error).__name__}")
                close_old_connections()
            sleep(PAUSE_SECONDS)

    def _round(self) -> None:
        """As the worker's ticks do it, with its signs of life."""
        now = timezone.now()
        copies.leave_sign()
        life.beat(QUEUE, now=now)
        missed.run(now=now)
        relay.run()
