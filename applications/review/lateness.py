"""How late something is, in working days: the days behind a moment, counted once for a whole page (D56)."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime

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

    @property
    def date(self) -> date:
        return timezone.localdate(self.now)

    def days_late(self, due: datetime) -> int:
        """Working days that have begun since the day of the term's end."""
        return len(self.working) - bisect_right(self.working, timezone.localdate(due))

    def late_by(self, days: int) -> datetime:
        """What was due before this moment is late by so many working days, or by more."""
        return calendar.midnight(self.working[-days])
