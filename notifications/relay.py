"""Delivery of the outbox: some messages of each way in turn, each call outside any transaction.

When the gateway itself fails, the queue stops: nothing is claimed until its pause is over, then one message
finds out. The message that stopped a working queue pays a try, for it may be what the gateway stumbles over;
those that find it stopped pay none, and where the fault is ours, or ops have paused it, nobody pays. A queue
that was stopped for a day has lost nothing.
"""

import logging
import random
from datetime import datetime, timedelta
from enum import Enum, auto
from time import monotonic
from typing import Any

from django.utils import timezone

from accounts import outside, speaker, written
from accounts.models import Trouble
from accounts.prepared import Prepared
from egov.errors import EgovError, Misconfigured, Refused, Unasked, Unavailable
from notifications import queue, quiet, sms, texts, ways
from notifications.models import Channel, Message, MessageQuerySet, MessageState
from notifications.sms.errors import State, TryLater
from notifications.ways import Way

logger = logging.getLogger(__name__)

FIRST_REPORT = timedelta(minutes=2)
REPORT_DAYS = timedelta(hours=26)  # a gateway tries for a day, then says so
BATCH = 100
TOGETHER = 25  # messages in one claim
TOGETHER_SECONDS = 5.0  # for those of all ways: a run ends well within its lease and its task's limit
SENDING, REPORTS = ways.SMS.system, "sms-reports"  # in accounts.outside: a report that fails stops no message


class End(Enum):
    """What became of a message that was claimed."""

    SENT = auto()
    KEPT = auto()  # postponed, put off, buried, or no longer to be sent
    STOPPED = auto()  # the gateway itself has failed


def run() -> int:
    """Send what is due, then ask for reports; how many were sent."""
    sent = queue.run(deliver_each, seconds=queue.RUN_SECONDS - TOGETHER_SECONDS)
    ask_reports(now=timezone.now())
    return sent


def deliver_each(*, now: datetime) -> int | None:
    """Some messages of each way that is on, so that a crowd at one keeps nobody waiting at another; how many
    were sent, None when nothing is due. All have one time, and a slow way may use it up: which comes first is
    left to chance."""
    ends = monotonic() + TOGETHER_SECONDS
    outcomes: list[int | None] = []
    on = [way for way in ways.WAYS if way.is_on()]
    for way in random.sample(on, len(on)):
        if outcomes and monotonic() > ends:
            break
        outcomes.append(deliver_some(now=now, way=way, ends=ends))
    return sum(filter(None, outcomes)) if any(outcome is not None for outcome in outcomes) else None


def deliver_next(*, now: datetime, way: Way = ways.SMS) -> bool | None:
    """Deliver the oldest due message of this way: whether it was sent, None when nothing is due or the queue
    is stopped."""
    sent = deliver_some(now=now, way=way, limit=1)
    return None if sent is None else bool(sent)


def deliver_some(
    *, now: datetime, way: Way = ways.SMS, limit: int = TOGETHER, ends: float | None = None
) -> int | None:
    """Deliver the oldest due messages of this way: how many were sent, None when nothing is due or the queue
    is stopped. A gateway that was in trouble is tried with one. What is claimed and not reached, because the
    gateway has stopped or is slow or this worker fails, is given back, and no try is counted."""
    trouble = outside.trouble(way.system)
    if outside.holds(trouble, now=now):
        return None
    ends = monotonic() + TOGETHER_SECONDS if ends is None else ends
    claimed = _claim(way, now=now, limit=1 if trouble else limit)
    reached = sent = 0
    try:
        for message in claimed:
            reached += 1
            with speaker.numbered(message.request):
                end = _deliver(message, way, trouble=trouble, now=now)
            sent += end is End.SENT
            if end is End.STOPPED or monotonic() > ends:
                break
    finally:
        queue.release(claimed[reached:])
    return sent if claimed else None


def _claim(way: Way, *, now: datetime, limit: int) -> list[Message]:
    due = Message.objects.exclude(channel=Channel.CABINET).to_send(way.channels)
    return queue.claim(due, now=now, limit=limit, lost_alone=True)


def _deliver(message: Message, way: Way, *, trouble: Trouble | None, now: datetime) -> End:
    """By night what may wait is put off to the morning, and no try is counted (D58)."""
    if message.is_spent:
        _bury(message, "worker lost")
        return End.KEPT
    if message.good_until and message.good_until <= now:
        _close(message, state=MessageState.UNDELIVERED, error="too late")
        return End.KEPT
    if (morning := quiet.end_of(now)) and not texts.answers(message.template):
        _close(message, attempts=message.attempts - 1, next_try_at=morning)
        _hold(message, way, until=morning)
        return End.KEPT
    if not _is_still_to_send(message.pk, message.lease_until):
        return End.KEPT
    try:
        provider_id = _already_taken(message, way) or way.send(message)
    except EgovError as error:
        return _fail(message, error, way, trouble=trouble, now=now)
    _mark_sent(message, provider_id, now=now)
    _go_on(trouble)
    return End.SENT


_is_still_to_send = Prepared(
    lambda pk, lease: Message.objects.filter(
        pk=pk, state=MessageState.PENDING, lease_until=lease, hidden_at=None
    ).values_list("pk"),
    int,
    datetime,
)


def _ours(message: Message) -> MessageQuerySet:
    """The row as it was claimed, unless it is somebody else's since: a protection has hidden it (D35), or the
    lease has passed on."""
    return Message.objects.filter(pk=message.pk, state=message.state, lease_until=message.lease_until)


def _close(message: Message, **changes: Any) -> None:
    """Write how it ended where nobody else has had the last word: what is hidden is revived by no failure."""
    _ours(message).update(lease_until=None, **changes)


def _postpone(message: Message, *, now: datetime, **changes: Any) -> None:
    _close(message, next_try_at=now + queue.wait(message.attempts), **changes)


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
    if not (found := list(way.taken(message))):
        return ""
    known = set(Message.objects.filter(provider_id__in=found).values_list("provider_id", flat=True))
    return next((one for one in found if one not in known), "")


def _mark_sent(message: Message, provider_id: str, *, now: datetime) -> None:
    told = {
        "state": MessageState.SENT,
        "provider_id": provider_id,
        "sent_at": now,
        "error": "",
        "attempts": 0,  # now counts the questions about its delivery
        "next_try_at": now + FIRST_REPORT,
        "lease_until": None,
    }
    for name, value in told.items():
        setattr(message, name, value)
    written.update(message, *told, only={"state": MessageState.PENDING})


def _fail(message: Message, error: EgovError, way: Way, *, trouble: Trouble | None, now: datetime) -> End:
    logger.warning("%s %s, try %s: %s", message.channel, message.pk, message.attempts, error)
    end = End.KEPT
    if isinstance(error, Unasked):  # by our own wish, which is no failure of theirs
        paused = outside.trouble(way.system)
        _give_back(message, error, until=paused.until if paused else now)
        return End.STOPPED
    if isinstance(error, Unavailable) and not isinstance(error, TryLater):
        end, stopped = End.STOPPED, outside.failed(error, now=now)
        if trouble or isinstance(error, Misconfigured):
            _give_back(message, error, until=stopped.until)
            return end
    else:
        _go_on(trouble)  # the gateway has judged this message, so it is at work
    if isinstance(error, Refused) or message.is_last_try:
        _bury(message, error.detail)
    else:
        _postpone(message, now=now, error=error.detail)
    return end


def _give_back(message: Message, error: EgovError, *, until: datetime) -> None:
    """The try does not count. What was due before goes first: if it was this message after all, another one
    finds the gateway at work. One try stays counted where only the answer may have been lost (see
    `_already_taken`)."""
    least = 0 if isinstance(error, Misconfigured | Unasked) else 1
    attempts = max(message.attempts - 1, least)
    _close(message, attempts=attempts, error=error.detail, next_try_at=until)


def _go_on(trouble: Trouble | None) -> None:
    if trouble:
        outside.worked(trouble.system)


def _bury(message: Message, detail: str) -> None:
    logger.error("%s %s is dead: %s", message.channel, message.pk, detail)
    _close(message, state=MessageState.DEAD, error=detail)


def _report(message: Message, state: State | None, *, now: datetime) -> bool:
    if state in (None, State.WAITING):
        _postpone(message, now=now)
        return False
    delivered = state == State.DELIVERED
    state_now = MessageState.DELIVERED if delivered else MessageState.UNDELIVERED
    _close(message, state=state_now, delivered_at=now if delivered else None)
    if delivered:
        Message.objects.reached([message.sms_key], now=now)
    return True
