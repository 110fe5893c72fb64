"""Questions to the database that every page asks: their SQL is made once in a process. To build a query and
to write its SQL costs Django several times what asking costs, and is the same each time but for the values.

    _of_person = Prepared(lambda pk: StaffMember.every.filter(user=pk).select_related("school"), int)
    held = _of_person(user.pk)

The values are whole numbers, texts, days, moments or UUIDs, or a list of numbers or texts that is asked for
by `among`; never None, for by it the SQL itself would differ. A day or a moment that is none of the values
would be of the day when the SQL was made, and is refused. What is told is the database's answer of this
moment; only in a page that has asked the same a moment ago, and has changed and locked nothing since, it is
that one's (`asked_once`).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cached_property
from time import monotonic
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, ForeignObject, Lookup, QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")
Place = tuple[bool, Any]  # of a parameter: is it a value's number, or what is always the same
# In place of each value while the SQL is made: what no query says by itself.
STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda number: 31_337 + number,  # fits into the smallest kind of number
    str: lambda number: f"\ue000{number}",
    date: lambda number: date(1901, 1, 1 + number),
    datetime: lambda number: datetime(1901, 1, 1, second=number, tzinfo=UTC),
    UUID: lambda number: UUID(int=number + 1),
    list[int]: lambda number: [31_337 + number],
    list[str]: lambda number: [f"\ue000{number}"],
}
MOMENT = 1.0  # seconds
READS = re.compile(r"\s*(?:SELECT|WITH)\b")
# What another may have waited for, or what changes something: after it the rows may be others.
ACTS = re.compile(
    r"\bFOR (?:NO KEY )?(?:UPDATE|SHARE|KEY SHARE)\b|\b(?:INSERT|UPDATE|DELETE)\b"
    r"|\b(?:pg_\w+|nextval|setval|set_config)\("
)
_TOLD: ContextVar[dict[Any, tuple[float, list[Any]]] | None] = ContextVar("told", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Meanwhile a question that was asked a moment ago is answered as it was then, by rows made anew; in a
    transaction it is asked. Each rule of a page asks for itself, and a third of what they ask is the same."""
    told: dict[Any, tuple[float, list[Any]]] = {}

    def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql)
        if not READS.match(text) or ACTS.search(text):
            told.clear()
        return execute(sql, params, many, context)

    before = _TOLD.set(told)
    try:
        with connection.execute_wrapper(watch):
            yield
    finally:
        _TOLD.reset(before)


@Field.register_lookup
@ForeignObject.register_lookup
class Among(Lookup):
    """`street_key__among=keys`: one of the list, as `in`, but with the same SQL for a list of any length."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        return list(self.rhs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        # Without the column's length, which would cut a longer value to fit.
        kind = self.lhs.output_field.db_type(connection).partition("(")[0]
        return f"{column} = ANY(%s::{kind}[])", (*params, self.rhs)


class Prepared(Generic[Row]):
    """`build` makes the query of stand-ins, each of a kind of `kinds`; it runs when first asked."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *kinds: type) -> None:
        self._build = build
        self._kinds = kinds

    def __call__(self, *values: Any) -> list[Row]:
        if None in values:
            raise ValueError("nothing is not asked for by a value")
        if self._locks and not connection.in_atomic_block:
            raise TransactionManagementError("a lock wants a transaction")
        sql, places, read = self._made
        told = None if self._locks or _in_transaction() else _TOLD.get()
        if told is None:
            return read(_rows(sql, places, values))
        key = (self, *(tuple(one) if isinstance(one, list) else one for one in values))
        at, rows = told.get(key, (-MOMENT, []))
        if monotonic() - at >= MOMENT:
            rows = _rows(sql, places, values)
            told[key] = (monotonic(), rows)
        return read(list(rows))

    def first(self, *values: Any) -> Row | None:
        return next(iter(self(*values)), None)

    @cached_property
    def _made(self) -> tuple[str, list[Place], Callable[[list[Any]], list[Row]]]:
        """The SQL, where its parameters come from, and how rows are read. Made twice, of other stand-ins:
        what differs and is no value was reckoned from one, and would be baked in."""
        (sql, places, read), (again, others, _) = self._make(0), self._make(len(self._kinds))
        if (sql, places) != (again, others):
            raise ValueError("a value is not in the SQL as it was given")
        return sql, places, read

    @cached_property
    def _locks(self) -> bool:
        return bool(self._build(*self._stand_ins(0)).query.select_for_update)

    def _stand_ins(self, first: int) -> list[Any]:
        return [STAND_INS[kind](number) for number, kind in enumerate(self._kinds, first)]

    def _make(self, first: int) -> tuple[str, list[Place], Callable[[list[Any]], list[Row]]]:
        stand_ins = self._stand_ins(first)
        queryset = self._build(*stand_ins)
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]  # nobody would ask them
            raise ValueError("a prepared question fetches nothing beside")
        if queryset._iterable_class not in (ModelIterable, ValuesListIterable):
            raise ValueError("a prepared question tells rows or tuples")
        compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        places = [_place(value, stand_ins) for value in params]
        if {place for known, place in places if known} != set(range(len(stand_ins))):
            raise ValueError("a value is not in the SQL as it was given")
        return sql, places, _reader(queryset, compiler)


def _in_transaction() -> bool:
    """Its questions are its own: what it has read is gone with it when it is rolled back."""
    blocks: list[Any] = connection.atomic_blocks  # of a test the outermost is no transaction of the portal's
    return any(not block._from_testcase for block in blocks)


def _rows(sql: str, places: list[Place], values: tuple[Any, ...]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [values[place] if known else place for known, place in places])
        found: list[Any] = cursor.fetchall()
        return found


def _place(value: Any, stand_ins: list[Any]) -> Place:
    for number, stand_in in enumerate(stand_ins):
        if isinstance(value, type(stand_in)) and value == stand_in:
            return True, number
    if isinstance(value, date):
        raise ValueError("a moment would be the same for ever")
    return False, value


def _reader(queryset: QuerySet[Any, Any], compiler: Any) -> Callable[[list[Any]], list[Any]]:
    """As Django's own iterables read rows: models with what was selected beside them, or tuples."""
    converters = list(compiler.get_converters([one[0] for one in compiler.select]).items())
    of_models = queryset._iterable_class is ModelIterable

    def rows(found: list[Any]) -> list[Any]:
        return [_converted(row, converters) for row in found] if converters else found

    if not of_models:
        return rows
    fields = compiler.klass_info["select_fields"]
    start, end = fields[0], fields[-1] + 1
    names = [one[0].target.attname for one in compiler.select[start:end]]
    beside = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # of a newer Django
    model, annotations = compiler.klass_info["model"], compiler.annotation_col_map or {}

    def models(found: list[Any]) -> list[Any]:
        return [_model(row) for row in rows(found)]

    def _model(row: Any) -> Any:
        one = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
        for other in beside:
            other.populate(row, one)
        for name, column in annotations.items():
            setattr(one, name, row[column])
        return one

    return models


def _converted(row: Any, converters: list[tuple[int, tuple[list[Any], Any]]]) -> tuple[Any, ...]:
    read = list(row)
    for column, (steps, expression) in converters:
        for step in steps:
            read[column] = step(read[column], expression, connection)
    return tuple(read)
