"""The slip that a browser holds: signed, so that nobody writes a better one (D68).

It says no more than a number and a name that nobody can guess; whether it is still good stands in the line.
It is sent to the sign-in alone: to every other page its bearer is a visitor like all.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

COOKIE = "__Secure-room" if settings.SECURE else "room"
SALT = "accounts.waiting.slip"
LIFE = 12 * 3600  # seconds


class Kind(StrEnum):
    PLACE = "place"  # in the line
    PASS = "pass"  # noqa: S105  (a word, not a password)


@dataclass(frozen=True)
class Slip:
    name: str
    number: int
    kind: Kind = Kind.PLACE


def new_name(now: float) -> str:
    return f"{int(now)}-{secrets.token_urlsafe(12)}"


def held(request: HttpRequest) -> Slip | None:
    """The slip of this browser; a forged or changed one is none."""
    try:
        name, number, kind = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return None
    return Slip(name, number, Kind(kind))


def give(response: HttpResponseBase, slip: Slip) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps([slip.name, slip.number, slip.kind], salt=SALT),
        max_age=LIFE,
        path=reverse("accounts:login"),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def take(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, path=reverse("accounts:login"), samesite="Lax")
