"""Somebody who is signed in asks for pages, like a browser: nothing of a page is known but its address."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.test import RequestFactory
from django.utils import timezone

from accounts import session
from accounts.models import User


class Refused(Exception):
    """A page answered otherwise than the walk expects: what it would measure is another thing."""


@contextmanager
def one_transaction() -> Iterator[None]:
    """All requests meanwhile stand in one transaction, which Django would end with each of them; it is taken
    back. It calls itself a test's, for what claims rows of a queue demands to stand in none."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase does
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    try:
        with around:
            yield
            transaction.set_rollback(True)
    finally:
        for end in ends:
            end.connect(close_old_connections)


class Visitor:
    """A browser with the cookies of a session."""

    def __init__(self, user: User, handler: WSGIHandler, *, backend: str = "") -> None:
        self.user, self.handler = user, handler
        made = RequestFactory()
        request = made.get("/")
        self.csrf = get_token(request)
        backend = backend or settings.AUTHENTICATION_BACKENDS[0]
        made.cookies[settings.SESSION_COOKIE_NAME] = _signed_in(user, backend)
        made.cookies[settings.CSRF_COOKIE_NAME] = request.META["CSRF_COOKIE"]
        self._made = made

    def get(self, address: str, *, status: int = 200) -> HttpResponse:
        return self._ask("GET", address, status=status)

    def post(self, address: str, data: Mapping[str, Any] | None = None, *, status: int = 302) -> str:
        """Where it leads on."""
        answer = self._ask("POST", address, dict(data or {}), status=status)
        where: str = answer.headers.get("Location", "")
        return where

    def _ask(
        self, method: str, address: str, data: dict[str, Any] | None = None, *, status: int
    ) -> HttpResponse:
        """The whole way of a request below the server: handler, middleware, view, the end of the answer."""
        parts = urlsplit(address)
        environ = self._environ(method, parts.path, parts.query, data)
        answer = self.handler(environ, _begin)
        assert isinstance(answer, HttpResponseBase)
        body = b"".join(answer)
        answer.close()
        if answer.status_code != status:
            raise Refused(f"{method} {address} answers {answer.status_code}")
        made = HttpResponse(body, status=status)
        made.headers["Location"] = answer.headers.get("Location", "")
        return made

    def _environ(self, method: str, path: str, query: str, data: dict[str, Any] | None) -> dict[str, Any]:
        if method == "GET":
            request = self._made.generic("GET", path, QUERY_STRING=query, secure=settings.SECURE)
        else:
            given = {"csrfmiddlewaretoken": self.csrf, **(data or {})}
            request = self._made.post(path, given, QUERY_STRING=query, secure=settings.SECURE)
            request.META["HTTP_REFERER"] = settings.PUBLIC_URL + path
        environ: dict[str, Any] = request.environ
        environ["HTTP_HOST"] = urlsplit(settings.PUBLIC_URL).netloc
        environ.setdefault("wsgi.errors", BytesIO())
        return environ


def _begin(*_status_and_headers: Any) -> Callable[[bytes], object]:
    return len  # nobody writes by it


def _signed_in(user: User, backend: str) -> str:
    """The key of a session such as a sign-in leaves."""
    store, now = SessionStore(), timezone.now()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = backend
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store[session.STARTED] = store[session.RENEWED] = now.timestamp()
    store.save()
    assert store.session_key
    return store.session_key
