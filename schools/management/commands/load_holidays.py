"""Load days off and moved working days from a file; without one, the lists that come with the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schools import dates
from schools.files import BadFile


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="*", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="read and check, save nothing")

    def handle(self, *args: Any, file: list[Path], dry_run: bool, **options: Any) -> None:
        try:
            days = [day for path in file or dates.official_holidays() for day in dates.read_holidays(path)]
        except BadFile as error:
            raise CommandError(str(error)) from error
        if not dry_run:
            dates.save_holidays(days)
        years = ", ".join(str(year) for year in sorted({day.date.year for day in days}))
        self.stdout.write(f"{len(days)} days of {years} {'read' if dry_run else 'loaded'}")
