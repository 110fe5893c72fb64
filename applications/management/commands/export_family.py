"""All that the portal holds about a person and their children, for their request on paper. The IIN is read
from standard input, so that it stands in no list of processes and in no history; the reason is kept in the
journal."""

import os
import shutil
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts import journal
from accounts.models import Child, EntryKind, Shown, User
from applications.family import packing
from egov.iin import valid_iin


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--why", default="", help="number and day of the request; no names")
        parser.add_argument("--to", type=Path, required=True, help="the ZIP to write; never over another")

    def handle(self, *args: Any, why: str, to: Path, **options: Any) -> None:
        if not why.strip():
            raise CommandError("say why: --why")
        user = self._user()
        try:
            target = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{to}: {error.strerror}") from None
        with os.fdopen(target, "wb") as file:
            children = _write(user, file, why=why.strip())
        self.stdout.write(f"{children} children, {to.stat().st_size} bytes in {to}")

    def _user(self) -> User:
        self.stderr.write("IIN of the person:")
        typed = input().strip()
        if not valid_iin(typed):
            raise CommandError("not an IIN")
        user = User.objects.filter(iin=typed).first()
        if user is None:
            raise CommandError("the portal holds nothing about this person")
        return user


@transaction.atomic
def _write(user: User, file: IO[bytes], *, why: str) -> int:
    """Told to the journal first: without the entry nothing is written. Of how many children it is."""
    packed = packing.pack(user, now=timezone.now())
    with packed.file:
        for child in Child.objects.filter(pk__in=packed.children):
            journal.note(EntryKind.READ, user, child=child, what=Shown.EXPORT, why=why)
        journal.note(EntryKind.READ, user, what=Shown.EXPORT, why=why)
        shutil.copyfileobj(packed.file, file)
    return len(packed.children)
