"""The outbox: a message is a row written in the transaction of its cause, and delivered later."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection, models

from accounts.models import User
from notifications import queue, texts
from notifications.models import Channel, Message, MessageQuerySet, MessageState

NO_NUMBER, HIDDEN = "no number", "hidden"


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
    """Write the cabinet notice and, to the phone of the profile, the SMS (R103, R123, D21). Where no number
    is known the SMS is written as one that cannot arrive: the other ways are tried and people are told.

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
    if sms and (text := texts.sms(template, context, lang=user.lang)):
        key = message_key(event, user, Channel.SMS)
        state = MessageState.PENDING if user.phone else MessageState.UNDELIVERED
        error = "" if user.phone else NO_NUMBER
        row |= {"phone": user.phone, "text": text, "state": state, "error": error}
        rows.append(Message(key=key, channel=Channel.SMS, **row))
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def unreached(users: Iterable[User] | models.QuerySet[User]) -> MessageQuerySet:
    """The SMS of these people of which nothing shows that it has reached them (R103)."""
    return Message.objects.unreached().filter(recipient__in=users)


def seen(user: User, *, link: str, now: datetime) -> None:
    """The person has opened the page that the messages with this link speak of."""
    Message.objects.unreached().filter(recipient=user, link=link).update(reached_at=now)


def told_by_hand(messages: MessageQuerySet, *, by: User, now: datetime) -> int:
    """Somebody has told the person what these SMS could not."""
    return messages.update(reached_at=now, reached_by=by)


def hide(user: User, *, events: Iterable[str], now: datetime) -> None:
    """What was written to this person of these causes is shown no more, and what still waits is not sent."""
    for event in events:
        written = Message.objects.filter(recipient=user, key__startswith=f"{event}:", hidden_at=None)
        written.filter(state=MessageState.PENDING).update(state=MessageState.UNDELIVERED, error=HIDDEN)
        written.update(hidden_at=now, missed_at=now, reached_at=now)


def show_again(user: User, *, events: Iterable[str]) -> None:
    """What was hidden is shown; what was not sent then is old by now and stays so."""
    for event in events:
        Message.objects.filter(recipient=user, key__startswith=f"{event}:").update(hidden_at=None)


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
