"""A school that stops taking applications, alone or by joining another, or gets a new number (D57)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from applications import messages
from applications.models import Application, Channel
from applications.status import ACTIVE, Status
from egov.iin import valid_bin
from schools import periods
from schools.models import FormerBin, School
from schools.posts import officers_for


class NotPossible(Exception):
    """What stands in the way, in words."""


@transaction.atomic
def stop(school: School, *, on: date, successor: School | None, now: datetime) -> int:
    """From that day on the school is offered to nobody and nothing new is signed to it; its microdistrict
    goes to the successor (D57). Whoever has a draft there is led on, whoever has filed keeps what was filed.
    How many were told. Raises NotPossible."""
    today = timezone.localdate(now)
    if on < today:
        raise NotPossible(f"{on} has passed: parents would have filed to a school that had stopped")
    both = [school.pk, *([successor.pk] if successor else [])]
    rows = School.objects.select_for_update().order_by("pk").in_bulk(both)
    locked, successor = rows[school.pk], rows[successor.pk] if successor else None
    if locked.has_stopped(today) and on != locked.stops_on:
        raise NotPossible(f"it has stopped on {locked.stops_on}: others have chosen other schools since")
    heir = successor.successor if successor else None
    while heir:
        if heir == locked:
            raise NotPossible("its own pupils would come back to it")
        heir = heir.successor
    if successor and (successor == locked or successor.has_stopped(on)):
        raise NotPossible("the successor itself stops by then")
    if successor is None and locked.predecessors.exists():
        raise NotPossible("it has taken another school over: name who takes over both")
    if (locked.stops_on, locked.successor) == (on, successor):
        return 0
    locked.stops_on, locked.successor = on, successor
    locked.save(update_fields=["stops_on", "successor"])
    concerned = _concerned(locked, now=now)
    for application in concerned:
        _tell_of_stop(application, now=now)
    _tell_stop_at_work(locked, now=now)
    return len(concerned)


@transaction.atomic
def go_on(school: School, *, now: datetime) -> int:
    """It does not stop after all: as before, and whoever was told hears that too. Raises NotPossible when the
    day has come, for others have chosen other schools since."""
    locked = School.objects.select_for_update().get(pk=school.pk)
    if locked.stops_on is None:
        raise NotPossible("it does not stop")
    if locked.has_stopped(timezone.localdate(now)):
        raise NotPossible(f"it has stopped on {locked.stops_on}")
    locked.stops_on = locked.successor = None
    locked.save(update_fields=["stops_on", "successor"])
    concerned = _concerned(locked, now=now)
    for application in concerned:
        _tell_that_it_goes_on(application, now=now)
    _tell_at_work_that_it_goes_on(locked, now=now)
    return len(concerned)


@transaction.atomic
def renumber(school: School, number: str, *, now: datetime) -> None:
    """Another BIN. What was signed under the one of before stays the school's, and that number is never
    another school's (D57). Raises NotPossible."""
    if not valid_bin(number):
        raise NotPossible("not a BIN")
    locked = School.objects.select_for_update().get(pk=school.pk)
    if number == locked.bin:
        raise NotPossible("it has this BIN already")
    mine = FormerBin.objects.filter(number=number, school=locked)
    taken = School.objects.filter(bin=number).exists() or FormerBin.objects.filter(number=number).exists()
    if taken and not mine.exists():
        raise NotPossible("another school has, or had, this BIN")
    mine.delete()  # back to a number of its own
    FormerBin.objects.create(number=locked.bin, school=locked, until=timezone.localdate(now))
    locked.bin = number
    locked.save(update_fields=["bin"])


def _concerned(school: School, *, now: datetime) -> QuerySet[Application]:
    """Drafts of parents, and what was filed and stands, of the year that runs."""
    drafts = Q(status=Status.DRAFT, channel=Channel.ONLINE)
    of_school = Application.objects.filter(intake__school=school, year__gte=periods.running(now))
    found = of_school.filter(drafts | Q(status__in=ACTIVE)).select_related("applicant", "child")
    return found.select_related("intake__school__successor").order_by("pk")


def _tell_of_stop(application: Application, *, now: datetime) -> None:
    """D57: to whoever has a draft there, what to do; to whoever has filed, that nothing is to be done."""
    school = application.chosen_intake.school
    kind = "merges" if school.successor else "stops"
    template = f"school_{kind}_draft" if application.status == Status.DRAFT else f"school_{kind}"
    messages.tell_applicant(
        application, template, now=now, event=_moment(application, template, now), **_stop(school)
    )


def _tell_that_it_goes_on(application: Application, *, now: datetime) -> None:
    event = _moment(application, "school_goes_on", now)
    messages.tell_applicant(application, "school_goes_on", now=now, event=event)


def _moment(application: Application, template: str, now: datetime) -> str:
    """Of what may happen again while the application stands still."""
    return f"{application.pk}:{now.isoformat(timespec='seconds')}:{template}"


def _tell_stop_at_work(school: School, *, now: datetime) -> None:
    """Its own people and those of the department."""
    _tell_at_work(school, "school_stops_at_work", now=now, **_stop(school))


def _tell_at_work_that_it_goes_on(school: School, *, now: datetime) -> None:
    _tell_at_work(school, "school_goes_on", now=now)


def _tell_at_work(school: School, template: str, *, now: datetime, **more: Any) -> None:
    event = f"school:{school.pk}:{now.isoformat(timespec='seconds')}:{template}"
    for posts in (school.staff.all(), officers_for(school)):
        messages.tell_of_school(school, posts, template, now=now, event=event, **more)


def _stop(school: School) -> dict[str, Any]:
    into = school.successor
    names = {"successor_kk": into.name_kk, "successor_ru": into.name_ru} if into else {}
    return names | {"day": school.stops_on.isoformat() if school.stops_on else ""}
