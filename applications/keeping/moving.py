"""Files from one store into the other, as they lie: locked. A file counts as moved when it was read back and
is the same; it is removed from where it was by another run, which reads both once more. Each run may be
broken off and repeated, beside a working portal.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings
from django.core.files.storage import storages

from accounts import vault
from accounts.storage import PrivateStore
from applications.keeping import loose

AT_ONCE = 8  # files on their way; a store answers each in its time
MOVED, THERE, WAITS, REMOVED = "moved", "there already", "to be moved", "removed where they were"
# What somebody has to look at; of these nothing is removed.
DIFFERS, MISSING, LOST = (
    "DIFFER in the two stores",
    "NOT MOVED yet",
    "LOST: a row names them, no store has them",
)
FAULTS = (DIFFERS, MISSING, LOST)
Outcome = Callable[[PrivateStore, PrivateStore, str], str]


class CannotMove(Exception):
    """Said to who has asked."""


def copy(to: str) -> Iterator[Counter[str]]:
    """What became of the files, folder by folder. Raises CannotMove, StoreAway."""
    source, target = _stores(to)
    for folder in loose.FOLDERS:
        found = _work_off(_copy, source, target, folder)
        there = {f"{folder}/{name}" for name in loose.listed(target, folder)}
        missing = set(loose.named(folder)) - there
        found[LOST] = sum(not (source.exists(name) or target.exists(name)) for name in missing)
        yield found


def look(to: str) -> Iterator[Counter[str]]:
    """What `copy` would do. Raises CannotMove, StoreAway."""
    source, target = _stores(to)
    for folder in loose.FOLDERS:
        yield _work_off(lambda _, there, name: THERE if there.exists(name) else WAITS, source, target, folder)


def remove(to: str) -> Iterator[Counter[str]]:
    """Where they were, what both stores have. Raises CannotMove, StoreAway."""
    if to != settings.FILES_STORE:
        raise CannotMove(f"the portal does not use {to} yet: set FILES_STORE={to} and restart it first")
    source, target = _stores(to)
    os.sync()  # what was moved to a disk is on it, whatever happens next
    for folder in loose.FOLDERS:
        yield _work_off(_remove, source, target, folder)


def _stores(to: str) -> tuple[PrivateStore, PrivateStore]:
    if not settings.S3_ENDPOINT:
        raise CannotMove("there is no other store: S3_ENDPOINT is empty")
    made = {name: storages.create_storage(how) for name, how in settings.PRIVATE_STORES.items()}
    target = made.pop(to)
    (source,) = made.values()
    assert isinstance(source, PrivateStore) and isinstance(target, PrivateStore)
    return source, target


def _work_off(outcome: Outcome, source: PrivateStore, target: PrivateStore, folder: str) -> Counter[str]:
    names = [f"{folder}/{name}" for name in loose.listed(source, folder) if not name.startswith(".")]
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


def _remove(source: PrivateStore, target: PrivateStore, name: str) -> str:
    try:
        same = _is_same(source.stored(name), target.stored(name))
    except FileNotFoundError:
        return MISSING if source.exists(name) else ""
    if same:
        source.delete(name)
    return REMOVED if same else DIFFERS


def _is_same(one: bytes, other: bytes) -> bool:
    """One of them may have been locked anew since."""
    try:
        return one == other or vault.unlock(one) == vault.unlock(other)
    except vault.Locked:
        return False
