"""The evening before a region opens: whoever has a draft for a school there is reminded once, by notice and
SMS, that it can be signed from midnight on (D76), with the hour at which those
who sign begin to stand in a line (D79), and what is ready is drawn, so that the first minutes of
the opening draw nothing of it (D67).

A row for each draft and day of opening is written in the transaction of the message: a day that was moved is
told again. The drafts of an evening are spread over it, so that a hundred thousand SMS do not become due at
one moment and hold up nobody's answer. After the hours of reminding come those that nobody was told of.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from math import ceil
from operator import or_
from time import monotonic

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts import protection
from accounts.models import Guardianship
from accounts.waiting.room import room
from applications.models import Application, ApplicationQuerySet, Channel, OpeningReminder
from applications.signing import ahead
from applications.status import Status
from notifications import leases, outbox, queue
from schools import kato, periods
from schools.models import Period

HOURS = range(18, 21)  # of Almaty
GOOD_FOR = timedelta(hours=1)  # after them: by night nobody's phone rings
LEAST, MOST = 50, 1000  # drafts a tick
SECONDS = 20.0  # of a tick, whatever is left waits for the next one
LEASE = "eve"


def run(*, now: datetime) -> int:
    """How many people were told; one worker at a time, or the pace would be theirs together."""
    local = timezone.localtime(now)
    if local.hour < HOURS.start:
        return 0
    holder = leases.somebody()
    if not leases.take(LEASE, holder, lasts=queue.LEASE):
        return 0
    try:
        return _visit(now=now, ends=local.replace(hour=HOURS.stop, minute=0, second=0, microsecond=0))
    finally:
        leases.end(LEASE, holder)


def _visit(*, now: datetime, ends: datetime) -> int:
    periods = list(Period.objects.filter(opens=timezone.localdate(now) + timedelta(days=1)))
    if not periods:
        return 0
    is_late = now >= ends
    waiting = unvisited(periods) if is_late else to_tell(periods)
    share = MOST if is_late else ceil(waiting.count() / max(1, (ends - now) // timedelta(minutes=1)))
    enough, told = monotonic() + SECONDS, 0
    for key in waiting.order_by("pk").values_list("pk", flat=True)[: min(MOST, max(LEAST, share))]:
        told += _tell_of(key, waiting, periods[0], now=now, good_until=None if is_late else ends + GOOD_FOR)
        ahead.order_for_opening(key, now=now)
        if monotonic() > enough:
            break
    return told


def to_tell(periods: Iterable[Period]) -> ApplicationQuerySet:
    """Whose applicants want a reminder, and have had none for this day."""
    return unvisited(periods).exclude(applicant__wishes__openings=False)


def unvisited(periods: Iterable[Period]) -> ApplicationQuerySet:
    """Drafts for schools of these regions, which open on one day; where no school is chosen yet the
    registered address says the region. Not for a child that by the register is not theirs, or for whom
    somebody has filed meanwhile."""
    periods = list(periods)
    told = OpeningReminder.objects.filter(application=OuterRef("pk"), opens=periods[0].opens)
    denied = Guardianship.objects.exclude(denied_at=None)
    denied = denied.filter(user=OuterRef("applicant"), child=OuterRef("child"))
    filed = Application.objects.active().filter(child=OuterRef("child"), year=OuterRef("year"))
    drafts = Application.objects.filter(status=Status.DRAFT, channel=Channel.ONLINE)
    drafts = drafts.filter(reduce(or_, map(_inside, periods)))
    return drafts.exclude(Exists(told)).exclude(Exists(denied)).exclude(Exists(filed))


def _inside(period: Period) -> Q:
    region = kato.prefix(period.region_id)
    chosen = Q(intake__school__locality__kato__startswith=region)
    lives = Q(intake=None, applicant__registered_address__kato__startswith=region)
    return Q(year=period.year) & (chosen | lives)


@transaction.atomic
def _tell_of(
    key: int, waiting: ApplicationQuerySet, period: Period, *, now: datetime, good_until: datetime | None
) -> int:
    """One that is being signed or deleted at this moment is left out. Who has drafts for two children is told
    once. Without `good_until` nobody is told any more."""
    locked = waiting.filter(pk=key).select_for_update(of=("self",), skip_locked=True)
    draft = locked.select_related("applicant", "child").first()
    if draft is None:
        return 0
    OpeningReminder.objects.create(application=draft, opens=period.opens, at=now)
    if good_until is None or protection.hidden_from(draft.applicant, draft.child):  # D35
        return 0
    opens = periods.at(period, now).opens_at
    line_at = room.turns_from(opens)
    has_line = line_at is not None and line_at != opens
    outbox.remind(
        draft.applicant,
        event=f"opening:{period.opens}",
        template="opens_in_turn" if has_line else "opens_tomorrow",
        context={"day": period.opens} | ({"line_at": line_at} if has_line else {}),
        link=reverse("cabinet:applications"),
        now=now,
        good_until=good_until,
    )
    return 1
