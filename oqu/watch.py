"""What people who run the portal must see and no visitor notices yet: systems outside that fail, a disk that
fills up, a backup that was not made. For `manage.py health` alone: none of it may stop traffic (/healthz).
"""

import base64
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import outside
from applications.documents import antivirus
from applications.documents.cell import warden
from applications.documents.faults import Rejected
from applications.papers import stamping
from egov import presented
from oqu import rush
from schools import calendar

SMALLEST_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////"
    "////////////////////////wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAA"
    "AAD/2gAIAQEAAD8AP//Z"
)
MEGABYTE = 1024 * 1024
NO_STAMPS = "TSP_URL is empty: papers and signatures go without time stamps"


def faults(*, now: datetime) -> dict[str, list[str]]:
    """What is watched -> what is wrong with it, each as one line."""
    return {
        "outside": [outside.in_words(row, now=now) for row in outside.standing(now=now)],
        "certificates": presented.faults(now=now),
        "disk": disk_faults(),
        "backup": backup_faults(now=now),
        "files": file_faults(),
        "stamps": stamping.faults(now=now),
        "waiting room": rush.faults(),
    }


def warnings(*, now: datetime) -> list[str]:
    """What somebody has chosen, or has to do before long: no fault, so nobody is woken by it."""
    years = calendar.years_without_days(timezone.localdate(now))
    found = [f"the holidays of {year} are not loaded: `manage.py load_holidays`" for year in years]
    return found + ([] if settings.TSP_URL else [NO_STAMPS])


def disk_faults() -> list[str]:
    """Of the portal's own folders and the one for passing files; two on one disk are one line."""
    found: dict[int, str] = {}
    for folder in (settings.VAR_DIR, Path(default_storage.path("")), Path(tempfile.gettempdir())):
        try:
            device, free = folder.stat().st_dev, shutil.disk_usage(folder).free // MEGABYTE
        except OSError:  # not made yet: the first file makes it, on the disk of the folder above
            continue
        if free < settings.DISK_FREE_MB:
            found.setdefault(device, f"{folder} has {free} MB left, less than {settings.DISK_FREE_MB}")
    return list(found.values())


def file_faults() -> list[str]:
    """Whether an uploaded file can be looked at: by the cell, and by the antivirus where there is one."""
    try:
        warden.examine("jpeg", SMALLEST_JPEG)
        found = []
    except Rejected as rejected:
        found = [f"a good picture is refused in the cell: {rejected.fault}"]
    return found + ([f"antivirus: {fault}" for fault in antivirus.faults()] if settings.CLAMD_URL else [])


def backup_faults(*, now: datetime) -> list[str]:
    """Where BACKUP_STAMP names the file that the backup touches when it has ended well."""
    if not settings.BACKUP_STAMP:
        return []
    try:
        made = datetime.fromtimestamp(Path(settings.BACKUP_STAMP).stat().st_mtime, tz=UTC)
    except OSError:
        return [f"{settings.BACKUP_STAMP} is not there: no backup was made"]
    hours = (now - made) / timedelta(hours=1)
    if hours <= settings.BACKUP_MAX_HOURS:
        return []
    return [f"the last one is {hours:.0f} hours old, more than {settings.BACKUP_MAX_HOURS}"]
