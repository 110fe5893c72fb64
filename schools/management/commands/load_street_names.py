"""Load the second names of streets that ops keep, in place of those loaded before; the schools' lists
keep theirs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from schools import street_names
from schools.files import BadFile


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="read and check, save nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            aliases = street_names.read(file)
        except BadFile as error:
            raise CommandError(str(error)) from error
        if not dry_run:
            with transaction.atomic():
                street_names.replace(aliases)
        self.stdout.write(f"{len(aliases)} pairs {'read' if dry_run else 'loaded'}")
