"""Every system outside that can be asked whether it lets us in, asked now: for `manage.py doctor --outside`
and `setup`; and those whose fault nobody has met for a while, by the worker.

A fault of ours ends with the next answer that is one (accounts/outside.py), and nobody waits for that at
night, or once a way is used no more: what was mended would be told until the morning.
"""

import random
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from django.utils import timezone

from accounts import login, outside
from applications.documents import antivirus
from applications.papers import lengthening
from applications.signing import authority
from egov import reach
from egov.eds import lasting, trust
from egov.errors import Misconfigured
from egov.reach import Asked
from notifications import mail, relay, sms, ways

SECONDS = 15.0  # for one round: what is not reached in it the next one asks


def ask() -> list[Asked]:
    found = reach.ask(callback=login.callback_url())
    return [*found, reach.knocked(ways.SMS.system, sms.gateway().knock)]


def faults() -> list[tuple[str, str]]:
    """What does not answer or keeps us out: the system and a line, of several lists one each."""
    return [(asked.system, f"{named(asked)}: {asked.why}") for asked in ask() if asked.why]


def named(asked: Asked) -> str:
    return f"{asked.system} {asked.where}".rstrip()


def ask_again(*, now: datetime) -> None:
    """Faults of ours that nobody has met for so long that nobody can have asked since. One that stays is seen
    again; what a knock does not meet, the next who asks does. Without an answer it stays as it is, so it is
    not always the first: it would keep the others from being asked."""
    outside.drop_what_is_off()
    ends, knocks = monotonic() + SECONDS, _knocks()
    rows = outside.unasked(now=now)
    random.shuffle(rows)
    for row in rows:
        if monotonic() < ends and row.system in knocks:
            _ask_again(row.system, knocks[row.system])


def _ask_again(system: str, knock: Callable[[], object]) -> None:
    asked = reach.knocked(system, knock)
    if not asked.why:
        outside.worked(system)
    elif asked.ours:
        outside.failed(Misconfigured(system, asked.why), now=timezone.now())


def _knocks() -> dict[str, Callable[[], object]]:
    """All but those whose every question acts (reach.UNASKED), and the store and the disks, which are asked
    all the time (accounts/taking.py)."""
    gateway = sms.gateway()
    return reach.calls(callback=login.callback_url()) | {
        ways.SMS.system: gateway.knock,
        relay.REPORTS: gateway.knock,
        mail.SYSTEM: mail.knock,
        antivirus.SYSTEM: antivirus.knock,
        lengthening.SYSTEM: lambda: lasting.kit(now=timezone.now()),  # a stamp that nobody keeps
        authority.CLOCK: lambda: authority.compare_clock(now=timezone.now()),
        "eds": trust.authorities,
    }
