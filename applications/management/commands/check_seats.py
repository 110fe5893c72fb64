"""Compare the seat counters of every intake with the applications that hold seats, and the outside limit
with the rule (D3). Changes nothing; the exit code is 1 when anything differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications import seat_counts
from schools.models import Intake


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = seat_counts.disagreements()
        for line in wrong:
            self.stdout.write(line)
        if wrong:
            raise CommandError(f"{len(wrong)} intakes disagree with their applications or the rule")
        self.stdout.write(f"{Intake.objects.count()} intakes agree with their applications")
