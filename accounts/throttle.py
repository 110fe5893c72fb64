"""How often one address may ask a public page. Counted in the cache; without the cache nobody is stopped."""

import hashlib
import logging
from time import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)

MINUTE = 60


def allowed(request: HttpRequest, *, what: str, per_minute: int) -> bool:
    """A whole village may stand behind one address, so the limit is generous. A dead or hanging Redis
    costs the page 0.2 s once, not its answer."""
    key = f"throttle:{what}:{int(time()) // MINUTE}:{_visitor(request)}"
    try:
        if cache.add(key, 1, MINUTE * 2):
            return True
        return cache.incr(key) <= per_minute
    except Exception as error:  # whatever the cache's client raises
        logger.warning("throttle %s is open: %s", what, type(error).__name__)
        return True


def too_often(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(MINUTE)
    return response


def _visitor(request: HttpRequest) -> str:
    """The address of the connection, or what our own proxies say of it; hashed, so none is stored."""
    address = request.META.get("REMOTE_ADDR", "")
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and len(told) >= settings.TRUSTED_PROXIES:
        address = told[-settings.TRUSTED_PROXIES]
    return hashlib.sha256(address.encode()).hexdigest()[:16]
