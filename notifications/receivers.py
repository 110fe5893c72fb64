"""Notices of what happens in the apps below, which know of no messages."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts import phones
from accounts.models import User
from notifications import outbox


@receiver(phones.gone)
def tell_of_lost_number(*, user: User, now: datetime, **_signal: Any) -> None:
    """R103: whose number eGov does not know any more is told so where they can still be told."""
    outbox.tell(
        user,
        event=f"user:{user.pk}:{now.isoformat()}:number_gone",
        template="number_gone",
        context={},
        link="",
        now=now,
    )
