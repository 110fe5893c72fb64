"""The systems outside: which of them fail now, since when, whose fault it is, and when they are asked again.

The gateways in egov only raise; who calls them writes the outcome down here, so that `manage.py health` names
a wrong key at once, and a queue waits as a whole instead of burning the tries of its rows.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Trouble
from accounts.prepared import Prepared
from egov.errors import Misconfigured, Refused, Unasked, Unavailable

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=1)  # a system that fails by itself comes back by itself
LONGEST_STOP = timedelta(minutes=10)  # one that refuses us waits for somebody to act
FADES = timedelta(minutes=15)  # what was theirs, and was not seen again, is over
UNASKED = timedelta(minutes=30)  # what is ours, and was not seen again: nobody asks, so it may be mended
FORGOTTEN = timedelta(days=1)  # …and cannot be asked but by somebody who needs it
AT_EACH_SIGN = frozenset({"disk"})  # seen again while it lasts, and told of a machine that may be gone
LONGEST_REASON = 100
SEEN_EVERY = timedelta(seconds=5)  # a storm of failing pages does not write one row all the time

# What it is, and what of ours to look at when it refuses us.
_BUS = "SMARTBRIDGE_URL, SMARTBRIDGE_SENDER, its password, SMARTBRIDGE_KEY, _SIGNERS, _CA"
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
    "store": (
        "store of files",
        "its quota and disk, the rights of S3_KEY or of VAR_DIR/files, the bucket",
    ),
    "disk": ("disk of the machine that is named", "its TMPDIR and VAR_DIR"),
}
# Without which it is asked nothing; services of the bus by their ids as well.
NEEDED = {
    "login": "EGOV_IDP_URL",
    "email": "DEFAULT_FROM_EMAIL",
    "ocsp": "OCSP_URL",
    "clock": "OCSP_URL",
    "crl": "EDS_CRL_URLS",
    "tsp": "TSP_URL",
    "ncanode": "NCANODE_URL",
    "antivirus": "CLAMD_URL",
}
_KNOWN = Prepared(lambda systems: Trouble.objects.filter(system__among=systems), list[str])
# Without these people get through: another way tells, a stamp comes later, a document is uploaded by hand,
# OCSP says whose certificate is revoked.
SPARED = frozenset({"medical", "notice", "email", "sms-reports", "tsp", "crl"})
_PAUSED: dict[str, datetime | None] = {}  # when the pause ends, as the row said when it was read last


def trouble(system: str) -> Trouble | None:
    return next(iter(heed(system)), None)


def heed(*systems: str) -> list[Trouble]:
    """The troubles of these systems. Who is about to ask them reads this first: from then on this process
    asks nothing of those that are paused (D77). A pause that has ended is none."""
    now, rows = timezone.now(), _KNOWN(list(systems))
    ends = {row.system: row.until for row in rows if row.paused}
    for system in systems:
        _PAUSED[system] = ends.get(system)
    return [row for row in rows if not row.paused or row.until > now]


def is_paused(system: str) -> bool:
    """By what this process has read last: costs nothing, and a thread without a connection may ask."""
    end = _PAUSED.get(system)
    return end is not None and end > timezone.now()


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
        if found.paused and found.until > now:
            return found
        if found.paused:  # that has ended is no part of what comes after it
            found.delete()
            return failed(error, now=now, system=system)
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
    """They answer: whatever was written about them is over, and their queues go on. A pause lasts."""
    over(_KNOWN(list(systems)))


def over(known: Iterable[Trouble]) -> None:
    """The same where what was written about them has been read."""
    systems = [row.system for row in known]
    gone = Trouble.objects.filter(system__in=systems).exclude(paused=True, until__gt=timezone.now())
    if systems and gone.delete()[0]:
        logger.warning("at work again: %s", ", ".join(systems))


def begin_pause(*systems: str, why: str, until: datetime, now: datetime) -> None:
    """Ops have them asked nothing until then (D77): everything goes as if they did not answer."""
    said = {"ours": False, "reason": why[:LONGEST_REASON], "failures": 1, "paused": True}
    for system in systems:
        Trouble.objects.update_or_create(
            system=system, defaults=said | {"since": now, "seen_at": now, "until": until}
        )


def end_pause(*systems: str) -> bool:
    """Before its time; was there one?"""
    return bool(Trouble.objects.filter(system__in=systems, paused=True).delete()[0])


def paused(*, now: datetime) -> list[Trouble]:
    """What ops have paused, the oldest first (D77)."""
    return list(Trouble.objects.filter(paused=True, until__gt=now).order_by("since", "system"))


def resume(*systems: str, now: datetime) -> int:
    """Somebody has mended it, or says so: the next tick tries, and one item is enough to learn the truth."""
    stopped = Trouble.objects.filter(system__in=systems, until__gt=now, paused=False)
    return stopped.update(until=now, failures=0)


@contextmanager
def watching(*systems: str, now: datetime, beside: Iterable[str] = ()) -> Iterator[None]:
    """Write down how a call to these ends: a refusal of the item is an answer like any other. What they could
    not say is raised on. Never inside a transaction that the error would undo. `beside`: who is asked, too,
    and judged elsewhere."""
    known = [row for row in heed(*systems, *beside) if row.system in systems]
    try:
        yield
    except Unasked:
        raise
    except Unavailable as error:
        failed(error, now=now)
        raise
    except Refused:
        over(known)
        raise
    over(known)


def pause(failures: int, *, ours: bool) -> timedelta:
    """15 s, 30 s, 1 min, …"""
    longest = LONGEST_STOP if ours else LONGEST_PAUSE
    times: int = 2 ** min(max(failures - 1, 0), 10)
    return min(FIRST_PAUSE * times, longest)


def is_on(system: str) -> bool:
    """By the settings of today: of one that was switched off nothing can be wrong."""
    services = settings.SMARTBRIDGE_SERVICES
    if system in services:
        return bool(settings.SMARTBRIDGE_URL and services[system])
    return bool(getattr(settings, NEEDED[system])) if system in NEEDED else True


def standing(*, now: datetime) -> list[Trouble]:
    """What somebody has to know of: all that is ours, and what of theirs, or of what is seen again all the
    time, was seen a short while ago."""
    rows = Trouble.objects.filter(paused=False).order_by("since", "system")
    return [row for row in rows if now - row.seen_at < _lasts(row) and is_on(row.system)]


def _lasts(row: Trouble) -> timedelta:
    return FORGOTTEN if row.ours and row.system not in AT_EACH_SIGN else FADES


def unasked(*, now: datetime) -> list[Trouble]:
    """What is ours and was not seen for so long that nobody can have asked since: it may be mended."""
    seen = (now - FORGOTTEN, now - UNASKED)
    rows = Trouble.objects.filter(paused=False, ours=True, seen_at__range=seen).order_by("seen_at")
    return [row for row in rows if is_on(row.system)]


def drop_what_is_off() -> None:
    """Should it be switched on again, it begins anew."""
    rows = Trouble.objects.filter(paused=False)
    rows.filter(system__in=[row.system for row in rows if not is_on(row.system)]).delete()


def in_words(found: Trouble, *, now: datetime) -> str:
    """One line for the people who run the portal."""
    title, ours = SYSTEMS.get(found.system, (found.system, "its settings"))
    since = f"{timezone.localtime(found.since):%Y-%m-%d %H:%M:%S}"
    if found.paused:
        until = f"{timezone.localtime(found.until):%Y-%m-%d %H:%M}"
        return f"{found.system} ({title}) is paused by ops since {since} until {until}: {found.reason}"
    line = f"{found.system} ({title}) since {since}: {found.reason}"
    line += f"; the fault is ours, look at {ours}" if found.ours else "; the fault is theirs"
    if found.until > now:
        line += f"; asked again at {timezone.localtime(found.until):%H:%M:%S}"
    return line


def _see(found: Trouble, *, now: datetime) -> None:
    if now - found.seen_at >= SEEN_EVERY:
        Trouble.objects.filter(system=found.system).update(seen_at=now)
