"""Heads of the journal's chain, sealed with the portal's key and written to a second place each hour and each
day (JOURNAL_EXPORT_DIR): whoever rewrites the whole chain cannot rewrite what has been carried away.

A file is written once. That it reaches a place where nobody of the portal can change it is the operator's
work.
"""

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.utils import timezone

from accounts import chain
from accounts.models import JournalEntry, JournalLink
from applications.papers import keys

MARK = "OQU-JOURNAL-HEAD-1"  # what a key signs for one purpose is worth nothing for another
LATE = timedelta(hours=2)
HOUR, DAY = "hour-%Y%m%dT%H", "day-%Y%m%d"

FORGED, DIFFERS, MISSING = "HEAD_FORGED", "HEAD_DIFFERS", "ROWS_MISSING"


@dataclass(frozen=True)
class Head:
    position: int
    hash: str
    at: str
    key: str
    signature: str

    @property
    def text(self) -> bytes:
        return _text(self.position, self.hash, self.at, self.key)


@dataclass(frozen=True)
class Fault:
    """What a head that was carried away says against the chain; `missing` counts the rows that are gone."""

    name: str
    code: str
    missing: int = 0


def _text(position: int, hashed: str, at: str, key: str) -> bytes:
    return "|".join([MARK, str(position), hashed, at, key]).encode()


def export(*, now: datetime) -> list[Path]:
    """Write this hour's and this day's head where they are missing. Raises keyring.NoKey, OSError."""
    chain.link()
    last = chain.head()
    folder = Path(settings.JOURNAL_EXPORT_DIR)
    names = [f"{timezone.localtime(now).strftime(form)}.json" for form in (HOUR, DAY)]
    wanted = [folder / name for name in names if not (folder / name).exists()]
    if last is None or not wanted:
        return []
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = json.dumps(asdict(_sealed(last, now)), indent=1) + "\n"
    return [path for path in wanted if _write(path, content)]


def _sealed(last: JournalLink, now: datetime) -> Head:
    key, at = keys.current(keys.QR).id, now.isoformat()
    _, signature = keys.qr_sign(_text(last.position, last.hash, at, key))
    return Head(last.position, last.hash, at, key, base64.b64encode(signature).decode())


def _write(path: Path, content: str) -> bool:
    """Whole or not at all, and never over another."""
    draft = path.with_suffix(".draft")
    try:
        draft.write_text(content)
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def faults() -> list[Fault]:
    """What the heads in JOURNAL_EXPORT_DIR say against the chain as it stands, the oldest first."""
    found = [_read(path) for path in Path(settings.JOURNAL_EXPORT_DIR).glob("*.json")]
    found.sort(key=lambda one: (one[1].position if one[1] else 0, one[0]))
    last = chain.head()
    length = last.position if last else 0
    hashes = dict(
        JournalLink.objects.filter(position__in=[head.position for _, head in found if head]).values_list(
            "position", "hash"
        )
    )
    return [fault for name, head in found if (fault := _fault(name, head, hashes, length))]


def late(*, now: datetime) -> JournalEntry | None:
    """The first entry that waits too long for a head beyond it: the worker, the folder or the key fails."""
    heads = [head for _, head in map(_read, Path(settings.JOURNAL_EXPORT_DIR).glob("*.json")) if head]
    newest = max((head.position for head in heads), default=0)
    first = JournalLink.objects.filter(position__gt=newest).order_by("position").first()
    waiting = JournalEntry.objects.filter(pk=first.entry, at__lt=now - LATE) if first else None
    return waiting.first() if waiting else None


def _read(path: Path) -> tuple[str, Head | None]:
    """The head, or None when no key of ours has sealed it."""
    try:
        head = Head(**json.loads(path.read_text()))
        key = keys.qr_public(head.key)
        if key is None:
            return path.name, None
        key.verify(base64.b64decode(head.signature, validate=True), head.text)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return path.name, None
    return path.name, head


def _fault(name: str, head: Head | None, hashes: dict[int, str], length: int) -> Fault | None:
    if head is None:
        return Fault(name, FORGED)
    if head.position > length:
        return Fault(name, MISSING, missing=head.position - length)
    return None if hashes.get(head.position) == head.hash else Fault(name, DIFFERS)
