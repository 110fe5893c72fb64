"""Hide a child's school, address and papers from a person by a court's decision, or end that (D35). Numbers
are read from standard input, one a line, so that they stand in no list of processes and in no history."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Protection, User
from applications import protecting
from egov.iin import valid_iin

OFFICER = "IIN of the department's officer"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--why", default="", help="the court's decision: its number and day")
        parser.add_argument("--lift", type=int, metavar="ID", help="end the one with this id")
        parser.add_argument("--list", action="store_true", help="those in force; no IIN is shown")

    def handle(self, *args: Any, why: str, lift: int | None, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        if not why.strip():
            raise CommandError("say why: --why")
        now = timezone.now()
        try:
            self._lift(lift, why.strip(), now) if lift else self._protect(why.strip(), now)
        except protecting.NotAnOfficer:
            raise CommandError("this person is no officer of an education department") from None

    def _protect(self, why: str, now: datetime) -> None:
        child = self._iin("IIN of the child")
        barred = self._iin("IIN of the person from whom it is hidden")
        found = protecting.protect(child_iin=child, barred_iin=barred, by=self._officer(), why=why, now=now)
        self.stdout.write(f"in force: {found.pk}")

    def _lift(self, pk: int, why: str, now: datetime) -> None:
        found = Protection.objects.in_force().filter(pk=pk).first()
        if found is None:
            raise CommandError(f"{pk} is not in force")
        protecting.lift(found, by=self._officer(), why=why, now=now)
        self.stdout.write(f"lifted: {pk}")

    def _list(self) -> None:
        for found in Protection.objects.in_force().order_by("pk"):
            since = timezone.localdate(found.since)
            self.stdout.write(f"{found.pk:8} {since} by user {found.set_by_id}")

    def _officer(self) -> User:
        officer = User.objects.filter(iin=self._iin(OFFICER)).first()
        if officer is None:
            raise protecting.NotAnOfficer
        return officer

    def _iin(self, what: str) -> str:
        self.stderr.write(f"{what}:")
        typed = input().strip()
        if not valid_iin(typed):
            raise CommandError(f"{what}: not an IIN")
        return typed
