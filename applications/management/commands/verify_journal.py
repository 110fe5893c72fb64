"""Prove the journal: its chain, link by link; the heads that were carried away; the rows of today against
what it says of them; and that each change was said by the portal. Exit code 1 when anything does not hold.
Says ids and codes, nobody's name."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models.functions import Now
from django.utils import timezone

from accounts import chain, watching
from accounts.models import EntryKind, JournalEntry
from applications.papers import heads

CHANGES = (EntryKind.INSERT, EntryKind.UPDATE, EntryKind.DELETE, EntryKind.ERASED)
LATE = timedelta(minutes=10)  # a worker links each few seconds


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--after", type=int, default=0, help="entries up to this id are known to be unsaid"
        )

    def handle(self, *args: Any, after: int, **options: Any) -> None:
        found = [*self._chain(), *_heads(), *_asleep(), *_rows(), *_unsaid(after)]
        for line in found:
            self.stdout.write(line)
        if found:
            raise SystemExit(1)
        self.stdout.write("the journal holds")

    def _chain(self) -> list[str]:
        late = chain.loose().filter(at__lt=Now() - LATE).count()
        waiting = [f"LOOSE {late}: no worker links the journal"] if late else []
        try:
            self.stdout.write(f"{chain.check()} links")
        except chain.Broken as broken:
            return [f"chain broken at {broken}", *waiting]
        return waiting


def _heads() -> list[str]:
    found = [
        f"{one.name} {one.code}" + (f" {one.missing} after the last one there is" if one.missing else "")
        for one in heads.faults()
    ]
    late = heads.late(now=timezone.now())
    return [*found, *([f"HEAD_LATE: none was written since entry {late.pk}"] if late else [])]


def _asleep() -> list[str]:
    return [f"{name} NOT_WATCHED" for name in watching.asleep()]


def _rows() -> list[str]:
    return [f"{model} {key} {code}" for model, key, code in watching.differing()]


def _unsaid(after: int) -> list[str]:
    """Changes that came past the portal."""
    entries = JournalEntry.objects.filter(kind__in=CHANGES, said__isnull=True, pk__gt=after).order_by("pk")
    return [f"{one.model} {one.row} UNSAID entry {one.pk} {one.kind}" for one in entries]
