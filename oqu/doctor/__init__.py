"""The doctor: all that would stop a parent today, or before long, and what mends each of it (D61).

A check is a function that asks the rooms and returns findings; the portal's page and `manage.py doctor` make
the same ones, and the dear ones are left to the command.
"""

import logging
from collections.abc import Callable, Iterable

from oqu import health
from oqu.doctor import catalogue, machine, queues
from oqu.doctor.findings import Asked, Finding, Urgency
from oqu.doctor.kinds import Code

Check = Callable[[Asked], list[Finding]]

logger = logging.getLogger(__name__)

# What a year's intake needs.
OF_YEAR: tuple[Check, ...] = (
    catalogue.dates,
    catalogue.seats,
    catalogue.languages,
    catalogue.directors,
    catalogue.addresses,
    catalogue.phones,
    catalogue.holidays,
    catalogue.grounds,
    machine.texts,
)
OF_PORTAL: tuple[Check, ...] = (
    machine.copy,
    queues.worker,
    queues.standing,
    queues.arriving,
    queues.appeals,
    queues.people,
    queues.guarded,
    machine.systems,
    machine.platform_keys,
    machine.seal,
    machine.data_keys,
    machine.authorities,
    machine.certificates,
    machine.clock,
    machine.disks,
    machine.redis,
    machine.pooler,
    machine.store,
    machine.backup,
    machine.drill,
    machine.unseen,
    machine.stamps,
    machine.static,
)
DEAR: tuple[Check, ...] = (
    machine.seat_counters,
    machine.files,
    machine.data_at_rest,
    machine.ageing_stamps,
)


def examine(asked: Asked, checks: Iterable[Check]) -> list[Finding]:
    """What they find, the urgent first; without a database or its tables that alone."""
    basics = health.examine(now=asked.now)
    if not basics["database"]["ok"]:
        return asked.found(Code.NO_DATABASE, [], count=1)
    if not health.has_tables(basics):
        return asked.found(Code.NOT_MIGRATED, [], count=1)
    found = [finding for check in checks for finding in _made(check, asked)]
    return sorted(found, key=lambda finding: finding.urgency is Urgency.SOON)


def _made(check: Check, asked: Asked) -> list[Finding]:
    """One that fails, in whatever way, hides no other; what its error says may be nobody's to read. Not in a
    transaction: one asks systems outside, another reads every file."""
    try:
        return check(asked)
    except Exception as error:
        where = f"{check.__module__.rpartition('.')[2]}.{check.__name__}: {type(error).__name__}"
        logger.error("check %s", where)
        return asked.of_lines(Code.CHECK_FAILED, [where])
