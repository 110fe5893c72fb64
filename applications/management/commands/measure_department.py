"""Measure what the department's page costs for a region of 900 schools with 40,000 applications: questions to
the database, seconds of one core, the database's with them, and how they grow from a tenth of the region to
the whole. The rows are made up inside a transaction that is rolled back; the exit code is 1 when there
are more than twenty questions, more seconds than asked for, or when these grow faster than the region."""

import os
from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from accounts import roles
from accounts.models import Child, User
from applications.models import Application, Decision, RefusalReason, Result, Route
from applications.review import lately
from applications.review.views import department
from applications.status import Status
from schools import periods
from schools.models import Intake, Language, Locality, Role, School, StaffMember

MOST_QUESTIONS, MOST_SECONDS = 20, 0.4
OF_THE_SESSION = 1  # it is read; it is renewed once a minute
TABLES = (
    "schools_school", "schools_intake", "schools_locality", "applications_application",
    "applications_decision",
)  # fmt: skip
PART, VILLAGES, BATCH = 10, 100, 2_000
REGION = "980000000"
STATES = (
    [Status.ACCEPTED] * 10
    + [Status.IN_REVIEW] * 5
    + [Status.SIGNING, Status.REFUSED] * 2
    + [Status.WITHDRAWN]
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--schools", type=int, default=900)
        parser.add_argument("--applications", type=int, default=40_000)
        parser.add_argument("--looks", type=int, default=20)
        parser.add_argument("--seconds", type=float, default=MOST_SECONDS)

    def handle(
        self, *args: Any, schools: int, applications: int, looks: int, seconds: float, **options: Any
    ) -> None:
        if schools < PART or applications < schools:
            raise CommandError(f"{PART} schools at the least, and an application for each")
        now = timezone.now()
        with roles.as_owner(), transaction.atomic():
            region = Region(now)
            region.grow(schools // PART, applications // PART)
            few, _questions = self._measure(region, looks)
            region.grow(schools, applications)
            many, questions = self._measure(region, looks)
            transaction.set_rollback(True)
        growth = many / few
        self.stdout.write(f"{PART} times the region: {growth:.1f} times the time")
        if questions > MOST_QUESTIONS:
            raise CommandError(f"more than {MOST_QUESTIONS} questions")
        if many > seconds:
            raise CommandError(f"longer than {seconds} s")
        if growth > PART:
            raise CommandError("the time grows faster than the region")

    def _measure(self, region: "Region", looks: int) -> tuple[float, int]:
        try:
            roles.gather_statistics(*TABLES)
        except roles.NotTheOwner as error:
            raise CommandError(str(error)) from error
        lately.forget()
        region.look()
        lately.forget()
        with CaptureQueriesContext(connection) as asked:
            region.look()
        questions = len(asked) + OF_THE_SESSION
        clock, here, there = perf_counter(), process_time(), _of_database()
        for _ in range(looks):
            lately.forget()
            region.look()
        passed, here = (perf_counter() - clock) / looks, (process_time() - here) / looks
        worked = _of_database()
        there = passed - here if there is None or worked is None else (worked - there) / looks
        self.stdout.write(
            f"{len(region.schools)} schools, {region.filed} applications: {questions} questions, "
            f"{here:.3f} s here and {there:.3f} s of the database; {passed:.3f} s by the clock; "
            f"a look at what was counted lately {_again(region):.3f} s here"
        )
        return here + there, questions


def _again(region: "Region") -> float:
    """Of an area large enough to be counted for the next looks; of a smaller one as much as any look."""
    region.look()  # the one before did not ask first which children are hidden: it serves nobody
    here = process_time()
    region.look()
    return process_time() - here


def _of_database() -> float | None:
    """Seconds that a core has worked for this connection; where the server is another machine, None: then the
    clock is read, which counts what others do too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = Path("/proc") / str(cursor.fetchone()[0])
    try:
        told = (process / "stat").read_text()
    except OSError:
        return None
    user, system = told.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") if "postgres" in told else None


class Region:
    """A made-up region with its officer: villages in districts, a school in each village, two languages."""

    def __init__(self, now: datetime) -> None:
        self.now, self.year = now, periods.current_year(now)
        self.schools: list[School] = []
        self.intakes: list[Intake] = []
        self.filed = 0
        region = _place(REGION)
        region.save()
        self.officer = User.objects.create(iin="000000000000", surname="Бақылаушы")
        StaffMember.objects.create(user=self.officer, region=region, role=Role.DEPARTMENT)
        for position, code in enumerate(("kk", "ru")):
            names = {"name_kk": code, "name_ru": code, "position": position}
            Language.objects.get_or_create(code=code, defaults=names)

    def grow(self, schools: int, applications: int) -> None:
        """To so many of each."""
        new = range(len(self.schools), schools)
        districts = {number // VILLAGES for number in new}
        Locality.objects.bulk_create(
            [_place(f"98{number + 10:02d}00000") for number in districts], ignore_conflicts=True
        )
        villages = [_place(f"98{n // VILLAGES + 10:02d}01{n % VILLAGES + 1:03d}") for n in new]
        Locality.objects.bulk_create(villages)
        made = School.objects.bulk_create(map(_school, new, villages))
        self.schools += made
        self.intakes += Intake.objects.bulk_create(
            [
                Intake(school=one, year=self.year, language_id=code, seats=30, outside_limit=7, held_local=20)
                for one in made
                for code in ("kk", "ru")
            ]
        )
        self._file(range(self.filed, applications))
        self.filed = applications

    def _file(self, new: range) -> None:
        born = date(self.year - 6, 3, 1)
        children = [Child(iin=f"0{number:011d}", name="Бала", birth_date=born, sex="M") for number in new]
        Child.objects.bulk_create(children, batch_size=BATCH)
        rows = [self._application(*one) for one in zip(new, children, strict=True)]
        made = Application.objects.bulk_create(rows, batch_size=BATCH)
        refused = [self._refusal(one) for one in made if one.status == Status.REFUSED]
        Decision.objects.bulk_create(refused, batch_size=BATCH)

    def _application(self, number: int, child: Child) -> Application:
        status, filed = STATES[number % len(STATES)], self.now - timedelta(hours=number % 700)
        decided = filed + timedelta(hours=9) if status in (Status.ACCEPTED, Status.REFUSED) else None
        return Application(
            number=f"measure-{number}", year=self.year, child=child, applicant=self.officer, status=status,
            route=Route.OUTSIDE if number % 5 == 0 else Route.LOCAL,
            intake=self.intakes[number % len(self.intakes)], submitted_at=filed, received_at=filed,
            due_at=filed + timedelta(days=1), decided_at=decided, data_correct_at=filed,
            external_data_at=filed,
        )  # fmt: skip

    def _refusal(self, application: Application) -> Decision:
        codes = RefusalReason.values
        return Decision(
            application=application, result=Result.REFUSE, reason="Measured",
            reason_code=codes[application.pk % len(codes)], prepared_by=self.officer, prepared_at=self.now,
            signed_by=self.officer, signed_at=application.decided_at,
        )  # fmt: skip

    def look(self) -> None:
        """The whole page, from the request of somebody who is known to the answer."""
        address = reverse("review:department")
        request = RequestFactory().get(address)
        request.user, request.session = User.objects.get(pk=self.officer.pk), SessionStore()
        request.resolver_match = resolve(address)
        if department.schools(request).status_code != 200:
            raise CommandError("the page does not answer")


def _place(kato: str) -> Locality:
    return Locality(kato=kato, name_kk=kato, name_ru=kato, sort_kk=kato)


def _school(number: int, village: Locality) -> School:
    name = f"№{number} мектеп"
    return School(
        bin=f"0{number:011d}", locality=village, name_kk=name, name_ru=name, sort_kk=name,
        search=f" {number} мектеп ",
    )  # fmt: skip
