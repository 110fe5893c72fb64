"""What the education department sees of the schools of its area: numbers, and nobody's name (R70, R121, D13,
D56). A page of a whole region costs the same few questions as one of a village."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils.translation import get_language

from applications.models import Application, Decision, RefusalReason
from applications.review.lateness import Today
from applications.status import UNDER_REVIEW, Status
from schools import kato, periods, posts
from schools.models import Intake, Locality, School


class Tally(NamedTuple):
    """Applications to one school by one route and in one language."""

    language: str
    route: str
    waiting: int = 0
    overdue: int = 0
    overdue_days: int = 0  # of them, late by a working day at least
    overdue_long: int = 0  # and by more than ESCALATE_AFTER_DAYS
    overdue_since: datetime | None = None  # the term that ended first
    accepted: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Reason:
    """A ground of refusals, and how many rest on it."""

    code: str
    name: str  # in the reader's language
    count: int


@dataclass(frozen=True)
class Seats:
    """Of one language, or of all together."""

    seats: int = 0
    held_local: int = 0
    held_outside: int = 0
    outside_limit: int = 0

    @property
    def held(self) -> int:
        return self.held_local + self.held_outside

    def __add__(self, other: "Seats") -> "Seats":
        return Seats(
            self.seats + other.seats,
            self.held_local + other.held_local,
            self.held_outside + other.held_outside,
            self.outside_limit + other.outside_limit,
        )


@dataclass(frozen=True)
class Taught:
    """A language in which a school takes first-graders, with its seats."""

    school: int
    code: str
    name: str  # in the reader's language
    position: int
    places: Seats


@dataclass(frozen=True)
class Row:
    """One school with its first-graders-to-be of the year."""

    school: School
    district: Locality
    tallies: tuple[Tally, ...] = ()
    reasons: tuple[Reason, ...] = ()
    languages: tuple[Taught, ...] = ()
    days_late: int = 0  # working days after the term that ended first

    @cached_property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.tallies)

    @cached_property
    def overdue(self) -> int:
        return sum(one.overdue for one in self.tallies)

    @cached_property
    def overdue_since(self) -> datetime | None:
        return min((one.overdue_since for one in self.tallies if one.overdue_since), default=None)

    @cached_property
    def accepted(self) -> int:
        return sum(one.accepted for one in self.tallies)

    @cached_property
    def refused(self) -> int:
        return sum(one.refused for one in self.tallies)

    @cached_property
    def places(self) -> Seats:
        return sum((one.places for one in self.languages), Seats())

    @property
    def is_announced(self) -> bool:
        """Without seats nobody can judge whether the school has a place (D3a)."""
        return self.places.seats > 0

    @property
    def is_full(self) -> bool:
        return self.is_announced and self.places.held >= self.places.seats

    @property
    def is_long_overdue(self) -> bool:
        return bool(self.days_late > settings.ESCALATE_AFTER_DAYS)


def schools_of(areas: list[Locality], *, today: Today) -> list[Row]:
    return rows_of(School.objects.filter(posts.inside(areas, "locality__kato")), today=today)


def rows_of(schools: QuerySet[School], *, today: Today) -> list[Row]:
    """The longest overdue first, then those with the most work; without announced seats the last."""
    offered = Intake.objects.filter(school__in=schools, year=periods.current_year(today.now))
    intakes, taught = _intakes(offered), dict[int, list[Taught]]()
    for one in intakes.values():
        taught.setdefault(one.school, []).append(one)
    work, reasons = _tallies(offered, intakes, today=today), _reasons(offered, intakes)
    rows = []
    for school, district in _with_districts(schools):
        tallies = tuple(work.get(school.pk, ()))
        since = min((one.overdue_since for one in tallies if one.overdue_since), default=None)
        late = today.days_late(since) if since else 0
        languages = tuple(taught.get(school.pk, ()))
        rows.append(Row(school, district, tallies, together(reasons.get(school.pk, ())), languages, late))
    never = periods.intake_ends(9998)

    def place(row: Row) -> tuple[Any, ...]:
        return (
            row.overdue_since or never,
            -row.waiting,
            not row.is_announced,
            row.school.sort_kk,
            row.school.pk,
        )

    return sorted(rows, key=place)


def _with_districts(schools: QuerySet[School]) -> list[tuple[School, Locality]]:
    """Where the classifier has no such district the place of the school stands for it."""
    found = list(schools.select_related("locality"))
    districts = Locality.objects.in_bulk({kato.district_of(school.locality_id) for school in found})
    return [(one, districts.get(kato.district_of(one.locality_id), one.locality)) for one in found]


def together(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """One of a code, called as it was last; the commonest first."""
    found: dict[str, Reason] = {}
    for one in reasons:
        count = one.count + (found[one.code].count if one.code in found else 0)
        found[one.code] = Reason(one.code, one.name, count)
    return tuple(sorted(found.values(), key=lambda one: (-one.count, one.code)))


def _intakes(offered: QuerySet[Intake]) -> dict[int, Taught]:
    """By their keys, under which applications are counted: a join of schools for each would cost more."""
    figures = offered.order_by("language__position", "language").values_list(
        "pk", "school", "language", f"language__name_{_lang()}", "language__position",
        "seats", "held_local", "held_outside", "outside_limit",
    )  # fmt: skip
    return {
        pk: Taught(school, code, name, position, Seats(*numbers))
        for pk, school, code, name, position, *numbers in figures
    }


def _tallies(
    offered: QuerySet[Intake], intakes: dict[int, Taught], *, today: Today
) -> dict[int, list[Tally]]:
    waiting = Q(status__in=UNDER_REVIEW)
    late, most = waiting & Q(due_at__lt=today.now), settings.ESCALATE_AFTER_DAYS
    counts = {
        "waiting": Count("pk", filter=waiting),
        "overdue": Count("pk", filter=late),
        "overdue_days": Count("pk", filter=late & Q(due_at__lt=today.late_by(1))),
        "overdue_long": Count("pk", filter=late & Q(due_at__lt=today.late_by(most + 1))),
        "overdue_since": Min("due_at", filter=late),
        "accepted": Count("pk", filter=Q(status=Status.ACCEPTED)),
        "refused": Count("pk", filter=Q(status=Status.REFUSED)),
    }
    filed = Application.objects.filter(intake__in=offered).exclude(status=Status.DRAFT)
    counted: Any = filed.values("intake", "route").annotate(**counts)
    found: dict[int, list[Tally]] = {}
    for intake, *figures in counted.values_list("intake", "route", *counts):
        one = intakes[intake]
        found.setdefault(one.school, []).append(Tally(one.code, *figures))
    return found


def _reasons(offered: QuerySet[Intake], intakes: dict[int, Taught]) -> dict[int, list[Reason]]:
    refusals = Decision.objects.filter(
        application__intake__in=offered, application__status=Status.REFUSED
    ).exclude(signed_at=None)
    newest_last = F("ground").asc(nulls_first=True)
    counted: Any = refusals.values_list(
        "application__intake", "reason_code", "ground", f"ground__name_{_lang()}"
    )
    found: dict[int, list[Reason]] = {}
    for intake, code, _ground, name, count in counted.annotate(count=Count("pk")).order_by(newest_last):
        old = "" if name else str(RefusalReason(code).label)
        found.setdefault(intakes[intake].school, []).append(Reason(code, name or old, count))
    return found


def _lang() -> str:
    return "ru" if get_language() == "ru" else "kk"
