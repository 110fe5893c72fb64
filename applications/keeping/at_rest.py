"""Is all that should be locked locked, and under a key that is here; locking it anew under the newest."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.files.storage import storages
from django.db import models
from django.db.models.functions import Cast

from accounts import vault
from accounts.fields import LockedTextField
from accounts.storage import PrivateStore

NAMES_AT_ONCE = 10_000  # of files; each portion sorts them all
AT_ONCE = 200
NEWEST = 5  # files of each kind, looked at by `health`
LOST, LOCKED = "LOST", "LOCKED: their key is not here, or they were changed"
PLAIN = ""  # in place of a key's id


def lock_anew(*, dry_run: bool = False) -> Counter[str]:
    """Rows and files that are not under the newest key, locked under it: how many, by what became of them.
    Those that say they are under it are opened: another key may have had its name. May be broken off and
    repeated. Raises vault.NoDataKey when there is no key to lock with."""
    newest, found = vault.current(), Counter[str]()
    for column in _columns():
        for key, stored in _rows(column):
            found[_row(column, key, stored, newest, dry_run=dry_run)] += 1
    for name in _names():
        found[_file(name, newest, dry_run=dry_run)] += 1
    del found[""]
    return found


def faults() -> list[str]:
    """Data under a key that is not here or is another. Of files the newest of each kind are looked at."""
    try:
        known = set(vault.keys())
    except vault.NoDataKey:
        return []  # vault.faults() says it
    texts = [stored for column in _columns() for stored in _heads(column)]
    used = {vault.key_of_text(stored) for stored in texts} | {_key_of(name) for name in _newest_names()}
    changed = {vault.key_of_text(stored) for stored in texts if _is_changed(stored)}
    return [
        f"there is no data key {key_id!r}, and data lie under it" for key_id in sorted(used - known - {PLAIN})
    ] + [
        f"data under {key_id!r} do not open: changed, or of another key of that name"
        for key_id in sorted(changed)
    ]


def lost() -> Iterator[str]:
    """Files that rows name and the store does not have."""
    return (name for name in _names() if not _store().exists(name))


def _is_changed(stored: str) -> bool:
    try:
        vault.unlock_text(stored)
    except vault.Locked as error:
        return isinstance(error, vault.Tampered)
    return False


def _columns() -> Iterator[Any]:
    for model in apps.get_models():
        yield from (field for field in model._meta.concrete_fields if isinstance(field, LockedTextField))


def _stored(column: Any) -> Any:
    """Keys of rows and what stands in the column, as it stands there."""
    rows = column.model._base_manager.annotate(stored=Cast(column.name, models.TextField()))
    return rows.exclude(stored="").order_by("pk")


def _heads(column: Any) -> list[str]:
    """Of the newest rows."""
    newest: list[str] = list(_stored(column).reverse().values_list("stored", flat=True)[:AT_ONCE])
    return newest


def _rows(column: Any) -> Iterator[tuple[Any, str]]:
    after = None
    while True:
        rows = _stored(column)
        found = list((rows.filter(pk__gt=after) if after else rows).values_list("pk", "stored")[:AT_ONCE])
        if not found:
            return
        yield from found
        after = found[-1][0]


def _row(column: Any, key: Any, stored: str, newest: str, *, dry_run: bool) -> str:
    """What became of it; "" when nothing had to, or an act came between, which stands."""
    what = f"{column.model._meta.label_lower} {column.name}"
    same = column.model._base_manager.annotate(stored=Cast(column.name, models.TextField()))
    try:
        if vault.key_of_text(stored) == newest:
            vault.unlock_text(stored)
            return ""
        if dry_run:
            return what
        changed = same.filter(pk=key, stored=stored).update(**{column.name: vault.unlock_text(stored)})
    except vault.Locked:
        return f"{what} {LOCKED}"
    return what if changed else ""


def _names() -> Iterator[str]:
    """Of all files that a row names."""
    for field, rows in _file_columns():
        names, after = rows.values_list(field.name, flat=True).distinct().order_by(field.name), ""
        while found := list(names.filter(**{f"{field.name}__gt": after})[:NAMES_AT_ONCE]):
            yield from found
            after = found[-1]


def _newest_names() -> Iterator[str]:
    for field, rows in _file_columns():
        yield from rows.order_by("-pk").values_list(field.name, flat=True)[:NEWEST]


def _file_columns() -> Iterator[tuple[Any, Any]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield field, model._base_manager.exclude(**{field.name: ""}).order_by()


def _file(name: str, newest: str, *, dry_run: bool) -> str:
    """What became of it; "" when nothing had to."""
    store = _store()
    try:
        if store.key_of(name) == newest:
            store.open(name).close()
            return ""
        if not dry_run:
            store.lock_anew(name)
    except FileNotFoundError:
        return f"files {LOST}"
    except vault.Locked:
        return f"files {LOCKED}"
    return "files"


def _key_of(name: str) -> str:
    try:
        return _store().key_of(name)
    except OSError:
        return PLAIN  # a lost file is told by `verify_signatures`


def _store() -> PrivateStore:
    store = storages["default"]
    if not isinstance(store, PrivateStore):
        raise TypeError("the default store locks no files")
    return store
