"""What leaves the portal as a table: no more than its page shows, nobody else's, and no formula (D53)."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Child, JournalEntry, Shown, User
from applications.models import Application, Decision, Ground, Result
from applications.review import sheets
from applications.review.sheets import Sheet
from applications.status import Sight, Status, sight_of_school
from schools import cells
from schools.models import Intake, Locality, Role, School, StaffMember

pytestmark = pytest.mark.rule("D53")
Make = Callable[..., Application]
QUEUE, ADMITTED = reverse("review:export_queue"), reverse("review:export_admitted")
DEPARTMENT = reverse("review:export_department")
IIN = "200315500017"


@pytest.fixture(autouse=True)
def at_work(now: datetime) -> object:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def desk(director: User, client: Client) -> Client:
    client.force_login(director)
    return client


@pytest.fixture
def aisha() -> Child:
    return Child.objects.create(
        iin=IIN, surname="Әбенова", name="Айша", patronymic="Өмірқызы", birth_date=date(2020, 3, 15), sex="F"
    )


def bytes_of(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.status_code
    return b"".join(answer)


def read_csv(data: bytes, delimiter: str = ",") -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def read_xlsx(data: bytes) -> list[list[Any]]:
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [[cell.value for cell in row] for row in page.iter_rows()]


def table(client: Client, address: str, form: str = "csv", **query: str) -> list[list[Any]]:
    data = bytes_of(client.post(address, {"form": form}, query_params=query))
    return read_csv(data) if form == "csv" else read_xlsx(data)


HOSTILE = [
    ("=1+1", "'=1+1"),
    ("+7", "'+7"),
    ("-2", "'-2"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "' =1"),
    ("\r=1", "' =1"),
    ("\n=1", "' =1"),
    ("\tx", "' x"),
    ("   =1", "'   =1"),
    ("\u00a0=1", "' =1"),
    ("\u3000=1", "' =1"),
    ("\u200b=1", "' =1"),
    ("\ufeff=1", "' =1"),
    ("\uff1d1", "'\uff1d1"),
    ("\uff0b1", "'\uff0b1"),
    ("\uff0d1", "'\uff0d1"),
    ("\uff20a", "'\uff20a"),
    ("\ufe63a", "'\ufe63a"),
    ('"=1', "'\"=1"),
    ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
    ("x; @a", "x;' @a"),
    ("x,-1", "x,'-1"),
    ("x\x00\x07y\ufffe", "x  y "),
    ("Әл-Фараби", "Әл-Фараби"),
    ("№63 «Алаш»; 2-сынып", "№63 «Алаш»; 2-сынып"),
    ("O'Neil", "O'Neil"),
    ("", ""),
]


@pytest.mark.parametrize(("typed", "stands"), HOSTILE)
def test_no_cell_is_a_formula(typed: str, stands: str) -> None:
    sheet = Sheet(["a", "b"], [[typed, 7]])

    assert read_csv(sheets.FORMS["csv"].of(sheet))[1] == [stands, "7"]
    page = openpyxl.load_workbook(io.BytesIO(sheets.FORMS["xlsx"].of(sheet))).worksheets[0]
    cell, number = next(page.iter_rows(min_row=2))
    assert (cell.value or "", number.value) == (cells.plain(typed), 7)
    assert cell.data_type in ("s", "inlineStr")
    assert cell.quotePrefix == (stands != cells.plain(typed))


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_no_separator_of_a_spreadsheet_opens_a_formula(delimiter: str) -> None:
    hostile = [[typed, typed] for typed, _ in HOSTILE]

    cells = read_csv(sheets.FORMS["csv"].of(Sheet(["a", "b"], hostile)), delimiter)

    begins = [cell for row in cells for cell in row if re.match(r'[ "]*[=+@\uff1d\uff0b\uff0d\uff20-]', cell)]
    assert begins == []
    assert len(cells) > len(HOSTILE)


def test_times_are_the_country_s(now: datetime) -> None:
    sheet = Sheet(["a"], [[now], [None]])

    assert read_csv(sheets.FORMS["csv"].of(sheet))[1:] == [[now.strftime("%d.%m.%Y %H:%M")], [""]]
    assert read_xlsx(sheets.FORMS["xlsx"].of(sheet))[1] == [now.replace(tzinfo=None)]


@pytest.mark.rule("D43")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("status", [one for one in Status if one != Status.DRAFT])
def test_queue_tells_what_the_status_leaves(
    desk: Client, make_application: Make, aisha: Child, status: Status, form: str
) -> None:
    application = make_application(status, child=aisha)

    _head, row = table(desk, QUEUE, form, view="all")

    whole = sight_of_school(status, season_over=False) == Sight.WHOLE
    assert row[1] == application.number
    assert [bool(cell) for cell in row[2:7]] == [whole] * 5
    assert row[2:4] == (["Әбенова Айша Өмірқызы", "••••••••0017"] if whole else [row[2]] * 2)
    looks = JournalEntry.objects.filter(facts__what=Shown.TABLE).values_list("model", "row", "child")
    told = aisha.pk if whole else None
    assert list(looks) == [("applications.application", str(application.pk), told)]


def test_draft_is_in_no_file(desk: Client, make_application: Make) -> None:
    make_application()

    for address in (QUEUE, ADMITTED):
        assert desk.post(address, {"form": "csv"}).status_code == 302
    assert not JournalEntry.objects.filter(facts__what=Shown.TABLE).exists()


def test_queue_is_taken_as_it_was_filtered_and_searched(
    desk: Client, make_application: Make, aisha: Child
) -> None:
    make_application(Status.IN_REVIEW)
    hers = make_application(Status.ACCEPTED, child=aisha)

    assert [row[1] for row in table(desk, QUEUE, view="decided")[1:]] == [hers.number]
    desk.post(reverse("review:search"), {"term": "айша"}, follow=True)  # the place is kept by the session
    assert [row[1] for row in table(desk, QUEUE)[1:]] == [hers.number]
    assert len(table(desk, QUEUE, view="all")) == 3


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_admitted_stand_by_language_with_whole_iins(
    desk: Client, make_application: Make, intake: Intake, aisha: Child, child: Child, form: str
) -> None:
    other = Intake.objects.create(
        school=intake.school, year=intake.year, language_id="ru", seats=5, outside_limit=1
    )
    make_application(Status.ACCEPTED, intake=other)
    make_application(Status.ACCEPTED, child=aisha)
    late = Child.objects.create(
        iin="200315500116", surname="Ә", name="Қабылданбаған", birth_date=date(2020, 3, 15), sex="M"
    )
    make_application(Status.IN_REVIEW, child=late)

    _head, *rows = table(desk, ADMITTED, form)

    by_language = sorted([(intake.language.position, IIN), (other.language.position, child.iin)])
    assert [row[5] for row in rows] == [iin for _, iin in by_language]
    looks = JournalEntry.objects.filter(facts__what=Shown.TABLE)
    assert set(looks.values_list("child", flat=True)) == {child.pk, aisha.pk}


@pytest.mark.parametrize("address", [QUEUE, ADMITTED])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_school_gets_nothing_of_another(
    client: Client, other_director: User, other_school: School, make_application: Make, aisha: Child,
    address: str, form: str,
) -> None:  # fmt: skip
    make_application(Status.ACCEPTED)
    own = make_application(Status.ACCEPTED, child=aisha, intake=other_school.intakes.get(language="kk"))
    client.force_login(other_director)

    _head, *rows = table(client, address, form, view="all")

    assert len(rows) == 1 and str(own.number) in rows[0]


def test_department_gets_numbers_and_no_names(
    client: Client, make_application: Make, localities: dict[str, Locality], school: School, aisha: Child
) -> None:
    officer = User.objects.create(iin="770707399705", surname="Сейітов", name="Марат")
    StaffMember.objects.create(user=officer, region=localities["710000000"], role=Role.DEPARTMENT)
    application = make_application(Status.ACCEPTED, child=aisha)
    client.force_login(officer)

    for form in ("csv", "xlsx"):
        _head, row = table(client, DEPARTMENT, form)
        assert [row[0], *(str(cell) for cell in row[7:])] == [school.name, "1", "0", "8", "1", "0", "2", "7"]
        for secret in ("Айша", "Әбенова", IIN, application.number):
            assert str(secret) not in " ".join(map(str, row))
    assert [client.post(address, {"form": "csv"}).status_code for address in (QUEUE, ADMITTED)] == [404, 404]


@pytest.mark.rule("D56")
def test_department_takes_the_list_as_it_narrowed_it_with_a_column_for_each_ground(
    client: Client, make_application: Make, localities: dict[str, Locality], school: School, director: User,
    now: datetime,
) -> None:  # fmt: skip
    officer = User.objects.create(iin="770707399705", surname="Сейітов", name="Марат")
    StaffMember.objects.create(user=officer, region=localities["710000000"], role=Role.DEPARTMENT)
    refused = make_application(Status.REFUSED)
    Decision.objects.create(
        application=refused, result=Result.REFUSE, reason="x" * 20, reason_code="AGE", prepared_by=director,
        prepared_at=now, signed_by=director, signed_at=now, ground=Ground.objects.get(code="AGE"),
    )  # fmt: skip
    client.force_login(officer)

    head, row = table(client, DEPARTMENT, "csv", view="all", q=school.search)
    nothing = table(client, DEPARTMENT, "csv", view="overdue")

    assert dict(zip(head, row, strict=True))[head[9]] == "1" and "Баланың жасы" in head[9]
    assert nothing[1:] == []


def test_file_is_kept_by_no_browser_and_its_name_tells_of_nobody(
    desk: Client, make_application: Make, now: datetime
) -> None:
    make_application(Status.IN_REVIEW)

    answer = desk.post(QUEUE, {"form": "xlsx"})

    assert answer["Content-Disposition"] == f'attachment; filename="OQU-kezek-{now:%Y-%m-%d}.xlsx"'
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("form", ["", "pdf", "../csv"])
def test_unknown_form_is_no_page(desk: Client, make_application: Make, form: str) -> None:
    make_application(Status.IN_REVIEW)

    assert desk.post(QUEUE, {"form": form}).status_code == 404


@pytest.mark.parametrize("times", [1, 9])
def test_rows_cost_no_question_of_their_own(
    desk: Client, make_application: Make, times: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(times):
        child = Child.objects.create(
            iin=f"2003155001{number:02d}", surname="Көп", name="Бала", birth_date=date(2020, 3, 15), sex="M"
        )
        make_application(Status.IN_REVIEW, child=child)

    with django_assert_max_num_queries(20):
        assert len(table(desk, QUEUE)) == times + 1
