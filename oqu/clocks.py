"""How far this machine's clock is from the database's."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone


def difference() -> timedelta:
    """How long the question takes is no difference."""
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
        after = timezone.now()
    return max(before - theirs, theirs - after, timedelta())
