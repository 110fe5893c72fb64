"""The hours of the night in which nobody's phone rings for what may wait (D58). The country has one zone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


def end_of(at: datetime) -> datetime | None:
    """When the quiet hours end in which this moment lies, None by day. They go from QUIET_FROM to QUIET_TO;
    the same hour twice: there are none."""
    local = timezone.localtime(at)
    long = (settings.QUIET_TO - settings.QUIET_FROM) % 24
    gone = (local.hour - settings.QUIET_FROM) % 24
    if gone >= long:
        return None
    return local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=long - gone)
