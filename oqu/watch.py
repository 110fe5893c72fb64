"""What people who run the portal must see and no visitor notices yet: systems outside that fail, a disk that
fills up, a backup that was not made. For `manage.py health` alone: none of it may stop traffic (/healthz).
"""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts import copies, outside, replica, storage
from applications import queues, unheard
from applications.documents import antivirus
from applications.documents.cell import warden
from applications.documents.faults import Rejected
from applications.papers import stamping
from egov import presented
from egov.eds import crl, trust
from egov.wss import keys
from notifications import leases, life, shares, ticks, ways
from oqu import clocks, inner, memory, pauses, pools, rush, space, unwatched
from schools import calendar

SMALLEST_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////"
    "////////////////////////wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAA"
    "AAD/2gAIAQEAAD8AP//Z"
)
NO_STAMPS = "TSP_URL is empty: papers and signatures go without time stamps"
# A number that cannot be is nobody's fault here, and its school calls: it takes more of them to wake anybody.
MOST_DEAD = {ways.SMS.system: 10}


def faults(*, now: datetime) -> dict[str, list[str]]:
    """What is watched -> what is wrong with it, each as one line."""
    return {
        "copy": copies.reasons(),
        "outside": [outside.in_words(row, now=now) for row in outside.standing(now=now)],
        "pauses": pause_faults(now=now),
        "workers": [f"nobody takes from the queue {queue}" for queue in life.silent(now=now)],
        "beat": [] if leases.holder(ticks.LEASE) else ["none is at work"],
        "queues": queue_faults(now=now),
        "delivery": shares.faults(now=now),
        "appeals": appeal_faults(now=now),
        "certificates": certificate_faults(now=now),
        "lists": crl.faults(now=now),
        "clock": clocks.faults(),
        "redis": memory.faults(),
        "disk": space.faults(),
        **({"bucket": store_faults()} if storage.look() else {}),
        **({"replica": replica_faults()} if replica.is_on() else {}),
        **({"pool": pools.faults()} if pools.is_on() else {}),
        "backup": backup_faults(now=now),
        "drill": drill_faults(now=now),
        "files": file_faults(),
        "stamps": stamping.faults(now=now),
        "waiting room": rush.faults(),
    }


def warnings(*, now: datetime) -> list[str]:
    """What somebody has chosen, or has to do before long: no fault, so nobody is woken by it."""
    years = calendar.years_without_days(timezone.localdate(now))
    found = [f"the holidays of {year} are not loaded: `manage.py load_holidays`" for year in years]
    chosen = [one for one in pauses.standing(now=now) if not pauses.is_forgotten(one, now=now)]
    found += [pauses.in_words(one, now=now) for one in chosen]
    found += rush.warnings(now=now)
    return found + unwatched.warnings() + ([] if settings.TSP_URL else [NO_STAMPS])


def pause_faults(*, now: datetime) -> list[str]:
    """D77: one that lasts so long may have been forgotten."""
    found = [one for one in pauses.standing(now=now) if pauses.is_forgotten(one, now=now)]
    return [pauses.in_words(one, now=now) for one in found]


def queue_faults(*, now: datetime) -> list[str]:
    """Work that is late, and what was given up of what somebody waits for."""
    found = []
    for name, one in queues.every(now=now).items():
        if one.due_at and one.is_late(now=now, patience=queues.PATIENCE):
            minutes = (now - one.due_at) // timedelta(minutes=1)
            found.append(f"{name}: {one.waiting} wait, the oldest for {minutes} min")
        if name not in ways.BESIDE and one.dead > MOST_DEAD.get(name, 0):
            found.append(f"{name}: {one.dead} were given up")
    return found


def appeal_faults(*, now: datetime) -> list[str]:
    """D73."""
    waiting = sum(one.waiting for one in unheard.with_department(now=now))
    said = f"{waiting} wait for an officer who may answer them: `manage.py doctor` names the schools"
    return [said] if waiting else []


def certificate_faults(*, now: datetime) -> list[str]:
    """Authorities, without which nobody signs, ours, by which systems outside know us, those by which
    SmartBridge's envelopes are signed, and those of our own servers."""
    ours = presented.faults(now=now) + keys.faults(now=now) + inner.faults(now=now)
    return trust.faults(now=now) + ours


def file_faults() -> list[str]:
    """Whether an uploaded file can be looked at: by the cell, and by the antivirus where there is one."""
    try:
        warden.examine("jpeg", SMALLEST_JPEG)
        found = []
    except Rejected as rejected:
        found = [f"a good picture is refused in the cell: {rejected.fault}"]
    return found + ([f"antivirus: {fault}" for fault in antivirus.faults()] if settings.CLAMD_URL else [])


def store_faults() -> list[str]:
    """Of the store of files, where it is not this machine's disk."""
    look = storage.look()
    return list(look.faults) if look else []


def replica_faults() -> list[str]:
    """Why the primary is read in its stead."""
    why = replica.watch.standing().why
    return [f"the primary is read: {why}"] if why else []


def backup_made() -> datetime | None:
    """When the file that the backup touches when it has ended well was touched; None where there is none."""
    if not settings.BACKUP_STAMP:
        return None
    try:
        return datetime.fromtimestamp(Path(settings.BACKUP_STAMP).stat().st_mtime, tz=UTC)
    except OSError:
        return None


def backup_faults(*, now: datetime) -> list[str]:
    """Of the last whole one, and of what PostgreSQL hands over between two of them."""
    return _stamp_faults(now=now) + archive_faults()


def archive_faults() -> list[str]:
    """Where PostgreSQL archives its log and cannot: nothing that is written now could be recovered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT failed_count FROM pg_stat_archiver WHERE current_setting('archive_mode') <> 'off'"
            " AND last_failed_time > coalesce(last_archived_time, '-infinity')"
        )
        return ["PostgreSQL cannot archive its log: see its own log"] * len(cursor.fetchall())


def drill_faults(*, now: datetime) -> list[str]:
    """Where DRILL_MAX_DAYS says how old the last good one may be (docs/backup.md)."""
    if not settings.DRILL_MAX_DAYS:
        return []
    done = copies.drilled_at()
    if done is None:
        return ["no backup was ever restored and proven"]
    days = (now - done) // timedelta(days=1)
    return [f"the last was {days} days ago, more than {settings.DRILL_MAX_DAYS}"] * (
        days > settings.DRILL_MAX_DAYS
    )


def _stamp_faults(*, now: datetime) -> list[str]:
    """Where BACKUP_STAMP names that file."""
    if not settings.BACKUP_STAMP:
        return []
    made = backup_made()
    if made is None:
        return [f"{settings.BACKUP_STAMP} is not there: no backup was made"]
    hours = (now - made) / timedelta(hours=1)
    if hours <= settings.BACKUP_MAX_HOURS:
        return []
    return [f"the last one is {hours:.0f} hours old, more than {settings.BACKUP_MAX_HOURS}"]
