"""How late something is, in working time: the days behind a moment, counted once for a whole page (D56)."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.utils import timezone

from schools import calendar


@dataclass(frozen=True)
class Today:
    now: datetime
    working: list[date]  # up to today
    is_open: bool  # are schools at work at this moment?
    days: calendar.Days  # that break the week's rule, those ahead too

    @classmethod
    def at(cls, now: datetime) -> "Today":
        """By one question for the days that break the week's rule."""
        today = timezone.localdate(now)
        days = calendar.load_days(today - calendar.BEHIND, today + calendar.HORIZON)
        working = calendar.working_days(today - calendar.BEHIND, today, days)
        return cls(now, working, calendar.is_open(now, days), days)

    @cached_property
    def date(self) -> date:
        return timezone.localdate(self.now)

    @cached_property
    def so_far(self) -> timedelta:
        """Of today's working time, if today is a working day."""
        return calendar.worked(self.now)

    def late(self, due: datetime) -> timedelta:
        """Working time since the term's end, as `calendar.between` counts it and pages say it in words; for a
        page of many, without a step for each day."""
        first = timezone.localdate(due)
        behind = self.working[bisect_left(self.working, first) :]
        if not behind:
            return timedelta()
        whole = calendar.DAY * (len(behind) - 1) + _worked(behind[-1], self)
        return max(whole - calendar.worked(due), timedelta()) if behind[0] == first else whole

    def late_by(self, work: timedelta) -> datetime:
        """The last moment of which this is true: what was due by then is late by so much, or by more."""
        for day in reversed(self.working):
            worked = _worked(day, self)
            if work <= worked:
                return calendar.opening(day) + worked - work
            work -= worked
        return calendar.opening(self.working[0])  # nothing older is looked at


def _worked(day: date, today: Today) -> timedelta:
    """Of a working day so far."""
    return calendar.DAY if day < today.date else today.so_far
