"""Load the classifier of places (KATO) from a CSV or xlsx file; without a file, the extract of the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schools import classifier
from schools.files import BadFile
from schools.models import Locality


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=classifier.EXTRACT)
        parser.add_argument("--dry-run", action="store_true", help="read and check, save nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            places = classifier.read(file)
        except BadFile as error:
            raise CommandError(str(error)) from error
        codes = {place.kato for place in places}
        gone = Locality.objects.exclude(kato__in=codes).count()
        if not dry_run:
            classifier.save(places)
        self.stdout.write(
            f"{len(places)} places {'read' if dry_run else 'loaded'}; "
            f"{gone} places of the portal are not in the file and stay"
        )
