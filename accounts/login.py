"""Sign-in through eGov (R29-R36): what a sign-in under way remembers, and whom it ends with."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.urls import reverse

from accounts import phones
from accounts.models import User
from egov.login import Identity

KEY = "logins"
STATE_LIFE = timedelta(minutes=10)
MAX_UNDER_WAY = 5  # several tabs may be signing in at once


class Nameless(Exception):
    """eGov tells no name of somebody who was never known by one: no paper could name them."""


class StaleState(Exception):
    """The state is unknown to this browser, used already, or older than STATE_LIFE."""


@dataclass(frozen=True)
class Begun:
    """What was known when the person was sent to eGov."""

    next: str
    way: str  # by which door of the waiting room


def begin(session: SessionBase, *, next_path: str, way: str = "", now: datetime) -> str:
    """The state to send along to eGov; it brings the person back to `next_path`."""
    state = secrets.token_urlsafe(32)
    started = {"state": state, "next": next_path, "way": way, "at": now.timestamp()}
    session[KEY] = [*_under_way(session, now=now), started][-MAX_UNDER_WAY:]
    return state


def finish(session: SessionBase, state: str, *, now: datetime) -> Begun:
    """How the sign-in with this state began. A state is good once. Raises StaleState."""
    matching: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for started in _under_way(session, now=now):
        same = secrets.compare_digest(started["state"].encode(), state.encode())
        (matching if same else others).append(started)
    session[KEY] = others
    if not matching:
        raise StaleState
    return Begun(str(matching[0]["next"]), str(matching[0].get("way", "")))


def _under_way(session: SessionBase, *, now: datetime) -> list[dict[str, Any]]:
    oldest = (now - STATE_LIFE).timestamp()
    return [started for started in session.get(KEY, []) if started["at"] >= oldest]


def callback_url() -> str:
    """Registered with eGov, so always the portal's one public address and never the Host header."""
    return str(settings.PUBLIC_URL + reverse("accounts:callback"))


@transaction.atomic
def welcome(identity: Identity, *, chosen_lang: str, shown_lang: str, now: datetime) -> User:
    """The user of this identity, created at the first sign-in (R30), with the facts eGov tells today.

    A language chosen in this browser becomes the user's; without one theirs stays, and a new user
    gets the one the pages were shown in. What eGov leaves out stays as it is known. Raises Nameless; nobody
    is created then.
    """
    first = {"password": make_password(None), "lang": chosen_lang or shown_lang}
    user, _created = User.objects.select_for_update(of=("self",)).get_or_create(
        iin=identity.iin, defaults=first
    )
    user.surname, user.name = identity.surname or user.surname, identity.name or user.name
    if identity.patronymic is not None:  # taken away at eGov, it is taken away here
        user.patronymic = identity.patronymic
    if not user.full_name:
        raise Nameless
    user.birth_date = identity.birth_date or user.birth_date
    user.lang = chosen_lang or user.lang
    user.save(update_fields=["surname", "name", "patronymic", "birth_date", "lang"])
    phones.learn(user, identity.phone, now=now)
    return user
