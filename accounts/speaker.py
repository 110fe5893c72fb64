"""Who acts now: a page, a task, a command. The lowest floor, so that an entry point may say it before Django
stands."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import Any

from django.apps import apps
from django.utils import timezone

from accounts.prepared import Prepared

DIGIT = re.compile(r"[0-9]")
UNFIT = re.compile(r"[^\w:.,/ -]", re.ASCII)  # would end a comment, or be a placeholder
# The list of staff is above this app, so it is known by its name only.
_POSTS = Prepared(
    lambda user, today: (
        apps.get_model("schools", "StaffMember")
        .in_force(today)
        .filter(user=user)
        .order_by("pk")
        .values_list("role", "school", "region")
    ),
    int,
    date,
)
CASE_DIGITS = 8  # digits alone: in both languages no two of them are mistaken for each other on the phone
NO_CASE = "0" * CASE_DIGITS  # of one number in a hundred thousand, which has fewer
SHORTENED = {4: 24, 6: 48}  # bits of an address that are kept: the network, not the person


class Speaker:
    """Who speaks, in what, from where. Asked for the posts only when something is written."""

    def __init__(self, by: str, *, user: Any = None, address: str | None = None) -> None:
        self._by, self._user, self._address = by, user, address

    @property
    def by(self) -> str:
        return UNFIT.sub("", self._by)

    @property
    def brief(self) -> str:
        """The page, task or command, and the number of the request, fit for a comment in SQL."""
        return UNFIT.sub("", f"{self._by} {request_number() or ''}").strip()

    @property
    def known(self) -> dict[str, Any]:
        """As much of it as needs no question to the database: a line of the log may be about its failure."""
        said: dict[str, Any] | None = self.__dict__.get("said")
        if said is not None:
            return said
        loaded = getattr(self._user, "_wrapped", self._user)  # of a page it is loaded when first looked at
        user = getattr(loaded, "pk", None)
        return {"by": self.by} | ({"user": user} if user is not None else {})

    @cached_property
    def said(self) -> dict[str, Any]:
        told: dict[str, Any] = {"by": self.by}
        if number := request_number():
            told["request"] = number
        if self._address is not None:
            told["from"] = shortened(self._address)
        if self._user is not None and self._user.is_authenticated:
            told |= _person(self._user)
        return told


def _person(user: Any) -> dict[str, Any]:
    """With the posts of this moment."""
    posts = _POSTS(user.pk, timezone.localdate())
    told = ",".join(f"{role}:{school or region or 0}" for role, school, region in posts)
    return {"user": user.pk} | ({"posts": told} if told else {})


_speaker: ContextVar[Speaker | None] = ContextVar("speaker", default=None)

_request: ContextVar[str | None] = ContextVar("request", default=None)


def request_number() -> str | None:
    """Of the request that is answered, or that has ordered this work; a random one, and nobody's secret."""
    return _request.get()


def case_number() -> str:
    """D75: what a person tells 1414 of this request, in eight digits; "" where none is answered. It is of the
    request alone, which has the same one in each line of the log: the first eight digits among its letters,
    so that nginx finds the same for a page that it shows by itself."""
    told = request_number()
    if not told:
        return ""
    digits = "".join(DIGIT.findall(told))[:CASE_DIGITS]
    return digits if len(digits) == CASE_DIGITS else NO_CASE


def case_in_groups() -> str:
    """As a page shows it, to be read out."""
    case = case_number()
    return f"{case[:4]}\N{NO-BREAK SPACE}{case[4:]}" if case else ""


def number(request: str | None) -> None:
    """From here on, in this thread, until another request or task begins."""
    _request.set(request)


@contextmanager
def numbered(request: str) -> Iterator[None]:
    """What is done meanwhile this request has ordered; "": it is not known of another."""
    token = _request.set(request or _request.get())
    try:
        yield
    finally:
        _request.reset(token)


def current() -> Speaker | None:
    return _speaker.get()


@contextmanager
def speaking(by: str, *, user: Any = None, address: str | None = None) -> Iterator[None]:
    """What is written meanwhile is said by this page, task or command."""
    token = _speaker.set(Speaker(by, user=user, address=address))
    try:
        yield
    finally:
        _speaker.reset(token)


def speak_as(by: str, *, user: Any = None, address: str | None = None) -> None:
    """The same until somebody else speaks."""
    _speaker.set(Speaker(by, user=user, address=address))


def fall_silent() -> None:
    """From here on, in this thread, nobody speaks and no request is answered."""
    _speaker.set(None)
    _request.set(None)


def shortened(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((known, SHORTENED[known.version]), strict=False).network_address)
