"""Prepare a year's intake from the one before: its seats, and, once they are confirmed, its dates. What
stands of the year is left as it is. Exit code 1 while something is missing.

Without dates nothing can be signed: a prepared year opens for nobody until `--confirm-dates` or
`load_periods`.
"""

import sys
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from oqu import doctor
from oqu.doctor.findings import Asked
from oqu.management.commands.doctor import in_words
from schools import opening, periods
from schools.models import Intake, Period
from schools.opening import RegionYear


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int, help="first year of the academic year, e.g. 2027")
        parser.add_argument(
            "--from", type=int, dest="last", help="the year to take over; else the one before"
        )
        parser.add_argument("--confirm-dates", action="store_true", help="save the proposed dates too")
        parser.add_argument("--dates-only", action="store_true", help="take no seats over")
        parser.add_argument("--dry-run", action="store_true", help="say everything, save nothing")

    def handle(
        self,
        *args: Any,
        year: int,
        last: int | None,
        confirm_dates: bool,
        dates_only: bool,
        dry_run: bool,
        **options: Any,
    ) -> None:
        now = timezone.now()
        last = year - 1 if last is None else last
        _refuse(year, last, now)
        with transaction.atomic():
            regions = opening.prepare(year, last=last, with_dates=confirm_dates, with_seats=not dates_only)
            missing = doctor.examine(Asked(now, year, by_name=True), doctor.OF_YEAR)
            transaction.set_rollback(dry_run)
        for region in regions:
            self.stdout.write(_in_words(region, last=last, saved=confirm_dates))
        for finding in missing:
            self.stdout.write(in_words(finding))
        self._sum_up(year, regions, missing=len(missing), dry_run=dry_run)

    def _sum_up(self, year: int, regions: list[RegionYear], *, missing: int, dry_run: bool) -> None:
        schools, seats = sum(one.schools for one in regions), sum(one.seats for one in regions)
        dry = "; dry run, nothing is saved" if dry_run else ""
        taken = f"{schools} schools with {seats} seats taken over"
        self.stdout.write(f"{year}: {taken}, {missing} things missing{dry}")
        if missing:
            sys.exit(1)


def _refuse(year: int, last: int, now: datetime) -> None:
    running = periods.running(now)
    if year not in (running, running + 1):
        raise CommandError(f"only {running} and {running + 1} can be prepared now")
    if last >= year:
        raise CommandError(f"{last} is not before {year}")
    if not Intake.objects.filter(year=last).exists() and not Period.objects.filter(year=last).exists():
        raise CommandError(f"nothing of {last} is known: load it with load_schools and load_periods")


def _in_words(found: RegionYear, *, last: int, saved: bool) -> str:
    taken = f"{found.schools} schools with {found.seats} seats as in {last}"
    told = [taken if found.schools else "no seats taken over"]
    told += [f"{found.stood} stood already"] if found.stood else []
    told += [f"{found.stopping} left out, they stop"] if found.stopping else []
    return f"{found.region.kato} {found.region}: {', '.join(told)}; {_dates(found, saved=saved)}"


def _dates(found: RegionYear, *, saved: bool) -> str:
    if found.period:
        return f"{found.period.opens} to {found.period.closes} stood already"
    if not found.proposal:
        return "no dates"
    days = f"{found.proposal.period.opens} to {found.proposal.period.closes}"
    moved = ", moved to a working day" if found.proposal.moved else ""
    return f"{days} as last year{moved}" + ("" if saved else " (a proposal: --confirm-dates saves it)")
