"""The morning digest (D58): on working days, at the hour that the person has set, what waits for them in each
of their posts, in numbers alone. Where there is nothing to tell, nothing is sent.

The day is marked in the transaction that writes the message, so there is one however often the clock strikes;
and whom the morning has not reached is told the next day, not in the evening.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications import told
from applications.models import Appeal, AppealQuerySet, Application
from applications.status import Status
from notifications import outbox
from notifications.models import Wishes
from schools import calendar, periods, posts
from schools.models import Locality, Role, School, StaffMember

HOURS = 4  # after the hour that was set it is not the morning's any more
BATCH = 200  # people a tick: their SMS do not stand in the way of the parents'


def run(*, now: datetime) -> int:
    """How many digests were written."""
    if not calendar.is_working(timezone.localdate(now), calendar.load_days(now)):
        return 0
    people = list(_to_tell(now).values_list("pk", flat=True)[:BATCH])
    return sum(_tell(pk, now=now) for pk in people)


def _to_tell(now: datetime) -> QuerySet[User]:
    hour, today = timezone.localtime(now).hour, timezone.localdate(now)
    hours = range(hour - HOURS + 1, hour + 1)
    wanted = Q(wishes__digest=True, wishes__digest_hour__in=hours)
    wanted &= Q(wishes__digested_on=None) | Q(wishes__digested_on__lt=today)
    if Wishes().digest_hour in hours:
        wanted |= Q(wishes=None)
    works = Exists(StaffMember.objects.filter(user=OuterRef("pk")))
    return User.objects.filter(wanted, works).order_by("pk")


@transaction.atomic
def _tell(pk: int, *, now: datetime) -> int:
    today = timezone.localdate(now)
    Wishes.objects.get_or_create(user_id=pk)
    rows = Wishes.objects.filter(user=pk, digest=True).exclude(digested_on=today)
    wanted = rows.select_for_update(of=("self",), skip_locked=True).select_related("user").first()
    if wanted is None:  # another worker was here, or is
        return 0
    wanted.digested_on = today
    wanted.save(update_fields=["digested_on"])
    ends = timezone.localtime(now).replace(hour=wanted.digest_hour + HOURS, minute=0, second=0, microsecond=0)
    places: dict[School | Locality, list[StaffMember]] = {}
    for post in posts.held_by(wanted.user):
        if place := post.school or post.region:
            places.setdefault(place, []).append(post)
    told = [_tell_of(place, held, wanted.user, now=now, ends=ends) for place, held in places.items()]
    return sum(told)


def _tell_of(
    place: School | Locality, held: list[StaffMember], user: User, *, now: datetime, ends: datetime
) -> bool:
    """Two posts at one place are one digest."""
    if isinstance(place, School):
        template, page = "digest", reverse("review:queue")
        figures = _of_school(place, held, user, now=now)
        view = "overdue" if figures["overdue"] else "today" if figures["today"] else ""
    else:
        template, page = "digest_department", reverse("review:department")
        figures = _of_area(place, user, now=now)
        view = "overdue" if figures["overdue"] else ""
    if figures["appeals"] and not figures["waiting"]:
        page = reverse("review:appeals")
    if not any(figures.values()):
        return False
    outbox.tell_of_work(
        user,
        event=f"digest:{timezone.localdate(now)}:{place.pk}",
        template=template,
        context=figures | {"school_kk": place.name_kk, "school_ru": place.name_ru},
        link=f"{page}?view={view}" if view else page,
        now=now,
        good_until=ends,
    )
    return True


def _of_school(school: School, held: list[StaffMember], user: User, *, now: datetime) -> dict[str, int]:
    theirs = Application.objects.filter(intake__school=school)
    appeals = Appeal.objects.filter(application__intake__school=school).with_school(now)
    directs = any(post.role == Role.DIRECTOR for post in held)
    waiting, shown = theirs.waiting_for(user, held), theirs.for_staff(user, now=now)
    return {
        "waiting": waiting.count(),
        "today": waiting.due_today(now).count(),
        "overdue": waiting.overdue(now).count(),
        "unreached": len(told.to_call(shown.exclude(status=Status.WITHDRAWN))),
        "contested": shown.contested(now).count(),
        "appeals": _read_by(user, appeals) if directs else 0,
    }


def _of_area(area: Locality, user: User, *, now: datetime) -> dict[str, int]:
    theirs = Application.objects.of_areas([area], year=periods.current_year(now), reader=user)
    return {
        "waiting": theirs.under_review().count(),
        "today": theirs.due_today(now).count(),
        "overdue": theirs.overdue(now).count(),
        "contested": theirs.contested(now).count(),
        "appeals": _read_by(user, Appeal.objects.of_areas([area]).with_department(now)),
    }


def _read_by(user: User, appeals: AppealQuerySet) -> int:
    return appeals.may_be_read_by(user.pk, user.iin).count()
