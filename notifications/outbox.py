"""The outbox: a message is a row written in the transaction of its cause, and delivered later.

The row is also the queue: a worker claims due rows, calls the world outside any transaction, then marks
them. What waits, how often it was tried and until when it is somebody's stand in the row, so neither a
lost worker nor a lost Redis loses anything.
"""

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import Q

from accounts.models import User
from notifications import texts
from notifications.models import Channel, Message, MessageState

MAX_TRIES = 8
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=2)  # eight tries reach over three hours
JITTER = 0.2

Row = TypeVar("Row", bound=models.Model)


def tell(
    user: User,
    *,
    event: str,
    template: str,
    context: dict[str, Any],
    link: str,
    now: datetime,
    sms: bool = True,
) -> None:
    """Write the cabinet notice and, to the phone of the profile, the SMS (R103, R123, D21).

    Raises outside a transaction: a message without its cause, or a cause without its message, must not
    be possible. The same event tells the same person once, however often it is told.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a message is written in the transaction of its cause")
    context = {name: _plain(value) for name, value in context.items()}
    row = {"recipient": user, "template": template, "context": context, "link": link}
    row |= {"created_at": now, "next_try_at": now}
    in_cabinet = Message(
        key=message_key(event, user, Channel.CABINET),
        channel=Channel.CABINET,
        state=MessageState.DELIVERED,
        sent_at=now,
        delivered_at=now,
        **row,
    )
    rows = [in_cabinet]
    if sms and user.phone and (text := texts.sms(template, context, lang=user.lang)):
        key = message_key(event, user, Channel.SMS)
        rows.append(Message(key=key, channel=Channel.SMS, phone=user.phone, text=text, **row))
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def is_told(event: str) -> bool:
    """Has anybody a message of this event?"""
    return Message.objects.filter(key__startswith=f"{event}:").exists()


def message_key(event: str, user: User, channel: Channel) -> str:
    return f"{event}:{user.pk}:{channel}"


def claim(queryset: models.QuerySet[Row], *, now: datetime, lease: timedelta, limit: int = 20) -> list[Row]:
    """Take due rows of a queue (attempts, next_try_at, lease_until) for this worker alone.

    A try is counted when it begins, so a row that kills its worker is not tried for ever: the caller
    asks `spent` first. Not inside a transaction: what is claimed must be seen by the others at once.
    """
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    with transaction.atomic(durable=True):
        due = queryset.filter(free, next_try_at__lte=now).order_by("next_try_at", "pk")
        rows: list[Any] = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
        for row in rows:
            row.attempts += 1
            row.lease_until = now + lease
        queryset.model._default_manager.bulk_update(rows, ["attempts", "lease_until"])
    return rows


def spent(row: Any) -> bool:
    """Claimed once more than it may be tried: every try before ended without a word."""
    answer: bool = row.attempts > MAX_TRIES
    return answer


def last_try(row: Any) -> bool:
    answer: bool = row.attempts >= MAX_TRIES
    return answer


def postpone(row: Any, *, now: datetime, **changes: Any) -> None:
    """Give the row back, to be tried again later; each wait is longer, and never the same for two rows."""
    changes |= {"next_try_at": now + wait(row.attempts), "lease_until": None}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))


def wait(attempts: int) -> timedelta:
    """How long after so many tries: 10 s, 30 s, 90 s … two hours, give or take a fifth."""
    plain = min(FIRST_WAIT * 3 ** max(attempts - 1, 0), LONGEST_WAIT)
    answer: timedelta = plain * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (no secret)
    return answer


def dead() -> models.QuerySet[Message]:
    return Message.objects.filter(state=MessageState.DEAD)


def revive(messages: Iterable[Message] | models.QuerySet[Message], *, now: datetime) -> int:
    """Send dead messages once more. One try stays counted: any try before may have reached the gateway, so it
    is asked first whether it has the message."""
    keys = [message.pk for message in messages]
    return (
        dead()
        .filter(pk__in=keys)
        .update(state=MessageState.PENDING, attempts=1, next_try_at=now, lease_until=None, error="")
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
