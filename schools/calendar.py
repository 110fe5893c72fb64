"""Working time of schools: «one working day, 9:00-18:30» in exact arithmetic (R119-R121, D13).

Pure: the days that break the week's rule come as a mapping, loaded once by `load_days`.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.prepared import Prepared
from schools.models import DayKind, Holiday

OPENS = time(9, 0)
CLOSES = time(18, 30)
DAY = timedelta(hours=9, minutes=30)  # of work: from the one to the other
HORIZON = timedelta(days=60)  # a due time is never further away: the longest holidays last five days
NOVEMBER = 11  # from its first day on the next year's list is out, and has to be loaded
BEHIND = timedelta(days=400)  # an intake of a year, and what was left of it: nothing older is late

_EXCEPTIONS = Prepared(
    lambda first, last: Holiday.objects.filter(date__gte=first, date__lte=last).values_list("date", "kind"),
    date,
    date,
)

Days = Mapping[date, bool]  # exceptional days only: is it a working day?


def is_working(day: date, days: Days) -> bool:
    return days.get(day, day.weekday() < 5)


def next_working(day: date, days: Days) -> date:
    """The first working day after this one."""
    day += timedelta(days=1)
    while not is_working(day, days):
        day += timedelta(days=1)
    return day


def working_days(first: date, last: date, days: Days) -> list[date]:
    """Both included."""
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in span if is_working(day, days)]


def received(at: datetime, days: Days) -> datetime:
    """When the school's clock starts: within its hours at once, else at the next opening (R120)."""
    local = timezone.localtime(at)
    day, clock = local.date(), local.time()
    if is_working(day, days) and clock < CLOSES:
        return max(local, _at(day, OPENS))
    return _at(next_working(day, days), OPENS)


def due(at: datetime, days: Days) -> datetime:
    """One working day (9 h 30 min of working time) after the school's clock started (R121)."""
    start = received(at, days)
    if start.time() == OPENS:
        return _at(start.date(), CLOSES)
    return _at(next_working(start.date(), days), start.time())


def is_open(at: datetime, days: Days) -> bool:
    """Is the school at work at this moment (R119)?"""
    local = timezone.localtime(at)
    return is_working(local.date(), days) and OPENS <= local.time() < CLOSES


def after(at: datetime, work: timedelta, days: Days) -> datetime:
    """The first moment by which so much working time has passed since `at`. What is due by then has at
    most so much working time left, whatever nights and holidays lie between."""
    start = received(at, days)
    while start + work > (closing := _at(start.date(), CLOSES)):
        work -= closing - start
        start = _at(next_working(start.date(), days), OPENS)
    return start + work


def closing(at: datetime, working_days: int, days: Days, *, clock: time = CLOSES) -> datetime:
    """The close of the working day that comes so many working days after the day of `at`."""
    day = timezone.localdate(at)
    for _ in range(working_days):
        day = next_working(day, days)
    return _at(day, clock)


def between(start: datetime, end: datetime, days: Days) -> timedelta:
    """How much working time lies between the two moments; `after` leads back to the end."""
    found, at = timedelta(), received(start, days)
    while at < end:
        closes = _at(at.date(), CLOSES)
        found += min(closes, end) - at
        at = _at(next_working(at.date(), days), OPENS)
    return found


def worked(at: datetime) -> timedelta:
    """How much of its day's working time has passed by this moment, if that is a working day."""
    local = timezone.localtime(at)
    return min(max(local, _at(local.date(), OPENS)), _at(local.date(), CLOSES)) - _at(local.date(), OPENS)


def opening(day: date) -> datetime:
    return _at(day, OPENS)


def end_of_day(at: datetime) -> datetime:
    """Midnight in Almaty after this moment."""
    return midnight(timezone.localdate(at) + timedelta(days=1))


def midnight(day: date) -> datetime:
    """Almaty's, with which the day begins."""
    return _at(day, time.min)


def load_days(start: date, end: date | None = None) -> dict[date, bool]:
    """The exceptional days from `start` on (a moment is taken by its day in Almaty), in one query."""
    first = timezone.localdate(start) if isinstance(start, datetime) else start
    last = timezone.localdate(end) if isinstance(end, datetime) else end or first + HORIZON
    return {day: kind == DayKind.WORK for day, kind in _EXCEPTIONS(first, last)}


def years_without_days(today: date, *, year: int | None = None) -> list[int]:
    """The years whose holidays are not loaded: this one, from 1 November on the next, and the one that is
    asked about (D25, D61). Without them a term of review ends on a day off."""
    wanted = {today.year, today.year + (today.month >= NOVEMBER), year or today.year}
    return [one for one in sorted(wanted) if not Holiday.objects.filter(date__year=one).exists()]


def _at(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))
