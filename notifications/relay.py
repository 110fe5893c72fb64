"""Delivery of the outbox: one SMS at a time, the call outside any transaction.

When the gateway itself fails, one message pays a try and the rest of the queue is put off for a moment
without paying: a dead gateway neither burns the tries of everybody nor keeps the worker busy.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest
from django.utils import timezone

from notifications import outbox, sms
from notifications.models import Channel, Message, MessageState
from notifications.sms.errors import Fault, SmsError, State

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than the worker's hard time limit
PAUSE = timedelta(seconds=15)  # for the whole queue when the gateway fails
RUN_SECONDS = 10.0  # one run of the task; the next tick goes on
FIRST_REPORT = timedelta(minutes=2)
REPORT_DAYS = timedelta(hours=26)  # a gateway tries for a day, then says so
BATCH = 100


def run() -> int:
    """Send what is due, then ask for reports; how many were sent."""
    ends, sent = monotonic() + RUN_SECONDS, 0
    while monotonic() < ends:
        outcome = deliver_next(now=timezone.now())
        if outcome is None:
            break
        sent += outcome
    ask_reports(now=timezone.now())
    return sent


def deliver_next(*, now: datetime) -> bool | None:
    """Deliver the oldest due SMS: whether it was sent, None when nothing is due.

    A person's messages go in the order they were written: after «withdrawn», a late «in review» would lie.
    """
    pending = Message.objects.filter(state=MessageState.PENDING, channel=Channel.SMS)
    earlier = pending.filter(recipient=OuterRef("recipient"), pk__lt=OuterRef("pk"))
    claimed = outbox.claim(pending.exclude(Exists(earlier)), now=now, lease=LEASE, limit=1)
    if not claimed:
        return None
    message = claimed[0]
    if outbox.spent(message):
        _bury(message, "worker lost")
        return False
    try:
        provider_id = _already_taken(message) or sms.gateway().send(
            phone=message.phone, text=message.text, key=message.key
        )
    except SmsError as error:
        _fail(message, error, now=now)
        return False
    _mark_sent(message, provider_id, now=now)
    return True


def ask_reports(*, now: datetime) -> int:
    """Ask the gateway what became of sent messages; how many are final now."""
    gateway = sms.gateway()
    if not gateway.REPORTS:
        return 0
    waiting = Message.objects.filter(state=MessageState.SENT, sent_at__gt=now - REPORT_DAYS)
    messages = outbox.claim(waiting.exclude(provider_id=""), now=now, lease=LEASE, limit=BATCH)
    if not messages:
        return 0
    try:
        states = gateway.states([message.provider_id for message in messages])
    except SmsError as error:
        logger.warning("SMS reports: %s", error)
        states = {}
    return sum(_report(message, states.get(message.provider_id), now=now) for message in messages)


def _already_taken(message: Message) -> str:
    """A try before may have reached the gateway although its answer did not reach us: then the message
    is there, under an id that is no other message's."""
    if message.attempts == 1 or not sms.gateway().REPORTS:
        return ""
    found = sms.gateway().find(phone=message.phone, text=message.text)
    known = set(Message.objects.filter(provider_id__in=found).values_list("provider_id", flat=True))
    return next((one for one in found if one not in known), "")


def _mark_sent(message: Message, provider_id: str, *, now: datetime) -> None:
    Message.objects.filter(pk=message.pk, state=MessageState.PENDING).update(
        state=MessageState.SENT,
        provider_id=provider_id,
        sent_at=now,
        error="",
        attempts=0,  # now counts the questions about its delivery
        next_try_at=now + FIRST_REPORT,
        lease_until=None,
    )


def _fail(message: Message, error: SmsError, *, now: datetime) -> None:
    logger.warning("SMS %s, try %s: %s", message.pk, message.attempts, error)
    if error.fault == Fault.MESSAGE or outbox.last_try(message):
        _bury(message, error.detail)
    else:
        outbox.postpone(message, now=now, error=error.detail)
    if error.fault == Fault.GATEWAY:
        queue = Message.objects.filter(state=MessageState.PENDING, lease_until=None)
        queue.exclude(pk=message.pk).update(next_try_at=Greatest(F("next_try_at"), now + PAUSE))


def _bury(message: Message, detail: str) -> None:
    logger.error("SMS %s is dead: %s", message.pk, detail)
    message.state, message.error, message.lease_until = MessageState.DEAD, detail, None
    message.save(update_fields=["state", "error", "lease_until"])


def _report(message: Message, state: State | None, *, now: datetime) -> bool:
    if state in (None, State.WAITING):
        outbox.postpone(message, now=now)
        return False
    delivered = state == State.DELIVERED
    message.state = MessageState.DELIVERED if delivered else MessageState.UNDELIVERED
    message.delivered_at = now if delivered else None
    message.lease_until = None
    message.save(update_fields=["state", "delivered_at", "lease_until"])
    return True
