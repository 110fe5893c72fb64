"""Compile the message catalogues under locale/ (needs no gettext on the machine)."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        catalogues = [path for folder in settings.LOCALE_PATHS for path in Path(folder).rglob("*.po")]
        for path in catalogues:
            # What is compiled already is left: in a container the code cannot be written at all.
            compiled = path.with_suffix(".mo")
            content = polib.pofile(str(path)).to_binary()
            if not compiled.is_file() or compiled.read_bytes() != content:
                compiled.write_bytes(content)
        self.stdout.write(f"{len(catalogues)} catalogues compiled")
