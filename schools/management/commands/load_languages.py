"""The languages of instruction that come with the portal, or those of a table (code, name_kk, name_ru,
position). Without a table a name that stands stays as it is."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from schools import languages
from schools.error_files import refusing


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        with refusing(self, file):
            new, changed = languages.load(file)
        if new or changed:
            self.stdout.write(f"{new} languages of instruction loaded, {changed} changed")
