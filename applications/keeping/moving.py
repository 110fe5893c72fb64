"""Files from one store into the other, as they lie: locked. A file counts as moved when it was read back and
is the same; it is removed from where it was by another run, which reads both once more. A file that no row
names was erased meanwhile: it is not moved, and does not stay where it was. Each run may be broken off and
repeated, beside a working portal.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from accounts import vault
from accounts.storage import PrivateStore
from applications.keeping import loose

AT_ONCE = 8  # files on their way; a store answers each in its time
MOVED, THERE, WAITS, REMOVED = "moved", "there already", "to be moved", "removed where they were"
ERASED = "erased where they were: no row names them"
# What somebody has to look at; of these nothing is removed.
DIFFERS, MISSING, LOST, LEFT = (
    "DIFFER in the two stores",
    "NOT MOVED yet",
    "LOST: a row names them, no store has them",
    "NAMED BY NO ROW and left: too young, or most of a folder",
)
FAULTS = (DIFFERS, MISSING, LOST, LEFT)
Outcome = Callable[[PrivateStore, PrivateStore, str], str]


class CannotMove(Exception):
    """Said to who has asked."""


def copy(to: str) -> Iterator[Counter[str]]:
    """What became of the files, folder by folder. Raises CannotMove, StoreAway."""
    source, target = _stores(to)
    for folder in loose.FOLDERS:
        found = _work_off(_copy, source, target, _known(source, folder))
        there = {f"{folder}/{name}" for name in loose.listed(target, folder)}
        missing = set(loose.named(folder)) - there
        found[LOST] = sum(not (source.exists(name) or target.exists(name)) for name in missing)
        yield found


def look(to: str) -> Iterator[Counter[str]]:
    """What `copy` would do. Raises CannotMove, StoreAway."""
    source, target = _stores(to)
    for folder in loose.FOLDERS:
        names = _known(source, folder)
        yield _work_off(lambda _, there, name: THERE if there.exists(name) else WAITS, source, target, names)


def remove(to: str) -> Iterator[Counter[str]]:
    """Where they were, what both stores have and what was erased meanwhile. Raises CannotMove, StoreAway."""
    if to != settings.FILES_STORE:
        raise CannotMove(f"the portal does not use {to} yet: set FILES_STORE={to} and restart it first")
    source, target = _stores(to)
    os.sync()  # what was moved to a disk is on it, whatever happens next
    for folder in loose.FOLDERS:
        found = _erase_loose(source, folder)
        remove_one = partial(_remove, set(loose.named(folder)))
        yield found + _work_off(remove_one, source, target, _lying(source, folder))


def _stores(to: str) -> tuple[PrivateStore, PrivateStore]:
    if not settings.S3_ENDPOINT:
        raise CannotMove("there is no other store: S3_ENDPOINT is empty")
    made = {name: storages.create_storage(how) for name, how in settings.PRIVATE_STORES.items()}
    target = made.pop(to)
    (source,) = made.values()
    assert isinstance(source, PrivateStore) and isinstance(target, PrivateStore)
    return source, target


def _lying(store: PrivateStore, folder: str) -> list[str]:
    return [f"{folder}/{name}" for name in loose.listed(store, folder) if not name.startswith(".")]


def _known(store: PrivateStore, folder: str) -> list[str]:
    named = set(loose.named(folder))
    return [name for name in _lying(store, folder) if name in named]


def _erase_loose(source: PrivateStore, folder: str) -> Counter[str]:
    try:
        return +Counter({ERASED: loose.erase(folder, now=timezone.now(), store=source)})
    except loose.WrongStore:
        return Counter()


def _work_off(outcome: Outcome, source: PrivateStore, target: PrivateStore, names: list[str]) -> Counter[str]:
    with ThreadPoolExecutor(AT_ONCE) as hands:
        found = Counter(hands.map(partial(outcome, source, target), names))
    del found[""]
    return found


def _copy(source: PrivateStore, target: PrivateStore, name: str) -> str:
    try:
        stored = source.stored(name)
    except FileNotFoundError:  # erased meanwhile
        return ""
    try:
        if target.digest(name) == hashlib.sha256(stored).hexdigest():
            return THERE
        return THERE if _is_same(stored, target.stored(name)) else DIFFERS
    except FileNotFoundError:
        target.put(name, stored)
    return MOVED if target.stored(name) == stored else DIFFERS


def _remove(known: set[str], source: PrivateStore, target: PrivateStore, name: str) -> str:
    if not target.exists(name):
        if not _lies(source, name):  # erased meanwhile
            return ""
        return MISSING if name in known else LEFT
    try:
        if not _is_same(source.stored(name), target.stored(name)):
            return DIFFERS
    except FileNotFoundError:  # only old versions are left
        if not target.exists(name):  # it was erased meanwhile, and is named by no row the next time
            return LEFT
    source.delete(name)
    return REMOVED


def _lies(store: PrivateStore, name: str) -> bool:
    """Also where only old versions are left."""
    try:
        store.get_modified_time(name)
    except FileNotFoundError:
        return False
    return True


def _is_same(one: bytes, other: bytes) -> bool:
    """One of them may have been locked anew since."""
    try:
        return one == other or vault.unlock(one) == vault.unlock(other)
    except vault.Locked:
        return False
