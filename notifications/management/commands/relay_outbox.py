"""Deliver messages without Celery and without Redis: the same work as the worker's tick, in a loop."""

from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from accounts import copies
from notifications import missed, relay
from notifications.tasks import heartbeat

PAUSE_SECONDS = 2.0


class Command(BaseCommand):
    help = "Deliver what is due, every two seconds until stopped (--once: one round)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if copies.is_copy():
            raise CommandError(copies.REFUSAL)
        if once:
            missed.run(now=timezone.now())
            self.stdout.write(f"{relay.run()} sent")
            return
        while True:
            try:
                heartbeat()
                missed.run(now=timezone.now())
                relay.run()
            except OperationalError as error:  # the database restarts: so shall we, at the next round
                self.stderr.write(f"no database: {type(error).__name__}")
                close_old_connections()
            sleep(PAUSE_SECONDS)
