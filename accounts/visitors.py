"""Pages that are everybody's: a cache may keep them where nothing of a person is in them (D62).

A request that bears no cookie but the language's is nobody's, and so is its answer if that sets none. What a
visitor may ask without a question in the address is kept here too, by address and language: on the day a
region opens everybody asks for the same pages. Without the cache each is made anew.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language

logger = logging.getLogger(__name__)
# That the language's cookie was set for who has signed in, not by a visitor's choice: nothing of a person.
LEARNED = "__Host-learned" if settings.SECURE else "learned"
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def everybodys(*, seconds: int) -> Callable[[View], View]:
    """A view whose answers are the same for all who read one language."""

    def decorate(view: View) -> View:
        @wraps(view)
        def shared(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not is_nobodys(request):
                return view(request, *args, **kwargs)
            kept = _kept(request)
            response = kept.answer() if kept.content else view(request, *args, **kwargs)
            if response.status_code in (200, 304) and not response.cookies:
                patch_cache_control(response, public=True, max_age=seconds)
                patch_vary_headers(response, ["Accept-Language", "Cookie"])
                if kept.may_be:
                    _keep(request, response, seconds)
            return response

        return shared  # type: ignore[return-value]  # the same view, its answers marked

    return decorate


def is_nobodys(request: HttpRequest) -> bool:
    """Does the request say nothing of who asks?"""
    return not (request.COOKIES.keys() - {settings.LANGUAGE_COOKIE_NAME, LEARNED})


@dataclass(frozen=True)
class Kept:
    content: bytes | None = None
    made: int = 0
    may_be: bool = False  # an address with a question is one of too many to keep

    def answer(self) -> HttpResponse:
        """Its age counts, so that no page is older than it says."""
        return HttpResponse(self.content, headers={"Age": str(max(0, _seconds() - self.made))})


def _kept(request: HttpRequest) -> Kept:
    """A dead Redis costs the page 0.2 s once, not its answer."""
    if request.method != "GET" or request.META.get("QUERY_STRING"):
        return Kept()
    try:
        content, made = cache.get(_key(request), (None, 0))
    except Exception as error:  # whatever the cache's client raises
        _untold(error)
        return Kept()
    return Kept(content, made, may_be=content is None)


def _keep(request: HttpRequest, response: HttpResponseBase, seconds: int) -> None:
    """For as long as a browser would."""
    if isinstance(response, HttpResponse) and response.status_code == 200:
        try:
            cache.set(_key(request), (response.content, _seconds()), seconds)
        except Exception as error:  # whatever the cache's client raises
            _untold(error)


def _untold(error: Exception) -> None:
    logger.warning("pages are not kept: %s", type(error).__name__)


def _seconds() -> int:
    return int(timezone.now().timestamp())


def _key(request: HttpRequest) -> str:
    return f"page:{get_language()}:{request.path}"
