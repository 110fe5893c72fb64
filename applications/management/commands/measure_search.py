"""Measure how a school's search in its queue grows with the country: by a part of a number, by a part of a
name and by the end of an IIN, among 10,000 applications and among a million, of which the school has 300 both
times. Each is told as so many reads of one row by its key in the same run, so that the machine counts for
nothing; the exit code is 1 when one grows by more than half. The rows are made up in temporary tables, which
stand before the portal's own for this connection alone and are gone at the end: nobody waits for them, and
the journal is told nothing. Needs about 2 KB of disk an application."""

import random
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.paginator import Paginator
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import Child, User
from applications.models import Application, DeskMemory, Route
from applications.review import listed, queue
from applications.status import Status
from schools import periods
from schools.models import Intake, Language, Locality, Role, School, StaffMember

FEW, OF_A_SCHOOL, MOST_GROWTH = 10_000, 300, 1.5
TABLES: tuple[type[models.Model], ...] = (
    Locality, Language, School, Intake, StaffMember, User, Child, Application,
)  # fmt: skip
TEMPLATE = 0  # the key of the row that all others of its table are made after
NONE = "9" * 12
# An application's school, and which of the school's it is: of these what is looked for finds the same few.
_SCHOOL, _WHICH = "(n %% %(schools)s)", "lpad((n / %(schools)s)::text, 4, '0')"
_NUMBER = f"'9999-' || {_WHICH} || lpad({_SCHOOL}::text, 6, '0')"
_PERSON = (
    f"'iin', lpad({_SCHOOL}::text, 8, '0') || {_WHICH}, "
    f"'surname', 'Ә' || translate({_WHICH}, '0123456789', 'бвгджзклмн')"
)
_FACTS: dict[type[models.Model], str] = {  # of the rows: what differs from one to the next
    School: "'bin', lpad(n::text, 12, '0')",
    Intake: "'school_id', n",
    StaffMember: "'school_id', n, 'user_id', n",
    User: _PERSON,
    Child: _PERSON,
    Application: (
        f"'public_id', gen_random_uuid(), 'number', {_NUMBER}, 'child_id', n, 'applicant_id', n, "
        f"'status', '{Status.IN_REVIEW}', "
        f"'intake_id', {_SCHOOL} + 1"
    ),
}
LOOKED_FOR = {"number": "9999-004", "name": "әббж", "iin": "0042"}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--applications", type=int, default=1_000_000)
        parser.add_argument("--looks", type=int, default=40)
        parser.add_argument("--growth", type=float, default=MOST_GROWTH)

    def handle(self, *args: Any, applications: int, looks: int, growth: float, **options: Any) -> None:
        if applications <= FEW:
            raise CommandError(f"more than {FEW} applications have to be compared with {FEW}")
        with transaction.atomic():
            few = self._measure(Country(FEW), looks)
            many = self._measure(Country(applications), looks)
            transaction.set_rollback(True)
        grown = {what: many[what] / few[what] for what in LOOKED_FOR}
        self.stdout.write("; ".join(f"{what}: {ratio:.2f} times" for what, ratio in grown.items()))
        if max(grown.values()) > growth:
            raise CommandError(f"a search grows by more than {growth}")

    def _measure(self, country: "Country", looks: int) -> dict[str, float]:
        """The best of many looks in turn: what else the machine does tells on all alike."""
        best = dict.fromkeys(("read", *LOOKED_FOR), float("inf"))
        for _ in range(looks):
            best["read"] = min(best["read"], _time(country.read))
            for what, term in LOOKED_FOR.items():
                best[what] = min(best[what], _time(partial(country.search, term)))
        found = {what: best[what] / best["read"] for what in LOOKED_FOR}
        told = ", ".join(f"{what} {reads:.1f} reads" for what, reads in found.items())
        self.stdout.write(f"{country.applications} applications: a read {best['read'] * 1000:.2f} ms; {told}")
        return found


def _time(do: Callable[[], object]) -> float:
    start = perf_counter()
    do()
    return perf_counter() - start


class Country:
    """Made-up schools of 300 applications each, with a director; the first one's looks for something."""

    def __init__(self, applications: int) -> None:
        self.now, self.applications = timezone.now(), applications
        self.chance = random.Random(1)  # noqa: S311 - rows to read
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL temp_buffers = '256MB'")
            for model in TABLES:
                table = model._meta.db_table
                cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
                cursor.execute(f"CREATE TEMP TABLE {table} (LIKE {table} INCLUDING ALL) ON COMMIT DROP")
            self._templates()
            for model in _FACTS:
                self._fill(cursor, model)
            for model in TABLES:
                cursor.execute(f"ANALYZE {model._meta.db_table}")
        self.director = User.objects.get(pk=1)

    def _templates(self) -> None:
        """One whole row of each table, by the portal's own models."""
        year, filed = periods.current_year(self.now), self.now - timedelta(hours=3)
        Language.objects.create(code="kk", name_kk="Қазақ", name_ru="Казахский", position=0)
        Locality.objects.create(kato="0" * 9, name_kk="x", name_ru="x", sort_kk="x")
        School.objects.create(pk=TEMPLATE, bin=NONE, locality_id="0" * 9, name_kk="x", name_ru="x")
        Intake.objects.create(
            pk=TEMPLATE, school_id=TEMPLATE, year=year, language_id="kk", seats=400, outside_limit=100
        )
        User.objects.create(pk=TEMPLATE, iin=NONE, name="Дана", patronymic="Маратқызы")
        StaffMember.objects.create(pk=TEMPLATE, user_id=TEMPLATE, school_id=TEMPLATE, role=Role.DIRECTOR)
        Child.objects.create(
            pk=TEMPLATE,
            iin=NONE,
            name="Арман",
            patronymic="Маратұлы",
            birth_date=date(year - 6, 3, 1),
            sex="M",
        )
        Application.objects.create(
            pk=TEMPLATE, number="x", year=year, child_id=TEMPLATE, applicant_id=TEMPLATE, intake_id=TEMPLATE,
            route=Route.LOCAL, submitted_at=filed, received_at=filed,
            due_at=filed + timedelta(days=1), data_correct_at=filed, external_data_at=filed,
        )  # fmt: skip

    def _fill(self, cursor: Any, model: type[models.Model]) -> None:
        schools = max(self.applications // OF_A_SCHOOL, 1)
        rows = schools if model in (School, Intake, StaffMember) else self.applications
        table = model._meta.db_table
        cursor.execute(
            f"INSERT INTO {table} SELECT made.* FROM generate_series(1, %(rows)s) n, {table} template, "  # noqa: S608 - of this file
            f"jsonb_populate_record(template, jsonb_build_object('id', n, {_FACTS[model]})) made "
            f"WHERE template.id = {TEMPLATE}",
            {"rows": rows, "schools": schools},
        )

    def read(self) -> None:
        Application.objects.get(pk=self.chance.randint(1, self.applications))

    def search(self, term: str) -> list[Application]:
        """As the page of the queue does it."""
        mine = Application.objects.for_staff(self.director, now=self.now)
        asked = queue.Filter(view="all", found="measured")
        rows = asked.rows(mine, now=self.now, memory=DeskMemory(term=term))
        return list(Paginator(listed.found(rows, now=self.now), queue.PAGE).get_page(1))
