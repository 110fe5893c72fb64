"""Headers that every answer carries, the number of every request, what is said of refusals, and a page where
Django's answer is an empty one."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts import copies, replica, security, speaker, visitors
from accounts.security import Event
from oqu import errors

logger = logging.getLogger(__name__)

ROOMS_OF_EVERYBODY = ("public", "catalogue")
NUMBER = re.compile(r"[0-9a-zA-Z-]{8,64}")


@receiver(request_started, dispatch_uid="number")
def give_number(environ: dict[str, Any], **_signal: object) -> None:
    """Every request has a number, which its lines of the log, its entries of the journal and its rows share.
    It is nginx's where a proxy of ours stands in front; a visitor's own word is not taken. Django writes a
    line when all middleware is done, so that none of it is the place for this."""
    told = environ.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    speaker.number(told if NUMBER.fullmatch(told) else uuid4().hex)


@receiver(request_finished, dispatch_uid="number")
def take_number(**_signal: object) -> None:
    speaker.number(None)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def content_policy() -> str:
    """No inline script or style, and no third party but NCALayer on the person's own machine and eGov,
    where the form of «Кіру» ends up."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            f"connect-src 'self' {_origin(settings.NCALAYER_URL)}",
            f"form-action 'self' {_origin(settings.EGOV_IDP_URL)}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
            "manifest-src 'self'",
        ]
    )


class SecurityHeaders:
    """Sets what a view has not set itself; a view of a file may be stricter, never absent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": content_policy(),
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if number := speaker.request_number():
            response.headers["X-Request-ID"] = number
            if response.status_code >= 400:
                response.headers["X-Case"] = speaker.case_number()  # D75, for scripts that tell it in a page
        # By the cookie, not by the user: that would ask the database, which may be what has failed.
        if (
            settings.SESSION_COOKIE_NAME in request.COOKIES
            or settings.SESSION_COOKIE_NAME in response.cookies
        ):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # which has no types
    """Also those that were collected after this process began: while a new version goes out, a page comes
    from a machine that has it already and asks for its files at one that has not. Their names are hashed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        if self.static_root:
            self.directories = [(f"{Path(self.static_root).resolve()}/", self.static_prefix)]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = request.path_info
        is_unknown = address.startswith(self.static_prefix) and address not in self.files
        if is_unknown and (found := self.find_file(address)):
            self.files[address] = found
        answer: HttpResponseBase = super().__call__(request)
        return answer


class Compressed(GZipMiddleware):
    """Where its length can tell no secret (BREACH): a public page for who has no cookie but the language's
    and gets none holds none; and a page of which nothing was asked repeats no word that somebody else could
    have put into the question, to see whether it stands there already. All others go out as they are."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        page = request.resolver_match
        of_everybody = page is not None and page.namespace in ROOMS_OF_EVERYBODY
        public = of_everybody and not response.cookies and visitors.is_nobodys(request)
        if not public and not _repeats_nothing(request, response):
            return response
        if response.status_code == 304:
            return _as_if_compressed(request, response)
        return super().process_response(request, response)


def _repeats_nothing(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Is it a page, asked for by an address that says no more than which? What an earlier address has left in
    the session is no word of its own choice (`applications/review/views/place.py`); a form's token is
    another one in each answer."""
    is_page = response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html")
    return is_page and request.method == "GET" and not request.META.get("QUERY_STRING")


def _as_if_compressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """What has not changed bears the marks of the answer that it stands for (RFC 9110, 15.4.5)."""
    patch_vary_headers(response, ["Accept-Encoding"])
    tag = response.headers.get("ETag", "")
    if tag.startswith('"') and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.headers["ETag"] = f"W/{tag}"
    return response


class Written:
    """Who has written reads what they wrote: for a while no page of theirs is of the replica."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if replica.is_on() and replica.has_written(request):
            response.set_cookie(
                replica.WROTE,
                "1",
                max_age=replica.own_seconds(),
                secure=settings.SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


class Refusals:
    """Who asks for what is not theirs, or too often, is heard of."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        found, status = request.resolver_match, response.status_code
        # To who has signed in, a page says of what is not theirs that it is not there.
        if found and status in (403, 404) and settings.SESSION_COOKIE_NAME in request.COOKIES:
            security.happened(Event.REFUSED, page=found.view_name, status=status)
        elif status == 429:
            security.happened(Event.LIMITED, level=logging.WARNING, page=found.view_name if found else "")
        return response


class Cases:
    """D75: each page of the frame whose status or whose words refuse ends with its case. What a cache may
    keep is kept without it: the number is of one request."""

    PLACE = b"<!--case-->"  # of base.html

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        said, is_error = request.__dict__, response.status_code >= 400
        if (is_error or "refuses" in said) and "case_told" not in said and self._is_framed(response):
            case = render_to_string("_components/case.html", {"case": speaker.case_in_groups()})
            response.content = response.content.replace(self.PLACE, case.encode())
            said["case_told"] = True
        if "case_told" in said and not is_error:  # Django writes a line of each of the others
            found = request.resolver_match
            logger.info("%s has told its case", found.view_name if found else "a page")
        return response

    def _is_framed(self, response: HttpResponse) -> bool:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return is_page and not response.streaming and self.PLACE in response.content


class ReadOnlyCopy:
    """D69: a restored copy is read and takes nothing, but from who signs in or out or chooses a language."""

    OPEN = frozenset({"accounts:login", "accounts:logout", "accounts:extend", "accounts:language"})
    SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        page = request.resolver_match
        if request.method in self.SAFE or not copies.is_copy() or (page and page.view_name in self.OPEN):
            return None
        return errors.of_a_copy(request)


class NotAllowedPage:
    """Who opens by its address what only a button sends sees a page: for this error Django has no handler."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            isinstance(response, HttpResponseNotAllowed)
            and not response.content
            and request.accepts("text/html")
        ):
            return errors.not_allowed(request, response)
        return response
