"""What was told: to whom a word has come, whom it has missed, and what is hidden of it again (D13, D35)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Protection, User
from accounts.prepared import Prepared
from applications import messages
from applications.models import Application, at_desk
from applications.status import Status
from notifications import outbox
from notifications.models import MessageQuerySet


@dataclass(frozen=True)
class Told:
    """Who has had the word on a missed term: a school may be without staff, a region without an officer."""

    school: bool = False
    department: bool = False


def told_of_overdue(application: Application) -> Told:
    """Of the messages that were written, not of what the clock says."""
    at = application.overdue_told_at
    if at is None:
        return Told()
    of_department = messages.daily_event(application.chosen_intake.school, "overdue_department", now=at)
    return Told(
        school=outbox.is_told(messages.overdue_event(application)), department=outbox.is_told(of_department)
    )


def unreached(application: Application) -> MessageQuerySet:
    """The SMS about this application of which nothing shows that its applicant has them: the school calls."""
    return outbox.unreached([application.applicant]).filter(key__startswith=f"{application.pk}:")


def to_call(applications: QuerySet[Application]) -> list[Application]:
    """Those of the applications whose applicants no message has reached."""
    return _of_events(applications, _missed(applications))


def to_call_at_desk(user: User, *, now: datetime) -> list[Application]:
    """The same of all that a person's schools are shown, by their numbers: asked at each page of the queue,
    and hardly ever is there one."""
    missed = _MISSED_AT_DESK(*at_desk(user, now=now))
    if not missed:
        return []
    mine = Application.objects.for_staff(user, now=now).exclude(status=Status.WITHDRAWN)
    return _of_events(mine.order_by("number"), missed)


def _missed(applications: QuerySet[Application]) -> "QuerySet[Any, tuple[str]]":
    return outbox.unreached(User.objects.filter(applications__in=applications)).values_list("key")


def _of_events(applications: QuerySet[Application], keys: Iterable[tuple[str]]) -> list[Application]:
    events = (key.partition(":")[0] for (key,) in keys)
    return list(applications.filter(pk__in={int(event) for event in events if event.isdigit()}))


_MISSED_AT_DESK: Prepared[tuple[str]] = Prepared(
    lambda *desk: _missed(Application.objects.at_desk_of(*desk).exclude(status=Status.WITHDRAWN)),
    int, str, date, int,
)  # fmt: skip


def hide(found: Protection, *, now: datetime) -> None:
    """D35: what was told before to the barred person about the child's applications is hidden from them."""
    for user in User.objects.filter(iin=found.barred_iin):
        outbox.hide(user, events=_events_of(found), now=now)


def show_again(found: Protection) -> None:
    for user in User.objects.filter(iin=found.barred_iin):
        outbox.show_again(user, events=_events_of(found))


def _events_of(found: Protection) -> list[str]:
    """How the events of an application of this child begin (see `messages.py`)."""
    pks = Application.objects.filter(child__iin=found.child_iin).values_list("pk", flat=True)
    return [str(pk) for pk in pks]
