"""The line before the signature while a region opens (D79): whose turn it is to sign."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest

from accounts.waiting import terms
from accounts.waiting.room import room
from accounts.waiting.turns import Turn
from applications.models import Application
from schools import periods

# Of the session, by the application's key as text: when the button was pressed, and for which opening.
PRESSED = "pressed_for_opening"


def standing(
    request: HttpRequest, application: Application, *, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """The moment of opening in whose line it stands now, and since when its button is pressed for that one. A
    place may be taken before; who waits for that moment goes on to, also if ops want no line any more. Who
    was moved to a region that opens at another time has pressed for nothing there."""
    since, pressed_for = _pressed(request, application, now=now)
    if application.intake is None or not (since or room.is_at_work()):
        return None, None
    opens = periods.state(application.intake.school.locality_id, application.year, now).opens_at
    since = since if opens == pressed_for else None
    awaited = since is not None and opens is not None and now < opens
    return opens if awaited or room.has_turns(opens, now=now) else None, since


def _pressed(
    request: HttpRequest, application: Application, *, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Whatever becomes of the line; as long as one may last."""
    at, opens = request.session.get(PRESSED, {}).get(str(application.pk), (None, None))
    life = settings.WAITING_ROOM_BEFORE + settings.WAITING_ROOM_AFTER + terms.GRACE // terms.MINUTE
    if at is None or now.timestamp() - at > life * terms.MINUTE:
        return None, None
    return datetime.fromtimestamp(at, tz=UTC), datetime.fromtimestamp(opens, tz=UTC)


def ask(application: Application, *, opens: datetime, joins: bool, now: datetime) -> Turn | None:
    """None where Redis does not answer."""
    return room.turn(application.pk, opens=opens, joins=joins, now=now)


def remember(request: HttpRequest, application: Application, *, at: datetime, opens: datetime) -> None:
    """Once: every other look of the page writes nothing."""
    kept, told = request.session.get(PRESSED, {}), [at.timestamp(), opens.timestamp()]
    if kept.get(str(application.pk)) != told:
        request.session[PRESSED] = kept | {str(application.pk): told}


def forget(request: HttpRequest, application: Application) -> None:
    kept = request.session.get(PRESSED, {})
    if kept.pop(str(application.pk), None):
        request.session[PRESSED] = kept
