"""What people see when something fails: in both languages, without database, session or language.

A view that refuses for its own reason renders the same pages: `render(request, "429.html", status=429)`.
"""

import secrets
import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
DATABASE_AWAY = (OperationalError, InterfaceError)  # down, restarting, or a lock was not given in time
RETRY_AFTER = (15, 30)  # seconds; spread, so that everybody does not come back at once


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(413 if isinstance(exception, TOO_LARGE) else 400)


def forbidden(_request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(403)


def csrf_failure(_request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(403, template="403_csrf.html")


def not_found(_request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(404)


def not_allowed(_request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    """In place of Django's empty answer to a method that the address does not know."""
    page = _page(405)
    page.headers["Allow"] = response.headers["Allow"]
    return page


def server_error(_request: HttpRequest) -> HttpResponse:
    """Called while the exception is being handled, so what failed can be told from a defect of ours."""
    if not isinstance(sys.exc_info()[1], DATABASE_AWAY):
        return _page(500)
    response = _page(503)
    first, last = RETRY_AFTER
    response.headers["Retry-After"] = str(first + secrets.randbelow(last - first + 1))
    return response


def _page(status: int, *, template: str = "") -> HttpResponse:
    response = HttpResponse(render_to_string(template or f"{status}.html"), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
