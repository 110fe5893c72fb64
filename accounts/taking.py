"""Does the store of files take what it is given, and this machine's disk too? Asked with a file of no use to
anybody; what is refused is a system outside that refuses us (accounts/outside.py), so that somebody hears of
it, and no row of a queue pays for it with a try.
"""

import errno
import secrets
import socket
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.files.storage import storages

from accounts import outside
from accounts.storage import DISK, STORE, PrivateStore, StoreAway, disk_as_store
from egov.errors import Misconfigured, Unavailable

SMALL, LARGE = 1024, 5 * 1024 * 1024  # bytes: what is left of a quota may take the one and not the other
LARGE_EACH = 10  # minutes
ROOM = 1024 * 1024  # of a machine's disk: a paper, while it is made
LOST = "what was written a moment ago is not there"

_left: list[str] = []  # what the store has not let this process take away again


def is_of_all(error: StoreAway, *, now: datetime) -> bool:
    """Written down; would every other file fare the same, so that its row waits and pays no try? What may be
    refused to one file alone is known by what becomes of another."""
    if not error.passing:
        return not knock(now=now, size=LARGE)
    _note(error, now)
    return True


def knock(*, now: datetime, size: int = 0) -> bool:
    """Does the store take a file, give it back and let it go? After a refusal a large one, and now and then
    anyway: else what fits would hide what does not."""
    known = outside.heed(STORE)
    try:
        _try(size or (LARGE if known or now.minute % LARGE_EACH == 0 else SMALL))
    except StoreAway as error:
        away = error
    except FileNotFoundError:
        away = StoreAway(LOST)
    except OSError as error:  # of a disk whose folder is another's
        away = StoreAway(_words(error), ours=True)
    else:
        outside.over(known)
        return True
    _note(away, now)
    return False


def look_here(*, now: datetime) -> None:
    """At the disk of this machine, on which whoever makes a paper lays its parts. What another machine has
    met stays."""
    mine = [row for row in outside.heed(DISK) if row.reason.startswith(_here(""))]
    try:
        with disk_as_store():
            _fill_and_leave()
    except StoreAway as error:
        _note(error, now)
    except OSError as error:
        _note(StoreAway(_words(error), system=DISK, ours=True), now)
    else:
        outside.over(mine)


def _note(error: StoreAway, now: datetime) -> None:
    if error.asked:
        words = _here(str(error)) if error.system == DISK else str(error)
        outside.failed((Misconfigured if error.ours else Unavailable)(error.system, words), now=now)


def _try(size: int) -> None:
    """Raises OSError. The name is one that keeping finds, should the file be left behind for good; while
    one is left no other is laid beside it."""
    store = cast(PrivateStore, storages["default"])
    _take_away(store)
    name, content = f"{secrets.token_hex(1)}/{secrets.token_hex(16)}", bytes(size)
    _left.append(name)  # also where half of it was taken
    try:
        _lay(store, name, content)
    except OSError:
        with suppress(OSError):  # what was wrong first is told
            _take_away(store)
        raise
    _take_away(store)


def _lay(store: PrivateStore, name: str, content: bytes) -> None:
    try:
        store.put(name, content)
    except StoreAway as error:
        if error.ours:  # a refusal: nothing of it lies there
            _left.remove(name)
        raise
    if store.stored(name) != content:
        raise StoreAway(LOST)


def _take_away(store: PrivateStore) -> None:
    for name in _left[:]:
        store.delete(name)
        _left.remove(name)


def _fill_and_leave() -> None:
    """Files without a name: nothing is left of them, whatever becomes of this process."""
    folders = {Path(tempfile.gettempdir()), Path(settings.VAR_DIR)}
    for folder in sorted(each for each in folders if each.is_dir()):
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))


def _words(error: OSError) -> str:
    return f"the disk says {errno.errorcode.get(error.errno or 0, type(error).__name__)}"


def _here(words: str) -> str:
    return f"{socket.gethostname()[:40]}: {words}"
