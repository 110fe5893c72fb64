"""The journal's chain: each committed entry gets a place, with the hash of the entry and of the link before.

An act never waits for it: entries are written loose, side by side, and linked some seconds later by one
worker at a time. Until then a removed entry is missed by its row, which is not what the journal says last of
it; after that the chain itself shows what was removed, changed, put between or moved. Ids of acts that were
undone are never used, so gaps among them mean nothing; positions have none.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import JournalEntry, JournalLink

BEGINNING = "0" * 64
AT_ONCE = 2000  # links in one transaction
REACH = 20_000  # ids behind the newest linked one; what an act of longer than that wrote is found nightly
LOCK = 0x6F7175_6A6E6C  # "oqujnl", an advisory lock


def link(*, everything: bool = False) -> int:
    """Link what is loose, in the order of ids; how many. Who comes second has nothing to do."""
    linked = 0
    while done := _link_some(0 if everything else REACH):
        linked += done
    return linked


@transaction.atomic
def _link_some(reach: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    entries = list(_loose(reach).order_by("pk")[:AT_ONCE])
    JournalLink.objects.bulk_create(_links(head(), entries))
    return len(entries)


def _loose(reach: int) -> QuerySet[JournalEntry]:
    newest = JournalLink.objects.order_by("-entry").values_list("entry", flat=True).first() or 0
    since = newest - reach if reach else 0
    links = JournalLink.objects.filter(
        entry=OuterRef("pk"), entry__gt=since
    )  # of those long linked none is read
    return JournalEntry.objects.filter(~Exists(links), pk__gt=since)


def loose() -> QuerySet[JournalEntry]:
    """Entries without a place."""
    return _loose(0)


def head() -> JournalLink | None:
    """The last link."""
    return JournalLink.objects.order_by("-position").first()


def _links(last: JournalLink | None, entries: Iterable[JournalEntry]) -> Iterator[JournalLink]:
    for entry in entries:
        last = _next(last, entry.pk, entry_hash(entry))
        yield last


def _next(last: JournalLink | None, entry: int, hashed: str) -> JournalLink:
    position, previous = (last.position + 1, last.hash) if last else (1, BEGINNING)
    own = _sha256([position, entry, hashed, previous])
    return JournalLink(position=position, entry=entry, entry_hash=hashed, previous=previous, hash=own)


def entry_hash(entry: JournalEntry) -> str:
    """Over everything that the entry says."""
    at = entry.at.astimezone(UTC).isoformat()
    told = [entry.pk, at, entry.kind, entry.model, entry.row, entry.said, entry.child, str(entry.nonce)]
    return _sha256([*told, entry.facts])


def _sha256(values: list[Any]) -> str:
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


class Broken(Exception):
    """The first link that does not hold: its position, and what is wrong."""

    def __init__(self, position: int, code: str, entry: int) -> None:
        super().__init__(f"{position} {code} entry {entry}")
        self.position, self.code = position, code


POSITION_MISSING, ENTRY_GONE = "POSITION_MISSING", "ENTRY_GONE"
ENTRY_CHANGED, LINK_CHANGED = "ENTRY_CHANGED", "LINK_CHANGED"


def check() -> int:
    """Walk the chain from its beginning; how long it is. Raises Broken."""
    last: JournalLink | None = None
    for links in _in_portions():
        entries = JournalEntry.objects.in_bulk([one.entry for one in links])
        for one in links:
            if fault := _fault(last, one, entries.get(one.entry)):
                raise Broken(last.position + 1 if last else 1, fault, one.entry)
            last = one
    return last.position if last else 0


def _in_portions() -> Iterator[list[JournalLink]]:
    after = -(2**62)  # a link before the first is one too many
    while links := list(JournalLink.objects.filter(position__gt=after).order_by("position")[:AT_ONCE]):
        yield links
        after = links[-1].position


def _fault(last: JournalLink | None, found: JournalLink, entry: JournalEntry | None) -> str:
    wanted = _next(last, found.entry, found.entry_hash)
    if found.position != wanted.position:
        return POSITION_MISSING
    if entry is None:
        return ENTRY_GONE
    if entry_hash(entry) != found.entry_hash:
        return ENTRY_CHANGED
    return "" if (found.previous, found.hash) == (wanted.previous, wanted.hash) else LINK_CHANGED
