"""Say that this restored copy is the portal from now on (D69). Shows first why it is a copy, where it ends
and which messages wait; asks for the portal's host, unless --yes names it. Stop the old portal before: two
that send are two portals."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts import copies
from accounts.models import Installation
from notifications import outbox


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", metavar="HOST", help="the portal's host, in place of the question")
        parser.add_argument(
            "--let-go", action="store_true", help="what waits is not sent: it stands in the cabinets alone"
        )

    def handle(self, *args: Any, yes: str | None, let_go: bool, **options: Any) -> None:
        now, here = timezone.now(), copies.standing()
        if not here.reasons:
            self.stdout.write("this is the portal already")
            return
        if not here.found.timeline:
            raise CommandError(f"{copies.RECOVERING}: end the recovery first")
        self._show(here.reasons, let_go=let_go)
        self._ask(here.found.address, yes)
        self._say(now, let_go=let_go)
        self.stdout.write("this is the portal now; its processes know within a minute")

    def _show(self, reasons: list[str], *, let_go: bool) -> None:
        self.stdout.write("this is a restored copy: " + "; ".join(reasons))
        self.stdout.write(
            f"it has the portal's data as of {_moment(copies.last_sign())}; what was done later is lost"
        )
        waiting = outbox.waiting()
        oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
        if oldest is None:
            self.stdout.write("no message waits")
            return
        then = "they are let go" if let_go else "the gateway is asked first which of them it has already sent"
        self.stdout.write(f"{waiting.count()} messages wait, the oldest since {_moment(oldest)}: {then}")

    def _ask(self, host: str, said: str | None) -> None:
        try:
            said = said or input(f"Is the old portal stopped for certain? Then type {host}: ").strip()
        except EOFError:
            said = ""
        if said != host:
            raise CommandError(f"that is not {host}: nothing was changed")

    @transaction.atomic
    def _say(self, now: datetime, *, let_go: bool) -> None:
        """Of two at once the second finds it said. Whoever was signed in when the backup was made may have
        signed out since, so everybody signs in anew."""
        Installation.objects.select_for_update().first()
        if not copies.standing().reasons:
            raise CommandError("somebody else has said it just now")
        outbox.after_restore(let_go=let_go, now=now)
        Session.objects.all().delete()
        copies.say(now=now)


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else "an unknown moment"
