"""A list that a keeper reads through on a page before it is saved (D64).

What was uploaded or typed is kept as it came; it is read anew at each look, so that a line that was asked
about is answered by writing it differently. Saving is one act: of all its schools or of none, against the
versions that the person has seen.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from accounts import seen
from accounts.models import User
from schools import microdistricts, posts, versions
from schools.files import Limits, TooMuch, bounded, demand_size
from schools.list_files import Source, sources, typed
from schools.microdistricts import Microdistrict
from schools.models import AddressList, ListDraft, School
from schools.tables import TITLE_ROWS
from schools.versions import Change, Origin

MOST_BYTES = 2_000_000  # of a file by page
MOST_LINES = 2_000  # by page; a larger file is brought by the command
MOST_SCHOOLS = 30  # of one file by page
LONGEST_LINE = 3_000  # letters
MOST_HOUSES = 50_000  # numbers in the lines, before they are read as houses
MOST_LETTERS = 300_000  # of a text by page: in bytes less than a form may have (DATA_UPLOAD_MAX_MEMORY_SIZE)


NUMBER = re.compile(r"\d+")
OF_LINES = Limits(MOST_LINES, LONGEST_LINE)
OF_FILE = Limits(MOST_LINES + TITLE_ROWS, LONGEST_LINE)  # its titles are no lines


class Crossed(Exception):
    """Lines that were mended here and, since they were shown, in another window; nothing was written."""


class NotSaved(Exception):
    """Why the draft is not saved."""


class Unread(NotSaved):
    """There are lines that nobody understands yet."""


class Empty(NotSaved):
    """No address was read: a microdistrict is not emptied by a mistake."""


class NotMeant(NotSaved):
    """More than a tenth changes, and the person has not said that it is meant."""


@dataclass
class Typed:
    """What a window sends: its lines by their numbers, and the marks that it was shown them with."""

    lines: dict[int, str]
    shown: dict[int, str]
    more: str = ""
    reason: str = ""

    @property
    def mended(self) -> dict[int, str]:
        """The lines that were written differently here; of a window without marks all of them may be."""
        texts = {number: _tidy(text) for number, text in self.lines.items()}
        return {number: text for number, text in texts.items() if line_mark(text) != self.shown.get(number)}


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
    """Raises BadFile."""
    demand_size(path, MOST_BYTES)
    lines = sources(path, OF_FILE)
    _demand_bounded((each.number, each.text) for each in lines)
    return lines


def of_text(text: str) -> list[Source]:
    """Raises BadFile."""
    lines = typed(text, OF_LINES)
    _demand_bounded((each.number, each.text) for each in lines)
    return lines


def _demand_bounded(lines: Iterable[tuple[int, str]]) -> None:
    houses = 0
    for _number, [text] in bounded(((number, [text]) for number, text in lines), OF_LINES):
        houses += len(NUMBER.findall(text))
        if houses > MOST_HOUSES:
            raise TooMuch(f"more than {MOST_HOUSES} houses")


def begin(
    lines: list[Source],
    *,
    author: User,
    school: School | None,
    source: str,
    now: datetime,
    base: int | None = None,
) -> ListDraft:
    """Of one school, or of several whose lines name them, all of them the author's to keep; `base`: the
    version whose text was mended. Raises BadFile."""
    if school is None:
        of_each = microdistricts.by_school(lines, posts.kept_by(author))
        if len(of_each) > MOST_SCHOOLS:
            raise TooMuch(f"more than {MOST_SCHOOLS} schools")
    else:
        microdistricts.demand_no_other(lines, school)
        of_each = {school: lines}
    stored = [[each.number, each.text.strip(), one.pk] for one, theirs in of_each.items() for each in theirs]
    return ListDraft.objects.create(
        author=author,
        school=school,
        source=source[:255],
        lines=stored,
        last_line=max((each.number for each in lines), default=0),
        base=base,
        created_at=now,
        changed_at=now,
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


def line_mark(text: str) -> str:
    """Of one line, for the window that shows it."""
    return seen.mark({"text": _tidy(text)})[:8]


def _tidy(text: str) -> str:
    return text.replace("\0", " ").replace("\r\n", "\n").replace("\r", "\n").strip()


def crossed(draft: ListDraft, typed: Typed) -> dict[int, str]:
    """Lines mended both here and in another window, with the text that stands; without any where the line was
    taken out."""
    standing = {number: _tidy(text) for number, text, _ in draft.lines}
    return {
        number: standing.get(number, "")
        for number, text in typed.mended.items()
        if number in typed.shown and standing.get(number, "") != text
        if line_mark(standing.get(number, "")) != typed.shown[number]
    }


@transaction.atomic
def write(draft: ListDraft, typed: Typed, *, now: datetime) -> bool:
    """Keep what was mended: an empty line is taken out; `more` lines of a draft of one school. Was any line
    changed? Raises BadFile, Crossed, ListDraft.DoesNotExist."""
    draft.refresh_from_db(from_queryset=ListDraft.objects.select_for_update())
    if draft.saved_at:
        return False
    if crossed(draft, typed):
        raise Crossed
    mended = typed.mended
    lines = [
        [number, text, key] for number, before, key in draft.lines if (text := mended.get(number, before))
    ]
    last = max([draft.last_line, *(number for number, _, _ in draft.lines)])
    if draft.school_id:
        more = of_text(typed.more)
        lines += [[last + each.number, each.text.strip(), draft.school_id] for each in more]
        last += max((each.number for each in more), default=0)
    _demand_bounded((number, text) for number, text, _ in lines)
    is_changed = bool(lines != draft.lines)
    if is_changed or typed.reason != draft.reason:
        draft.lines, draft.last_line, draft.reason, draft.changed_at = lines, last, typed.reason, now
        draft.save(update_fields=["lines", "last_line", "reason", "changed_at"])
    return is_changed


def is_outdated(draft: ListDraft, standing: Iterable[AddressList]) -> bool:
    """Was the list that its text was taken from replaced meanwhile?"""
    return draft.base is not None and draft.base != next((one.pk for one in standing), 0)


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
