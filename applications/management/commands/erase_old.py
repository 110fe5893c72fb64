"""Erase what has come to the end of its term (docs/keeping.md): rows, columns and files, each with its act in
the journal. The worker does the same each hour. May be broken off and repeated; exit code 1 when something
could not be erased."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts import copies
from applications.keeping import erasing, loose


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how much is due")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if not dry_run:
            copies.refuse()
        now = timezone.now()
        report = erasing.Report(done=erasing.count(now=now)) if dry_run else erasing.run(now=now)
        for done in report.done:
            self.stdout.write(erasing.in_words(done))
        if report.busy:
            self.stdout.write("another run is at work: it goes on")
            return
        wrong = self._loose_files(now, dry_run=dry_run)
        for name in report.failed:
            self.stdout.write(f"{name}: NOT ERASED, see the log")
        if report.failed or wrong:
            raise SystemExit(1)

    def _loose_files(self, now: datetime, *, dry_run: bool) -> bool:
        """Of the whole store."""
        files = 0
        try:
            for folder in loose.FOLDERS:
                files += len(loose.find(folder, now=now)) if dry_run else loose.erase(folder, now=now)
        except loose.WrongStore as wrong:
            self.stdout.write(
                f"{loose.POLICY}: most files of {wrong} are named by no row: is VAR_DIR this database's? "
                "None was removed"
            )
            return True
        self.stdout.write(f"{loose.POLICY}: {files} files")
        return False
