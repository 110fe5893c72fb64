"""When the next regions open: what the waiting room's clock goes by (D68)."""

import logging
from datetime import date, datetime, timedelta

from django.utils import timezone
from redis.exceptions import RedisError

from accounts.waiting import line
from schools import periods
from schools.models import Period

AHEAD = timedelta(days=2)  # told again each minute: a worker that is down for a night changes nothing
BEHIND = timedelta(days=1)

logger = logging.getLogger(__name__)


def tell(*, now: datetime) -> None:
    """Without Redis there is no room to be told."""
    if not line.is_kept():
        return
    try:
        line.announce([opens.timestamp() for opens in openings(now=now)])
    except RedisError as error:
        logger.warning("the waiting room was not told when regions open: %s", type(error).__name__)


def next_day(*, now: datetime) -> date | None:
    """On which regions open, today's included; None while no dates are announced."""
    coming = Period.objects.filter(opens__gte=timezone.localdate(now)).order_by("opens")
    return coming.values_list("opens", flat=True).first()


def openings(*, now: datetime) -> list[datetime]:
    """The first seconds of regions' intakes around now, each once."""
    days = (timezone.localdate(now - BEHIND), timezone.localdate(now + AHEAD))
    found = Period.objects.filter(opens__range=days).order_by("opens").distinct("opens")
    return [opens for period in found if (opens := periods.at(period, now).opens_at)]
