"""The school's queue: its parts and their counters, filters, orders, and what comes next in them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.prepared import Prepared
from applications.models import Application, DeskMemory, Route, at_desk
from applications.review import search
from applications.signing import many
from applications.status import UNDER_REVIEW, Status
from schools import calendar, periods
from schools.models import Intake, Language, School

PAGE = many.MOST  # a page of ticked rows is signed in one go
VIEWS = ("waiting", "overdue", "today", "signing", "decided", "all")
# What the rows are sorted by, and in which direction; the key breaks ties and makes every order whole.
ORDERS: dict[str, tuple[str, bool]] = {
    "due": ("due_at", False),
    "first": ("submitted_at", False),
    "last": ("submitted_at", True),
}
ORDER_NAMES = {
    "due": _("Мерзімі жақыны бірінші"),
    "first": _("Бұрын түскені бірінші"),
    "last": _("Соңғы түскені бірінші"),
}


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


def _view(name: str, *, now: datetime, midnight: datetime) -> Q:
    reviewed = Q(status__in=UNDER_REVIEW)
    return {
        "waiting": reviewed,
        "overdue": reviewed & Q(due_at__lt=now),
        "today": reviewed & Q(due_at__gte=now, due_at__lt=midnight),
        "signing": Q(status=Status.SIGNING),
        "decided": Q(status__in=[Status.ACCEPTED, Status.REFUSED, Status.WITHDRAWN]),
        "all": Q(),
    }[name]


def counters(applications: QuerySet[Application], *, now: datetime) -> dict[str, int]:
    """How many applications each view holds, by one question."""
    return _together(_by_status(applications, now, calendar.end_of_day(now)))


def counters_of(user: User, *, now: datetime) -> dict[str, int]:
    """The same of a person's whole desk, asked at each of its pages."""
    return _together(_AT_DESK(*at_desk(user, now=now), now, calendar.end_of_day(now)))


def _by_status(applications: QuerySet[Application], now: datetime, midnight: datetime) -> Any:
    late, today = Q(due_at__lt=now), Q(due_at__gte=now, due_at__lt=midnight)
    numbers = {"every": Count("pk"), "late": Count("pk", filter=late), "today": Count("pk", filter=today)}
    return applications.order_by().values("status").annotate(**numbers).values_list("status", *numbers)


def _together(counted: Iterable[tuple[str, int, int, int]]) -> dict[str, int]:
    """Of the numbers of each status: all, those whose term is over, those whose term ends today."""
    found = dict.fromkeys(VIEWS, 0)
    for status, count, late, today in counted:
        reviewed = status in UNDER_REVIEW
        found["waiting" if reviewed else "decided"] += count
        found["overdue"] += late if reviewed else 0
        found["today"] += today if reviewed else 0
        found["signing"] += count if status == Status.SIGNING else 0
        found["all"] += count
    return found


_AT_DESK: Prepared[tuple[str, int, int, int]] = Prepared(
    lambda user, iin, today, running, now, midnight: _by_status(
        Application.objects.at_desk_of(user, iin, today, running), now, midnight
    ),
    int, str, date, int, datetime, datetime,
)  # fmt: skip


def _page(typed: str) -> int:
    return int(typed) if re.fullmatch(r"[1-9]\d{0,4}", typed, re.ASCII) else 1


@dataclass(frozen=True)
class Filter:
    """What the address of the page asks for; anything unknown means no filter. A search stands in it as the
    number of what the server remembers."""

    view: str = "waiting"
    language: str = ""
    route: str = ""
    order: str = ""
    found: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: QueryDict) -> "Filter":
        view, route, order = (query.get(name, "") for name in ("view", "route", "order"))
        return cls(
            view=view if view in VIEWS else "waiting",
            language=re.sub(r"[^a-z]", "", query.get("language", ""))[:3],
            route=route if route in Route.values else "",
            order=order if order in ORDERS else "",
            found=re.sub(r"[^0-9a-f-]", "", query.get("found", ""))[:36],
            page=_page(query.get("page", "")),
        )

    @property
    def asked(self) -> dict[str, str]:
        """What the address has to carry to lead back here."""
        names = ("view", "language", "route", "order", "found")
        carried = {name: getattr(self, name) for name in names}
        return {name: value for name, value in carried.items() if value} | (
            {"page": str(self.page)} if self.page > 1 else {}
        )

    @property
    def query(self) -> str:
        return urlencode(self.asked)

    @property
    def unnarrowed(self) -> str:
        """The address of the same part, or of the same search, whole and in its own order."""
        return f"?{Filter(view=self.view, found=self.found).query}"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.language or self.route)

    @property
    def is_whole(self) -> bool:
        """The part itself, whose number its counter tells."""
        return not (self.is_narrowed or self.found)

    @property
    def sorting(self) -> tuple[str, bool]:
        """By what, and whether the last is first. What is decided has no term any more."""
        return ORDERS[self.order or ("last" if self.view in ("decided", "all") else "due")]

    def at_page(self, page: int) -> "Filter":
        return replace(self, page=page)

    def rows(
        self,
        applications: QuerySet[Application],
        *,
        now: datetime,
        midnight: datetime | None = None,
        memory: DeskMemory | None = None,
    ) -> QuerySet[Application]:
        """What the filter holds, in its order; `midnight`: where the day of `now` ends, if that is told."""
        ends = midnight or calendar.end_of_day(now)
        found = applications.filter(_view(self.view, now=now, midnight=ends))
        if self.found:
            found = search.matching(found, memory.term) if memory else found.none()
        if self.language:
            found = found.filter(intake__language_id=self.language)
        if self.route:
            found = found.filter(route=self.route)
        field, last_first = self.sorting
        return found.order_by(*(("-" if last_first else "") + name for name in (field, "pk")))

    def place(self, application: Application) -> tuple[Q, Q]:
        """Before and behind the application in this order, whether it is still among the rows or not."""
        field, last_first = self.sorting
        value = getattr(application, field)

        def beyond(word: str) -> Q:
            return Q(**{f"{field}__{word}": value}) | Q(**{field: value, f"pk__{word}": application.pk})

        before, behind = beyond("lt"), beyond("gt")
        return (behind, before) if last_first else (before, behind)

    def page_of(self, rows: QuerySet[Application], application: Application) -> int:
        """The page on which the application stands, or stood before it left."""
        before, _behind = self.place(application)
        return rows.filter(before).count() // PAGE + 1


def next_after(
    chosen: Filter, rows: QuerySet[Application], current: Application, *, for_director: bool
) -> Application | None:
    """What follows this application in the same filter and order and waits for this person: what is proposed
    already waits for the director alone. Behind the last one come those that were passed over. Where all is
    decided, simply the next."""
    statuses = UNDER_REVIEW if for_director else {Status.IN_REVIEW}
    waiting: Any = {} if chosen.view == "decided" else {"status__in": statuses}
    rest = rows.filter(**waiting).exclude(pk=current.pk)
    _before, behind = chosen.place(current)
    return rest.filter(behind).first() or (rest.first() if waiting else None)
