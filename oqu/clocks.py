"""How far this machine's clock is from the database's."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

MAY_DIFFER = timedelta(seconds=5)


def difference() -> timedelta:
    """How long the question takes is no difference."""
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
        after = timezone.now()
    return max(before - theirs, theirs - after, timedelta())


def faults() -> list[str]:
    """Of two machines whose clocks differ one opens a region before the other."""
    differs = difference()
    return [f"it is {differs.total_seconds():.0f} s from the database's"] * (differs > MAY_DIFFER)
