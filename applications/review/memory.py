"""A search and a selection wait on the server: addresses carry a number that says nothing of anybody."""

import uuid
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from applications.models import DeskMemory

LIFE = timedelta(hours=12)  # of a day's work
MOST = 30  # of a person: tabs left open, searches and ticks each


def remember(user: User, *, now: datetime, term: str) -> DeskMemory:
    """Write a search down."""
    found = DeskMemory.objects.create(user=user, at=now, term=term)
    _tidy(DeskMemory.objects.filter(user=user).exclude(term=""), now=now)
    return found


def ticks(user: User, key: str, *, now: datetime) -> DeskMemory:
    """The ticks under the key of a page, locked until the transaction ends. A new key holds none; in place of
    what is no key, or another's, there is a new one."""
    _tidy(DeskMemory.objects.filter(user=user, term=""), now=now)
    found, _new = DeskMemory.objects.select_for_update().get_or_create(
        public_id=_key(key) or uuid.uuid4(), defaults={"user": user, "at": now}
    )
    if found.user_id != user.pk or found.term:
        found = DeskMemory.objects.create(user=user, at=now)
    found.at = now
    return found


def recall(user: User, key: str, *, now: datetime) -> DeskMemory | None:
    """One's own, within its term; anything else is nothing."""
    if not (public_id := _key(key)):
        return None
    return DeskMemory.objects.filter(user=user, public_id=public_id, at__gt=now - LIFE).first()


def _key(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None


def _tidy(mine: QuerySet[DeskMemory], *, now: datetime) -> None:
    """What is older than its term, or too much, goes."""
    kept = mine.filter(at__gt=now - LIFE).order_by("-at", "-pk").values_list("pk", flat=True)[:MOST]
    mine.exclude(pk__in=list(kept)).delete()
