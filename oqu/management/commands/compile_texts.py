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
            polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
        self.stdout.write(f"{len(catalogues)} catalogues compiled")
