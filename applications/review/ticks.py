"""What a director has ticked and not sent yet (R108). It waits on the server, however much it is;
a page posts the key of it and its own rows alone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from accounts.models import User
from applications.models import Application, DeskMemory
from applications.review import memory
from applications.signing import many
from applications.status import UNDER_REVIEW


def take(user: User, posted: QueryDict, *, now: datetime) -> DeskMemory | None:
    """What is ticked after a page was sent: its own rows as they are now, those of other pages as they were.
    None where nothing is."""
    held, ticked = posted.get("held", ""), many.keys_of(posted.getlist("one"))
    if not ticked and not memory.recall(user, held, now=now):
        return None
    here = set(many.keys_of(posted.get("rows", "").split()))
    with transaction.atomic():
        found = memory.ticks(user, held, now=now)
        elsewhere = standing(user, found.ticked) - here
        found.ticked = sorted(str(one) for one in elsewhere.union(ticked))
        found.save(update_fields=["ticked", "at"])
    return found if found.ticked else None


def standing(user: User, ticked: Iterable[str]) -> set[UUID]:
    """Those that still wait for this director: what is decided or withdrawn since is not ticked any more."""
    if not (keys := many.keys_of(ticked)):
        return set()
    waiting = Application.objects.for_director(user).filter(public_id__in=keys, status__in=UNDER_REVIEW)
    return set(waiting.values_list("public_id", flat=True))
