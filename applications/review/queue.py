"""What a school sees first: counters, filters and the order of its queue."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from applications.models import Application, Route
from applications.status import UNDER_REVIEW, Status
from schools import periods
from schools.models import Intake, Language, School

VIEWS = ("waiting", "overdue", "today", "signing", "decided", "all")


def intakes_of(schools: list[School], *, now: datetime) -> QuerySet[Intake]:
    """The current year's intakes of these schools, for the strip of seats; before they are loaded, the
    latest ones. The next year's may be loaded early and wait."""
    known = Intake.objects.filter(school__in=schools, year__lte=periods.current_year(now))
    newest = known.order_by("-year").values_list("year", flat=True)[:1]
    return (
        Intake.objects.filter(school__in=schools, year__in=newest)
        .select_related("school", "language")
        .order_by("school__sort_kk", "language__position")
    )


def languages_of(schools: list[School]) -> QuerySet[Language]:
    taught = Intake.objects.filter(school__in=schools).values("language")
    return Language.objects.filter(pk__in=taught).order_by("position")


def _end_of_day(now: datetime) -> datetime:
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, time.min))


def _view(name: str, *, now: datetime) -> Q:
    reviewed = Q(status__in=UNDER_REVIEW)
    return {
        "waiting": reviewed,
        "overdue": reviewed & Q(due_at__lt=now),
        "today": reviewed & Q(due_at__gte=now, due_at__lt=_end_of_day(now)),
        "signing": Q(status=Status.SIGNING),
        "decided": Q(status__in=[Status.ACCEPTED, Status.REFUSED, Status.WITHDRAWN]),
        "all": Q(),
    }[name]


def counters(applications: QuerySet[Application], *, now: datetime) -> dict[str, int]:
    """How many applications each view holds, by one question."""
    return applications.aggregate(
        **{name: Count("pk", filter=_view(name, now=now) or None, distinct=True) for name in VIEWS}
    )


def _page(typed: str) -> int:
    return int(typed) if re.fullmatch(r"[1-9]\d{0,4}", typed, re.ASCII) else 1


@dataclass(frozen=True)
class Filter:
    """What the address of the page asks for; anything unknown means no filter."""

    view: str = "waiting"
    number: str = ""
    language: str = ""
    route: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: QueryDict) -> "Filter":
        view, route = query.get("view", ""), query.get("route", "")
        return cls(
            view=view if view in VIEWS else "waiting",
            number=re.sub(r"[^\d-]", "", query.get("number", ""))[:20],
            language=re.sub(r"[^a-z]", "", query.get("language", ""))[:3],
            route=route if route in Route.values else "",
            page=_page(query.get("page", "")),
        )

    @property
    def asked(self) -> dict[str, str]:
        """What the address has to carry to lead back here."""
        carried = {"view": self.view, "number": self.number, "language": self.language, "route": self.route}
        return {name: value for name, value in carried.items() if value} | (
            {"page": str(self.page)} if self.page > 1 else {}
        )

    @property
    def query(self) -> str:
        return urlencode(self.asked)

    def apply(self, applications: QuerySet[Application], *, now: datetime) -> QuerySet[Application]:
        """The rows, by due time, then by arrival."""
        found = applications.filter(_view(self.view, now=now))
        if self.number:
            found = found.filter(number__contains=self.number)
        if self.language:
            found = found.filter(intake__language_id=self.language)
        if self.route:
            found = found.filter(route=self.route)
        newest_first = self.view in ("decided", "all")
        return found.order_by("-submitted_at", "-pk") if newest_first else found.order_by("due_at", "pk")


def next_after(
    applications: QuerySet[Application], current: Application, *, for_director: bool
) -> Application | None:
    """The most urgent application that still waits for this person, other than this one: what is proposed
    already waits for the director alone."""
    statuses = UNDER_REVIEW if for_director else {Status.IN_REVIEW}
    waiting = applications.filter(status__in=statuses).exclude(pk=current.pk)
    return waiting.order_by("due_at", "pk").first()
