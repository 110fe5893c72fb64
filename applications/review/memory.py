"""A search and a selection wait on the server: addresses carry a number that says nothing of anybody."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import User
from applications.models import DeskMemory

LIFE = timedelta(hours=12)  # of a day's work
MOST = 30  # of a person: tabs left open


def remember(user: User, *, now: datetime, term: str = "", ticked: Iterable[UUID] = ()) -> DeskMemory:
    """Write it down; what is older than its term, or too much, goes."""
    mine = DeskMemory.objects.filter(user=user)
    kept = mine.filter(at__gt=now - LIFE).order_by("-at", "-pk").values_list("pk", flat=True)[: MOST - 1]
    mine.exclude(pk__in=list(kept)).delete()
    return DeskMemory.objects.create(user=user, at=now, term=term, ticked=[str(one) for one in ticked])


def recall(user: User, key: str, *, now: datetime) -> DeskMemory | None:
    """One's own, within its term; anything else is nothing."""
    try:
        public_id = UUID(key)
    except ValueError:
        return None
    return DeskMemory.objects.filter(user=user, public_id=public_id, at__gt=now - LIFE).first()
