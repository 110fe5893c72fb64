"""What the education department sees of the schools of its area: numbers, and nobody's name (R70, R121, D13,
D56). A page of a whole region costs the same few questions as one of a village."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import get_language

from accounts.models import Protection, User
from applications.models import Application, Decision, RefusalReason, Result, Route
from applications.review.lateness import Today
from applications.status import ACTIVE, UNDER_REVIEW, Status
from schools import calendar, kato, periods, posts
from schools.models import Intake, Locality, School

FACTS = JSONObject(pk="pk", intake="intake", route="route", status="status")
FINEST = timedelta(microseconds=1)  # of the database's clock: anything more than a time is that much more


class Tally(NamedTuple):
    """Applications to one school by one route and in one language."""

    language: str
    route: str
    waiting: int = 0
    overdue: int = 0
    overdue_days: int = 0  # of them, late by a working day's time at least
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

    def without(self, *, local: int, outside: int) -> "Seats":
        return replace(self, held_local=self.held_local - local, held_outside=self.held_outside - outside)

    def without_free(self) -> "Seats":
        return replace(self, seats=min(self.seats, self.held), outside_limit=self.held_outside)


@dataclass(frozen=True)
class Taught:
    """A language in which a school takes first-graders, with its seats."""

    school: int
    code: str
    name: str  # in the reader's language
    position: int
    places: Seats
    is_over: bool = False  # of an earlier year: it has no seats any more, only what waits for an answer
    hidden: tuple[int, ...] = ()  # applications that are counted nowhere (D35)


@dataclass(frozen=True)
class Row:
    """One school with its first-graders-to-be of the year, as this reader may count them."""

    school: School
    district: Locality
    tallies: tuple[Tally, ...] = ()
    reasons: tuple[Reason, ...] = ()
    languages: tuple[Taught, ...] = ()
    late: timedelta = timedelta()  # working time since the term that ended first
    has_stopped: bool = False  # it is offered to nobody (D57)

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
        return self.is_announced and not self.has_stopped and self.places.held >= self.places.seats

    @property
    def awaits_seats(self) -> bool:
        return not self.is_announced and not self.has_stopped

    @property
    def filled(self) -> float:
        """Which part of its seats is held; behind all where nobody can have one."""
        return self.places.held / self.places.seats if self.is_announced and not self.has_stopped else -1

    @property
    def days_late(self) -> int:
        """Whole working days, as the page says it in words."""
        return self.late // calendar.DAY

    @property
    def is_long_overdue(self) -> bool:
        return bool(self.late > calendar.DAY * settings.ESCALATE_AFTER_DAYS)


def schools_of(areas: list[Locality], *, reader: User, today: Today) -> list[Row]:
    return rows_of(School.objects.filter(posts.inside(areas, "locality__kato")), reader=reader, today=today)


def rows_of(schools: QuerySet[School], *, reader: User, today: Today) -> list[Row]:
    """The longest overdue first, then those with the most work; without announced seats the last."""
    offered = _offered(schools, year=periods.current_year(today.now))
    intakes, taught = _intakes(offered, reader=reader, today=today), dict[int, list[Taught]]()
    for one in intakes.values():
        taught.setdefault(one.school, []).append(one)
    unseen = [pk for one in intakes.values() for pk in one.hidden]
    work, reasons = _tallies(intakes, unseen, today=today), _reasons(intakes, unseen)
    rows = []
    for school, district in _with_districts(schools):
        tallies = tuple(work.get(school.pk, ()))
        since = min((one.overdue_since for one in tallies if one.overdue_since), default=None)
        stopped, languages = school.has_stopped(today.date), taught.get(school.pk, [])
        if stopped:
            languages = [replace(one, places=one.places.without_free()) for one in languages]
        late = today.late(since) if since else timedelta()
        grounds = together(reasons.get(school.pk, ()))
        rows.append(Row(school, district, tallies, grounds, tuple(languages), late, stopped))
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


def _offered(schools: QuerySet[School], *, year: int) -> QuerySet[Intake]:
    """Of the year, and what an earlier one has left without an answer: that still is a school's to answer."""
    waiting = Application.objects.under_review().filter(intake=OuterRef("pk"))
    mine = Intake.objects.filter(school__in=schools)
    return mine.filter(Q(year=year) | Q(Exists(waiting), year__lt=year))


def _intakes(offered: QuerySet[Intake], *, reader: User, today: Today) -> dict[int, Taught]:
    """By their keys, under which applications are counted: a join of schools for each would cost more."""
    figures = offered.order_by("language__position", "language").values_list(
        "pk", "year", "school", "language", f"language__name_{_lang()}", "language__position",
        ArraySubquery(hidden_from(reader).values(facts=FACTS)),
        "seats", "held_local", "held_outside", "outside_limit",
    )  # fmt: skip
    found, this_year = {}, periods.current_year(today.now)
    for pk, year, school, code, name, position, hidden, *numbers in figures:
        unseen = [one for one in hidden or () if one["intake"] == pk]
        held = [one["route"] for one in unseen if one["status"] in ACTIVE]
        seen = Seats(*numbers).without(local=held.count(Route.LOCAL), outside=held.count(Route.OUTSIDE))
        is_over, keys = year < this_year, tuple(one["pk"] for one in unseen)
        found[pk] = Taught(school, code, name, position, Seats() if is_over else seen, is_over, keys)
    return found


def hidden_from(reader: User) -> QuerySet[Application]:
    """D35: what no number may tell this officer of. Asked once and by the children, of whom there is hardly
    ever one: a join in each count would cost more. Who they are the primary says, for a replica may not know
    yet: hence the list."""
    children = list(Protection.objects.children_hidden_from(reader))
    return Application.objects.filter(child__iin__in=children).exclude(status=Status.DRAFT)


def _tallies(intakes: dict[int, Taught], unseen: Collection[int], *, today: Today) -> dict[int, list[Tally]]:
    waiting = Q(status__in=UNDER_REVIEW)
    late, most = waiting & Q(due_at__lt=today.now), calendar.DAY * settings.ESCALATE_AFTER_DAYS
    counts = {
        "waiting": Count("pk", filter=waiting),
        "overdue": Count("pk", filter=late),
        "overdue_days": Count("pk", filter=late & Q(due_at__lte=today.late_by(calendar.DAY))),
        "overdue_long": Count("pk", filter=late & Q(due_at__lte=today.late_by(most + FINEST))),
        "overdue_since": Min("due_at", filter=late),
        "accepted": Count("pk", filter=Q(status=Status.ACCEPTED)),
        "refused": Count("pk", filter=Q(status=Status.REFUSED)),
    }
    filed = Application.objects.filter(intake__among=list(intakes)).exclude(status=Status.DRAFT)
    counted: Any = filed.exclude(pk__in=unseen).values("intake", "route").annotate(**counts)
    found: dict[int, list[Tally]] = {}
    for intake, *figures in counted.values_list("intake", "route", *counts):
        one = intakes[intake]
        tally = Tally(one.code, *figures)
        if one.is_over:
            tally = tally._replace(accepted=0, refused=0)
        found.setdefault(one.school, []).append(tally)
    return found


def _reasons(intakes: dict[int, Taught], unseen: Collection[int]) -> dict[int, list[Reason]]:
    of_this_year = [pk for pk, one in intakes.items() if not one.is_over]
    refused = Decision.objects.standing().filter(
        result=Result.REFUSE, application__intake__among=of_this_year, application__status=Status.REFUSED
    )
    refusals = refused.exclude(application__in=unseen)
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
