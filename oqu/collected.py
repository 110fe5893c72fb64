"""Where static files are collected while those that lie there are served: none is ever short or gone."""

import os
import re
from pathlib import Path
from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

HASHED = re.compile(r"\.[0-9a-f]{12}\.")


class _Whole(Compressor):  # type: ignore[misc]  # which has no types
    def write_data(self, path: str, data: bytes, suffix: str, stat_result: os.stat_result) -> str:
        """In the place of the old one at once."""
        written = Path(super().write_data(path, data, f".{os.getpid()}", stat_result))
        return str(written.replace(path + suffix))


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the same
    support_js_module_import_aggregation = True  # a script imports the very file that its page names

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return _Whole(**kwargs)

    def delete(self, name: str) -> None:
        """A name with its hash is the file that it was: Django would make it anew at each collecting."""
        if not HASHED.search(name):
            super().delete(name)

    def _save(self, name: str, content: Any) -> str:
        if HASHED.search(name) and self.exists(name):
            path, wanted = Path(self.path(name)), content.read()
            if path.read_bytes() == wanted:
                return name
            content.seek(0)
            path.unlink()  # a collecting was broken off
        return str(super()._save(name, content))
