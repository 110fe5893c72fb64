"""What a request has changed by the time it fails, so that its page says no more than is known.

A change counts from the moment it is sent: when the connection breaks, nobody can tell whether the database
has kept it. Sessions and the notes on systems outside are no work of a person.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from accounts.journal import CHANGE
from accounts.prepared import asked_once

OF_NOBODY = frozenset({"django_session", "accounts_trouble"})


class Work:
    """Watches the statements of one request."""

    def __init__(self) -> None:
        self.begun = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found = CHANGE.match(sql)
        self.begun = self.begun or (found is not None and found[1] not in OF_NOBODY)
        return execute(sql, params, many, context)


class Watched:
    """Outside of the session's middleware: its own failure comes after the work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.work = work = Work()  # type: ignore[attr-defined]  # for oqu.errors
        with connection.execute_wrapper(work), asked_once():
            return self.get_response(request)


def may_be_done(request: HttpRequest) -> bool:
    """May something of what the person asked for have been done? Before anybody watched, nothing was."""
    work: Work | None = getattr(request, "work", None)
    return work is not None and work.begun
