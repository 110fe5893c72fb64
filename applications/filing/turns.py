"""The line before the signature while a region opens (D79): whose turn it is to sign."""

from datetime import datetime

from accounts.waiting.room import room
from accounts.waiting.turns import Turn
from applications.models import Application
from schools import periods


def opening(application: Application, *, now: datetime) -> datetime | None:
    """The moment whose line it stands in now, where there is one. A place may be taken before."""
    if application.intake is None or not room.is_at_work():
        return None
    opens = periods.state(application.intake.school.locality_id, application.year, now).opens_at
    return opens if room.has_turns(opens, now=now) else None


def ask(application: Application, *, opens: datetime, joins: bool) -> Turn | None:
    """Without Redis None: nobody is held."""
    return room.turn(application.pk, opens=opens, joins=joins)
