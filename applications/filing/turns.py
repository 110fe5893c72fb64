"""The line before the signature while a region opens (D79): whose turn it is to sign."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.waiting import terms
from accounts.waiting.room import room
from accounts.waiting.turns import Turn
from applications.models import Application
from schools import periods
from schools.kato import region_of

# Of the session, by the application's key as text: when the button was pressed, for which opening and region.
PRESSED = "pressed_for_opening"


def standing(
    request: HttpRequest, application: Application, *, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """The moment of opening in whose line it stands now, and since when its button is pressed for that one. A
    place may be taken before; who waits for that moment goes on to, also if ops want no line any more. Who
    was moved to a region that opens at another time has pressed for nothing there; where the day of the same
    region was moved the press holds, or is given up with a word where it would be too early."""
    since, pressed_for, region = _pressed(request, application, now=now)
    if application.intake is None or not (since or room.is_at_work()):
        return None, None
    opens = periods.state(application.intake.school.locality_id, application.year, now).opens_at
    if since and opens and opens != pressed_for:
        is_moved = region == region_of(application.intake.school.locality_id)
        if is_moved and now < opens - timedelta(minutes=settings.WAITING_ROOM_BEFORE):
            _give_up(request, application, opens=opens)
        since = since if is_moved and str(application.pk) in request.session[PRESSED] else None
    elif opens != pressed_for:
        since = None
    awaited = since is not None and opens is not None and now < opens
    return opens if awaited or room.has_turns(opens, now=now) else None, since


def _pressed(
    request: HttpRequest, application: Application, *, now: datetime
) -> tuple[datetime | None, datetime | None, str]:
    """Whatever becomes of the line; as long as one may last."""
    at, opens, *regions = request.session.get(PRESSED, {}).get(str(application.pk), (None, None))
    life = settings.WAITING_ROOM_BEFORE + settings.WAITING_ROOM_AFTER + terms.GRACE // terms.MINUTE
    if at is None or now.timestamp() - at > life * terms.MINUTE:
        return None, None, ""
    region = regions[0] if regions else ""
    return datetime.fromtimestamp(at, tz=UTC), datetime.fromtimestamp(opens, tz=UTC), region


def _give_up(request: HttpRequest, application: Application, *, opens: datetime) -> None:
    forget(request, application)
    told = _(
        "Қабылдаудың басталу уақыты өзгерді: %(opens)s (Астана уақыты). Сол кезде батырманы қайта басыңыз."
    )
    messages.warning(request, told % {"opens": date_format(timezone.localtime(opens), "DATETIME_FORMAT")})


def ask(application: Application, *, opens: datetime, joins: bool, now: datetime) -> Turn | None:
    """None where Redis does not answer."""
    return room.turn(application.pk, opens=opens, joins=joins, now=now)


def remember(request: HttpRequest, application: Application, *, at: datetime, opens: datetime) -> None:
    """Once: every other look of the page writes nothing."""
    region = region_of(application.intake.school.locality_id) if application.intake else ""
    kept, told = request.session.get(PRESSED, {}), [at.timestamp(), opens.timestamp(), region]
    if kept.get(str(application.pk)) != told:
        request.session[PRESSED] = kept | {str(application.pk): told}


def forget(request: HttpRequest, application: Application) -> None:
    kept = request.session.get(PRESSED, {})
    if kept.pop(str(application.pk), None):
        request.session[PRESSED] = kept
