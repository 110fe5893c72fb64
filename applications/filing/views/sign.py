"""The button that leads from the last step to the signature of the application (R93, R188)."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import throttle
from accounts.access import SignedInRequest, consented, signed_in
from accounts.waiting import lane, pages, words
from accounts.waiting.line import Said
from accounts.waiting.room import room
from accounts.waiting.turns import Turn
from applications import drafts, eligibility, facts, obstacles, registers, steps
from applications.eligibility import Blocked
from applications.filing import turns, wizard
from applications.filing.views.visit import REGISTERS, load_to_ask
from applications.models import Application, Purpose
from applications.signing.views import start
from applications.status import Status

# Of the session, by the application's key as text: the hash of what the page of the pressed button has told.
SHOWN = "shown_at_the_button"
AGAIN = (429, 503)  # answers after which the page is asked for again, and the button is still pressed


@require_http_methods(["GET", "POST"])
@signed_in
def application(request: SignedInRequest, public_id: object) -> HttpResponseBase:
    """A stranger finds nothing; the applicant signs with the consent of R37, like all else."""
    return consented(_application)(request, load_to_ask(request.user, public_id))


def _application(request: SignedInRequest, found: Application) -> HttpResponse:
    """What was shown when the button was pressed waits with who waits, and is there when the page of who has
    waited looks once more. Who waits for nobody costs the session nothing."""
    kept, key = request.session.get(SHOWN, {}), str(found.pk)
    shown = request.POST.get("shown", "") or kept.get(key, "")
    response = _pressed(request, found, shown)
    waits = response.status_code in (200, *AGAIN) or response.get("Location") == request.path
    if (waits or key in kept) and shown != kept.get(key, ""):
        request.session[SHOWN] = kept | {key: shown}
    return response


def _pressed(request: SignedInRequest, found: Application, shown: str) -> HttpResponse:
    """Every check before the document is drawn, and the wizard walked to its end. Who comes here
    by an address, after signing in again, is led to where the button is, whichever other window has had
    its turn; who has pressed it and waited for their turn (D79) goes on, also where there is a line no more.
    """
    now = timezone.now()
    if found.status != Status.DRAFT:
        if request.method == "GET":
            return redirect("cabinet:application", found.public_id)
        return start.stale(request, found, Purpose.APPLICATION)
    opens, since = turns.standing(request, found, now=now)
    pressed = request.method == "POST" or lane.is_waiting(request, found.pk) or since is not None
    if held := lane.held(request, found.pk):
        return held
    if opens and pressed and since is None and (answer := _not_ready(request, found, at=max(opens, now))):
        return answer
    turn = turns.ask(found, opens=opens, joins=pressed, now=now) if opens else None
    if turn and turn.came_at:
        since = min(since or turn.came_at, turn.came_at)
    if opens and (turn.said is Said.WAIT if turn else pressed and (now < opens or room.holds_turns())):
        turns.remember(request, found, at=since or now, opens=opens)
        return _wait(request, turn, opens=opens, now=now)
    if not pressed and not (shown and turn and turn.said is Said.IN):
        return redirect("cabinet:application", found.public_id)
    response = _open(request, found, shown, waits_since=since, now=now)
    if response.status_code not in AGAIN:
        turns.forget(request, found)
    return response


def _not_ready(request: SignedInRequest, found: Application, *, at: datetime) -> HttpResponse | None:
    """Nobody stands in the line for what could not be signed at its turn, as far as our own database knows:
    such an address can be guessed."""
    if not wizard.may_open(found, steps.REVIEW, now=at):
        return redirect("filing:step", found.public_id, steps.REVIEW)
    try:
        eligibility.check_stored(found, now=at)
        registers.demand_seen(found)
    except Blocked as blocked:
        return obstacles.explain(request, found, blocked)
    return None


def _wait(request: SignedInRequest, turn: Turn | None, *, opens: datetime, now: datetime) -> HttpResponse:
    """The page of who waits looks again by itself, at this very address. No turn: a slow moment of Redis."""
    if request.method == "POST":
        return redirect(request.path)
    ahead = max(timedelta(), opens - now)
    wait = words.minutes(turn.before, room.signatures()) if turn else None
    until = None if wait is None else wait + ceil(ahead / timedelta(minutes=1))
    more: dict[str, Any] = {"opens": opens if ahead else None, "csrf_token": get_token(request)}
    return pages.page(pages.INSIDE, request.path, before=turn.before if turn else None, wait=until, **more)


def _open(
    request: SignedInRequest, found: Application, shown: str, *, waits_since: datetime | None, now: datetime
) -> HttpResponse:
    if not throttle.allowed(request, what="registers", per_minute=REGISTERS):
        return throttle.too_often(request)
    leaned_on = found.registers_as_of
    try:
        _check(found, waits_since=waits_since, now=now)
    except Blocked as blocked:
        return obstacles.explain(request, found, blocked)
    except drafts.NotADraft:
        return start.stale(request, found, Purpose.APPLICATION)
    if not wizard.may_open(found, steps.REVIEW, now=now):  # it leads to the step that is missing
        return redirect("filing:step", found.public_id, steps.REVIEW)
    told = facts.of(found)
    if shown and shown not in facts.as_read(found, told, leaned_on, None):
        return start.read_again(request, found, Purpose.APPLICATION)
    return start.sign(request, found, purpose=Purpose.APPLICATION, now=now, told=told)


def _check(found: Application, *, waits_since: datetime | None, now: datetime) -> None:
    """The registers first, asked at the last step as a rule; what they have changed breaks a rule, or is
    looked at once more (D34). Who has waited in a line has pressed in its rush, however long that was.
    Raises Blocked, drafts.NotADraft."""
    since = waits_since or now
    rush = since < now or registers.is_rush(registers.window(found, now=now), now=now)
    with registers.enrolment_beside(found, now=now, in_rush=rush) as answer:
        registers.before_signature(found, user=found.applicant, now=now, pressed=since if rush else None)
        try:
            eligibility.check_stored(found, now=now)
            registers.check_enrolment(found, now=now, answer=answer, in_rush=rush)
        except Blocked as blocked:
            raise registers.explained(blocked, found) from None
    registers.demand_seen(found)
