"""The keys under which data lies: lines `id:base64 of 32 bytes`, in a file or in the environment. Ids sort by
age; the newest locks, all unlock. Read by the settings' guard too, so nothing of Django is needed here."""

import base64
import binascii
import re
from collections.abc import Iterable
from pathlib import Path

KEY_BYTES = 32  # AES-256
LINE = re.compile(r"(?P<id>[A-Za-z0-9]{1,20}):(?P<key>[A-Za-z0-9+/]{43}=)")


class Unreadable(Exception):
    """A line that is no key. Its content is not told."""


def parse(lines: Iterable[str]) -> dict[str, bytes]:
    """By id. Empty lines and comments are passed over. Raises Unreadable."""
    found: dict[str, bytes] = {}
    for line in lines:
        if not (text := line.strip()) or text.startswith("#"):
            continue
        match = LINE.fullmatch(text)
        try:
            key = base64.b64decode(match["key"], validate=True) if match else b""
        except binascii.Error:
            key = b""
        if not match or len(key) != KEY_BYTES or found.get(match["id"], key) != key:
            raise Unreadable
        found[match["id"]] = key
    return found


def read(path: Path) -> dict[str, bytes]:
    """Of a file; a missing one holds none. Raises Unreadable, OSError."""
    return parse(path.read_text().splitlines()) if path.is_file() else {}


def line(key_id: str, key: bytes) -> str:
    return f"{key_id}:{base64.b64encode(key).decode()}"


def is_open_to_others(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & 0o077)
