"""Whose session it is: the two questions of every page of somebody who is signed in, prepared; and all the
sessions of one person, which ops may end (D77)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as Rows
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Device, SignIn, User
from accounts.prepared import Prepared

_SESSION = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), str, datetime
)
PORTION = 2000  # rows that one statement removes
# By what their browsers say of themselves; the first that fits.
DEVICES = (
    (re.compile(r"iPad|Tablet|Android(?!.*Mobile)", re.IGNORECASE), Device.TABLET),
    (re.compile(r"Mobi|iPhone|Android", re.IGNORECASE), Device.PHONE),
    (re.compile(r"Windows|Macintosh|Linux|CrOS|X11", re.IGNORECASE), Device.COMPUTER),
)
_PERSON = Prepared(lambda pk: User.objects.filter(pk=pk), int)


class SessionStore(Rows):
    """SESSION_ENGINE: Django's rows."""

    def _get_session_from_db(self) -> Session | None:
        found = _SESSION.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found

    @classmethod
    def clear_expired(cls) -> None:
        """What is over, portion by portion: a season's sessions in one statement would hold the table for
        minutes, and nothing would be gone if it was broken off."""
        now = timezone.now()
        began = now - timedelta(seconds=settings.SESSION_MAX_SECONDS)
        _clear(Session.objects.filter(expire_date__lt=now))
        _clear(SignIn.objects.filter(at__lt=began))


class Person(ModelBackend):
    """AUTHENTICATION_BACKENDS: who eGov has named at the sign-in."""

    def get_user(self, user_id: Any) -> User | None:
        found = _PERSON.first(int(user_id))
        return found if found and self.user_can_authenticate(found) else None


def _clear(rows: QuerySet[Any]) -> None:
    while keys := list(rows.values_list("pk", flat=True)[:PORTION]):
        rows.filter(pk__in=keys).delete()


# --- All sessions of one person (D77) ----------------------------------------------------------------
@dataclass(frozen=True)
class Sitting:
    """A session that lives: when it began, when it was renewed last, to within a minute, and on what."""

    at: datetime
    seen_at: datetime
    device: Device


def note(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Somebody has signed in; who does it once more goes on in the session of before."""
    if request.session.session_key is None:  # another person's was in this browser
        request.session.save()
    device = device_of(request.headers.get("User-Agent", ""))
    row = SignIn(session=str(request.session.session_key), user=user, at=now, device=device)
    told = ["user", "at", "device"]
    SignIn.objects.bulk_create([row], update_conflicts=True, unique_fields=["session"], update_fields=told)


def device_of(browser: str) -> Device:
    return next((device for pattern, device in DEVICES if pattern.search(browser)), Device.OTHER)


def sittings(user: User, *, now: datetime) -> list[Sitting]:
    """The newest first."""
    begun = SignIn.objects.filter(user=user).order_by("-at", "pk")
    keys = [one.session for one in begun]
    living = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    ends = dict(living.values_list("session_key", "expire_date"))
    idle = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return [
        Sitting(one.at, max(one.at, ends[one.session] - idle), Device(one.device))
        for one in begun
        if one.session in ends
    ]


@transaction.atomic
def end_all(user: User, *, now: datetime) -> int:
    """From the next click on no session of theirs opens anything, known here or not: each leans on what
    stands in place of a password, which is another now. How many were known to live."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    locked.set_unusable_password()
    locked.save(update_fields=["password"])
    keys = list(SignIn.objects.filter(user=user).values_list("session", flat=True))
    ended = Session.objects.filter(session_key__in=keys, expire_date__gt=now).delete()[0]
    SignIn.objects.filter(session__in=keys).delete()
    return ended
