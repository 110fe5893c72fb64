"""Load schools with their seats of one academic year from a department's table, all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from schools import school_lists
from schools.files import BadFile, BadRows
from schools.periods import current_year


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--year", type=int, help="first year of the academic year")
        parser.add_argument("--dry-run", action="store_true", help="check everything, save nothing")

    def handle(self, *args: Any, file: Path, year: int | None, dry_run: bool, **options: Any) -> None:
        year = year or current_year(timezone.now())
        try:
            result = school_lists.load(file, year=year, dry_run=dry_run)
        except BadRows as error:
            for line, reason in error.problems:
                self.stderr.write(f"line {line}: {reason}")
            raise CommandError(f"{len(error.problems)} lines cannot be used; nothing is saved") from error
        except BadFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{result.added} schools added, {result.changed} changed, {result.intakes} intakes of {year}"
            + ("; dry run, nothing is saved" if dry_run else "")
        )
