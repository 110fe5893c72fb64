"""A list that a keeper reads through on a page before it is saved (D64).

What was uploaded or typed is kept as it came; it is read anew at each look, so that a line that was asked
about is answered by writing it differently. Saving is one act: of all its schools or of none, against the
versions that the person has seen.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from accounts import seen
from accounts.models import User
from schools import microdistricts, posts, versions
from schools.files import demand_size
from schools.list_files import Source, sources, typed
from schools.microdistricts import Microdistrict
from schools.models import AddressList, ListDraft, School
from schools.versions import Change, Origin

MOST_BYTES = 2_000_000  # of a file by page
MOST_LINES = 2_000  # by page; a larger file is brought by the command
MOST_SCHOOLS = 30  # of one file by page
LONGEST_LINE = 3_000  # letters


class TooMuch(Exception):
    """More than a page reads at once: `load_addresses` does."""


class LongLines(Exception):
    """Lines that are no addresses of a street, by their numbers."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(str(numbers))
        self.numbers = numbers


class NotSaved(Exception):
    """Why the draft is not saved."""


class Unread(NotSaved):
    """There are lines that nobody understands yet."""


class Empty(NotSaved):
    """No address was read: a microdistrict is not emptied by a mistake."""


class NotMeant(NotSaved):
    """More than a tenth changes, and the person has not said that it is meant."""


@dataclass
class Read:
    """A draft as it is read now."""

    draft: ListDraft
    found: list[Microdistrict]

    @property
    def errors(self) -> int:
        return sum(len(one.errors) for one in self.found)

    @property
    def rows(self) -> int:
        return sum(len(one.rows) for one in self.found)

    @cached_property
    def changes(self) -> list[tuple[Microdistrict, Change]]:
        return [(one, versions.difference(one.school, one.rows, one.aliases)) for one in self.found]

    @property
    def is_large(self) -> bool:
        return any(change.is_large for _, change in self.changes)


def of_file(path: Path) -> list[Source]:
    """Raises BadFile, TooMuch, LongLines."""
    demand_size(path, MOST_BYTES)
    return _bounded(sources(path))


def of_text(text: str) -> list[Source]:
    """Raises TooMuch, LongLines."""
    return _bounded(typed(text.replace("\0", " ")))


def _bounded(lines: list[Source]) -> list[Source]:
    if len(lines) > MOST_LINES:
        raise TooMuch
    if long := [each.number for each in lines if len(each.text) > LONGEST_LINE]:
        raise LongLines(long)
    return lines


def begin(
    lines: list[Source], *, author: User, school: School | None, source: str, now: datetime
) -> ListDraft:
    """Of one school, or of several whose lines name them, all of them the author's to keep. Raises BadRows,
    TooMuch."""
    if school is None:
        of_each = microdistricts.by_school(lines, posts.kept_by(author))
        if len(of_each) > MOST_SCHOOLS:
            raise TooMuch
    else:
        microdistricts.demand_no_other(lines, school)
        of_each = {school: lines}
    stored = [[each.number, each.text.strip(), one.pk] for one, theirs in of_each.items() for each in theirs]
    return ListDraft.objects.create(
        author=author, school=school, source=source[:255], lines=stored, created_at=now, changed_at=now
    )


def schools_of(draft: ListDraft) -> QuerySet[School]:
    keys = {key for _, _, key in draft.lines} | ({draft.school_id} if draft.school_id else set())
    return School.objects.filter(pk__in=keys).select_related("locality").order_by("pk")


def read(draft: ListDraft) -> Read:
    of_each: dict[int, list[Source]] = {}
    for number, text, key in draft.lines:
        of_each.setdefault(key, []).append(Source(number, text))
    found = [
        microdistricts.read(of_each[school.pk], school)
        for school in schools_of(draft)
        if school.pk in of_each
    ]
    return Read(draft, found)


def write(draft: ListDraft, texts: Mapping[int, str], more: str, *, reason: str, now: datetime) -> bool:
    """Keep what was typed: lines by their numbers, an empty one is taken out; `more` lines of a draft of one
    school. Was any line changed? Raises TooMuch, LongLines."""
    lines = [
        [number, text, key]
        for number, before, key in draft.lines
        if (text := texts.get(number, before).replace("\0", " ").replace("\r\n", "\n").strip())
    ]
    if draft.school_id:
        last = max((number for number, _, _ in draft.lines), default=0)
        lines += [[last + each.number, each.text, draft.school_id] for each in of_text(more)]
    _bounded([Source(number, text) for number, text, _ in lines])
    is_changed = bool(lines != draft.lines)
    if is_changed or reason != draft.reason:
        draft.lines, draft.reason, draft.changed_at = lines, reason, now
        draft.save(update_fields=["lines", "reason", "changed_at"])
    return is_changed


def mark(draft: ListDraft, standing: Iterable[AddressList]) -> str:
    """Of what the person has seen: the draft's lines, and the versions that they would take the place of."""
    return seen.mark(_state(draft, standing))


def _state(draft: ListDraft, standing: Iterable[AddressList]) -> dict[str, object]:
    return {"lines": draft.lines, "versions": sorted(one.pk for one in standing)}


def standing_of(schools: Iterable[School]) -> list[AddressList]:
    """The versions in force."""
    return list(AddressList.objects.filter(school__in=list(schools), ended=None).order_by("pk").defer("rows"))


@transaction.atomic
def save(
    draft: ListDraft, *, seen_at: str, is_meant: bool, origin: Callable[[ListDraft], Origin], now: datetime
) -> list[AddressList]:
    """The lists of all its schools, or of none (R69). Pressed twice, the second finds it saved and does
    nothing. Raises seen.Stale, NotSaved."""
    locked = ListDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if locked.saved_at:
        return []
    schools = list(schools_of(locked).select_for_update(of=("self",)))
    seen.demand(seen_at, stored=_state(locked, standing_of(schools)), wanted={"lines": None})
    looked = read(locked)
    if looked.errors:
        raise Unread
    if not all(one.rows for one in looked.found) or not looked.found:
        raise Empty
    if looked.is_large and not is_meant:
        raise NotMeant
    made = [microdistricts.replace(one, origin(locked)) for one in looked.found]
    locked.saved_at, locked.lines = now, []
    locked.save(update_fields=["saved_at", "lines"])
    return made
