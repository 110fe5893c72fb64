"""The languages of instruction that come with the portal, or those of a table (code, name_kk, name_ru,
position). Without a table a name that stands stays as it is."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schools import languages
from schools.files import BadFile, BadRows


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        try:
            new, changed = languages.load(file)
        except BadRows as error:
            for line, reason in error.problems:
                self.stderr.write(f"line {line}: {reason}")
            raise CommandError(f"{len(error.problems)} lines cannot be used; nothing is saved") from error
        except BadFile as error:
            raise CommandError(str(error)) from error
        if new or changed:
            self.stdout.write(f"{new} languages of instruction loaded, {changed} changed")
