"""Say in words all that would stop a parent today, or will before long, and what mends it. Exit code 1 when
something stops one today."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from oqu import doctor
from oqu.doctor import machine
from oqu.doctor.findings import Asked, Finding, Urgency
from schools.periods import current_year


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, help="first year of the academic year; else the running one")
        parser.add_argument("--outside", action="store_true", help="also ask the systems outside, one by one")

    def handle(self, *args: Any, year: int | None, outside: bool, **options: Any) -> None:
        now = timezone.now()
        asked = Asked(now, year or current_year(now), by_name=year is not None)
        checks = [*doctor.OF_YEAR, *doctor.OF_PORTAL, *doctor.DEAR, *([machine.reachable] if outside else [])]
        found = doctor.examine(asked, checks)
        for finding in found:
            self.stdout.write(in_words(finding))
        urgent = sum(finding.urgency is Urgency.NOW for finding in found)
        self.stdout.write(f"{asked.year}: {len(found)} findings, {urgent} of them stop a parent today")
        if urgent:
            sys.exit(1)


def in_words(finding: Finding) -> str:
    """A finding with the first of what was found and what mends it; no name of a person is ever in it."""
    lines = [f"{finding.urgency:4} {finding.count} {finding.english} ({finding.code})"]
    lines += [f"       {detail}" for detail in finding.details]
    lines += [f"       and {finding.more} more"] if finding.more else []
    return "\n".join([*lines, f"       mend: {finding.mend}"])
