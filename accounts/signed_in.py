"""Whose session it is: the two questions of every page of somebody who is signed in, prepared."""

from datetime import datetime
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as Rows
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from accounts.prepared import Prepared

_SESSION = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), str, datetime
)
_PERSON = Prepared(lambda pk: User.objects.filter(pk=pk), int)


class SessionStore(Rows):
    """SESSION_ENGINE: Django's rows."""

    def _get_session_from_db(self) -> Session | None:
        found = _SESSION.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found


class Person(ModelBackend):
    """AUTHENTICATION_BACKENDS: who eGov has named at the sign-in."""

    def get_user(self, user_id: Any) -> User | None:
        found = _PERSON.first(int(user_id))
        return found if found and self.user_can_authenticate(found) else None
