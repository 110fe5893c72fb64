"""What the education department sees of its region's schools: numbers, and nobody's name (R70, R121, D13)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, Sum

from applications.models import Application
from applications.status import UNDER_REVIEW, Status
from schools import periods, posts
from schools.models import Intake, Locality, School


@dataclass(frozen=True)
class Row:
    """One school with its first-graders-to-be of the year."""

    school: School
    waiting: int = 0
    overdue: int = 0
    overdue_since: datetime | None = None  # the term that ended first
    accepted: int = 0
    refused: int = 0
    seats: int = 0
    held_local: int = 0
    held_outside: int = 0
    outside_limit: int = 0


def schools_of(regions: list[Locality], *, now: datetime) -> list[Row]:
    """Schools that take first-graders this year: the longest overdue first, then those with the most work."""
    year = periods.current_year(now)
    work = _applications(regions, year=year, now=now)
    places = _seats(regions, year=year)
    schools = School.objects.filter(pk__in=places).select_related("locality")
    rows = [Row(school, **work.get(school.pk, {}), **places[school.pk]) for school in schools]
    never = periods.intake_ends(9998)
    return sorted(rows, key=lambda row: (row.overdue_since or never, -row.waiting, row.school.sort_kk))


def _applications(regions: list[Locality], *, year: int, now: datetime) -> dict[int, dict[str, Any]]:
    reviewed = Q(status__in=UNDER_REVIEW)
    late = reviewed & Q(due_at__lt=now)
    counted: Any = (
        Application.objects.of_areas(regions, year=year)
        .values("intake__school")
        .annotate(
            waiting=Count("pk", filter=reviewed),
            overdue=Count("pk", filter=late),
            overdue_since=Min("due_at", filter=late),
            accepted=Count("pk", filter=Q(status=Status.ACCEPTED)),
            refused=Count("pk", filter=Q(status=Status.REFUSED)),
        )
    )
    return {row.pop("intake__school"): row for row in counted}


def _seats(regions: list[Locality], *, year: int) -> dict[int, dict[str, Any]]:
    names = ("seats", "held_local", "held_outside", "outside_limit")
    summed: Any = (
        Intake.objects.filter(posts.inside(regions, "school__locality__kato"), year=year)
        .values("school")
        .annotate(**{f"all_{name}": Sum(name) for name in names})
    )
    return {row["school"]: {name: row[f"all_{name}"] for name in names} for row in summed}
