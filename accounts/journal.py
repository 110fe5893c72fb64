"""The journal of acts and reads: who acts is told to the database with each statement that changes a watched
row, so that the row's entry, which a trigger writes in the same transaction, can name them.

It stands in a comment at the statement's end; every other statement says in short whose it is, for who reads
the log of the database or its list of what runs. A setting of the connection would be undone with a savepoint
and cost a question of its own; a comment belongs to its statement alone.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts import security, speaker, throttle
from accounts.models import Child, EntryKind, JournalEntry, Shown, User
from accounts.security import Event
from accounts.watching import watched_tables

CHANGE = re.compile(r'\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)', re.IGNORECASE)


def tell(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Wraps every statement of a connection: a change of a watched row says who makes it, all others by which
    page, task or command they are asked, and in which request. That goes in as the last parameter: a
    statement that were another one in each request would be taken apart anew each time."""
    who, found = speaker.current(), CHANGE.match(sql)
    if who and found and found[1] in watched_tables():
        sql = f"{sql} /*oqu {json.dumps(who.said)}*/"
    elif who and isinstance(params, tuple | list) and not many:
        sql, params = f"{sql} /*%s*/", [*params, who.brief]
    elif who:
        sql = f"{sql} /*'{who.brief}'*/"
    return execute(sql, params, many, context)


def listen(connection: Any, **_signal: Any) -> None:
    """Of each new connection, once. Before the others: a wrapper of a request takes the last one away with
    it, and connections open inside of requests."""
    if tell not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, tell)


def note(kind: EntryKind, about: Model, *, child: Child | None = None, **facts: Any) -> None:
    """An entry of what changes no watched row: a sign-in, a read. `facts` name things, never people."""
    _entry(kind, about, child=child, facts=facts).save(force_insert=True)


def _entry(kind: EntryKind, about: Model, *, child: Child | None, facts: dict[str, Any]) -> JournalEntry:
    who = speaker.current()
    return JournalEntry(
        kind=kind,
        model=about._meta.label_lower,
        row=str(about.pk),
        said=who.said if who else None,
        child=child.pk if child else None,
        facts=facts,
    )


def signed_in(*, user: User, **_signal: Any) -> None:
    """The request is still nobody's while it signs in: the row is the person's."""
    note(EntryKind.SIGN_IN, user)
    security.happened(Event.SIGN_IN, user=user.pk)


def signed_out(*, user: User | None, **_signal: Any) -> None:
    if user is not None:
        note(EntryKind.SIGN_OUT, user)
        security.happened(Event.SIGN_OUT, user=user.pk)


def seen(request: HttpRequest, about: Model, *, child: Child | None, what: Shown) -> None:
    """Somebody is about to be shown a child's data, or those of many. It is written down when the answer
    stands; without the entry nothing is shown."""
    request.__dict__.setdefault("journal_reads", []).append((about, child, what))


def read(about: Model, *, child: Child | None, what: Shown) -> None:
    """The same at once: a look-up tells something also when its answer is a refusal."""
    note(EntryKind.READ, about, child=child, what=what)


def read_all(reads: Iterable[tuple[Model, Child | None, Shown]]) -> None:
    """Many at once."""
    JournalEntry.objects.bulk_create(
        _entry(EntryKind.READ, about, child=child, facts={"what": what}) for about, child, what in reads
    )


def erased(model: type[Model], rows: Iterable[int], *, policy: str, files: int) -> None:
    """The act of erasing at the end of a term: these rows, or what was personal in them, and so many files.
    Of one row it is found by its key."""
    keys = list(rows)
    who = speaker.current()
    JournalEntry.objects.create(
        kind=EntryKind.ERASED,
        model=model._meta.label_lower,
        row=str(keys[0]) if len(keys) == 1 else "",
        said=who.said if who else None,
        facts={"policy": policy, "rows": keys, "files": files},
    )


def was_erased(about: Model) -> bool:
    """Has the portal erased this row, or what was personal in it, by an act of its own?"""
    acts = JournalEntry.objects.filter(kind=EntryKind.ERASED, model=about._meta.label_lower)
    return acts.filter(row=str(about.pk)).exists()


def opened_at_work(rows: Iterable[Model], *, what: Shown) -> set[int]:
    """Which of these rows of one model somebody has opened in a post of theirs."""
    found = {str(row.pk): row for row in rows}
    model = next((row._meta.label_lower for row in found.values()), "")
    looks = JournalEntry.objects.filter(model=model, row__in=list(found), kind=EntryKind.READ)
    opened = looks.filter(facts__what=what, said__posts__icontains=":").values_list("row", flat=True)
    return {int(row) for row in opened.distinct()}


def readers_of(child: Child, *, but: User, also: Q) -> QuerySet[JournalEntry]:
    """Who was shown the child's data, the newest first, without the person's own looks; `also`: looks from
    before the portal knew the child."""
    reads = JournalEntry.objects.filter(Q(child=child.pk) | also, kind=EntryKind.READ)
    return reads.exclude(said__user=but.pk).order_by("-pk")


class Spoken:
    """Every request says who it is; what it shows is written down before its answer goes out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with speaker.speaking("page", **_sender(request)):
            response = self.get_response(request)
            reads = request.__dict__.get("journal_reads")
            if reads and response.status_code < 400:
                read_all(reads)
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """From here on the page's name is known."""
        found = request.resolver_match
        speaker.speak_as(f"page {found.view_name if found else ''}", **_sender(request))


def _sender(request: HttpRequest) -> dict[str, Any]:
    return {"user": getattr(request, "user", None), "address": throttle.address(request)}
