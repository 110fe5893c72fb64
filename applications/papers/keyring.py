"""Where the platform's keys lie: files of KEYS_DIR, and beside them what the environment brings in KEYS, for
machines that are given secrets and no disk (`manage.py keys pack` writes that text)."""

import base64
import binascii
import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

PRIVATE = (".p12", ".key")
PUBLIC = (".crt", ".pub")


class NoKey(Exception):
    """There is no key to sign with: `manage.py keys ensure` makes one."""


class KeptElsewhere(Exception):
    """The keys come from the environment: a file made here would be used by this machine alone."""


def folder() -> Path:
    return Path(settings.KEYS_DIR)


def names() -> list[str]:
    """Names of all parts, each once."""
    files = {path.name for path in folder().glob("[!.]*") if path.suffix in PRIVATE + PUBLIC}
    return sorted(files | set(_packed(tuple(settings.KEYS))))


def read(name: str) -> bytes:
    """The environment is asked first: there is no file to be read on the way."""
    packed = _packed(tuple(settings.KEYS))
    return packed[name] if name in packed else (folder() / name).read_bytes()


def write(name: str, content: bytes) -> None:
    """Never over an existing key; the file is complete or absent."""
    if settings.KEYS:
        raise KeptElsewhere
    mode = 0o600 if Path(name).suffix in PRIVATE else 0o644
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder() / f".{name}.{os.getpid()}"
    try:
        draft.touch(mode=mode)
        draft.chmod(mode)
        draft.write_bytes(content)
        os.link(draft, folder() / name)
    finally:
        draft.unlink(missing_ok=True)


def open_to_others() -> list[str]:
    """Files with a private part that somebody else could read."""
    private = (path for path in sorted(folder().glob("*")) if path.suffix in PRIVATE)
    return [path.name for path in private if path.stat().st_mode & 0o077]


def is_left_out(name: str) -> bool:
    """Other machines do not have this part: there is KEYS, and it is not in it."""
    packed = _packed(tuple(settings.KEYS))
    return bool(packed) and name not in packed


def pack(new: dict[str, bytes] | None = None) -> str:
    """All parts, and new ones, as the value of KEYS; the private ones stay under SEAL_PASSWORD."""
    parts = {name: read(name) for name in names()} | (new or {})
    return ",".join(f"{name}:{base64.b64encode(parts[name]).decode()}" for name in sorted(parts))


@lru_cache(maxsize=2)
def _packed(entries: tuple[str, ...]) -> dict[str, bytes]:
    found = {}
    for entry in entries:
        name, _, content = entry.strip().partition(":")
        try:
            found[name] = base64.b64decode(content, validate=True)
        except binascii.Error:
            raise NoKey("KEYS is not what `manage.py keys pack` has written") from None
        if Path(name).suffix not in PRIVATE + PUBLIC:
            raise NoKey("KEYS is not what `manage.py keys pack` has written")
    return found
