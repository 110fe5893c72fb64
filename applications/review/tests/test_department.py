"""What the education department sees: numbers of its schools, and nobody's name (R121, D13)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Child, User
from applications.filing.tests.wizard_cast import text
from applications.models import Application, Route
from applications.review import oversight
from applications.review.lateness import Today
from applications.status import Status
from schools.models import Intake, Locality, Role, School, StaffMember

Make = Callable[..., Application]


@pytest.fixture
def officer(db: None, localities: dict[str, Locality]) -> User:
    user = User.objects.create(iin="770707399705", surname="Сейітов", name="Марат")
    StaffMember.objects.create(user=user, region=localities["710000000"], role=Role.DEPARTMENT)
    return user


@pytest.fixture
def office(officer: User, clock: Any) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def second(school: School, localities: dict[str, Locality]) -> School:
    """Another school of Astana, with two languages."""
    second = School.objects.create(
        bin="990540099922", locality=localities["711210000"], name_kk="№64 гимназия", name_ru="Гимназия №64",
        sort_kk="64",
    )  # fmt: skip
    for language in ("kk", "ru"):
        Intake.objects.create(school=second, year=2026, language_id=language, seats=20, outside_limit=5)
    return second


def schools_of(localities: dict[str, Locality], *, now: datetime) -> list[oversight.Row]:
    return oversight.schools_of(
        [localities["710000000"]], reader=User(iin="770707399705"), today=Today.at(now)
    )


def file_another(make_application: Make, number: int, **changes: Any) -> Application:
    child = Child.objects.create(
        iin=f"2003155000{number:02d}", surname="Құпия", name="Бала", birth_date=date(2020, 3, 15), sex="M"
    )
    return make_application(**({"status": Status.IN_REVIEW, "child": child} | changes))


@pytest.mark.rule("R121", "D13")
def test_counts_of_a_school(
    make_application: Make, school: School, localities: dict[str, Locality], now: datetime
) -> None:
    states: list[dict[str, Any]] = [
        {"due_at": now + timedelta(hours=1)},
        {"due_at": now - timedelta(hours=1), "status": Status.SIGNING},
        {"due_at": now - timedelta(hours=2), "route": Route.OUTSIDE},
        {"due_at": now - timedelta(hours=9), "status": Status.ACCEPTED},
        {"due_at": now - timedelta(hours=9), "status": Status.REFUSED},
        {"due_at": now - timedelta(hours=9), "status": Status.WITHDRAWN},
        {"status": Status.DRAFT},
    ]
    for number, changes in enumerate(states):
        file_another(make_application, number, **changes)

    (row,) = schools_of(localities, now=now)

    assert (row.school, row.waiting, row.overdue, row.days_late) == (school, 3, 2, 0)
    assert (row.overdue_since, row.accepted, row.refused) == (now - timedelta(hours=2), 1, 1)
    assert row.places == oversight.Seats(seats=8, held_local=3, held_outside=1, outside_limit=2)


@pytest.mark.rule("R121", "D13")
def test_longest_overdue_stands_first(
    make_application: Make, school: School, second: School, localities: dict, now: datetime
) -> None:
    languages = list(second.intakes.all())
    file_another(make_application, 1, due_at=now + timedelta(hours=3))
    file_another(make_application, 2, due_at=now + timedelta(hours=3))
    file_another(make_application, 3, intake=languages[0], due_at=now - timedelta(minutes=5))
    file_another(make_application, 4, intake=languages[1], due_at=now - timedelta(days=1))

    first, last = schools_of(localities, now=now)

    assert (first.school, first.overdue, first.overdue_since) == (second, 2, now - timedelta(days=1))
    assert (first.places.seats, first.places.outside_limit) == (40, 10)
    assert (last.school, last.waiting, last.overdue) == (school, 2, 0)


def test_other_regions_and_other_years_are_not_counted(
    make_application: Make, school: School, other_school: School, localities: dict, now: datetime
) -> None:
    old = Intake.objects.create(school=school, year=2025, language_id="kk", seats=99, outside_limit=9)
    make_application(Status.ACCEPTED, intake=old, year=2025)

    (row,) = schools_of(localities, now=now)

    assert (row.school, row.places.seats, row.accepted) == (school, 8, 0)


@pytest.mark.rule("R121", "D13")
def test_page_shows_numbers_and_nobody_s_name(
    office: Client, make_application: Make, second: School, other_school: School, now: datetime
) -> None:
    late = file_another(make_application, 1, due_at=now - timedelta(hours=1))

    page = text(office.get(reverse("review:department")))

    assert "«№63 жалпы білім беретін мектеп» КММ" in page and "№64 гимназия" in page
    assert "Қарақоға" not in page
    assert "кешікті: 1 сағат" in page and "10.06.2026 10:00</time>" in page
    for secret in ("Құпия", str(late.number), late.child.iin, late.applicant.surname, str(late.public_id)):
        assert secret not in page


def test_only_late_schools_on_demand(
    office: Client, make_application: Make, second: School, now: datetime
) -> None:
    nothing = text(office.get(reverse("review:department"), {"view": "overdue"}))
    make_application(Status.IN_REVIEW, due_at=now - timedelta(hours=1))

    page = text(office.get(reverse("review:department"), {"view": "overdue"}))

    assert "Мерзімін өткізген мектеп жоқ." in nothing
    assert "№63" in page and "№64" not in page


@pytest.mark.parametrize("query", ["?view=nonsense", "?page=999", "?page=%00"])
def test_page_survives_a_bad_address(office: Client, second: School, query: str) -> None:
    assert office.get(reverse("review:department") + query).status_code == 200


@pytest.mark.rule("D13")
def test_strangers_meet_nothing(clock: Any, parent: User, director: User, executor: User) -> None:
    for user in (parent, director, executor):
        client = Client()
        client.force_login(user)

        assert client.get(reverse("review:department")).status_code == 404
    assert Client().get(reverse("review:department")).status_code == 302


def test_officer_has_no_way_into_a_school(office: Client, make_application: Make, school: School) -> None:
    filed = make_application(Status.IN_REVIEW)

    assert office.get(reverse("review:queue")).status_code == 404
    assert office.get(reverse("in_person:start")).status_code == 404
    assert office.get(reverse("review:application", args=[filed.public_id])).status_code == 404


def test_link_in_the_header_is_the_officer_s_alone(office: Client, parent: User, school: School) -> None:
    client = Client()
    client.force_login(parent)
    link = f'href="{reverse("review:department")}"'

    assert link in text(office.get(reverse("public:home")))
    assert link not in text(client.get(reverse("public:home")))


@pytest.mark.rule("D56")
@pytest.mark.parametrize("schools", [1, 40])
def test_page_costs_the_same_for_many_schools(
    office: Client, make_application: Make, localities: dict, now: datetime, schools: int
) -> None:
    """Without the two around the saving of the session: outside of a test they are no questions."""
    file_another(make_application, 1, due_at=now - timedelta(days=9))
    for number in range(schools):
        one = School.objects.create(
            bin=f"9905400{number:05d}", locality=localities["711210000"], name_kk=f"№{number}", name_ru="",
            sort_kk=f"{number}",
        )  # fmt: skip
        Intake.objects.create(school=one, year=2026, language_id="kk", seats=20, outside_limit=5)

    with CaptureQueriesContext(connection) as asked:
        page = text(office.get(reverse("review:department")))

    assert f'<span class="counter__number">{schools + 1}</span>' in page and 'id="charts"' in page
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 21  # one is the menu's, of appeals


def test_page_speaks_russian_too(office: Client, second: School) -> None:
    office.cookies["lang"] = "ru"

    page = text(office.get(reverse("review:department")))

    assert "Школы региона" in page and "Гимназия №64" in page
