"""Load a school's microdistrict, or those of many, from a file of the department: shows how every line was
read, saves all of it or nothing, and what changes against the list that stands. Run with --dry-run first and
let the department look at the reading; a change of more than a tenth is saved with --confirm only. The old
list is kept as a version (address_lists)."""

import csv
from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import seen
from schools import microdistricts, versions
from schools.cells import harmless
from schools.files import BadFile
from schools.list_files import BETWEEN, Source
from schools.microdistricts import Microdistrict
from schools.models import School
from schools.versions import Change, Origin

PROGRESS = 5_000  # lines from one word on the way to the next


@dataclass
class Done:
    """What has been read by now."""

    all: int
    lines: int = 0
    rows: int = 0
    out_of_reach: int = 0  # lines with what nobody's address can match
    is_large: bool = False
    empty: list[School] = field(default_factory=list)  # whose lines give no address
    seen: dict[int, str] = field(default_factory=dict)  # marks of the lists compared with, by the school
    faults: dict[int, list[str]] = field(default_factory=dict)  # by the line


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
        parser.add_argument(
            "--errors", type=Path, metavar="FILE", help="write the lines with their faults (CSV)"
        )
        parser.add_argument("--dry-run", action="store_true", help="show the reading, save nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        """School after school, and read a second time to be saved: a file of a region takes the memory of its
        largest school."""
        lines = self._lines(file, options["school"])
        done = Done(sum(map(len, lines.values())))
        for school, of_school in lines.items():
            self._look(microdistricts.read(of_school, school), done)
        if done.out_of_reach:
            self.stdout.write(f"{done.out_of_reach} lines hold what nobody's address can match")
        if options["errors"]:
            self._write_errors(options["errors"], lines, done)
        self._demand_good(done)
        if not dry_run:
            self._demand_meant(done, **options)
            self._save(lines, Origin(options["by"], options["reason"], file.name), done)
        self.stdout.write(
            f"{done.rows} address ranges of {done.lines} lines"
            + ("; dry run, nothing is saved" if dry_run else " in place of the old ones")
        )

    def _look(self, found: Microdistrict, done: Done) -> None:
        done.seen[found.school.pk] = versions.mark(found.school)
        done.is_large |= self._show(found).is_large
        done.out_of_reach += found.out_of_reach
        if not found.rows:
            done.empty.append(found.school)
        for each, remark in found.errors:
            done.faults.setdefault(each.number, []).append(str(remark))
        before, done.rows, done.lines = done.lines, done.rows + len(found.rows), done.lines + len(found.lines)
        self._tell("read", before, done.lines, done.all)

    @transaction.atomic
    def _save(self, lines: dict[School, list[Source]], origin: Origin, done: Done) -> None:
        saved, all_ = 0, sum(map(len, lines.values()))
        for school, of_school in sorted(lines.items(), key=lambda one: one[0].pk):  # locked in one order
            self._lock(school, done)
            microdistricts.replace(microdistricts.read(of_school, school), origin)
            before, saved = saved, saved + len(of_school)
            self._tell("saved", before, saved, all_)

    def _lock(self, school: School, done: Done) -> None:
        try:
            versions.lock(school, seen_at=done.seen[school.pk])
        except seen.Stale as error:
            raise CommandError(f"{_named(school)}: another list was saved meanwhile; run it again") from error

    def _tell(self, what: str, before: int, now: int, all_: int) -> None:
        if before // PROGRESS < now // PROGRESS:
            self.stderr.write(f"{what} {now} of {all_} lines")

    def _write_errors(self, path: Path, lines: dict[School, list[Source]], done: Done) -> None:
        try:
            _write(path, lines, done.faults)
        except OSError as error:
            raise CommandError(str(error)) from error

    def _demand_good(self, done: Done) -> None:
        if errors := sum(map(len, done.faults.values())):
            raise CommandError(f"{errors} places cannot be read; nothing is saved")
        if not done.rows:
            raise CommandError("the file holds no address; nothing is saved")
        if done.empty:
            told = ", ".join(map(_named, done.empty))
            raise CommandError(f"no address is read for {told}; nothing is saved")

    def _demand_meant(self, done: Done, *, by: str, reason: str, confirm: bool, **options: Any) -> None:
        if not (by and reason):
            raise CommandError("say with --by and --reason who brings the list and what for")
        if done.is_large and not confirm:
            raise CommandError("more than a tenth of the list changes; nothing is saved without --confirm")

    def _lines(self, file: Path, bin_: str) -> dict[School, list[Source]]:
        try:
            school = School.objects.select_related("locality").get(bin=bin_) if bin_ else None
            return microdistricts.lines_of(file, school)
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
        change = versions.difference(found.school, found.rows, found.aliases)
        if not found.errors and (change.kept or change.gone):
            for mark, rows in (("-", change.gone), ("+", change.added)):
                for row in rows:
                    self.stdout.write(f"{mark} {row}")
        return change


def _named(school: School) -> str:
    return f"{school.name_kk} ({school.bin})"


def _write(path: Path, lines: dict[School, list[Source]], faults: dict[int, list[str]]) -> None:
    """The file again, with one column more that says what is asked; mended in place it may be loaded."""
    every = sorted((each for of_school in lines.values() for each in of_school), key=lambda each: each.number)
    in_two = any(BETWEEN in each.text for each in every)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["school", *(["street", "houses"] if in_two else ["line"]), "error"])
        for each in every:
            cells = each.text.partition(BETWEEN)[::2] if in_two else [each.text]
            row = [each.school, *cells, "; ".join(faults.get(each.number, []))]
            table.writerow([harmless(cell) for cell in row])
