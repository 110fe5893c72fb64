"""The rows of the school's queue, ready to be written down: fifty of them cost a template more than all that
the database is asked for."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.prepared import Prepared
from applications import supplements
from applications.models import Application, Document, Route, at_desk
from applications.review import queue
from applications.review.dues import Due, Dues
from applications.review.flags import Flag, flags_of
from applications.review.queue import Filter
from schools import calendar

TODAY = "today"  # the one part that ends with the day
# What a row is made of; a query that fetched more would read it for nothing.
FIELDS = (
    "public_id", "number", "status", "route", "channel", "special_needs", "transport", "snapshot", "due_at",
    "submitted_at", "decided_at", "contested_at", "child__surname", "child__name", "child__patronymic",
    "intake__school", "intake__language",
)  # fmt: skip
_DOCUMENTS = Prefetch("documents", Document.objects.only("application_id", "kind"))  # is one missing?


def found(rows: QuerySet[Application], *, now: datetime) -> QuerySet[Application]:
    """With what a row is made of."""
    return _bare(rows, now).prefetch_related(_DOCUMENTS)


def _bare(rows: QuerySet[Application], now: datetime) -> QuerySet[Application]:
    return supplements.marked(rows, now=now).select_related("child", "intake").only(*FIELDS)


class Part:
    """A part of somebody's queue, whole and in one of its orders, as a paginator turns its pages: the same
    few questions all day, so that each of them is prepared."""

    def __init__(self, user: User, chosen: Filter, *, now: datetime, count: int) -> None:
        self._user, self._chosen, self._now, self._count = user, chosen, now, count

    def count(self) -> int:
        return self._count

    def __getitem__(self, wanted: slice) -> list[Application]:
        """Of the last page no fewer are asked for than of another: that would be another question."""
        if not self._count:
            return []
        first = wanted.start
        ask = _page(self._chosen.view, self._chosen.order, first, first + queue.PAGE)
        midnight = [calendar.end_of_day(self._now)] if self._chosen.view == TODAY else []
        rows = ask(*at_desk(self._user, now=self._now), self._now, *midnight)
        prefetch_related_objects(rows, _DOCUMENTS)
        return rows


@lru_cache(maxsize=256)
def _page(view: str, order: str, first: int, end: int) -> Prepared[Application]:
    chosen = Filter(view=view, order=order)

    def build(
        user: int, iin: str, today: date, running: int, now: datetime, *midnight: datetime
    ) -> QuerySet[Application]:
        mine = Application.objects.at_desk_of(user, iin, today, running)
        rows = chosen.rows(mine, now=now, midnight=midnight[0] if midnight else now)
        return _bare(rows, now)[first:end]

    return Prepared(build, int, str, date, int, datetime, *[datetime] * (view == TODAY))


@dataclass(frozen=True)
class Line:
    number: str
    key: str
    address: str  # of its page, with the place in the queue
    choose: str  # what its tick does
    status: str
    is_whole: bool  # else nothing of the child is shown (D43)
    child: str
    way: str
    school: str  # of the schools of somebody who works for several
    flags: list[Flag]
    due: Due | None
    due_text: str
    received: str


class Lines:
    """What one page knows of all its rows."""

    def __init__(
        self,
        *,
        schools: Mapping[int, str],
        languages: Mapping[str, str],
        dues: Dues,
        to_call: Collection[int],
        address: Callable[[str], str],
    ) -> None:
        self._schools = schools if len(schools) > 1 else {}
        self._languages, self._dues, self._to_call, self._address = languages, dues, to_call, address
        self._routes = {value: str(label) for value, label in Route.choices}
        self._choose = _("№ %(number)s таңдау")

    def of(self, shown: Iterable[Application]) -> list[Line]:
        return [self._line(one) for one in shown]

    def _line(self, one: Application) -> Line:
        intake, key = one.chosen_intake, str(one.public_id)
        due = self._dues.of_application(one)
        return Line(
            number=one.number or "",
            key=key,
            address=self._address(key),
            choose=self._choose % {"number": one.number},
            status=one.status,
            is_whole=one.is_whole_to_school,
            child=one.child.full_name,
            way=f"{self._routes[one.route]}, {self._languages.get(intake.language_id, intake.language_id)}",
            school=self._schools.get(intake.school_id, ""),
            flags=flags_of(one, to_call=self._to_call),
            due=due,
            due_text="" if due else self._dues.text(one.due_at),
            received=self._dues.text(one.submitted_at),
        )
