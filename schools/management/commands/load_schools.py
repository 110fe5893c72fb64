"""Load schools with their seats of one academic year from a department's table, all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from schools import school_lists
from schools.error_files import refusing
from schools.periods import current_year


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--year", type=int, help="first year of the academic year")
        parser.add_argument(
            "--errors", type=Path, metavar="FILE", help="write the lines with their faults (CSV)"
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything, save nothing")

    def handle(self, *args: Any, file: Path, year: int | None, dry_run: bool, **options: Any) -> None:
        year = year or current_year(timezone.now())
        with refusing(self, file, errors=options["errors"]):
            result = school_lists.load(file, year=year, dry_run=dry_run)
        self.stdout.write(
            f"{result.added} schools added, {result.changed} changed, {result.intakes} intakes of {year}"
            + ("; dry run, nothing is saved" if dry_run else "")
        )
