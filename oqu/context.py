"""What every template knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts import copies, speaker
from accounts.prepared import Prepared
from applications.models import Appeal, Application, schools_by_role
from notifications.models import Message
from oqu.work import may_be_done
from schools import address_requests, periods, posts
from schools.models import Locality, Role, StaffMember

WORK = {
    "review": (Role.DIRECTOR, Role.EXECUTOR, Role.DEPARTMENT),
    "in_person": (Role.DIRECTOR, Role.EXECUTOR),
    "schools": tuple(Role),
    "ops": (Role.OPS,),
    "reference": (Role.OPS,),
    "keepers": posts.KEEPING,
}
PARENTS = ("cabinet", "filing", "accounts")


def portal(request: HttpRequest) -> dict[str, Any]:
    """Facts of the header; each costs a query only where it is shown."""
    held: Any = SimpleLazyObject(lambda: _posts(request))
    return {
        "DEMO": settings.DEMO,
        "COPY": copies.is_copy(),
        "SANDBOX_URL": settings.SANDBOX_URL,
        "PUBLIC_URL": settings.PUBLIC_URL,
        "EGOV_URL": settings.EGOV_URL,
        "may_be_done": may_be_done(request),  # for error pages that a view renders
        "case": speaker.case_in_groups(),
        "calls": SimpleLazyObject(lambda: calls(request.user, held)),
        "is_school_staff": SimpleLazyObject(lambda: any(post.school_id for post in held)),
        "is_department_officer": SimpleLazyObject(lambda: any(post.region_id for post in held)),
        "keeps_lists": SimpleLazyObject(lambda: _keeps(held)),
        "appoints": SimpleLazyObject(lambda: any(post.role in posts.APPOINTING for post in held)),
        "is_ops": SimpleLazyObject(lambda: any(post.role == Role.OPS for post in held)),
        "hat": SimpleLazyObject(lambda: _hat(request, held) if held else ""),
    }


@dataclass(frozen=True)
class Calls:
    """What the header counts, each number at the part of the menu that leads to it."""

    messages: int = 0
    school: int = 0
    department: int = 0
    appeals: int = 0
    lists: int = 0

    @property
    def any(self) -> bool:
        return bool(self.messages or self.school or self.department or self.appeals or self.lists)


def calls(user: Any, held: Sequence[StaffMember]) -> Calls:
    """What needs the person, and not what merely tells them something (D58): unread messages that ask for an
    act, one for each application; at a school the applications that wait for their own hand in the post they
    hold, whether read of or not; at a department those of its area that are late; for a director and an
    officer the appeals that are in their hands (D73); for who keeps the address lists the addresses that
    parents ask for (D63)."""
    if not user.is_authenticated:
        return Calls()
    areas = [post.region for post in held if post.region]
    at_school = any(post.school_id for post in held)
    return Calls(
        messages=Message.objects.calling(user),
        school=_waiting_for(user, held) if at_school else 0,
        department=_late_in(areas, user) if areas else 0,
        appeals=_appeals_before(user, held, areas) if at_school or areas else 0,
        lists=address_requests.waiting_for(held).count() if _keeps(held) else 0,
    )


def _waiting_for(user: Any, held: Sequence[StaffMember]) -> int:
    directed, prepared = schools_by_role(held)
    counted = _waiting(len(directed), len(prepared))(user.pk, user.iin, *directed, *prepared)
    return sum(count for _status, count in counted)


@lru_cache(maxsize=32)
def _waiting(directed: int, prepared: int) -> Prepared[tuple[str, int]]:
    """The question of somebody who directs so many schools, and prepares the decisions of so many."""

    def build(user: int, iin: str, *schools: int) -> QuerySet[Application, tuple[str, int]]:
        found = Application.objects.waiting_at(user, iin, schools[:directed], schools[directed:])
        counted: Any = found.order_by().values_list("status").annotate(Count("pk"))
        return cast(QuerySet[Application, tuple[str, int]], counted)

    return Prepared(build, int, str, *[int] * (directed + prepared))


def _late_in(areas: list[Locality], user: Any) -> int:
    now = timezone.now()
    area = Application.objects.of_areas(areas, year=periods.current_year(now), reader=user)
    return area.overdue(now).count()


def _appeals_before(user: Any, held: Sequence[StaffMember], areas: list[Locality]) -> int:
    now, (directed, _prepared) = timezone.now(), schools_by_role(held)
    found = len(_WITH_SCHOOL(user.pk, user.iin, directed, now)) if directed else 0
    if areas:  # of the primary: a replica may not know yet from whom a court hides a child
        appeals = Appeal.objects.using(DEFAULT_DB_ALIAS).of_areas(areas).with_department(now)
        found += appeals.may_be_read_by(user.pk, user.iin).count()
    return found


_WITH_SCHOOL: Prepared[tuple[int]] = Prepared(
    lambda user, iin, directed, now: (
        Appeal.objects.filter(application__intake__school__among=directed)
        .with_school(now)
        .may_be_read_by(user, iin)
        .order_by()
        .values_list("pk")
    ),
    int,
    str,
    list[int],
    datetime,
)


def _keeps(held: Sequence[StaffMember]) -> bool:
    return any(post.role in posts.KEEPING for post in held)


def _hat(request: HttpRequest, held: list[StaffMember]) -> str:
    """As whom somebody who works here acts on this page: of a school's, in which post; else as a parent."""
    page = request.resolver_match
    at_work = request.__dict__.get("at_work")  # of a page that serves both
    roles = WORK["review"] if at_work else WORK.get(page.namespace if page else "")
    if roles:
        return posts.in_words([post for post in held if post.role in roles])
    return _("Ата-ана ретінде") if at_work is False or (page and page.namespace in PARENTS) else ""


def _posts(request: HttpRequest) -> list[StaffMember]:
    return posts.held_by(request.user) if request.user.is_authenticated else []
