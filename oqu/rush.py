"""What ops see of the waiting room (D68). Nobody's name is in it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts.waiting import line
from accounts.waiting.line import Standing
from accounts.waiting.room import room
from accounts.waiting.terms import MINUTE, Mode
from schools import rush

SILENT = "Redis does not answer: nobody is kept waiting"
LONG = 30 * MINUTE  # who waits longer is stopped by us and not by the crowd


def faults() -> list[str]:
    """For `manage.py health`: a room that is wanted and can keep nobody."""
    return [SILENT] if line.is_wanted() and room.standing() is None else []


@dataclass(frozen=True)
class Unguarded:
    """A day on which a region opens, and nothing will keep the crowd in order."""

    day: date
    is_near: bool  # tomorrow, or today

    def __str__(self) -> str:
        return f"the waiting room is off, and a region opens on {self.day}: `manage.py waiting_room auto`"


def unguarded(*, now: datetime) -> Unguarded | None:
    """From the announcement of the dates on."""
    if _mode() != Mode.OFF:
        return None
    day = rush.next_day(now=now)
    return Unguarded(day, is_near=day - timezone.localdate(now) <= timedelta(days=1)) if day else None


def _mode() -> str:
    """As ops have ordered, else as it is set."""
    standing = room.standing()
    return standing.mode if standing else str(settings.WAITING_ROOM)


def warnings(*, now: datetime) -> list[str]:
    """For `manage.py health`."""
    found = unguarded(now=now)
    return [str(found)] if found else []


def signing(*, now: datetime) -> int:
    """How many wait to sign what opens now (D79)."""
    return sum(room.lined_up(opens) for opens in rush.openings(now=now) if room.has_turns(opens, now=now))


def in_words(standing: Standing | None) -> str:
    if standing is None:
        return SILENT if line.is_kept() else "no Redis is set: nobody is kept waiting"
    return (
        f"{'on' if standing.on else 'off'} (mode {standing.mode}): {standing.waiting} wait, "
        f"{standing.inside} inside, {standing.let_in} let in in the last minute, "
        f"the first has waited {standing.longest} s, "
        f"at most {standing.rate} a minute go in"
    )
