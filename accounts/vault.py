"""Encryption at rest, AES-256-GCM: `lock` what is about to be stored, `unlock` what was read. Keys lie apart
from the data, in DATA_KEYS_FILE or DATA_KEYS (accounts/data_keys.py). What was stored before there was a key
is read as it is, until `manage.py encrypt_stored` has locked it. Hashes on record are of the plain bytes.
"""

import base64
import hashlib
import os
import secrets
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils import timezone

from accounts import data_keys

FILE_MARK = b"OQU-LOCKED-1 "  # then the key's id, a space, the nonce, the locked bytes
TEXT_MARK = "oqu1:"  # then the key's id, a colon, base64 of the nonce and the locked bytes
NONCE_BYTES = 12
LONGEST_HEAD = len(FILE_MARK) + 21


class Locked(OSError):
    """It cannot be read. An error of the store, as a lost file is one."""


class NoDataKey(Locked):
    """The key is not there: none at all to lock with, or not the one that it was locked under."""


class Tampered(Locked):
    """Not what was locked, or under another key of the same name."""


def keys() -> dict[str, bytes]:
    """By id, the oldest first. Raises NoDataKey when they cannot be read."""
    path = Path(settings.DATA_KEYS_FILE)
    try:
        seen = path.stat().st_mtime_ns
    except OSError:
        seen = 0
    return _keys(path, seen, tuple(settings.DATA_KEYS))


@lru_cache(maxsize=4)
def _keys(path: Path, _seen: int, entries: tuple[str, ...]) -> dict[str, bytes]:
    """A file that has changed is read anew: a key that was added serves at once."""
    try:
        found = data_keys.read(path) | data_keys.parse(entries)
    except (data_keys.Unreadable, OSError):
        raise NoDataKey("the data keys cannot be read") from None
    return dict(sorted(found.items()))


def current() -> str:
    """The id of the key that locks. Raises NoDataKey."""
    if found := keys():
        return list(found)[-1]
    raise NoDataKey("there is no data key")


def lock(plain: bytes) -> bytes:
    key_id = current()
    return FILE_MARK + key_id.encode() + b" " + _lock(plain, key_id)


def unlock(stored: bytes) -> bytes:
    """What is not locked comes back as it is. Raises NoDataKey, Tampered."""
    key_id = key_of(stored)
    return _unlock(stored[len(FILE_MARK) + len(key_id) + 1 :], key_id) if key_id else stored


def key_of(head: bytes) -> str:
    """The id of the key of locked bytes, "" of others."""
    if not head.startswith(FILE_MARK):
        return ""
    return head[len(FILE_MARK) : LONGEST_HEAD].partition(b" ")[0].decode("ascii", "replace") or "?"


def lock_text(plain: str) -> str:
    """An empty text stays empty: that there is nothing is no secret, and queries ask for it."""
    if not plain:
        return ""
    key_id = current()
    return f"{TEXT_MARK}{key_id}:{base64.b64encode(_lock(plain.encode(), key_id)).decode()}"


def unlock_text(stored: str) -> str:
    """Raises NoDataKey, Tampered."""
    key_id = key_of_text(stored)
    if not key_id:
        return stored
    try:
        sealed = base64.b64decode(stored[len(TEXT_MARK) + len(key_id) + 1 :], validate=True)
    except ValueError:
        raise Tampered("not what was locked") from None
    return _unlock(sealed, key_id).decode()


def key_of_text(stored: str) -> str:
    return stored[len(TEXT_MARK) :].partition(":")[0] or "?" if stored.startswith(TEXT_MARK) else ""


def _lock(plain: bytes, key_id: str) -> bytes:
    """The key's id is bound to what it locks."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(keys()[key_id]).encrypt(nonce, plain, key_id.encode())


def _unlock(sealed: bytes, key_id: str) -> bytes:
    key = keys().get(key_id)
    if key is None:
        raise NoDataKey(f"there is no data key {key_id!r}")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], key_id.encode())
    except (InvalidTag, ValueError):
        raise Tampered("not what was locked") from None


def ensure(*, now: datetime) -> str:
    """Make the first key; its id, or "" when there is one. Of two at once one makes it."""
    if keys():
        return ""
    try:
        return _write(new_line(now=now), os.O_EXCL)
    except FileExistsError:
        return ""


def make(*, now: datetime) -> str:
    """A new key at the end of DATA_KEYS_FILE, in use from now on; its id."""
    return _write(new_line(now=now), os.O_APPEND)


def _write(line: str, how: int) -> str:
    path = Path(settings.DATA_KEYS_FILE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | how, 0o600), "r+b", buffering=0) as file:
        # who has put the last line there by hand may have left it without an end
        unended = (size := os.fstat(file.fileno()).st_size) and os.pread(file.fileno(), 1, size - 1) != b"\n"
        file.write(("\n" if unended else "").encode() + f"{line}\n".encode())
        os.fsync(file.fileno())
    return line.partition(":")[0]


def new_line(*, now: datetime) -> str:
    """A key as a line of the file or an entry of DATA_KEYS; written nowhere. Its id is the day, a letter
    behind those of the day and the start of the key's digest: what two machines make on one day are two."""
    day, key = f"{timezone.localtime(now):%y%m%d}", secrets.token_bytes(data_keys.KEY_BYTES)
    last = max((key_id[len(day) :][:1] for key_id in keys() if key_id.startswith(day)), default="")
    letter = chr(min(max(ord(last or " ") + 1, ord("a")), ord("z")))
    return data_keys.line(f"{day}{letter}{hashlib.sha256(key).hexdigest()[:8]}", key)


def faults() -> list[str]:
    """What operations must know of the keys themselves."""
    path = Path(settings.DATA_KEYS_FILE)
    try:
        found = [] if keys() else ["there is no data key"]
    except NoDataKey as error:
        found = [str(error)]
    return found + ([f"{path.name} can be read by others"] if data_keys.is_open_to_others(path) else [])
