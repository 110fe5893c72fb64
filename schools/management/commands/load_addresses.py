"""Load a school's microdistrict from the file of its department: shows how every line was read, saves all
of it or nothing, and what changes against the list that stands. Run with --dry-run first and let the
department look at the reading; a change of more than a tenth is saved with --confirm only. The old list is
kept as a version (address_lists)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schools import microdistricts, versions
from schools.files import BadFile
from schools.microdistricts import Microdistrict
from schools.models import School
from schools.versions import Change, Origin


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--school", required=True, metavar="BIN")
        parser.add_argument("--by", default="", metavar="NAME", help="who brings the list")
        parser.add_argument("--reason", default="", help="what for, e.g. the order's number and date")
        parser.add_argument("--confirm", action="store_true", help="a change of more than a tenth is meant")
        parser.add_argument("--dry-run", action="store_true", help="show the reading, save nothing")

    def handle(
        self,
        *args: Any,
        file: Path,
        school: str,
        by: str,
        reason: str,
        confirm: bool,
        dry_run: bool,
        **options: Any,
    ) -> None:
        found = self._read(file, school)
        self._show(found)
        if found.errors:
            raise CommandError(f"{len(found.errors)} places cannot be read; nothing is saved")
        if not found.rows:
            raise CommandError("the file holds no address; nothing is saved")
        change = versions.difference(found.school, found.rows)
        self._show_change(change)
        if not dry_run:
            if not (by and reason):
                raise CommandError("say with --by and --reason who brings the list and what for")
            if change.is_large and not confirm:
                raise CommandError(
                    "more than a tenth of the list changes; nothing is saved without --confirm"
                )
            microdistricts.replace(found, Origin(by, reason, file.name))
        self.stdout.write(
            f"{len(found.rows)} address ranges of {len(found.lines)} lines"
            + ("; dry run, nothing is saved" if dry_run else " in place of the old ones")
        )

    def _read(self, file: Path, bin_: str) -> Microdistrict:
        try:
            return microdistricts.read(file, School.objects.select_related("locality").get(bin=bin_))
        except School.DoesNotExist as error:
            raise CommandError(f"no school with the BIN {bin_}") from error
        except (BadFile, OSError) as error:
            raise CommandError(str(error)) from error

    def _show_change(self, change: Change) -> None:
        for mark, rows in (("-", change.gone), ("+", change.added)):
            for row in rows if change.kept or change.gone else []:
                self.stdout.write(f"{mark} {row}")

    def _show(self, found: Microdistrict) -> None:
        for each in found.lines:
            for reading in each.line.readings:
                self.stdout.write(f"line {each.number}: {reading}")
            for remark in each.line.remarks:
                mark = "ERROR" if remark.is_error else "note"
                self.stdout.write(f"line {each.number}: {mark}: {remark}")
        for row, other in microdistricts.conflicts(found):
            self.stdout.write(f"also of {other.school.name_kk} ({other.school.bin}): {row} and {other}")
