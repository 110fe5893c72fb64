"""Where static files are collected while those that lie there are served: none that a page names is short or
gone. What its files are called a version keeps beside its code, for all versions collect into one folder: a
process that begins when the next one has done so names those of its own."""

import json
import os
import re
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

HASHED = re.compile(r"\.[0-9a-f]{12}(?:\.[^./]+)?$")
PUBLIC = 0o644


def put(path: Path, content: bytes) -> None:
    """Whole in its place at once; what is there already stays as it is, half a file does not."""
    if path.is_file() and path.read_bytes() == content:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.chmod(PUBLIC)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


class _Whole(Compressor):  # type: ignore[misc]  # which has no types
    def write_data(self, path: str, data: bytes, suffix: str, stat_result: os.stat_result) -> str:
        put(Path(path + suffix), data)
        return path + suffix


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the same
    support_js_module_import_aggregation = True  # a script imports the very file that its page names
    hashed_files: dict[str, str]

    def __init__(self, *args: Any, code: Path | None = None, **options: Any) -> None:
        """`code`: the folder of the version, where its manifest lies."""
        if code is not None:
            options["manifest_storage"] = FileSystemStorage(code)
        super().__init__(*args, **options)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """Of each file found once: a page names eight, and Django takes each name apart to look it up."""
        if force:
            return str(super().url(name, force))
        if name not in self._addresses:
            self._addresses[name] = str(super().url(name))
        return self._addresses[name]

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return _Whole(**kwargs)

    def exists(self, name: str) -> bool:
        """What bears its hash is never said to be there: Django would believe that it is whole, or take it
        away to make it anew."""
        return not HASHED.search(name) and bool(super().exists(name))

    def _save(self, name: str, content: Any) -> str:
        if not HASHED.search(name):
            return str(super()._save(name, content))
        put(Path(self.path(name)), b"".join(content.chunks()))
        return name

    def save_manifest(self) -> None:
        """In the order of the names: Django's is that of the disk, and another machine tells by the bytes
        whether the files of its version are collected. Beside them it stands for that alone."""
        self.hashed_files = dict(sorted(self.hashed_files.items()))
        paths = ContentFile(json.dumps(list(self.hashed_files.items())).encode())
        self.manifest_hash = self.file_hash(None, paths)
        self._addresses.clear()
        told = {"paths": self.hashed_files, "version": self.manifest_version, "hash": self.manifest_hash}
        for storage in (self.manifest_storage, self):
            put(Path(storage.path(self.manifest_name)), json.dumps(told).encode())
