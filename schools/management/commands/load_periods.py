"""Load the regions' filing dates of a year; without a file, the official ones that come with the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schools import dates
from schools.files import BadFile
from schools.models import Locality, Period


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int, help="first year of the academic year, e.g. 2026")
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument(
            "--ask-documents",
            choices=["on", "off"],
            help="may schools ask parents for a better document in that year; loads no dates without a file",
        )
        parser.add_argument("--region", default="", help="of --ask-documents: one region by its code")
        parser.add_argument("--dry-run", action="store_true", help="read and check, save nothing")

    def handle(self, *args: Any, year: int, file: Path | None, dry_run: bool, **options: Any) -> None:
        if file or not options["ask_documents"]:
            self._load(year, file, dry_run=dry_run)
        if options["ask_documents"]:
            self._switch(year, options["region"], on=options["ask_documents"] == "on", dry_run=dry_run)

    def _switch(self, year: int, region: str, *, on: bool, dry_run: bool) -> None:
        found = Period.objects.filter(year=year)
        if region:
            found = found.filter(region=region)
        if not found.exists():
            raise CommandError(f"no dates of {year} are loaded for it")
        count = found.count() if dry_run else found.update(asks_documents=on)
        self.stdout.write(f"asking for documents is {'on' if on else 'off'} in {count} regions of {year}")

    def _load(self, year: int, file: Path | None, *, dry_run: bool) -> None:
        if file is None and year != dates.OFFICIAL_YEAR:
            raise CommandError(f"the portal has the dates of {dates.OFFICIAL_YEAR} only: name a file")
        try:
            periods = dates.read_periods(file or dates.OFFICIAL_PERIODS, year)
        except BadFile as error:
            raise CommandError(str(error)) from error
        if not dry_run:
            dates.save_periods(periods)
        known = {period.region_id for period in periods}
        known |= set(Period.objects.filter(year=year).values_list("region", flat=True))
        missing = Locality.objects.filter(parent=None).exclude(kato__in=known).count()
        done = "read" if dry_run else "loaded"
        self.stdout.write(f"{len(periods)} periods of {year} {done}; {missing} regions without dates")
