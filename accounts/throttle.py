"""How often one visitor may ask what costs much. Who has signed in is counted as a person: a school or a
village behind one address is many visitors. Counted in the cache; without it nobody is stopped."""

import hashlib
import logging
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, ip_address
from time import time
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import kept, paths

logger = logging.getLogger(__name__)

MINUTE = 60
HOUR = 60 * MINUTE
BUSY_SECONDS = "15"
NOT_FOUND = 404
TOO_OFTEN = _("Сұрау тым жиі жіберілді. Бір минуттан кейін қайталаңыз.")
HOUSEHOLD = 64  # bits of an IPv6 address that tell one network from another; the rest changes by itself
SITE = 48  # of whoever has 65,536 of these networks at hand

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def limited(
    what: str, *, per_minute: int, weighed: Callable[[HttpRequest], int] | None = None
) -> Callable[[View], View]:
    """A view that answers 429 to who asks too often, by whatever method; what was sent is not judged then.
    `weighed`: for how many a request counts, one at least."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            times = max(1, weighed(request)) if weighed else 1
            if not allowed(request, what=what, per_minute=per_minute, times=times):
                return too_often(request)
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]  # the same view, guarded

    return decorate


def guessed(
    what: str, *, per_minute: int, refusal: Callable[[HttpRequest], HttpResponse] | None = None
) -> Callable[[View], View]:
    """A view whose address nobody can know but whom it was given: only misses are counted, so that a school
    or a village behind one address may look as often as it likes. `refusal`: in place of the page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if _counted(request, what=what) >= per_minute:
                return (refusal or too_often)(request)
            try:
                response = view(request, *args, **kwargs)
            except Http404:
                missed(request, what=what)
                raise
            if response.status_code == NOT_FOUND:
                missed(request, what=what)
            return response

        return guarded  # type: ignore[return-value]  # the same view, guarded

    return decorate


def missed(request: HttpRequest, *, what: str) -> None:
    allowed(request, what=what, per_minute=0)


def allowed(
    request: HttpRequest, *, what: str, per_minute: int, times: int = 1, bits: int = HOUSEHOLD
) -> bool:
    """A whole village may stand behind one address, so limits are generous. A dead or hanging Redis
    costs the page 0.2 s once, not its answer. `bits`: of an IPv6 address that count as one visitor."""
    return _within(request, what, per_minute, span=MINUTE, times=times, bits=bits)


def allowed_in_hour(request: HttpRequest, *, what: str, per_hour: int) -> bool:
    return _within(request, what, per_hour, span=HOUR)


def _within(
    request: HttpRequest, what: str, limit: int, *, span: int, times: int = 1, bits: int = HOUSEHOLD
) -> bool:
    key = _key(request, what, span=span, bits=bits)
    try:
        if cache.add(key, times, span * 2):
            return times <= limit
        counted: int = cache.incr(key, times)
        return counted <= limit
    except Exception as error:  # whatever the cache's client raises
        return _open(what, error)


def _counted(request: HttpRequest, *, what: str) -> int:
    try:
        return int(cache.get(_key(request, what), 0))
    except Exception as error:
        _open(what, error)
        return 0


def _open(what: str, error: Exception) -> bool:
    logger.warning("throttle %s is open: %s", what, type(error).__name__)
    return True


def _key(request: HttpRequest, what: str, *, span: int = MINUTE, bits: int = HOUSEHOLD) -> str:
    return f"throttle:{what.replace(' ', '-')}:{int(time()) // span}:{_visitor(request, bits)}"


def too_often(request: HttpRequest) -> HttpResponse:
    """What was typed waits for the same page."""
    if not request.accepts("text/html"):
        return too_often_for_a_program(request)
    answer = render(request, "429.html", {"kept": _keep(request)}, status=429)
    answer["Retry-After"] = str(MINUTE)
    return answer


def too_often_for_a_program(_request: HttpRequest) -> HttpResponse:
    told = {"code": "429", "message": str(TOO_OFTEN)}
    answer = JsonResponse(told, status=429, json_dumps_params={"ensure_ascii": False})
    answer["Retry-After"] = str(MINUTE)
    return answer


def _keep(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    if request.method != "POST" or user is None or not user.is_authenticated:
        return False
    return kept.keep(request, page=paths.page_of(request), user=user.pk, now=timezone.now())


def busy(request: HttpRequest) -> HttpResponse:
    """A row was not free in time, twice: nothing of what was asked for has been done."""
    response = render(request, "503.html", {"may_be_done": False}, status=503)
    response["Retry-After"] = BUSY_SECONDS
    return response


def _visitor(request: HttpRequest, bits: int) -> str:
    """The person; of somebody unknown the address of the connection, or what our own proxies say of it, and
    hashed, so none is stored."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"person-{user.pk}"
    return origin(request, bits=bits)


def origin(request: HttpRequest, *, bits: int) -> str:
    """The network from which somebody comes, hashed."""
    return hashlib.sha256(network(address(request), bits).encode()).hexdigest()[:16]


def address(request: HttpRequest) -> str:
    """Of the connection, or what our own proxies say of it."""
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and len(told) >= settings.TRUSTED_PROXIES:
        return str(told[-settings.TRUSTED_PROXIES])
    connected: str = request.META.get("REMOTE_ADDR", "")
    return connected


def network(told: str, bits: int = HOUSEHOLD) -> str:
    """Who stands behind an address as a proxy writes it: without a port, of IPv6 the first bits, those of a
    household. What is no address counts as it is."""
    bare = told.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return told
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> (128 - bits) << (128 - bits)))
