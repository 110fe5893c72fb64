"""`manage.py staff`: posts from the command line and from a table (D38)."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from schools.models import Role, School, StaffMember

PERSON, OTHER = "750312499106", "850905499202"


@pytest.fixture
def school(make_school: Callable[..., School]) -> School:
    return make_school("711210000", "№63 мектеп")


def staff(*args: str, monkeypatch: pytest.MonkeyPatch | None = None, typed: str = "") -> str:
    said = io.StringIO()
    if monkeypatch:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
    call_command("staff", *args, stdout=said, stderr=said)
    return said.getvalue()


def test_first_person_of_ops_is_made_by_one_command(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    said = staff("add", "OPS", monkeypatch=monkeypatch, typed=PERSON)

    post = StaffMember.objects.get()
    assert (post.role, post.user.iin) == (Role.OPS, PERSON)
    assert said == f"{post.pk} OPS portal user {post.user_id} (has not signed in yet)\n"


def test_list_names_posts_and_nobody(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    staff("add", "DIRECTOR", "--bin", school.bin, monkeypatch=monkeypatch, typed=PERSON)
    staff("add", "DEPARTMENT", "--region", "710000000", monkeypatch=monkeypatch, typed=OTHER)
    director, officer = StaffMember.objects.order_by("pk")

    assert staff("list").count("\n") == 2
    assert staff("list", "--bin", school.bin).startswith(f"{director.pk} DIRECTOR {school.bin} user ")
    assert staff("list", "--region", "710000000").startswith(f"{officer.pk} DEPARTMENT 710000000 user ")
    assert PERSON not in staff("list") and OTHER not in staff("list")

    staff("end", str(director.pk))

    assert staff("list", "--bin", school.bin) == ""
    assert " ended " in staff("list", "--bin", school.bin, "--all")


@pytest.mark.parametrize(
    ("args", "typed", "told"),
    [
        (["DIRECTOR"], PERSON, "DIRECTOR wants the bin of a school"),
        (["DIRECTOR", "--bin", "1"], PERSON, "no school with the BIN 1"),
        (["OPS", "--region", "710000000"], PERSON, "OPS wants neither a bin nor a region"),
        (["DEPARTMENT", "--region", "711210100"], PERSON, "no region or district with the code 711210100"),
        (["OPS"], "123", "not an IIN"),
    ],
)
def test_what_cannot_be_is_said_in_words(
    school: School, monkeypatch: pytest.MonkeyPatch, args: list[str], typed: str, told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        staff("add", *args, monkeypatch=monkeypatch, typed=typed)

    assert not StaffMember.every.exists()


def test_table_is_loaded_once_and_whole_or_not_at_all(school: School, tmp_path: Path) -> None:
    table = tmp_path / "staff.csv"
    header = "iin,role,bin,region,from,to\n"
    good = [
        f"{PERSON},director,{school.bin},,,",
        f"{OTHER},EXECUTOR,{school.bin},,,",
        f"{OTHER},DIRECTOR,{school.bin},,01.06.2098,30.06.2098",
        f"{OTHER},DEPARTMENT,,710000000,,",
    ]
    bad = [
        "123,OPS,,,,",
        f"{PERSON},HEAD,{school.bin},,,",
        f"{PERSON},DIRECTOR,,,,",
        f"{PERSON},DIRECTOR,{school.bin},,01.06.2098,",
        f"{PERSON},DIRECTOR,{school.bin},,31.06.2098,30.06.2098",
    ]
    table.write_text(header + "\n".join([*good, *bad]), encoding="utf-8")
    said = io.StringIO()
    with pytest.raises(CommandError, match="5 lines cannot be used; nothing is saved"):
        call_command("staff", "load", str(table), stdout=said, stderr=said)
    assert [line.partition(":")[0] for line in said.getvalue().splitlines()] == [
        f"line {number}" for number in range(6, 11)
    ]
    assert PERSON not in said.getvalue()
    assert not StaffMember.every.exists()

    table.write_text(header + "\n".join(good), encoding="utf-8")
    assert (
        staff("load", str(table), "--dry-run")
        == "4 posts given, 0 stood already; dry run, nothing is saved\n"
    )
    assert not StaffMember.every.exists()
    assert staff("load", str(table)) == "4 posts given, 0 stood already\n"
    assert staff("load", str(table)) == "0 posts given, 4 stood already\n"


def test_file_that_is_no_table_is_refused(db: None, tmp_path: Path) -> None:
    table = tmp_path / "staff.csv"
    table.write_text("a,b\n1,2\n")

    with pytest.raises(CommandError, match="no column"):
        staff("load", str(table))


def test_unknown_post_is_no_traceback(db: None) -> None:
    with pytest.raises(CommandError, match="not theirs to give"):
        staff("end", "4711")
