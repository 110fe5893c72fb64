"""What the worker asks of the registers while no parent looks: who has filed on an older answer, whose child
somebody else has added, and what follows when a child is no longer theirs (D34, D36).

Never inside a transaction: the network is asked.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts import freshness
from accounts.models import Guardianship, User
from applications import drafts, messages
from applications.models import Application, Channel
from applications.status import Status
from egov.errors import EgovError

logger = logging.getLogger(__name__)

# A register that loses a child for a minute and has it again costs nobody their work.
CONFIRMED_AFTER = timedelta(minutes=5)
MOST = 1000  # a tick
SECONDS = 20.0  # of each of these questions, a task for each; one person may wait for two

One = TypeVar("One")


def _one_by_one(found: Iterable[One], act: Callable[..., bool], *, now: datetime) -> int:
    """As far as there is time, of how many it was so. Whoever asks brings them in an order by chance: who
    fails for ever holds nobody up. Registers that have fallen silent are left alone until the next tick."""
    enough, done = monotonic() + SECONDS, 0
    for one in found:
        if monotonic() > enough or freshness.is_paused(now=now):
            break
        done += act(one, now=now)
    return done


def ask_behind(*, now: datetime) -> int:
    """Who has filed on an older answer (D34, D79) is asked about as soon as the registers answer: a tie that
    they deny by now is closed like any other, and the school is told. How many were asked."""
    since = now - timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    fresh = timedelta(seconds=settings.REGISTER_FRESH_SIGNED)
    told_so = Q(registers_as_of__isnull=False, applicant__guardianships__answered_at__lt=F("submitted_at"))
    waited = Q(applicant__guardianships__answered_at__lt=F("submitted_at") - fresh)
    filed = Application.objects.active().filter(submitted_at__gte=since)
    behind = filed.filter(told_so | waited, applicant__guardianships__child=F("child"))
    people = dict.fromkeys(one.applicant for one in behind.select_related("applicant").order_by("?")[:MOST])
    return _one_by_one(people, _is_answered, now=now)


def ask_superseded(*, now: datetime) -> int:
    """Somebody else has added the child since the register was asked about its applicant: who stays away
    would never be found out, and the other could do nothing (D36). How many were asked."""
    since = now - timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    added = Guardianship.objects.standing().filter(added_at__gte=since)
    later = added.filter(child=OuterRef("child"), added_at__gt=OuterRef("answered_at"))
    filed = Application.objects.active().filter(applicant=OuterRef("user"), child=OuterRef("child"))
    ties = Guardianship.objects.standing().filter(child__in=added.values("child"))
    left = ties.filter(Exists(later.exclude(user=OuterRef("user"))), Exists(filed))
    people = dict.fromkeys(tie.user for tie in left.select_related("user").order_by("?")[:MOST])
    return _one_by_one(people, _is_answered, now=now)


def _is_answered(user: User, *, now: datetime) -> bool:
    try:
        freshness.renew_unless_silent(user, now=now)
    except EgovError as error:
        logger.warning("registers not asked behind: %s", type(error).__name__)
        return False
    return True


def close_denied(*, now: datetime) -> int:
    """Ties that the register denied a while ago and denies once more; of how many that was so. What their
    person had typed for the child is kept for nobody; the schools that have an application of theirs are told
    (D34)."""
    due = Guardianship.objects.filter(denied_at__lte=now - CONFIRMED_AFTER, closed_at=None)
    rows = due.select_related("user", "child").order_by("?")[:MOST]
    return _one_by_one(rows, _close_if_denied_again, now=now)


def _close_if_denied_again(tie: Guardianship, *, now: datetime) -> bool:
    return _is_denied_again(tie, now=now) and _close(tie, now=now)


def _is_denied_again(tie: Guardianship, *, now: datetime) -> bool:
    try:
        freshness.renew(tie.user, now=now)
    except EgovError as error:
        logger.warning("a denied tie not asked again: %s", type(error).__name__)
        return False
    tie.refresh_from_db()
    return tie.denied_at is not None and tie.answered_at == now


@transaction.atomic
def _close(tie: Guardianship, *, now: datetime) -> bool:
    """Applications are locked before ties, as by a signature."""
    theirs = Application.objects.filter(applicant=tie.user, child=tie.child)
    for draft in theirs.filter(status=Status.DRAFT, channel=Channel.ONLINE):
        with suppress(drafts.NotADraft):  # signed before the register denied it
            drafts.delete(draft)
    closed = Guardianship.objects.filter(pk=tie.pk, closed_at=None).exclude(denied_at=None)
    if not closed.update(closed_at=now):
        return False
    for application in theirs.active().select_related("intake__school"):
        messages.not_represented(application, now=now)
    logger.info("a tie is closed: %s", tie)
    return True
