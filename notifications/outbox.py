"""The outbox: a message is a row written in the transaction of its cause, and delivered later."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection, models
from django.db.models.functions import Greatest

from accounts import outside, written
from accounts.models import User
from accounts.prepared import Prepared
from notifications import queue, quiet, texts, ways, wishes
from notifications.models import Channel, Message, MessageQuerySet, MessageState

_UNREACHED = Prepared(
    lambda user: Message.objects.unreached().filter(recipient=user).values_list("pk")[:1], int
)
NO_NUMBER, HIDDEN, LET_GO = "no number", "hidden", "let go"


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
    _demand_cause()
    rows = [_in_cabinet(user, event=event, template=template, context=context, link=link, now=now)]
    if sms and (letter := _letter(rows[0], Channel.SMS)):
        if not user.phone:
            letter.state, letter.error = MessageState.UNDELIVERED, NO_NUMBER
        rows.append(letter)
    written.insert(*rows, ignore_conflicts=True)


def tell_of_work(
    user: User,
    *,
    event: str,
    template: str,
    context: dict[str, Any],
    link: str,
    now: datetime,
    good_until: datetime,
) -> None:
    """A word on the work as a whole (D58): in the cabinet, and by the ways that the person wants. Nobody is
    called where it does not arrive, and what has not gone out by `good_until` is old and stays."""
    told = _in_cabinet(user, event=event, template=template, context=context, link=link, now=now)
    _tell_for_a_while(told, wishes.ways_of(user), good_until=good_until)


def remind(
    user: User,
    *,
    event: str,
    template: str,
    context: dict[str, Any],
    link: str,
    now: datetime,
    good_until: datetime,
) -> None:
    """D76: the same to a parent, in the cabinet and to the phone of the profile."""
    told = _in_cabinet(user, event=event, template=template, context=context, link=link, now=now)
    _tell_for_a_while(told, [Channel.SMS] if user.phone else [], good_until=good_until)


def _tell_for_a_while(told: Message, channels: Iterable[Channel], *, good_until: datetime) -> None:
    _demand_cause()
    letters = [found for way in channels if (found := _letter(told, way))]
    for letter in letters:
        letter.good_until, letter.missed_at, letter.reached_at = good_until, told.created_at, told.created_at
    Message.objects.bulk_create([told, *letters], ignore_conflicts=True)


def _demand_cause() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("a message is written in the transaction of its cause")


def _in_cabinet(
    user: User, *, event: str, template: str, context: dict[str, Any], link: str, now: datetime
) -> Message:
    return Message(
        key=message_key(event, user, Channel.CABINET),
        channel=Channel.CABINET,
        recipient=user,
        template=template,
        context={name: _plain(value) for name, value in context.items()},
        link=link,
        state=MessageState.DELIVERED,
        created_at=now,
        next_try_at=now,
        sent_at=now,
        delivered_at=now,
    )


def _letter(told: Message, channel: Channel) -> Message | None:
    """The same out of the house, worded now; None when this cause sends none."""
    user, at = told.recipient, told.created_at
    text = texts.sms(told.template, told.context, lang=user.lang)
    if not text:
        return None
    return Message(
        key=f"{told.key.rpartition(':')[0]}:{channel}",
        channel=channel,
        recipient=user,
        template=told.template,
        context=told.context,
        link=told.link,
        phone=user.phone if channel == Channel.SMS else "",
        text=text,
        created_at=at,
        next_try_at=at,
        held_until=quiet.end_of(at),
    )


def unreached(users: Iterable[User] | models.QuerySet[User]) -> MessageQuerySet:
    """The SMS of these people of which nothing shows that it has reached them (R103)."""
    return Message.objects.unreached().filter(recipient__in=users)


def is_unreached(user: User) -> bool:
    """Is there any of this person's?"""
    return bool(_UNREACHED(user.pk))


def seen(user: User, *, link: str, now: datetime) -> None:
    """The person has opened the page that the messages with this link speak of."""
    told = Message.objects.filter(recipient=user, link=link)
    told.unreached().update(reached_at=now)
    told.filter(channel=Channel.CABINET, read_at=None).update(read_at=now)


def told_by_hand(messages: MessageQuerySet, *, by: User, now: datetime) -> int:
    """Somebody has told the person what these SMS could not."""
    return messages.update(reached_at=now, reached_by=by)


def hide(user: User, *, events: Iterable[str], now: datetime) -> None:
    """What was written to this person of these causes is shown no more, and what still waits, or was given
    up and could be sent once more, is not sent."""
    for event in events:
        written = Message.objects.filter(recipient=user, key__startswith=f"{event}:", hidden_at=None)
        waiting = written.filter(state__in=[MessageState.PENDING, MessageState.DEAD])
        waiting.update(state=MessageState.UNDELIVERED, error=HIDDEN)
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


def standings(*, now: datetime) -> dict[str, queue.Standing]:
    """The queue of each way that is on, by the name of its system. Of one person only the first message can
    be due: the others wait behind it."""
    found = {}
    for way in ways.WAYS:
        if way.is_on():
            found[way.system] = queue.Standing(
                waiting=Message.objects.filter(state=MessageState.PENDING, channel__in=way.channels).count(),
                due_at=due_since(way, now=now),
                dead=unheard().filter(channel__in=way.channels).count(),
                stopped=outside.trouble(way.system) is not None,
            )
    return found


def due_since(way: ways.Way, *, now: datetime) -> datetime | None:
    """When the oldest message that nobody has taken yet became due; what stands behind another of the same
    person waits for that one."""
    due = _due(way, now=now).order_by("next_try_at")
    return due.values_list("next_try_at", flat=True).first()


def is_due(*, now: datetime) -> bool:
    """Has a way a message to send? Not one whose gateway fails: its messages wait for the gateway."""
    return any(
        _due(way, now=now).exists() and outside.trouble(way.system) is None
        for way in ways.WAYS
        if way.is_on()
    )


def _due(way: ways.Way, *, now: datetime) -> models.QuerySet[Message]:
    return Message.objects.to_send(way.channels).filter(next_try_at__lte=now)


def dead() -> models.QuerySet[Message]:
    return Message.objects.filter(state=MessageState.DEAD)


def waiting() -> models.QuerySet[Message]:
    """What has not left the portal yet."""
    return Message.objects.filter(state=MessageState.PENDING).exclude(channel=Channel.CABINET)


def after_restore(*, let_go: bool, now: datetime) -> int:
    """D69: what waits in a backup the old portal may have sent since. One try counts, so the gateway is asked
    before each whether it has it; or all of it is let go, and nobody is called for it: how many."""
    if let_go:
        return waiting().update(
            state=MessageState.UNDELIVERED, error=LET_GO, missed_at=now, reached_at=now, lease_until=None
        )
    return waiting().update(attempts=Greatest("attempts", 1), lease_until=None)


def unheard() -> models.QuerySet[Message]:
    """Dead ones whose words have not reached their person in any other way."""
    return dead().filter(reached_at=None)


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
