"""Notes of a school on an application (D50): its people read them, but for who is the child's own parent; the
author may take one back until the day ends. The journal keeps that it was written, and by whom."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from accounts.prepared import Prepared
from applications import hands
from applications.models import Application, Note

_WRITTEN = Prepared(
    lambda application: Note.objects.filter(application=application).select_related("author"), int
)
MOST = 100  # on one application; whoever needs more has another question


class TooMany(Exception):
    pass


def of(application: Application, user: User, *, now: datetime) -> list[Note] | None:
    """With `is_open` on those that the user may still take back; None when notes are not for them. The caller
    has checked that the application is of a school of theirs."""
    if hands.bar(application, user):
        return None
    found = _WRITTEN(application.pk)
    for one in found:
        one.__dict__["is_open"] = _may_delete(one, user, now=now)
    return found


def write(application: Application, text: str, *, by: User, now: datetime) -> None:
    """The same words twice in a row (a double click) are one note. Raises Barred, TooMany."""
    hands.demand(application, by)
    last = application.notes.last()
    if last and (last.author_id, last.text) == (by.pk, text):
        return
    if application.notes.count() >= MOST:
        raise TooMany
    application.notes.create(author=by, text=text, written_at=now)


def delete(application: Application, pk: int, *, by: User, now: datetime) -> bool:
    """False when it is another's, or of another day, or gone."""
    found = application.notes.filter(pk=pk).first()
    if found is None or not _may_delete(found, by, now=now):
        return False
    found.delete()
    return True


def _may_delete(note: Note, user: User, *, now: datetime) -> bool:
    return note.author_id == user.pk and timezone.localdate(note.written_at) == timezone.localdate(now)
