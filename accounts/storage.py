"""The stores of private files: what lies in them is locked (accounts/vault.py), and plain to who opens it. On
disk here; in an S3-compatible store: accounts/object_store.py."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from accounts import vault

# What a disk says that is full, or takes nothing more: a row of a queue waits for it and pays no try.
TAKES_NOTHING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})  # of a folder or of all
STORE, DISK = "store", "disk"  # of accounts.outside; the second is a machine's own, whatever the store is


class StoreAway(OSError):
    """The store does not say what it holds, or has not taken what it was given: nothing is known of the file.
    One that it does not hold is a FileNotFoundError. A refusal that may be of this one file is not `passing`:
    to wait may help nothing. `ours`: nor does it pass before somebody makes room or gives the right. Not
    `asked`: somebody else was a moment ago, and has said how it went."""

    def __init__(
        self,
        words: str,
        *,
        passing: bool = True,
        ours: bool = False,
        asked: bool = True,
        system: str = STORE,
    ) -> None:
        super().__init__(words)
        self.passing, self.ours, self.asked, self.system = passing, ours, asked, system


@dataclass(frozen=True)
class Look:
    """How a store answered, when it was last asked how it is."""

    faults: tuple[str, ...]
    seconds: float


class PrivateStore(Storage):
    """What both stores can do. A name is given once: nothing is ever written over it but the same file under
    a newer key."""

    def _save(self, name: str, content: Any) -> str:
        content.seek(0)
        return self.put(name, vault.lock(content.read()))

    def _open(self, name: str, mode: str = "rb") -> Any:
        """Raises StoreAway, FileNotFoundError, and vault.NoDataKey and vault.Tampered, which are OSErrors."""
        return ContentFile(vault.unlock(self.stored(name)), name=name)

    def stored(self, name: str) -> bytes:
        """The file as it lies there. Raises StoreAway, FileNotFoundError."""
        raise NotImplementedError

    def put(self, name: str, stored: bytes) -> str:
        """Lay it there as it is; the name that it has got."""
        raise NotImplementedError

    def digest(self, name: str) -> str:
        """SHA-256 of what lies there, by the cheapest way that can be trusted."""
        return hashlib.sha256(self.stored(name)).hexdigest()

    def key_of(self, name: str) -> str:
        """The id of the key under which the file lies, "" when it lies plain."""
        raise NotImplementedError

    def look(self) -> Look | None:
        """None of a disk: oqu/space.py looks at it."""
        return None

    def lock_anew(self, name: str) -> None:
        """Under the newest key; at each moment the old file or the new one is there, whole."""
        raise NotImplementedError


class LockedStorage(PrivateStore, FileSystemStorage):
    def _open(self, name: str, mode: str = "rb") -> Any:
        if mode != "rb":
            return FileSystemStorage._open(self, name, mode)  # type: ignore[attr-defined]  # Django's own inside
        return super()._open(name, mode)

    def stored(self, name: str) -> bytes:
        return Path(self.path(name)).read_bytes()

    def put(self, name: str, stored: bytes) -> str:
        """Whole under its name or not there: what is broken off leaves a draft, which keeping removes. Raises
        StoreAway."""
        with disk_as_store(STORE):
            try:
                return self._put(name, stored)
            except OSError as error:
                if error.errno in FORBIDDEN:
                    raise _says(error, passing=False) from error
                raise

    def _put(self, name: str, stored: bytes) -> str:
        path = Path(self.path(name))
        beside = str(PurePosixPath(name).with_name(f".{path.name}"))
        save = FileSystemStorage._save  # type: ignore[attr-defined]  # Django's own inside
        try:
            draft = Path(self.path(save(self, beside, ContentFile(stored))))
        except OSError:  # of a disk that is full each byte counts
            Path(self.path(beside)).unlink(missing_ok=True)
            raise
        try:
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError:
            if path.read_bytes() != stored:
                raise
        finally:
            draft.unlink()
        return name

    def key_of(self, name: str) -> str:
        with Path(self.path(name)).open("rb") as opened:
            return vault.key_of(opened.read(vault.LONGEST_HEAD))

    def lock_anew(self, name: str) -> None:
        path = Path(self.path(name))
        stored = path.read_bytes()
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(vault.lock(vault.unlock(stored)))
                file.flush()
                os.fsync(file.fileno())
            if path.exists():  # else it was erased meanwhile
                draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def takes_nothing(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in TAKES_NOTHING


@contextmanager
def disk_as_store(system: str = DISK) -> Iterator[None]:
    """A disk that takes nothing more, also one for files in passing, is a store that is away: to wait helps.
    Raises StoreAway."""
    try:
        yield
    except OSError as error:
        if takes_nothing(error):
            raise _says(error, system=system) from error
        raise


def _says(error: OSError, **more: Any) -> StoreAway:
    return StoreAway(f"the disk says {errno.errorcode[error.errno or 0]}", ours=True, **more)


def look() -> Look | None:
    """At the store in use."""
    store = storages["default"]
    return store.look() if isinstance(store, PrivateStore) else None
