"""The school's term of review, watched (R119-R121, D13): shortly before it ends the school is reminded, when
it has ended the school is told and so is the department. Nothing else happens by itself.

Each application is marked in the transaction that writes its messages, so after a pause of any length every
message is written, and once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from applications import messages, supplements
from applications.models import Application, ApplicationQuerySet
from schools import calendar
from schools.models import School

REMIND_BEFORE = timedelta(hours=2)  # of working time
BATCH = 200  # a tick stays short; the next one goes on


def run(*, now: datetime) -> int:
    """Remind and tell; of how many applications."""
    return supplements.lapse(now=now) + remind(now=now) + tell_overdue(now=now)


def remind(*, now: datetime) -> int:
    """Two working hours are left. At night nobody is woken: the reminder waits for the school to open. It
    speaks of what is due in the two hours behind them too, so that the next one comes no sooner (D58)."""
    days = calendar.load_days(now)
    if not calendar.is_open(now, days):
        return 0
    waiting = Application.objects.under_review().filter(reminded_at=None, due_at__gte=now)
    soon = waiting.filter(due_at__lte=calendar.after(now, REMIND_BEFORE, days))
    reached = waiting.filter(due_at__lte=calendar.after(now, 2 * REMIND_BEFORE, days))
    schools = School.objects.filter(pk__in=soon.values("intake__school")).order_by("pk")[:BATCH]
    return sum(_remind(school, reached.filter(intake__school=school), now=now) for school in schools)


@transaction.atomic
def _remind(school: School, found: ApplicationQuerySet, *, now: datetime) -> int:
    """Of what nobody is deciding at this moment; of how many applications."""
    free = found.select_for_update(of=("self",), skip_locked=True)
    applications = Application.objects.filter(pk__in=[one.pk for one in free])
    messages.due_soon(school, applications, now=now)
    return applications.update(reminded_at=now)


def tell_overdue(*, now: datetime) -> int:
    late = Application.objects.overdue(now).filter(overdue_told_at=None)
    return _each(late, messages.overdue, mark="overdue_told_at", now=now)


def _each(found: ApplicationQuerySet, tell: Callable[..., None], *, mark: str, now: datetime) -> int:
    """One short transaction for each; one that is being decided at this moment is left to the next tick."""
    told = 0
    for key in found.order_by("due_at").values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            row = found.filter(pk=key).select_for_update(of=("self",), skip_locked=True)
            application = row.select_related("intake__school__locality").first()
            if application is None:
                continue
            tell(application, now=now)
            setattr(application, mark, now)
            application.save(update_fields=[mark])
            told += 1
    return told
