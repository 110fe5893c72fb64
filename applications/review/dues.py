"""Terms as a list of many shows them: what a template would work out for each row with a dozen filters is
worked out here once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import dateformat, formats, timezone
from django.utils.translation import gettext as _

from applications.models import Application
from applications.status import UNDER_REVIEW, Status
from schools import calendar, due_words


@dataclass(frozen=True)
class Due:
    """A term that still runs, or has run out."""

    moment: str  # for `<time datetime>`
    text: str
    left: str  # how much working time is left, or has passed since
    word: str = ""  # of a tag: that it is over, or how near it is
    tone: str = ""


class Dues:
    """The terms of one page. The days that break the week's rule are asked once, and only if a term is
    shown."""

    def __init__(self, now: datetime, days: calendar.Days | None = None) -> None:
        self.now, self._given = now, days
        self._today = timezone.localdate(now)
        self._format = formats.get_format("SHORT_DATETIME_FORMAT")
        self._found: dict[datetime, Due] = {}  # a day's applications often end at one moment

    def text(self, at: datetime | None) -> str:
        return dateformat.format(timezone.localtime(at), self._format) if at else ""

    def of(self, due: datetime) -> Due:
        if due not in self._found:
            self._found[due] = self._due(due)
        return self._found[due]

    def of_application(self, one: Application) -> Due | None:
        """None of what is answered or withdrawn: no term runs any more."""
        if one.due_at is None or one.decided_at or one.status == Status.WITHDRAWN:
            return None
        return self.of(one.due_at)

    def of_open(self, one: Application) -> Due | None:
        """Of what waits for an answer alone."""
        return self.of(one.due_at) if one.due_at and one.status in UNDER_REVIEW else None

    def _due(self, due: datetime) -> Due:
        local = timezone.localtime(due)
        word, tone = self._tag(local)
        return Due(
            moment=local.isoformat(timespec="seconds"),
            text=dateformat.format(local, self._format),
            left=due_words.in_words(due, now=self.now, days=self.days),
            word=word,
            tone=tone,
        )

    def _tag(self, due: datetime) -> tuple[str, str]:
        if due < self.now:
            return _("Мерзімі өтті"), "red"
        if due.date() == self._today:
            return _("Бүгін"), "amber"
        return (_("Ертең"), "blue") if due.date() == self._today + timedelta(days=1) else ("", "")

    @cached_property
    def days(self) -> calendar.Days:
        if self._given is not None:
            return self._given
        return calendar.load_days(self.now - calendar.BEHIND, self.now + calendar.HORIZON)
