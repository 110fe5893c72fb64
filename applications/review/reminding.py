"""A department reminds the director of a school that is late: by one click, once a working day (D56)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications import messages
from applications.models import Application, Reminder
from schools import calendar
from schools.models import School


class Closed(Exception):
    """The school is not at work: nobody is woken at night or on a day off."""


class NothingOverdue(Exception):
    """The school has answered meanwhile."""


class NoDirector(Exception):
    """There is nobody to remind, or only those from whom what is overdue is hidden (D35), whom the word alone
    would tell where the child is: somebody has to be appointed first."""


class RemindedToday(Exception):
    """A colleague was first, or the button was pressed twice; carries that reminder."""

    def __init__(self, reminder: Reminder) -> None:
        super().__init__(str(reminder))
        self.reminder = reminder


@transaction.atomic
def remind(school: School, *, by: User, now: datetime) -> Reminder:
    """By a notice and an SMS, whoever of the department asks. Raises Closed, NothingOverdue, NoDirector,
    RemindedToday."""
    if not calendar.is_open(now, calendar.load_days(now)):
        raise Closed
    late = Application.objects.overdue(now).filter(intake__school=school)
    overdue = late.not_hidden_from(by).count()  # D35
    if not overdue:
        raise NothingOverdue
    directors = messages.directors_of(school).select_related("user")
    able = [one.pk for one in directors if late.not_hidden_from(one.user).exists()]
    if not able:
        raise NoDirector
    made, is_new = Reminder.objects.get_or_create(
        school=school, day=timezone.localdate(now), defaults={"by": by, "at": now, "overdue": overdue}
    )
    if not is_new:
        raise RemindedToday(made)
    messages.reminded(school, directors.filter(pk__in=able), now=now)
    return made


def latest_of(schools: Collection[School]) -> dict[int, Reminder]:
    """The last one of each school that has had any."""
    found = Reminder.objects.filter(school__in=schools).select_related("by").order_by("school", "-at", "-pk")
    return {one.school_id: one for one in found.distinct("school")}
