"""Fill the portal with demo data: places, schools, seats, microdistricts, staff, holidays, one school's queue
of prepared decisions, and the filing dates of the demo's own academic year, moved around today. Running it
again only moves the dates: what has been changed by hand since, stays.

Everything is invented but the places, the holidays and the official dates of 2026.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications import grounds
from oqu import demo_queue
from schools import classifier, dates, languages, microdistricts, school_lists
from schools.address_lists import parse_line
from schools.list_files import ReadLine
from schools.models import Intake, Locality, Period, School, StaffMember
from schools.periods import LAST_DAY, current_year
from schools.versions import Origin

DATA = Path(school_lists.__file__).parent / "data"
SOON, CLOSED = "550000000", "470000000"  # Pavlodar opens in the coming days, Mangystau has closed
OPENED_AGO, SOON_IN, CLOSED_AGO = timedelta(days=30), timedelta(days=5), timedelta(days=2)


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo data belong to a portal with DEMO=1")
        now = timezone.now()
        year = current_year(now)
        load_places()
        # The next year too: a demo left running over the night of 31 August goes on in it.
        for each in (year, year + 1):
            if not Intake.objects.filter(year=each).exists():
                school_lists.load(DATA / "demo_schools.csv", year=each)
        load_microdistricts()
        load_staff()
        load_dates(now)
        grounds.load(now=now)  # `prepare` has done it; the demo alone needs them too
        demo_queue.load(year, now=now)
        self.stdout.write(f"demo data are in place: {School.objects.count()} schools, year {year}-{year + 1}")


def load_places() -> None:
    classifier.save(classifier.read(classifier.EXTRACT))
    languages.load()


def load_microdistricts() -> None:
    lines: dict[str, list[ReadLine]] = {}
    for number, row in enumerate(_rows("demo_addresses.csv"), start=2):
        lines.setdefault(row["bin"], []).append(ReadLine(number, row["line"], parse_line(row["line"])))
    for school in School.objects.filter(bin__in=lines, addresses=None).select_related("locality"):
        origin = Origin("demo", "demo data", "demo_addresses.csv")
        microdistricts.replace(microdistricts.assemble(lines[school.bin], school), origin)


def load_staff() -> None:
    """A person is staff when this list says so; who they are, eGov says at every sign-in."""
    for row in _rows("demo_staff.csv"):
        names = {key: row[key] for key in ("surname", "name", "patronymic", "phone")}
        unusable = User()
        unusable.set_unusable_password()
        user, _ = User.objects.get_or_create(iin=row["iin"], defaults=names | {"password": unusable.password})
        school = School.objects.get(bin=row["bin"]) if row["bin"] else None
        post = {"user": user, "school": school, "region_id": row["region"] or None, "role": row["role"]}
        if not StaffMember.every.filter(**post).exists():
            StaffMember.objects.create(**post)


def load_dates(now: datetime) -> None:
    """Holidays, the official dates of 2026, and over them the dates of the demo's own year."""
    for path in dates.official_holidays():
        dates.save_holidays(dates.read_holidays(path))
    dates.save_periods(dates.read_periods(dates.OFFICIAL_PERIODS, dates.OFFICIAL_YEAR))
    today, year = timezone.localdate(now), current_year(now)
    dates.save_periods([*demo_periods(year, today), *demo_periods(year + 1, today)])


def demo_periods(year: int, today: date) -> Iterator[Period]:
    """Every region is open since a month, but one that opens in the coming days and one that has closed."""
    last = date(year, *LAST_DAY)
    for kato in Locality.objects.filter(parent=None).values_list("kato", flat=True):
        opens, closes = today - OPENED_AGO, last
        if kato == SOON:
            opens = today + SOON_IN
            closes = max(last, opens)
        elif kato == CLOSED:
            closes = today - CLOSED_AGO
        yield Period(region_id=kato, year=year, opens=opens, closes=closes)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
