"""Changes of rows whose SQL is made once in a process, for each set of columns, as that of questions is
(prepared.py): to write the SQL costs Django several times what the change costs.

    written.update(draft, "route", "intake", only={"status": Status.DRAFT})
    written.insert(message, letter)

Rows are written as `save` and `bulk_create` write them; a value is a value and no expression.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, Model
from django.db.models.signals import post_save

_Field: TypeAlias = "Field[Any, Any]"
ANY: Mapping[str, Any] = MappingProxyType({})


def update(row: Model, *names: str, only: Mapping[str, Any] = ANY) -> bool:
    """Writes these fields of the row, if it still stands and is as `only` says: was it so? One statement,
    which locks the row, looks at it and writes it."""
    model = type(row)
    sql, fields, asked = _updating(model, names, tuple(only))
    values = [_value(field, field.pre_save(row, add=False)) for field in fields]
    wanted = [row.pk, *only.values()]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *map(_value, asked, wanted)])
        return bool(cursor.rowcount)


def insert(*rows: Model, ignore_conflicts: bool = False) -> None:
    """New rows of one model in one statement. With `ignore_conflicts` those that are there already stay as
    they are, and nobody learns which."""
    sql, fields = _inserting(type(rows[0]))
    one = f"({', '.join(['%s'] * len(fields))})"
    end = "ON CONFLICT DO NOTHING" if ignore_conflicts else f"RETURNING {_column(rows[0]._meta.pk)}"
    values = [_value(field, field.pre_save(row, add=True)) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {', '.join([one] * len(rows))} {end}", values)
        keys = [] if ignore_conflicts else cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        told = {"instance": row, "created": True, "raw": False, "using": DEFAULT_DB_ALIAS}
        post_save.send(type(row), **told, update_fields=None)


@cache
def _updating(
    model: type[Model], names: tuple[str, ...], only: tuple[str, ...]
) -> tuple[str, list[_Field], list[_Field]]:
    fields, asked = [_field(model, name) for name in names], [_field(model, name) for name in ("pk", *only)]
    changes = ", ".join(f"{_column(field)} = %s" for field in fields)
    key, *others = map(_column, asked)
    conditions = " AND ".join([f"{key} = %s", *(f"{one} IS NOT DISTINCT FROM %s" for one in others)])
    return f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {conditions}", fields, asked  # noqa: S608 - of names of columns


@cache
def _inserting(model: type[Model]) -> tuple[str, list[_Field]]:
    fields = [field for field in model._meta.local_concrete_fields if field != model._meta.auto_field]
    columns = ", ".join(map(_column, fields))
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES", fields


def _field(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _column(field: Any) -> str:
    return _quoted(field.column)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _value(field: _Field, value: Any) -> Any:
    return field.get_db_prep_save(value, connection=connection)
