"""Who came by the lane of staff signs for a child of their own after those who waited at the door (D68)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils import timezone

from accounts import session
from accounts.waiting import pages, slips, words
from accounts.waiting.doors import Door
from accounts.waiting.line import Answer, Said
from accounts.waiting.room import room

PLACE = "place_at_the_door"  # of the session: the slip's name and number
PRESSED = "held_at_the_button"  # of the session: the keys of the applications whose button was pressed


def remember(request: HttpRequest, begun_by: str) -> None:
    """At the sign-in: was somebody passed by?"""
    door = begun_by.partition(":")[0]
    request.session.pop(PRESSED, None)
    if door == Door.PASS:
        _forget(request)
    elif door == Door.STAFF and room.is_on():
        request.session[session.BY_LANE] = True


def is_waiting(request: HttpRequest, application: int) -> bool:
    """Has the person pressed its button, and was held? The place is theirs, for whatever they sign."""
    return application in request.session.get(PRESSED, [])


def _forget(request: HttpRequest) -> None:
    for one in (session.BY_LANE, PLACE):
        request.session.pop(one, None)


def held(request: HttpRequest, application: int) -> HttpResponse | None:
    """At the signature: a place in the line of all parents, who had no lane. None: it is their turn, or
    nobody waits."""
    response = _held(request, application)
    if (response is not None) != is_waiting(request, application):
        others = [one for one in request.session.get(PRESSED, []) if one != application]
        request.session[PRESSED] = others if response is None else [*others, application]
    return response


def _held(request: HttpRequest, application: int) -> HttpResponse | None:
    by_lane = request.session.get(session.BY_LANE)
    if not by_lane or (request.method == "GET" and not is_waiting(request, application)):
        return None
    answer = _stand(request)
    if not (answer.said in (Said.WAIT, Said.NONE) if answer else room.holds()):
        request.session.pop(PLACE, None)
        return None
    if request.method == "POST":
        return HttpResponseRedirect(request.path)
    return pages.page(
        pages.INSIDE,
        request.path,
        before=answer.before if answer else None,
        wait=words.minutes(answer.before, answer.per_minute) if answer else None,
        lane=True,
        csrf_token=get_token(request),
    )


def _stand(request: HttpRequest) -> Answer | None:
    """None without a room, and where Redis does not answer: the button is remembered."""
    if not room.is_on():
        return None
    name, number = request.session.setdefault(PLACE, ("", 0))
    answer = room.ask("ask", slip=name, more=str(number)) if name else None
    if answer is None or answer.said is Said.NONE:
        name = slips.new_name(timezone.now().timestamp())
        answer = room.ask("come", slip=name)
        if answer:
            request.session[PLACE] = (name, answer.number)
    if answer and answer.said is Said.TURN:
        answer = room.ask("enter", slip=name)
    if answer and answer.said is Said.IN and request.user.pk and room.lets_in(name, request.user.pk):
        _forget(request)
    return answer
