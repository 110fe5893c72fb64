"""Addresses of the portal's pages. What `reverse` finds out anew at each call is found once in a process,
with stand-ins for the numbers of things."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

MOST = 1000
LONGEST_WORD = 24  # what is longer is a secret or somebody's text, and seldom the same twice


def address(name: str, *args: Any) -> str:
    """As `reverse(name, args=args)`. Raises NoReverseMatch."""
    tree = get_urlconf() or settings.ROOT_URLCONF
    stood = [_stand_in(place, value) for place, value in enumerate(args, start=1)]
    if None in stood:
        return reverse(name, urlconf=tree, args=args)
    try:
        found = _reversed(name, tree, get_script_prefix(), tuple(stood))
    except NoReverseMatch:
        return reverse(name, urlconf=tree, args=args)
    for stand_in, value in zip(stood, args, strict=True):
        if stand_in is not value:
            found = found.replace(str(stand_in), str(value))
    return found


def _stand_in(place: int, value: Any) -> UUID | int | str | None:
    """None: as it is, and kept by nobody."""
    if isinstance(value, UUID):
        return UUID(int=place << 120 | 0xF0F0F)
    if type(value) is int and value >= 0:
        return 90_909_090_909_000 + place
    is_word = isinstance(value, str) and value.isidentifier() and len(value) <= LONGEST_WORD
    return value if is_word else None


@lru_cache(MOST)
def _reversed(name: str, urlconf: str, _prefix: str, args: tuple[UUID | int | str, ...]) -> str:
    return reverse(name, urlconf=urlconf, args=args)
