"""How long a session lives: 30 minutes without a request, 12 hours whatever happens.

The idle limit is the life of the row and the cookie, renewed once a minute while pages are asked for, for
then not every click writes; the other one is here.
A second cookie outlives both: it says, signed, whose session ended here, so that what was typed is given
back to that person alone. It opens nothing, and signing out takes it away.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.middleware import csrf
from django.utils import timezone

STARTED = "signed_in_at"
RENEWED = "renewed_at"
RENEW_AFTER = 60  # seconds
ENDED = "session_ended"
BY_LANE = "came_by_lane"  # of staff, while others waited (accounts/waiting/lane.py)
WHOSE = "__Host-whose" if settings.SECURE else "whose"
SALT = "accounts.session.whose"
KEYS = "form_keys"  # of forms that other windows show
MOST_KEYS = 3


def begin(request: HttpRequest, *, now: datetime) -> None:
    request.session[STARTED] = now.timestamp()
    request.session.pop(ENDED, None)
    _remember_key(request)


def _remember_key(request: HttpRequest) -> None:
    """Forms that stand open in other windows bear the key that this sign-in has renewed. If nobody else has
    used the browser since, they are this person's."""
    person, _lane = _told_whose(request, life=settings.SESSION_MAX_SECONDS)
    key = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    if person == request.user.pk and len(key) == csrf.CSRF_SECRET_LENGTH:
        request.session[KEYS] = [*request.session.get(KEYS, []), key][-MOST_KEYS:]


def is_of_another_window(request: HttpRequest) -> bool:
    """Was the posted form drawn by us, in this browser, for this person, before they signed in anew?"""
    token = request.POST.get("csrfmiddlewaretoken", "")
    if not request.user.is_authenticated or not (token.isascii() and token.isalnum()):
        return False
    if len(token) not in (csrf.CSRF_TOKEN_LENGTH, csrf.CSRF_SECRET_LENGTH):
        return False
    return any(csrf._does_token_match(token, key) for key in request.session.get(KEYS, []))  # type: ignore[attr-defined]  # of no stub


def seconds_left(request: HttpRequest, *, now: datetime) -> int:
    """Until the session ends if nothing more is asked for."""
    age = now.timestamp() - request.session.setdefault(STARTED, now.timestamp())
    idle = now.timestamp() - request.session.get(RENEWED, now.timestamp())
    left = min(settings.SESSION_IDLE_SECONDS - idle, settings.SESSION_MAX_SECONDS - age)
    return max(0, int(left))


def renew(request: HttpRequest, *, now: datetime) -> bool:
    """Whoever asks for pages keeps what their session holds; of one that holds nothing none is made. Was it
    renewed by this request?"""
    if not request.session.keys() or now.timestamp() - request.session.get(RENEWED, 0) < RENEW_AFTER:
        return False
    request.session[RENEWED] = now.timestamp()  # what is changed is saved, with its term and its cookie
    return True


def end(request: HttpRequest) -> None:
    """The next sign-in begins with a page that says why it is asked for."""
    request.session[ENDED] = True


def has_ended(request: HttpRequest) -> bool:
    """A session ended in this browser under somebody's hands, and nobody has signed in since."""
    return ENDED in request.session


def whose(request: HttpRequest) -> int | None:
    """Whose session it is, or was until it ended; None when this browser does not tell."""
    if request.user.is_authenticated:
        return request.user.pk
    person, _lane = _told_whose(request, life=settings.SESSION_MAX_SECONDS)
    return person


def was_in_lately(request: HttpRequest) -> int | None:
    """Who used this browser signed in so short a time ago that an idle session would still live. Asks no
    database. Whom a lane had let in has it again, and not the way of who had waited."""
    person, by_lane = _told_whose(request, life=settings.SESSION_IDLE_SECONDS + RENEW_AFTER)
    return None if by_lane else person


def _told_whose(request: HttpRequest, *, life: int) -> tuple[int | None, bool]:
    """By the cookie that outlives the session, not older than `life`: the person, and were they by a lane?"""
    try:
        told = signing.loads(request.COOKIES.get(WHOSE, ""), salt=SALT, max_age=life)
    except signing.BadSignature:
        return None, False
    if isinstance(told, int):  # of a version that knew no lanes
        return told, False
    person, by_lane = told
    return person, by_lane


def _remember_whose(request: HttpRequest, response: HttpResponse) -> None:
    response.set_cookie(
        WHOSE,
        signing.dumps([request.user.pk, bool(request.session.get(BY_LANE))], salt=SALT),
        max_age=settings.SESSION_MAX_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_whose(response: HttpResponse) -> None:
    response.delete_cookie(WHOSE, samesite="Lax")


def in_words() -> dict[str, int]:
    """The two limits as a page tells them."""
    return {"minutes": settings.SESSION_IDLE_SECONDS // 60, "hours": settings.SESSION_MAX_SECONDS // 3600}


class SessionLimit:
    """Ends a session that is too old; the page then asked for is opened after a new sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now, came = timezone.now(), request.user.pk
        renewed = settings.SESSION_COOKIE_NAME in request.COOKIES and renew(request, now=now)
        if request.user.is_authenticated:
            request.renewed = renewed  # type: ignore[attr-defined]  # for the waiting room, which counts
            left = seconds_left(request, now=now)
            request.session_seconds = left  # type: ignore[attr-defined]  # for accounts/_session.html
            if not left:
                logout(request)
                end(request)
        response = self.get_response(request)
        if request.user.is_authenticated and (renewed or request.user.pk != came or not _is_told(request)):
            _remember_whose(request, response)
        return response


def _is_told(request: HttpRequest) -> bool:
    """It ends later than any session that was renewed after it, so with each renewal is often enough."""
    return WHOSE in request.COOKIES
