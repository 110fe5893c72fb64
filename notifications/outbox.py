"""The outbox: a message is a row written in the transaction of its cause, and delivered later."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection, models

from accounts.models import User
from notifications import queue, texts
from notifications.models import Channel, Message, MessageState


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


def dead() -> models.QuerySet[Message]:
    return Message.objects.filter(state=MessageState.DEAD)


def revive(messages: Iterable[Message] | models.QuerySet[Message], *, now: datetime) -> int:
    """Send dead messages once more. One try stays counted: any try before may have reached the gateway, so it
    is asked first whether it has the message."""
    keys = [message.pk for message in messages]
    return (
        dead()
        .filter(pk__in=keys)
        .update(state=MessageState.PENDING, error="", **queue.afresh(now, attempts=1))
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
