"""The systems outside: which of them fail now, since when, whose fault it is, and when they are asked again.

The gateways in egov only raise; who calls them writes the outcome down here, so that `manage.py health` names
a wrong key at once, and a queue waits as a whole instead of burning the tries of its rows.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Trouble
from accounts.prepared import Prepared
from egov.errors import Misconfigured, Refused, Unavailable

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=1)  # a system that fails by itself comes back by itself
LONGEST_STOP = timedelta(minutes=10)  # one that refuses us waits for somebody to act
FADES = timedelta(minutes=15)  # what was theirs, and was not seen again, is over
LONGEST_REASON = 100
SEEN_EVERY = timedelta(seconds=5)  # a storm of failing pages does not write one row all the time

# What it is, and what of ours to look at when it refuses us.
_BUS = "SMARTBRIDGE_URL, SMARTBRIDGE_SENDER, its password, SMARTBRIDGE_KEY, SMARTBRIDGE_SIGNERS"
SYSTEMS = {
    "login": ("sign-in of eGov", "EGOV_IDP_URL, EGOV_CLIENT_ID, EGOV_CLIENT_SECRET, the registered scopes"),
    "person": ("register of persons", f"{_BUS}, SERVICE_PERSON"),
    "children": ("register of births", f"{_BUS}, SERVICE_CHILDREN"),
    "address": ("register of addresses", f"{_BUS}, SERVICE_ADDRESS"),
    "enrolment": ("education database", f"{_BUS}, SERVICE_ENROLMENT"),
    "medical": ("medical system", f"{_BUS}, SERVICE_MEDICAL"),
    "consent": ("consent 1414", f"{_BUS}, SERVICE_CONSENT"),
    "notice": ("notices of eGov", f"{_BUS}, SERVICE_NOTICE"),
    "email": ("mail server", "EMAIL_URL, EMAIL_FROM"),
    "sms": ("SMS gateway", "MOBIZON_URL, MOBIZON_KEY, SMS_SENDER, the account and its balance"),
    "sms-reports": ("SMS delivery reports", "MOBIZON_URL, MOBIZON_KEY"),
    "ocsp": ("OCSP of the certification authority", "OCSP_URL"),
    "crl": ("lists of revoked certificates", "EDS_CRL_URLS"),
    "tsp": ("time stamping authority", "TSP_URL, whose certificate EDS_CA_DIR must know"),
    "ncanode": ("NCANode, which judges GOST signatures", "NCANODE_URL and what stands before it"),
    "eds": ("certification authorities", "EDS_CA_DIR"),
    "antivirus": ("antivirus of uploaded files", "CLAMD_URL, StreamMaxLength of clamd.conf"),
    "clock": ("clock of this machine", "its time service"),
}
_KNOWN = Prepared(lambda systems: Trouble.objects.filter(system__among=systems), list[str])
# Without these people get through: another way tells, a stamp comes later, a document is uploaded by hand,
# OCSP says whose certificate is revoked.
SPARED = frozenset({"medical", "notice", "email", "sms-reports", "tsp", "crl"})


def trouble(system: str) -> Trouble | None:
    return _KNOWN.first([system])


def holds(found: Trouble | None, *, now: datetime) -> bool:
    """Is it too early to ask the system again?"""
    return found is not None and found.until > now


def failed(error: Unavailable, *, now: datetime, system: str = "") -> Trouble:
    """Write down that a system has failed. Failures within a pause are one; each after it makes the next
    pause longer. `system`: another name than the error's."""
    name, ours = system or error.system, isinstance(error, Misconfigured)
    reason = (error.detail or type(error).__name__)[:LONGEST_REASON]
    fresh = {"ours": ours, "reason": reason, "since": now, "seen_at": now, "until": now + FIRST_PAUSE}
    with transaction.atomic():
        found, created = Trouble.objects.get_or_create(system=name, defaults=fresh)
        if created:
            logger.error("%s: %s (%s)", name, reason, "ours" if ours else "theirs")
            return found
        if found.until > now and (found.ours, found.reason) == (ours, reason):
            _see(found, now=now)
            return found
        found = Trouble.objects.select_for_update().filter(system=name).first() or found
        found.failures += found.until <= now
        found.ours, found.reason, found.seen_at = ours, reason, now
        found.until = max(found.until, now + pause(found.failures, ours=ours))
        found.save()
    return found


def worked(*systems: str) -> None:
    """They answer: whatever was written about them is over, and their queues go on."""
    if _KNOWN(list(systems)) and Trouble.objects.filter(system__in=systems).delete()[0]:
        logger.warning("at work again: %s", ", ".join(systems))


def resume(*systems: str, now: datetime) -> int:
    """Somebody has mended it, or says so: the next tick tries, and one item is enough to learn the truth."""
    return Trouble.objects.filter(system__in=systems, until__gt=now).update(until=now, failures=0)


@contextmanager
def watching(*systems: str, now: datetime) -> Iterator[None]:
    """Write down how a call to these ends: a refusal of the item is an answer like any other. What they could
    not say is raised on. Never inside a transaction that the error would undo."""
    try:
        yield
    except Unavailable as error:
        failed(error, now=now)
        raise
    except Refused:
        worked(*systems)
        raise
    worked(*systems)


def pause(failures: int, *, ours: bool) -> timedelta:
    """15 s, 30 s, 1 min, …"""
    longest = LONGEST_STOP if ours else LONGEST_PAUSE
    times: int = 2 ** min(max(failures - 1, 0), 10)
    return min(FIRST_PAUSE * times, longest)


def standing(*, now: datetime) -> list[Trouble]:
    """What somebody has to know of: all that is ours, and what of theirs was seen a short while ago."""
    rows = Trouble.objects.order_by("since", "system")
    return [row for row in rows if row.ours or now - row.seen_at < FADES]


def in_words(found: Trouble, *, now: datetime) -> str:
    """One line for the people who run the portal."""
    title, ours = SYSTEMS.get(found.system, (found.system, "its settings"))
    since = f"{timezone.localtime(found.since):%Y-%m-%d %H:%M:%S}"
    line = f"{found.system} ({title}) since {since}: {found.reason}"
    line += f"; the fault is ours, look at {ours}" if found.ours else "; the fault is theirs"
    if found.until > now:
        line += f"; asked again at {timezone.localtime(found.until):%H:%M:%S}"
    return line


def _see(found: Trouble, *, now: datetime) -> None:
    if now - found.seen_at >= SEEN_EVERY:
        Trouble.objects.filter(system=found.system).update(seen_at=now)
