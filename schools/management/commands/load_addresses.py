"""Load a school's microdistrict, or those of many, from a file of the department: shows how every line was
read, saves all of it or nothing, and what changes against the list that stands. Run with --dry-run first and
let the department look at the reading; a change of more than a tenth is saved with --confirm only. The old
list is kept as a version (address_lists)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from schools import microdistricts, versions
from schools.files import BadFile
from schools.microdistricts import Microdistrict
from schools.models import School
from schools.versions import Change, Origin


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--school", default="", metavar="BIN", help="else the file has a column of schools"
        )
        parser.add_argument("--by", default="", metavar="NAME", help="who brings the list")
        parser.add_argument("--reason", default="", help="what for, e.g. the order's number and date")
        parser.add_argument("--confirm", action="store_true", help="a change of more than a tenth is meant")
        parser.add_argument("--dry-run", action="store_true", help="show the reading, save nothing")

    def handle(self, *args: Any, file: Path, school: str, dry_run: bool, **options: Any) -> None:
        read = self._read(file, school)
        changes = [self._show(found) for found in read]
        self._demand_good(read)
        if not dry_run:
            self._demand_meant(changes, **options)
            with transaction.atomic():
                for found in read:
                    microdistricts.replace(found, Origin(options["by"], options["reason"], file.name))
        self.stdout.write(
            f"{sum(len(found.rows) for found in read)} address ranges of "
            f"{sum(len(found.lines) for found in read)} lines"
            + ("; dry run, nothing is saved" if dry_run else " in place of the old ones")
        )

    def _demand_good(self, read: list[Microdistrict]) -> None:
        if errors := sum(len(found.errors) for found in read):
            raise CommandError(f"{errors} places cannot be read; nothing is saved")
        if not any(found.rows for found in read):
            raise CommandError("the file holds no address; nothing is saved")

    def _demand_meant(
        self, changes: list[Change], *, by: str, reason: str, confirm: bool, **options: Any
    ) -> None:
        if not (by and reason):
            raise CommandError("say with --by and --reason who brings the list and what for")
        if any(change.is_large for change in changes) and not confirm:
            raise CommandError("more than a tenth of the list changes; nothing is saved without --confirm")

    def _read(self, file: Path, bin_: str) -> list[Microdistrict]:
        try:
            if not bin_:
                return microdistricts.read_all(file)
            return [microdistricts.read(file, School.objects.select_related("locality").get(bin=bin_))]
        except School.DoesNotExist as error:
            raise CommandError(f"no school with the BIN {bin_}") from error
        except (BadFile, OSError) as error:
            raise CommandError(str(error)) from error

    def _show(self, found: Microdistrict) -> Change:
        for each in found.lines:
            for reading in each.line.readings:
                self.stdout.write(f"line {each.number}: {reading}")
            for remark in each.line.remarks:
                mark = "ERROR" if remark.is_error else "note"
                self.stdout.write(f"line {each.number}: {mark}: {remark}")
        for row, other in microdistricts.conflicts(found):
            self.stdout.write(f"also of {other.school.name_kk} ({other.school.bin}): {row} and {other}")
        change = versions.difference(found.school, found.rows)
        if not found.errors and (change.kept or change.gone):
            for mark, rows in (("-", change.gone), ("+", change.added)):
                for row in rows:
                    self.stdout.write(f"{mark} {row}")
        return change
