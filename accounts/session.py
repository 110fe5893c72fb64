"""How long a session lives: 30 minutes without a request, 12 hours whatever happens (U9).

The idle limit is the life of the session's row and cookie, renewed by each request; the other one is here.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

STARTED = "signed_in_at"
ENDED = "session_ended"


def begin(request: HttpRequest, *, now: datetime) -> None:
    request.session[STARTED] = now.timestamp()
    request.session.pop(ENDED, None)


def seconds_left(request: HttpRequest, *, now: datetime) -> int:
    """Until the session ends if nothing more is asked for."""
    age = now.timestamp() - request.session.setdefault(STARTED, now.timestamp())
    return max(0, min(settings.SESSION_IDLE_SECONDS, int(settings.SESSION_MAX_SECONDS - age)))


def end(request: HttpRequest) -> None:
    """The next sign-in begins with a page that says why it is asked for."""
    request.session[ENDED] = True


def has_ended(request: HttpRequest) -> bool:
    """A session ended in this browser under somebody's hands, and nobody has signed in since."""
    return ENDED in request.session


def in_words() -> dict[str, int]:
    """The two limits as a page tells them."""
    return {"minutes": settings.SESSION_IDLE_SECONDS // 60, "hours": settings.SESSION_MAX_SECONDS // 3600}


class SessionLimit:
    """Ends a session that is too old; the page then asked for is opened after a new sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            left = seconds_left(request, now=timezone.now())
            request.session_seconds = left  # type: ignore[attr-defined]  # for accounts/_session.html
            if not left:
                logout(request)
                end(request)
        return self.get_response(request)
