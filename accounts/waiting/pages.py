"""The page of who waits (D68, D79): a few kilobytes, the same for all but for the numbers; it looks again by
itself, without a script."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from accounts.waiting import words
from accounts.waiting.terms import GRACE, MINUTE

DOOR, INSIDE = "accounts/waiting.html", "accounts/waiting_inside.html"
FULL = "accounts/waiting_network.html"  # of an address from which so many come that it gets no place


def page(
    template: str, address: str, *, before: int | None, wait: int | None, seconds: int = 0, **more: Any
) -> HttpResponse:
    """At its own address. `before`: how many stand before; `wait`: in minutes. None: nobody knows. `seconds`:
    after which to look again, where the wait does not say."""
    seconds = seconds or words.reload_after(wait)
    context = {
        "language": get_language(),
        "before": before,
        "place": None if before is None else before + 1,
        "wait": words.in_words(wait),
        "grace": GRACE // MINUTE,
        "address": address,
    }
    response = HttpResponse(render_to_string(template, context | more))
    response.headers["Refresh"] = response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response
