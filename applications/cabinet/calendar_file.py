"""The due time of an application as a file for the reader's own calendar (RFC 5545): the number and the
school, and nobody's name (D74)."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from applications.models import Application

END = "\r\n"
MOST = 75  # octets of a line; a longer one is folded
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


def of_due_time(application: Application, *, due: datetime, school: str, now: datetime) -> bytes:
    """One event of no length. Its UID stays the same, so that a moved term takes the place of the old one."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    summary = _("OQU: №%(number)s өтінімге жауап беру мерзімі") % {"number": application.number}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//OQU//First grade//KK",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:due-{application.number}@{host}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(due)}",
        f"SUMMARY:{summary.translate(ESCAPES)}",
        f"LOCATION:{school.translate(ESCAPES)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + END for line in lines).encode()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> str:
    """In lines of MOST octets, no letter torn apart; what goes on begins with a space."""
    parts, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > MOST:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += octets
    return END.join(parts)
