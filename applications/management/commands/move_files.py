"""Move the private files from the disk into the store of S3_ENDPOINT, or back: copy them, read them back,
compare; then, with --remove, take those away where they were that the other store is proven to hold. May be
broken off and repeated, beside a working portal; exit code 1 while something differs, is lost or waits."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications.keeping import moving


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("to", choices=["s3", "disk"])
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--remove", action="store_true", help="where they were, what both stores have")
        how.add_argument("--dry-run", action="store_true", help="only say how many are to be moved")

    def handle(
        self, *args: Any, to: str, remove: bool, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        do = moving.remove if remove else moving.look if dry_run else moving.copy
        found: Counter[str] = Counter()
        try:
            for number, of_folder in enumerate(do(to), start=1):
                found += of_folder
                if verbosity > 1:
                    self.stdout.write(f"{number} of 256 folders, {found.total()} files")
        except moving.CannotMove as error:
            raise CommandError(str(error)) from None
        for what, count in sorted(found.items()):
            self.stdout.write(f"{what}: {count}")
        if any(found[fault] for fault in moving.FAULTS):
            raise SystemExit(1)
