"""Load the classifier of places (KATO) from a CSV or xlsx file; without a file, the extract of the portal.
Shows what is added, renamed, moved, gone and back; a file that lacks places of the portal in the regions that
it has, or has such again of which a successor is known, is saved with --confirm only: these places have ended
then, those go on. --successors brings a table of what they have become a part of."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from schools import classifier, successors
from schools.files import BadFile
from schools.models import EndedPlace

SHOWN = 20  # of each kind


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument(
            "--successors", dest="table", type=Path, metavar="FILE", help="a table: kato, successor"
        )
        parser.add_argument(
            "--confirm", action="store_true", help="what is gone has ended, what is back goes on"
        )
        parser.add_argument("--dry-run", action="store_true", help="read and check, save nothing")

    @transaction.atomic
    def handle(self, *args: Any, file: Path | None, table: Path | None, **options: Any) -> None:
        """Both files or none. A dry run takes back what it has saved."""
        is_trial: bool = options["dry_run"]
        told = []
        try:
            if file or not table:
                count = self._load(file or classifier.EXTRACT, is_meant=options["confirm"] or is_trial)
                told.append(f"{count} places")
            if table:
                told.append(f"{self._name(table)} successors")
        except BadFile as error:
            raise CommandError(str(error)) from error
        self._tell_of_those_without()
        self.stdout.write(f"{', '.join(told)} {'read' if is_trial else 'loaded'}")
        transaction.set_rollback(is_trial)

    def _load(self, file: Path, *, is_meant: bool) -> int:
        places = classifier.read(file)
        change = classifier.difference(places)
        for mark in ("added", "renamed", "moved", "gone", "back"):
            self._show(mark, getattr(change, mark))
        if change.gone and not is_meant:
            raise CommandError(
                f"{len(change.gone)} places of the portal are not in the file: is it whole? Nothing is saved "
                "without --confirm"
            )
        if change.back and not is_meant:
            raise CommandError(
                f"{len(change.back)} places that became a part of others are in the file again: their "
                "successors are forgotten with --confirm only. Nothing is saved"
            )
        classifier.save(places)
        successors.end_all_but(places, on=timezone.localdate())
        return len(places)

    def _name(self, table: Path) -> int:
        pairs = successors.read(table)
        successors.name(pairs, on=timezone.localdate())
        return len(pairs)

    def _tell_of_those_without(self) -> None:
        if left := EndedPlace.objects.filter(successor=None).count():
            self.stdout.write(f"{left} ended places have no successor: --successors, or /ops/reference/")

    def _show(self, mark: str, places: list[str]) -> None:
        for place in places[:SHOWN]:
            self.stdout.write(f"{mark}: {place}")
        if len(places) > SHOWN:
            self.stdout.write(f"{mark}: {len(places) - SHOWN} more")
