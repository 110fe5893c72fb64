"""Large tables: ordered, made by the worker, fetched by the person who has ordered them (D59)."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl.worksheet import _writer as openpyxl_writer

from accounts.models import Child, JournalEntry, Protection, User
from applications.keeping import erasing
from applications.models import Application, TableExport, TableKind
from applications.review import exports, tables
from applications.signing.tests.bulk_cast import another_child
from applications.status import Status
from notifications import leases
from schools.models import Intake, Role, School, StaffMember

pytestmark = pytest.mark.rule("D59")
Make = Callable[..., Application]
QUEUE, ADMITTED, PAGE = (reverse(f"review:{name}") for name in ("export_queue", "export_admitted", "tables"))


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is large from three rows on, and is written two at a time."""
    monkeypatch.setattr(exports, "MOST", 2)
    monkeypatch.setattr(tables, "PIECE", 2)


@pytest.fixture
def rows(make_application: Make, now: datetime) -> list[Application]:
    return [
        make_application(Status.IN_REVIEW, child=another_child(number), due_at=now + timedelta(hours=number))
        for number in range(1, 6)
    ]


@pytest.fixture
def desk(rows: list[Application], director: User, client: Client) -> Client:
    client.force_login(director)
    return client


def ordered(desk: Client, address: str = QUEUE, form: str = "csv", **query: str) -> TableExport:
    answer = desk.post(address, {"form": form}, query_params=query)
    assert answer.headers["Location"] == PAGE
    return TableExport.objects.latest("pk")


def made(table: TableExport) -> TableExport:
    assert tables.make_next(now=timezone.now())
    table.refresh_from_db()
    return table


def fetch(desk: Client, table: TableExport) -> Any:
    return desk.get(reverse("review:table", args=[table.public_id]))


def lines(answer: Any) -> list[list[str]]:
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def told(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.rule("D53")
def test_large_table_is_ordered_made_and_fetched(desk: Client, rows: list[Application]) -> None:
    table = ordered(desk, view="waiting", route="LOCAL")
    assert "Файл дайындалып жатыр." in told(desk.get(PAGE))
    assert fetch(desk, table).status_code == 404

    made(table)

    found = lines(fetch(desk, table))
    assert [line[1] for line in found[1:]] == [row.number for row in rows]
    assert "Жолдар саны: 5." in told(desk.get(PAGE))
    assert str(rows[0].number).encode() not in Path(table.file.path).read_bytes()
    looks = JournalEntry.objects.filter(kind="READ", facts__what="TABLE", model="applications.application")
    assert set(looks.values_list("row", flat=True)) == {str(row.pk) for row in rows}
    assert set(looks.values_list("child", flat=True)) == {row.child_id for row in rows}
    assert all("DIRECTOR" in str(one.said) for one in looks)
    kinds = JournalEntry.objects.filter(model="applications.tableexport", row=str(table.pk))
    assert kinds.order_by("pk").values_list("kind", flat=True).first() == "INSERT"
    assert kinds.filter(kind="READ").count() == 1


@pytest.mark.rule("D35")
def test_file_from_before_a_child_was_hidden_is_given_out_no_more(
    desk: Client, rows: list[Application], director: User, clock: Any
) -> None:
    table = made(ordered(desk, view="waiting"))
    assert fetch(desk, table).status_code == 200
    clock.shift(timedelta(minutes=1))
    bar = Protection.objects.create(
        child_iin=rows[0].child.iin,
        barred_iin=director.iin,
        since=timezone.now(),
        why="court",
        set_by=director,
    )

    assert fetch(desk, table).status_code == 404
    assert reverse("review:table", args=[table.public_id]) not in told(desk.get(PAGE))
    clock.shift(timedelta(minutes=1))
    later = lines(fetch(desk, made(ordered(desk, view="waiting"))))
    assert [line[1] for line in later[1:]] == [row.number for row in rows[1:]]
    bar.delete()
    assert fetch(desk, table).status_code == 200


def test_worker_tells_how_far_it_is(
    desk: Client, rows: list[Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    table, seen = ordered(desk), []
    tell = tables._Maker.tell

    def telling(maker: Any) -> None:
        tell(maker)
        seen.append(told(desk.get(PAGE)))

    monkeypatch.setattr(tables._Maker, "tell", telling)
    made(table)

    assert ["Жазылған жолдар: 2 / 5." in seen[0], "Жазылған жолдар: 4 / 5." in seen[1]] == [True, True]


def test_admitted_stand_class_by_class_with_russian_heads(
    desk: Client, rows: list[Application], intake: Intake
) -> None:
    Application.objects.update(status=Status.ACCEPTED, decided_at=timezone.now())
    Child.objects.filter(pk=rows[0].child_id).update(surname="Ящер")
    Child.objects.filter(pk=rows[1].child_id).update(surname="Әбенова")
    desk.cookies["lang"] = "ru"

    table = made(ordered(desk, ADMITTED, form="xlsx"))

    assert table.kind == TableKind.ADMITTED and table.lang == "ru"
    assert fetch(desk, table).headers["Content-Type"].startswith("application/vnd.openxml")
    order = [one.child.surname for one in exports.class_by_class(Application.objects.all())]
    assert (order[0], order[-1], len(order)) == ("Әбенова", "Ящер", 5)
    assert order == [one.child.surname for one in exports.in_classes(Application.objects.all())]


def test_search_is_kept_locked_and_outlives_its_memory(desk: Client, rows: list[Application]) -> None:
    found = desk.post(reverse("review:search"), {"term": "Бала"}, follow=True).context["filter"].found
    table = ordered(desk, view="all", found=found)

    assert table.term == "Бала" and "Бала" not in table.query
    assert made(table).done == 5


@pytest.mark.parametrize("who", ["another", "left", "no school"])
def test_file_is_of_its_person_in_that_post_alone(
    desk: Client, director: User, other_director: User, stranger: User, school: Any, who: str
) -> None:
    table = made(ordered(desk))
    if who == "left":
        school.staff.filter(user=director).delete()
    else:
        desk.force_login(other_director if who == "another" else stranger)

    assert fetch(desk, table).status_code == 404
    again = desk.post(reverse("review:order_table_again", args=[table.public_id]))
    assert again.status_code == 404
    page = desk.get(PAGE)
    assert page.status_code == (200 if who == "another" else 404)
    assert str(table.public_id) not in page.content.decode()


def test_rights_are_those_of_the_making(desk: Client, rows: list[Application], school: Any) -> None:
    """What was withdrawn meanwhile keeps its number alone (D43); who has left gets nothing."""
    table = ordered(desk, view="all")
    Application.objects.filter(pk=rows[0].pk).update(status=Status.WITHDRAWN)
    found = {line[1]: line for line in lines(fetch(desk, made(table)))}
    assert found[str(rows[0].number)][2] == "" and found[str(rows[1].number)][2] == rows[1].child.full_name

    later = ordered(desk, view="all")
    school.staff.all().delete()
    made(later)
    assert (later.done, later.schools) == (0, [])
    assert fetch(desk, later).status_code == 404


@pytest.mark.parametrize("left", [True, False], ids=["another post is left", "none is left"])
def test_post_that_ends_while_rows_are_read_closes_the_file(
    desk: Client, director: User, school: School, other_school: School,
    monkeypatch: pytest.MonkeyPatch, left: bool,
) -> None:  # fmt: skip
    if left:
        StaffMember.objects.create(user=director, school=other_school, role=Role.DIRECTOR)
    table, keep = ordered(desk, view="all"), tables._keep

    def ending(*args: Any, **more: Any) -> None:
        school.staff.filter(user=director).delete()
        keep(*args, **more)

    monkeypatch.setattr(tables, "_keep", ending)
    assert made(table).done == 5

    assert fetch(desk, table).status_code == 404
    assert str(table.public_id) not in told(desk.get(PAGE))


def test_post_that_begins_while_rows_are_read_adds_none(
    desk: Client, director: User, other_school: School, make_application: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    make_application(Status.IN_REVIEW, child=another_child(9), intake=other_school.intakes.get())
    table, rows_of = ordered(desk, view="all"), tables._rows

    def beginning(table: TableExport, *, now: datetime) -> Any:
        StaffMember.objects.create(user=director, school=other_school, role=Role.DIRECTOR)
        return rows_of(table, now=now)

    monkeypatch.setattr(tables, "_rows", beginning)

    assert made(table).done == 5 and len(lines(fetch(desk, table))) == 6


def test_one_waits_at_a_time_and_so_many_are_kept(desk: Client, clock: Any) -> None:
    first = ordered(desk)
    assert "Алдыңғы файл әлі дайындалып жатыр" in told(desk.post(QUEUE, {"form": "csv"}, follow=True))
    made(first)
    for _more in range(tables.MOST_KEPT - 1):
        made(ordered(desk))
    assert f"Сізде {tables.MOST_KEPT} дайын файл бар" in told(desk.post(QUEUE, {"form": "csv"}, follow=True))
    assert TableExport.objects.count() == tables.MOST_KEPT

    clock.shift(timedelta(hours=25))
    desk.force_login(first.user)
    assert fetch(desk, first).status_code == 404
    assert ordered(desk).made_at is None


def test_more_rows_than_any_file_holds(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST", 4)

    answer = desk.post(QUEUE, {"form": "csv"}, follow=True)

    assert "Бір файлға 4 өтінімге дейін түседі" in told(answer)
    assert not TableExport.objects.exists()


def test_one_that_fails_says_so_and_is_ordered_again(
    desk: Client, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = ordered(desk)
    with monkeypatch.context() as broken:
        broken.setattr(exports, "queue_of", lambda *_args, **_more: 1 / 0)
        for _try in range(tables.TRIES):
            assert tables.make_next(now=timezone.now()) is False
            clock.shift(timedelta(minutes=5))
    table.refresh_from_db()
    assert table.dead and "Файлды жасау мүмкін болмады" in told(desk.get(PAGE))
    assert not JournalEntry.objects.filter(facts__what="TABLE").exists()

    desk.post(reverse("review:order_table_again", args=[table.public_id]))

    assert made(table).done == 5


def test_full_disk_costs_an_order_no_try_and_keeps_nothing_of_it(
    desk: Client, clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sheet lies in TMPDIR while it is written, whatever becomes of the store."""
    table, passing = ordered(desk, form="xlsx"), tmp_path / "passing"

    def full() -> str:
        passing.symlink_to("/dev/full")
        openpyxl_writer.ALL_TEMP_FILES.append(str(passing))
        return str(passing)

    with monkeypatch.context() as patched:
        patched.setattr(openpyxl_writer, "create_temporary_file", full)
        for _try in range(tables.TRIES + 1):
            assert tables.make_next(now=timezone.now()) is None
            assert not passing.is_symlink() and openpyxl_writer.ALL_TEMP_FILES == []
            clock.shift(timedelta(minutes=5))
    table.refresh_from_db()
    assert (table.attempts, table.dead) == (0, False)

    assert made(table).done == 5


def test_order_erased_while_it_is_made_leaves_nothing(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered(desk)
    monkeypatch.setattr(tables._Maker, "tell", lambda _maker: TableExport.objects.all().delete())

    assert tables.make_next(now=timezone.now()) is False
    assert not JournalEntry.objects.filter(facts__what="TABLE").exists()


@pytest.mark.rule("D40")
def test_file_is_erased_after_its_end(desk: Client, clock: Any) -> None:
    made(ordered(desk))
    clock.shift(timedelta(hours=24 + 25))

    erasing.run(now=timezone.now())

    assert not TableExport.objects.exists()


def test_one_run_at_a_time_so_that_a_worker_stays_free(desk: Client) -> None:
    ordered(desk)
    leases.take(tables.RUN, "another", lasts=timedelta(minutes=1))
    assert tables.run() == 0

    leases.end(tables.RUN, "another")
    assert tables.run() == 1
