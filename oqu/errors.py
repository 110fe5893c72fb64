"""What people see when something fails: in both languages, without database, session or language.

A view that refuses for its own reason renders the same pages: `render(request, "429.html", status=429)`.
"""

import logging
import re
import secrets
import sys
from collections.abc import Iterator

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string

from accounts import security, speaker
from accounts.security import Event
from accounts.storage import StoreAway, takes_nothing
from oqu import other_window, work

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
DATABASE_AWAY = (OperationalError, InterfaceError)  # down, restarting, or a lock was not given in time
JOURNAL = re.compile(r"\b(?:accounts|oqu)_journal")  # its tables and functions, in the database's own words
RETRY_AFTER = (15, 30)  # seconds; spread, so that everybody does not come back at once


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _database_is_away(exception):  # seen while the session was saved, where Django calls it an ended one
        return _away(request)
    if isinstance(exception, SessionInterrupted):  # signed out meanwhile, in another window
        return _page(request, 409, template="session_ended.html")
    return _page(request, 413 if isinstance(exception, TOO_LARGE) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if back := other_window.lead_back(request):
        return back
    page = request.resolver_match
    security.happened(
        Event.FORGED,
        level=logging.WARNING,
        what="form",
        page=page.view_name if page else "",
        reason=reason.partition(" - ")[0],
    )
    return _page(request, 403, template="403_csrf.html")


def of_a_copy(request: HttpRequest) -> HttpResponse:
    """Nothing of what was asked for has been done (D69)."""
    return _page(request, 503, template="copy.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404)


def not_allowed(request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    """In place of Django's empty answer to a method that the address does not know."""
    page = _page(request, 405)
    page.headers["Allow"] = response.headers["Allow"]
    return page


def server_error(request: HttpRequest) -> HttpResponse:
    """Called while the exception is being handled, so what failed can be told from a defect of ours."""
    failed = sys.exc_info()[1]
    if _journal_is_away(failed):
        return _page(request, 503, template="journal.html")
    if any(isinstance(one, StoreAway) or takes_nothing(one) for one in _causes(failed)):
        return _away(request, template="store.html")
    return _away(request) if _database_is_away(failed) else _page(request, 500)


def _journal_is_away(exception: BaseException | None) -> bool:
    """What cannot be written down does not happen: the entry failed, and with it the act's transaction. Where
    it did as a database fails that is full or going down, nothing else could be written either."""
    if _database_is_away(exception):
        return False
    told = [getattr(one, "diag", None) for one in _causes(exception)]
    return any(JOURNAL.search(f"{one.table_name} {one.context} {one.message_primary}") for one in told if one)


def _database_is_away(exception: BaseException | None) -> bool:
    return any(isinstance(one, DATABASE_AWAY) for one in _causes(exception))


def _causes(exception: BaseException | None) -> Iterator[BaseException]:
    while exception is not None:
        yield exception
        exception = exception.__cause__ or exception.__context__


def _away(request: HttpRequest, *, template: str = "") -> HttpResponse:
    response = _page(request, 503, template=template)
    first, last = RETRY_AFTER
    response.headers["Retry-After"] = str(first + secrets.randbelow(last - first + 1))
    return response


def _page(request: HttpRequest, status: int, *, template: str = "") -> HttpResponse:
    context = {"may_be_done": work.may_be_done(request), "case": speaker.case_in_groups()}
    response = HttpResponse(render_to_string(template or f"{status}.html", context), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
