"""Tables of more rows than a request makes: ordered, made by the worker, fetched by who ordered them (D59).

The row is the queue. Applications are read a piece at a time and only the file itself is held, in which each
takes some hundred bytes; the looks at the children in it are written down with the file, all or none.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.http import QueryDict
from django.utils import timezone, translation

from accounts import journal, portions, speaker
from accounts.models import Child, Protection, Shown, User
from applications import told
from applications.models import Application, DeskMemory, TableExport, TableKind
from applications.review import exports, sheets
from applications.review.queue import Filter
from applications.status import Status
from notifications import leases, queue
from schools import periods, posts

MOST = 50_000  # rows of one order
MOST_KEPT = 5  # files of one person
PIECE = 500
TRIES = 3
RUN = "tables"  # the lease of one run
RUN_LASTS = timedelta(minutes=5)  # longer than its task


class Waits(Exception):
    """One is ordered and not made yet."""


class Enough(Exception):
    """So many files are kept for the person already."""


class Gone(Exception):
    """The order was erased while it was made."""


def order(user: User, kind: TableKind, *, form: str, chosen: Filter, term: str, now: datetime) -> TableExport:
    """One waits at a time: each costs the worker a minute. Raises Waits, Enough."""
    if kept_of(user, now=now).filter(made_at__isnull=False).count() >= MOST_KEPT:
        raise Enough
    try:
        with transaction.atomic():
            return TableExport.objects.create(
                user=user, kind=kind, form=form, lang=translation.get_language(), query=chosen.query,
                term=term, ordered_at=now, next_try_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise Waits from None


def order_again(failed: TableExport, *, now: datetime) -> None:
    """The same once more, as things stand now. Raises Waits."""
    try:
        with transaction.atomic():
            failed.close(dead=False, ordered_at=now, **queue.afresh(now))
    except IntegrityError:
        raise Waits from None


def kept_of(user: User, *, now: datetime) -> QuerySet[TableExport]:
    """The person's orders that have not ended, the newest first. One from before a child was hidden from them
    may hold it (D35), and is given out no more."""
    orders = TableExport.objects.filter(user=user).exclude(ends_at__lte=now).order_by("-pk")
    barred = Protection.objects.in_force().filter(barred_iin=user.iin).aggregate(last=Max("since"))["last"]
    return orders.filter(ordered_at__gt=barred) if barred else orders


def ready(user: User, public_id: UUID, *, now: datetime) -> TableExport | None:
    """What may be fetched: not ended, and the person still works at each school whose rows are in it."""
    made = kept_of(user, now=now).filter(public_id=public_id, made_at__isnull=False).first()
    return made if made and may_fetch(made, school_keys(user)) else None


def may_fetch(made: TableExport, mine: Collection[int]) -> bool:
    """Of no school there is nothing to fetch: the person's last post ended before it was made."""
    return bool(made.schools) and set(mine).issuperset(made.schools)


def school_keys(user: User) -> list[int]:
    return [school.pk for school in posts.schools_of(user)]


def run() -> int:
    """Make those that are due, each of which may take minutes; how many were made."""
    return leases.run_alone(make_next, name=RUN, lasts=RUN_LASTS)


def make_next(*, now: datetime) -> bool | None:
    return queue.do_next(TableExport.objects.filter(made_at=None), _make_unless_gone, now=now, tries=TRIES)


def _make_unless_gone(table: TableExport) -> bool:
    try:
        make(table)
    except Gone:
        return False
    return True


@dataclass
class _Maker:
    """Rows on their way into a file: counted, the looks at them remembered."""

    table: TableExport
    schools: Sequence[int]  # noted before any row is read: a post may end, or begin, meanwhile
    looks: list[tuple[int, int | None]] = field(default_factory=list)  # keys of applications and children

    def passing(self, rows: Iterable[Application]) -> Iterator[Application]:
        for row in rows:
            self.looks.append((row.pk, row.child_id if row.is_whole_to_school else None))
            yield row
            if len(self.looks) % PIECE == 0:
                self.tell()

    def tell(self) -> None:
        """How far it is; the row stays this worker's. Raises Gone."""
        lease = timezone.now() + queue.LEASE
        mine = TableExport.objects.filter(pk=self.table.pk, made_at=None)
        if not mine.update(done=len(self.looks), lease_until=lease):
            raise Gone
        self.table.lease_until = lease


def make(table: TableExport) -> None:
    """Read with the rights that the person has by now. Raises Gone."""
    now, maker = timezone.now(), _Maker(table, school_keys(table.user))
    with speaker.speaking("task applications.make_tables", user=table.user):
        with translation.override(table.lang):
            rows = _rows(table, now=now).filter(intake__school__in=maker.schools)
            TableExport.objects.filter(pk=table.pk).update(done=0, total=rows.count())
            content = sheets.FORMS[table.form].of(_sheet(table, maker, rows, now=now))
        table.file.save("table", ContentFile(content), save=False)
        try:
            _keep(table, maker, sha256=hashlib.sha256(content).hexdigest())
        except BaseException:
            table.file.delete(save=False)
            raise


def _keep(table: TableExport, maker: _Maker, *, sha256: str) -> None:
    now = timezone.now()
    with transaction.atomic():
        _note(maker.looks)
        kept = TableExport.objects.filter(pk=table.pk, made_at=None).update(
            file=table.file.name,
            sha256=sha256,
            schools=maker.schools,
            done=len(maker.looks),
            total=len(maker.looks),
            made_at=now,
            ends_at=now + timedelta(hours=settings.TABLE_EXPORT_HOURS),
            lease_until=None,
        )
        if not kept:
            raise Gone


def _note(looks: Iterable[tuple[int, int | None]]) -> None:
    """Each child in it has been looked at (D53)."""
    left = iter(looks)
    while piece := list(islice(left, PIECE)):
        journal.read_all(
            (Application(pk=pk), Child(pk=child) if child else None, Shown.TABLE) for pk, child in piece
        )


def _rows(table: TableExport, *, now: datetime) -> QuerySet[Application]:
    mine = Application.objects.for_staff(table.user, now=now)
    if table.kind == TableKind.ADMITTED:
        return exports.admitted(mine, year=periods.current_year(now))
    memory = DeskMemory(term=table.term) if table.term else None
    return Filter.read(QueryDict(table.query)).rows(mine, now=now, memory=memory)


def _sheet(table: TableExport, maker: _Maker, rows: QuerySet[Application], *, now: datetime) -> sheets.Sheet:
    if table.kind == TableKind.ADMITTED:
        return exports.admitted_of(maker.passing(exports.class_by_class(rows)))
    mine = Application.objects.for_staff(table.user, now=now)
    to_call = {one.pk for one in told.to_call(mine.exclude(status=Status.WITHDRAWN))}
    every = portions.read(exports.whole(rows), rows.values_list("pk", flat=True), size=PIECE)
    return exports.queue_of(maker.passing(every), to_call=to_call)
