"""Prove the signatures and the sealed papers of filed, decided and withdrawn applications again, from what
was kept, and name the filed applications that are gone; the exit code is 1 when anything is not good. Says
numbers and codes, nobody's name."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from applications.keeping import numbers
from applications.papers import audit
from egov.errors import Unavailable

RANGES = 20  # of numbers that were never used, shown


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--number", default="", help="of this application only")
        parser.add_argument("--since", type=_day, help="of applications that moved since YYYY-MM-DD")
        parser.add_argument("--sample", type=int, default=0, help="of so many applications, chosen by chance")

    def handle(
        self, *args: Any, number: str, since: datetime | None, sample: int, verbosity: int, **options: Any
    ) -> None:
        chosen = audit.filed(number=number, since=since, sample=sample)
        if number and not chosen.exists():
            raise CommandError("no filed application has this number")
        found: Counter[str] = Counter()
        try:
            for outcome in audit.examine(chosen, now=timezone.now()):
                found[outcome.code] += 1
                if outcome.code not in (audit.GOOD, audit.NOT_RECHECKED) or (outcome.code and verbosity > 1):
                    self.stdout.write(f"{outcome.number} {outcome.purpose} {outcome.code}")
        except Unavailable as error:
            raise CommandError(f"nothing can be proven: {error.detail}") from None
        if not (number or since or sample):
            found[numbers.REMOVED] += self._name_gaps(all_of_them=verbosity > 1)
        self._sum_up(+found)

    def _name_gaps(self, *, all_of_them: bool) -> int:
        """How many applications were removed. Numbers that were never used are named when asked for."""
        gaps = numbers.find()
        for gone in gaps.removed:
            self.stdout.write(f"{gone} NUMBER {numbers.REMOVED}")
        if gaps.unknown and all_of_them:
            shown = numbers.ranges(gaps.unknown)
            more = f" and {len(shown) - RANGES} more" if len(shown) > RANGES else ""
            self.stdout.write(f"never used, if verify_journal holds: {', '.join(shown[:RANGES])}{more}")
        return len(gaps.removed)

    def _sum_up(self, found: Counter[str]) -> None:
        good, unsure = found.pop(audit.GOOD, 0), found.pop(audit.NOT_RECHECKED, 0)
        self.stdout.write(f"{good} good, {found.total()} failed, {unsure} not re-checked (GOST)")
        if found:
            raise SystemExit(1)


def _day(text: str) -> datetime:
    day = parse_date(text)
    if day is None:
        raise ValueError(text)
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001  (made aware)
