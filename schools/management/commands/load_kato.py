"""Load the classifier of places (KATO) from a CSV or xlsx file; without a file, the extract of the portal.
Shows what is added, renamed, moved and gone; a file that lacks places of the portal is saved with --confirm
only."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schools import classifier
from schools.files import BadFile

SHOWN = 20  # of each kind


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=classifier.EXTRACT)
        parser.add_argument("--confirm", action="store_true", help="places that the file lacks have ended")
        parser.add_argument("--dry-run", action="store_true", help="read and check, save nothing")

    def handle(self, *args: Any, file: Path, confirm: bool, dry_run: bool, **options: Any) -> None:
        try:
            places = classifier.read(file)
        except BadFile as error:
            raise CommandError(str(error)) from error
        change = classifier.difference(places)
        for mark in ("added", "renamed", "moved", "gone"):
            self._show(mark, getattr(change, mark))
        if change.gone and not confirm and not dry_run:
            raise CommandError(
                f"{len(change.gone)} places of the portal are not in the file: is it whole? Nothing is saved "
                "without --confirm"
            )
        if not dry_run:
            classifier.save(places)
        self.stdout.write(f"{len(places)} places {'read' if dry_run else 'loaded'}")

    def _show(self, mark: str, places: list[str]) -> None:
        for place in places[:SHOWN]:
            self.stdout.write(f"{mark}: {place}")
        if len(places) > SHOWN:
            self.stdout.write(f"{mark}: {len(places) - SHOWN} more")
