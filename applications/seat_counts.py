"""Do the seat counters of intakes agree with the applications that hold seats, and the outside limit with the
rule (D3)?"""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.models import Application, Route
from schools import seats
from schools.models import Intake


def disagreements(*, year: int | None = None) -> list[str]:
    """A line for each intake whose counters or limit are wrong; one query, so one moment."""
    of_year = Intake.objects.filter(year=year) if year else Intake.objects.all()
    counted = of_year.annotate(local=_held(Route.LOCAL), outside=_held(Route.OUTSIDE)).order_by("pk")
    return [
        f"intake {intake.pk} (school {intake.school_id}): {'; '.join(problems)}"
        for intake in counted
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
