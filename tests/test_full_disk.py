"""What is laid beside a file, to take its place whole, is gone when the disk takes no more of it."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.storage import LockedStorage
from applications.papers import heads, keyring
from egov.eds import crl
from oqu import collected


def lock_anew(path: Path, _settings: Any) -> None:
    LockedStorage(location=path.parent).lock_anew(path.name)


def key(path: Path, settings: Any) -> None:
    settings.KEYS_DIR, settings.KEYS = path.parent, []
    keyring.write("seal-260101.p12", b"new")


WRITERS: dict[str, Callable[[Path, Any], object]] = {
    "a locked file under a newer key": lock_anew,
    "a list of revoked certificates": lambda path, _settings: crl._write(path, b"new"),
    "a key": key,
    "a head of the journal": lambda path, _settings: heads._write(path.with_name("new"), "new"),
    "a static file": lambda path, _settings: collected.put(path, b"new"),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_full_disk_keeps_no_half_of_a_file(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, Any], object]
) -> None:
    path = tmp_path / "file.crl"
    path.write_bytes(b"old")

    def half(self: Path, content: Any, *_more: object) -> None:
        with self.open("wb") as file:
            file.write(b"half")
        full()

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", half)
        patched.setattr(Path, "write_text", half)
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write(path, settings)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"file.crl": b"old"}
