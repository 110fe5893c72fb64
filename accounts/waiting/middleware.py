"""At the door (D68): who asks for the sign-in is let through, or shown the place they have.

It stands before the session's own middleware: a page of somebody who waits asks the database nothing.
"""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts import paths, session, throttle
from accounts.addresses import address
from accounts.waiting import pages, slips, words
from accounts.waiting.doors import Door, way
from accounts.waiting.line import Answer, Said
from accounts.waiting.room import room
from accounts.waiting.slips import Kind, Slip

SLIPS = 300  # a minute and an address: thousands of phones may stand behind one of an operator's
SLIPS_OF_SITE = 4 * SLIPS  # of all IPv6 networks that somebody may have at hand together
STAFF = "staff"  # of the address: by the lane of those who work here
REFUSED = "refused"  # of the address: that lane was not theirs

GetResponse = Callable[[HttpRequest], HttpResponse]


class WaitingRoom:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        at_door = request.path_info == address("accounts:login")
        response = self._at_the_door(request) if at_door else self.get_response(request)
        person = request.user.pk if getattr(request, "renewed", False) else None
        if person:
            room.note(person)
        return response

    def _at_the_door(self, request: HttpRequest) -> HttpResponse:
        if not room.is_at_work() or _leads_elsewhere(request):
            return self.get_response(request)
        if STAFF in request.GET or STAFF in request.POST:
            return self._enter(request, way(Door.STAFF))
        if person := session.was_in_lately(request):
            return self._enter(request, way(Door.SAME, person))
        held = slips.held(request)
        if held and held.kind is Kind.PASS:
            return self._with_pass(request, held)
        if request.method == "POST":
            return self._post(request)
        return self._in_line(request, held) if held else self._newcomer(request)

    def _enter(self, request: HttpRequest, begun_by: str) -> HttpResponse:
        request.way = begun_by  # type: ignore[attr-defined]  # for accounts/views/login.py
        return self.get_response(request)

    def _with_pass(self, request: HttpRequest, held: Slip) -> HttpResponse:
        answer = room.ask("enter", slip=held.name)
        if answer and answer.said is Said.NONE:
            return self._post(request) if request.method == "POST" else self._newcomer(request)
        return self._enter(request, way(Door.PASS, held.name)) if answer else self._unanswered(request)

    def _post(self, request: HttpRequest) -> HttpResponse:
        """«Кіру» by a button holds nothing but the page that was wanted: its bearer waits by address."""
        if room.is_on():
            return HttpResponseRedirect(_address(paths.wanted(request)), status=303)
        return self._newcomer(request)

    def _newcomer(self, request: HttpRequest) -> HttpResponse:
        may_have_one = throttle.allowed(request, what="slip", per_minute=SLIPS) and throttle.allowed(
            request, what="slip of a site", per_minute=SLIPS_OF_SITE, bits=throttle.SITE
        )
        if not may_have_one and room.is_on():  # where nobody waits there is none to be had
            return _page(request, None, None, template=pages.FULL, seconds=words.reload_without_a_place())
        name = slips.new_name(timezone.now().timestamp())
        answer = room.ask("come", slip=name, more=throttle.origin(request, bits=throttle.SITE))
        if answer is None:
            return self._unanswered(request)
        if answer.said is Said.WAIT:
            return _page(request, answer, Slip(name, answer.number))
        response = self._enter(request, way(Door.PASS, name))
        if answer.said is Said.IN:
            slips.give(response, Slip(name, answer.number, Kind.PASS))
        return response

    def _in_line(self, request: HttpRequest, held: Slip) -> HttpResponse:
        answer = room.ask("ask", slip=held.name, more=str(held.number))
        if answer is None:
            return self._unanswered(request, held)
        if answer.said is Said.WAIT:
            return _page(request, answer, held)
        if answer.said is Said.TURN:  # by a redirect: a pass that is lost on the way is given again
            response = HttpResponseRedirect(request.get_full_path())
            slips.give(response, Slip(held.name, held.number, Kind.PASS))
            return response
        return self._newcomer(request)

    def _unanswered(self, request: HttpRequest, held: Slip | None = None) -> HttpResponse:
        return _page(request, None, held) if room.holds() else self.get_response(request)


def _leads_elsewhere(request: HttpRequest) -> bool:
    """To the public address, where the sign-in begins: a slip of another host is lost there."""
    return request.method != "POST" and request.get_host() != urlsplit(settings.PUBLIC_URL).netloc


def back_to_line(begun_by: str, wanted: str) -> HttpResponse:
    """For who is not let in after eGov: whose lane it was not has the place they had, a pass that is another
    person's is none."""
    if begun_by.startswith(Door.STAFF):
        return HttpResponseRedirect(_address(wanted, REFUSED))
    response = HttpResponseRedirect(_address(wanted))
    slips.take(response)
    return response


def _address(wanted: str, more: str = "") -> str:
    asked = {"next": wanted, more: "1" if more else ""}
    query = urlencode({name: value for name, value in asked.items() if value}, safe="/")
    return reverse("accounts:login") + (f"?{query}" if query else "")


def _page(
    request: HttpRequest,
    answer: Answer | None,
    slip: Slip | None,
    *,
    template: str = pages.DOOR,
    seconds: int = 0,
) -> HttpResponse:
    wanted = paths.wanted(request)
    response = pages.page(
        template,
        _address(wanted),
        before=answer.before if answer else None,
        wait=words.minutes(answer.before, answer.per_minute) if answer else None,
        staff=_address(wanted, STAFF),
        refused=REFUSED in request.GET,
        seconds=seconds,
    )
    if slip:
        slips.give(response, slip)
    return response
