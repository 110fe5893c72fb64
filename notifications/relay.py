"""Delivery of the outbox: one message of each way at a time, the call outside any transaction.

When the gateway itself fails, the queue stops: nothing is claimed until its pause is over, then one message
finds out. The message that stopped a working queue pays a try, for it may be what the gateway stumbles over;
those that find it stopped pay none, and where the fault is ours nobody pays. A queue that was stopped for a
day has lost nothing.
"""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from accounts import outside
from accounts.models import Trouble
from egov.errors import EgovError, Misconfigured, Refused, Unavailable
from notifications import queue, quiet, sms, texts, ways
from notifications.models import Channel, Message, MessageState
from notifications.sms.errors import State, TryLater
from notifications.ways import Way

logger = logging.getLogger(__name__)

FIRST_REPORT = timedelta(minutes=2)
REPORT_DAYS = timedelta(hours=26)  # a gateway tries for a day, then says so
BATCH = 100
SENDING, REPORTS = ways.SMS.system, "sms-reports"  # in accounts.outside: a report that fails stops no message


def run() -> int:
    """Send what is due, then ask for reports; how many were sent."""
    sent = queue.run(deliver_each)
    ask_reports(now=timezone.now())
    return sent


def deliver_each(*, now: datetime) -> int | None:
    """One message of each way that is on, so that a crowd at one keeps nobody waiting at another; how many
    were sent, None when nothing is due."""
    outcomes = [deliver_next(now=now, way=way) for way in ways.WAYS if way.is_on()]
    return sum(map(bool, outcomes)) if any(outcome is not None for outcome in outcomes) else None


def deliver_next(*, now: datetime, way: Way = ways.SMS) -> bool | None:
    """Deliver the oldest due message of this way: whether it was sent, None when nothing is due or the queue
    is stopped.

    By night what may wait is put off to the morning, and no try is counted (D58).
    """
    trouble = outside.trouble(way.system)
    if outside.holds(trouble, now=now):
        return None
    claimed = queue.claim(Message.objects.exclude(channel=Channel.CABINET).to_send(way.channels), now=now)
    if not claimed:
        return None
    message = claimed[0]
    if message.is_spent:
        _bury(message, "worker lost")
        return False
    if message.good_until and message.good_until <= now:
        message.close(state=MessageState.UNDELIVERED, error="too late")
        return False
    if (morning := quiet.end_of(now)) and not texts.answers(message.template):
        message.close(attempts=message.attempts - 1, next_try_at=morning)
        _hold(message, way, until=morning)
        return False
    try:
        provider_id = _already_taken(message, way) or way.send(message)
    except EgovError as error:
        _fail(message, error, trouble=trouble, now=now)
        return False
    _mark_sent(message, provider_id, now=now)
    _go_on(trouble)
    return True


def _hold(message: Message, way: Way, *, until: datetime) -> None:
    """With it all that stands behind it, of which none is claimed before it."""
    waiting = Message.objects.filter(state=MessageState.PENDING, channel__in=way.channels)
    waiting.filter(recipient_id=message.recipient_id).update(held_until=until)


def ask_reports(*, now: datetime) -> int:
    """Ask the gateway what became of sent messages; how many are final now."""
    gateway = sms.gateway()
    trouble = outside.trouble(REPORTS)
    if not gateway.REPORTS or outside.holds(trouble, now=now):
        return 0
    waiting = Message.objects.exclude(channel=Channel.CABINET).filter(
        state=MessageState.SENT, channel__in=ways.SMS.channels, sent_at__gt=now - REPORT_DAYS
    )
    messages = queue.claim(waiting.exclude(provider_id=""), now=now, limit=BATCH)
    if not messages:
        return 0
    try:
        states = gateway.states([message.provider_id for message in messages])
        _go_on(trouble)
    except Unavailable as error:
        logger.warning("SMS reports: %s", error)
        outside.failed(error, now=now, system=REPORTS)
        states = {}
    return sum(_report(message, states.get(message.provider_id), now=now) for message in messages)


def _already_taken(message: Message, way: Way) -> str:
    """A try before may have reached the gateway although its answer did not reach us: then the message
    is there, under an id that is no other message's."""
    if message.attempts == 1:
        return ""
    found = list(way.taken(message))
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


def _fail(message: Message, error: EgovError, *, trouble: Trouble | None, now: datetime) -> None:
    logger.warning("%s %s, try %s: %s", message.channel, message.pk, message.attempts, error)
    if isinstance(error, Unavailable) and not isinstance(error, TryLater):
        stopped = outside.failed(error, now=now)
        if trouble or isinstance(error, Misconfigured):
            _give_back(message, error, until=stopped.until)
            return
    else:
        _go_on(trouble)  # the gateway has judged this message, so it is at work
    if isinstance(error, Refused) or message.is_last_try:
        _bury(message, error.detail)
    else:
        message.postpone(now=now, error=error.detail)


def _give_back(message: Message, error: EgovError, *, until: datetime) -> None:
    """The try does not count. What was due before goes first: if it was this message after all, another one
    finds the gateway at work. One try stays counted where only the answer may have been lost (see
    `_already_taken`)."""
    least = 0 if isinstance(error, Misconfigured) else 1
    attempts = max(message.attempts - 1, least)
    message.close(attempts=attempts, error=error.detail, next_try_at=until)


def _go_on(trouble: Trouble | None) -> None:
    if trouble:
        outside.worked(trouble.system)


def _bury(message: Message, detail: str) -> None:
    logger.error("%s %s is dead: %s", message.channel, message.pk, detail)
    message.close(state=MessageState.DEAD, error=detail)


def _report(message: Message, state: State | None, *, now: datetime) -> bool:
    if state in (None, State.WAITING):
        message.postpone(now=now)
        return False
    delivered = state == State.DELIVERED
    state_now = MessageState.DELIVERED if delivered else MessageState.UNDELIVERED
    message.close(state=state_now, delivered_at=now if delivered else None)
    if delivered:
        Message.objects.reached([message.sms_key], now=now)
    return True
