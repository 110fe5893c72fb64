"""Compare the seat counters of every intake with the applications that hold seats, and the outside limit
with the rule (D3). Changes nothing; the exit code is 1 when anything differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.models import Application, Route
from schools import seats
from schools.models import Intake


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = disagreements()
        for line in wrong:
            self.stdout.write(line)
        if wrong:
            raise CommandError(f"{len(wrong)} intakes disagree with their applications or the rule")
        self.stdout.write(f"{Intake.objects.count()} intakes agree with their applications")


def disagreements() -> list[str]:
    """A line for each intake whose counters or limit are wrong; one query, so one moment."""
    intakes = Intake.objects.annotate(local=_held(Route.LOCAL), outside=_held(Route.OUTSIDE)).order_by("pk")
    return [
        f"intake {intake.pk} (school {intake.school_id}): {'; '.join(problems)}"
        for intake in intakes
        if (problems := _problems(intake))
    ]


def _held(route: Route) -> Coalesce:
    """How many applications hold a seat of the intake on this route, counted in the same statement."""
    active = Application.objects.active().filter(intake=OuterRef("pk"), route=route).order_by()
    counted: QuerySet[Any] = active.values("intake").annotate(held=Count("pk")).values("held")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def _problems(intake: Any) -> list[str]:
    """In words, what is wrong with an intake annotated with its true counts."""
    found = []
    if intake.held_local != intake.local:
        found.append(f"local counter {intake.held_local}, applications {intake.local}")
    if intake.held_outside != intake.outside:
        found.append(f"outside counter {intake.held_outside}, applications {intake.outside}")
    if intake.outside_limit != seats.limit_of(intake):
        found.append(f"outside limit {intake.outside_limit}, by the rule {seats.limit_of(intake)}")
    return found
