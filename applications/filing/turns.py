"""The line before the signature while a region opens (D79): whose turn it is to sign."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest

from accounts.waiting import terms
from accounts.waiting.room import room
from accounts.waiting.turns import Turn
from applications.models import Application
from schools import periods

PRESSED = "pressed_to_sign"  # of the session: when, by the application's key as text


def opening(application: Application, *, waits: bool, now: datetime) -> datetime | None:
    """The moment whose line it stands in now, where there is one. A place may be taken before; who `waits`
    for that moment goes on to, also if ops want no line any more."""
    if application.intake is None or not (waits or room.is_at_work()):
        return None
    opens = periods.state(application.intake.school.locality_id, application.year, now).opens_at
    awaited = waits and opens is not None and now < opens
    return opens if awaited or room.has_turns(opens, now=now) else None


def ask(application: Application, *, opens: datetime, joins: bool, now: datetime) -> Turn | None:
    """None where Redis does not answer."""
    return room.turn(application.pk, opens=opens, joins=joins, now=now)


def pressed_at(request: HttpRequest, application: Application, *, now: datetime) -> datetime | None:
    """When the button was pressed by who waits, whatever becomes of the line; as long as one may last."""
    at = request.session.get(PRESSED, {}).get(str(application.pk))
    life = settings.WAITING_ROOM_BEFORE + settings.WAITING_ROOM_AFTER + terms.GRACE // terms.MINUTE
    if at is None or now.timestamp() - at > life * terms.MINUTE:
        return None
    return datetime.fromtimestamp(at, tz=UTC)


def remember(request: HttpRequest, application: Application, *, at: datetime) -> None:
    """Once: every other look of the page writes nothing."""
    kept = request.session.get(PRESSED, {})
    if kept.get(str(application.pk)) != at.timestamp():
        request.session[PRESSED] = kept | {str(application.pk): at.timestamp()}


def forget(request: HttpRequest, application: Application) -> None:
    kept = request.session.get(PRESSED, {})
    if kept.pop(str(application.pk), None):
        request.session[PRESSED] = kept
