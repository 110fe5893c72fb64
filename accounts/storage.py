"""The store of private files: each lies locked on disk (accounts/vault.py), and is plain to who opens it."""

import os
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from accounts import vault


class LockedStorage(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        content.seek(0)
        locked = ContentFile(vault.lock(content.read()))
        saved: str = super()._save(name, locked)  # type: ignore[misc]  # of Django's own inside
        return saved

    def _open(self, name: str, mode: str = "rb") -> Any:
        """Raises vault.NoDataKey and vault.Tampered, which are OSErrors."""
        opened = super()._open(name, mode)  # type: ignore[misc]  # of Django's own inside
        if mode != "rb":
            return opened
        with opened:
            return ContentFile(vault.unlock(opened.read()), name=name)

    def key_of(self, name: str) -> str:
        """The id of the key under which the file lies, "" when it lies plain."""
        with Path(self.path(name)).open("rb") as opened:
            return vault.key_of(opened.read(vault.LONGEST_HEAD))

    def lock_anew(self, name: str) -> None:
        """Under the newest key; at each moment the old file or the new one is there, whole."""
        path = Path(self.path(name))
        stored = path.read_bytes()
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(vault.lock(vault.unlock(stored)))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():  # else it was erased meanwhile
            draft.replace(path)
        draft.unlink(missing_ok=True)
