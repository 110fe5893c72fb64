"""What one process of all machines does at a time. A lease is a row, taken and given back by one statement
each: it needs no connection of its own, so it goes through a pooler in transaction mode. Its time is the
database's, one for all machines."""

import os
import secrets
import socket
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from notifications import queue
from notifications.models import Lease

_TAKE = """INSERT INTO notifications_lease AS kept (name, holder, until)
  VALUES (%(name)s, %(holder)s, clock_timestamp() + make_interval(secs => %(lasts)s))
  ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
  WHERE kept.holder = EXCLUDED.holder OR kept.until <= clock_timestamp()"""


def somebody() -> str:
    """A name that no other holder has, and by which people find the process."""
    return f"{socket.gethostname()[:60]} {os.getpid()} {secrets.token_hex(4)}"


def take(name: str, holder: str, *, lasts: timedelta) -> bool:
    """Take it, or hold it for longer: whether it is the holder's from now on. One that has died is replaced
    after its end. Not inside a transaction: the others must see it at once."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TAKE, {"name": name, "holder": holder, "lasts": lasts.total_seconds()})
        return bool(cursor.rowcount)


def holder(name: str) -> str | None:
    """Whose it is now: a machine's name, a process and something more."""
    return Lease.objects.filter(name=name, until__gt=Now()).values_list("holder", flat=True).first()


def end(name: str, holder: str) -> None:
    """Give it back before its end. What is another's by now stays theirs."""
    Lease.objects.filter(name=name, holder=holder).update(until=Now())


def run_alone(
    step: Callable[..., int | None],
    *,
    name: str,
    seconds: float = queue.RUN_SECONDS,
    lasts: timedelta = queue.LEASE,
) -> int:
    """A run of a queue, one at a time over all workers: the others end at once, so that what is slow never
    holds up all of them. It `lasts` longer than the hard limit of the task, so nobody outlives it; that of a
    killed worker has to be waited for."""
    holder = somebody()
    if not take(name, holder, lasts=lasts):
        return 0
    try:
        return queue.run(step, seconds=seconds)
    finally:
        end(name, holder)
