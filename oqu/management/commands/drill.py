"""Restore a backup into an empty place and prove it there (docs/backup.md): signatures, papers, seats, the
journal. With --dump a database is made at DRILL_DATABASE_URL and dropped afterwards; with --restored it is
there already, as a recovery to a moment has left it. Changes nothing of the portal but the day of the last
good drill. Exit code 1 when something does not hold."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts import copies
from oqu.drill import proofs, restoring
from oqu.drill.restoring import Target, Unfit

INTERRUPTED = 130  # as shells say it of ^C


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--dump", type=Path, help="of `pg_dump --format=custom`, not encrypted any more")
        source.add_argument("--restored", action="store_true", help="the database is there already")
        parser.add_argument("--files", type=Path, required=True, help="the folder of the restored files")
        parser.add_argument("--keys", type=Path, help="the folder of the restored keys; else the portal's")
        parser.add_argument("--sample", help="of so many applications; 0: all")
        parser.add_argument("--any-age", action="store_true", help="it may be of any moment")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = [f"--sample={options['sample']}"] if options["sample"] else []
        asked += ["--any-age"] if options["any_age"] else []
        try:
            self._hold(options["dump"], options["files"], options["keys"], asked)
        except Unfit as unfit:
            raise CommandError(str(unfit)) from None
        except KeyboardInterrupt:
            self.stderr.write("stopped; what was made for the drill is gone")
            sys.exit(INTERRUPTED)

    def _hold(self, dump: Path | None, files: Path, keys: Path | None, asked: list[str]) -> None:
        where, files = restoring.target(), restoring.check_files(files)
        if keys and not keys.is_dir():
            raise Unfit(f"{keys} is no folder")
        there = restoring.is_there(where)
        if dump is None:
            if not there:
                raise Unfit(f"there is no database {where.name} at DRILL_DATABASE_URL")
            self._prove(where, files, keys, asked)
        else:
            restoring.check_dump(dump)
            with restoring.restored(dump, where):
                self._prove(where, files, keys, asked)
        self._note()

    def _prove(self, where: Target, files: Path, keys: Path | None, asked: list[str]) -> None:
        connection.close()  # the portal's own waits for nobody meanwhile
        with restoring.looking(files, keys) as here:
            for line in restoring.prove(where, here, *asked):
                self.stdout.write(line)

    def _note(self) -> None:
        self.stdout.write(f"the portal today: {', '.join(proofs.counted())}")
        copies.note_drill(now=timezone.now())
        self.stdout.write("a good drill")
