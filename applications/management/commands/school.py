"""The life of a school (D57): it stops taking applications, alone or by joining another (--into), does not
after all, or gets another BIN; without an option, what became of it. Names, seats and addresses change by
load_schools and address_lists."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from applications import closing
from schools.models import School


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bin", help="its BIN, or one that it had")
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--stop", type=date.fromisoformat, metavar="DAY", help="the first day without it")
        act.add_argument("--go-on", action="store_true", help="it does not stop after all")
        act.add_argument("--new-bin", metavar="BIN")
        parser.add_argument("--into", metavar="BIN", help="of the school that takes it over")

    def handle(
        self,
        *args: Any,
        bin: str,
        stop: date | None,
        go_on: bool,
        new_bin: str | None,
        into: str | None,
        **options: Any,
    ) -> None:
        school, now = _school(bin), timezone.now()
        if into and not stop:
            raise CommandError("--into goes with --stop")
        try:
            if stop:
                told = closing.stop(school, on=stop, successor=_school(into) if into else None, now=now)
                self.stdout.write(f"stops on {stop}; {told} applications: their people are told")
            elif go_on:
                told = closing.go_on(school, now=now)
                self.stdout.write(f"does not stop; {told} applications: their people are told")
            elif new_bin:
                closing.renumber(school, new_bin, now=now)
        except closing.NotPossible as reason:
            raise CommandError(str(reason)) from reason
        self._show(_school(new_bin or bin))

    def _show(self, school: School) -> None:
        lines = [f"{school.bin} {school.name_kk}"]
        lines += [f"until {one.until}: {one.number}" for one in school.former_bins.order_by("until")]
        if school.stops_on:
            into = f", into {school.successor.bin} {school.successor.name_kk}" if school.successor else ""
            lines.append(f"stops on {school.stops_on}{into}")
        for one in school.predecessors.all():
            lines.append(f"takes over {one.bin} {one.name_kk} on {one.stops_on}")
        self.stdout.write("\n".join(lines))


def _school(number: str) -> School:
    number = number.zfill(12)
    found = School.objects.filter(Q(bin=number) | Q(former_bins__number=number)).select_related("successor")
    if not found:
        raise CommandError(f"no school with the BIN {number}")
    return found[0]
