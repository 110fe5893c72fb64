"""Messages that did not arrive in their time: told another way, and shown until the person has been told."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from notifications import shares, sms, ways
from notifications.models import Channel, Message, MessageState

logger = logging.getLogger(__name__)

BATCH = 200
NEWS = timedelta(days=7)  # by another way: what is older may come after the word that has overtaken it
CHASED = timedelta(days=100)  # longer than an intake, from 27 May to 31 August: after it nobody waits for it


def run(*, now: datetime) -> int:
    """R103: an SMS that the gateway gives up, or of which nothing is heard for SMS_REPORT_HOURS, has missed
    its person: it is shown to the school, to the person and to who runs the portal until somebody has told
    them, and the other ways are tried while it is news. How many were found."""
    found = list(_in_doubt(now).values_list("pk", flat=True)[:BATCH])
    return sum(_miss(pk, now=now) for pk in found)


def _in_doubt(now: datetime) -> QuerySet[Message]:
    given_up = Q(state__in=[MessageState.UNDELIVERED, MessageState.DEAD])
    silent = [MessageState.PENDING]
    if sms.gateway().REPORTS:  # one that reports nothing is believed
        silent.append(MessageState.SENT)
    limit = now - timedelta(hours=settings.SMS_REPORT_HOURS)
    past_the_night = Q(held_until=None) | Q(held_until__lt=limit)
    late = Q(past_the_night, state__in=silent, created_at__lt=limit)
    return (
        Message.objects.filter(given_up | late, channel=Channel.SMS, missed_at=None)
        .filter(created_at__gt=now - CHASED)
        .exclude(state=MessageState.DELIVERED)
        .order_by("created_at")
    )


def given_up(*, now: datetime) -> QuerySet[Message]:
    """R103: too old to be anybody's work, and never known to have arrived: told to who runs the portal."""
    lost = Message.objects.filter(channel=Channel.SMS, missed_at=None, created_at__lte=now - CHASED)
    return lost.exclude(state__in=shares.arrived())


@transaction.atomic
def _miss(pk: int, *, now: datetime) -> bool:
    message = Message.objects.select_for_update(of=("self",)).select_related("recipient").get(pk=pk)
    if message.missed_at or message.state == MessageState.DELIVERED:
        return False
    message.missed_at = now
    message.save(update_fields=["missed_at"])
    logger.warning("SMS %s has missed its person: %s", message.pk, message.state)
    if not message.reached_at and message.created_at > now - NEWS:
        _try_others(message, now=now)
    return True


def _try_others(message: Message, *, now: datetime) -> None:
    """The same words another way; the same cause tells the same person once by each."""
    event = message.key.rpartition(":")[0]
    person = message.recipient
    rows = [
        Message(
            key=f"{event}:{channel}",
            channel=channel,
            recipient=person,
            template=message.template,
            context=message.context,
            link=message.link,
            text=message.text,
            phone=person.second_phone if channel == Channel.SECOND else "",
            created_at=now,
            next_try_at=now,
        )
        for channel in ways.others(person, tried=message.phone)
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
