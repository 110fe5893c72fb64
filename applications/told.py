"""What was told: to whom a word has come, whom it has missed, and what is hidden of it again (D13, D35)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Protection, User
from applications import messages
from applications.models import Application
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
    missed = outbox.unreached(User.objects.filter(applications__in=applications))
    events = (key.partition(":")[0] for key in missed.values_list("key", flat=True))
    return list(applications.filter(pk__in={int(event) for event in events if event.isdigit()}))


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
