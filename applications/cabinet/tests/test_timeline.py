"""The line of time of an application, and its due time as a calendar file (D74)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import appeals
from applications.cabinet import calendar_file, timeline
from applications.filing.tests.wizard_cast import text
from applications.models import (
    Application,
    DocumentKind,
    RefusalReason,
    Result,
    StatusChange,
    Supplement,
    Wish,
)
from applications.status import Status
from tests.environment import undone
from tests.reading import words


def line(client: Client, application: Application) -> list[str]:
    """Its points in words."""
    page = text(client.get(reverse("cabinet:application", args=[application.public_id])))
    drawn = page.split('<ol class="timeline">')[1].split("</ol>")[0]
    return [words(one.split(">", 1)[1]) for one in drawn.split("<li")[1:]]


def ask(application: Application, director: User, now: datetime, **more: Any) -> None:
    values = {"kind": DocumentKind.PHOTO, "why": "x", "asked_by": director, "asked_at": now}
    values |= {"left": timedelta(hours=1), "until": now + timedelta(days=2)}
    application.supplements.create(**(values | more))


@pytest.mark.rule("D74")
def test_line_says_what_was_who_has_it_now_and_what_comes(
    at_home: Client, make_application, parent: User, director: User, now: datetime, subtests: Any
) -> None:
    filed = make_application(Status.IN_REVIEW)
    filed.changes.create(old="DRAFT", new="IN_REVIEW", at=now, by=parent)
    due = "2026 ж. 11 маусым, 11:00 (соңғы мерзімі) Алда: Мектеп: жауап береді."

    def move(status: Status, **changes: Any) -> None:
        Application.objects.update(status=status, decided_at=now, **changes)

    with subtests.test("in review"):
        first, *rest = line(at_home, filed)
        assert first.startswith("2026 ж. 10 маусым, 11:00 Сіз: өтінімге қол қойылып, мектепке жіберілді.")
        assert rest == ["Қазір: Мектепте: өтінім қаралып жатыр.", due]
    with subtests.test("filed after hours"), undone():
        move(Status.IN_REVIEW, received_at=now + timedelta(hours=22))
        assert line(at_home, filed)[2] == "2026 ж. 11 маусым, 09:00 Алда: Мектеп: қарау мерзімі басталады."
    with subtests.test("late"), undone():
        move(Status.IN_REVIEW, due_at=now - timedelta(hours=1))
        assert line(at_home, filed)[1:] == [
            "2026 ж. 10 маусым, 10:00 Мектептің жауап беру мерзімі өтті. Мерзімі өтті",
            "Қазір: Мектепте: өтінім қаралып жатыр.",
        ]
    with subtests.test("a document is waited for"), undone():
        ask(filed, director, now)
        said = line(at_home, filed)
        assert said[1].startswith("2026 ж. 10 маусым, 11:00 Мектеп: құжат сұралды: ")
        assert said[2] == (
            "2026 ж. 12 маусым, 11:00 (соңғы мерзімі) Қазір: "
            "Өтініш берушіде: мектеп сұраған құжатты қосу керек."
        )
    with subtests.test("it has not come"), undone():
        ask(filed, director, now - timedelta(days=3), until=now - timedelta(days=1), lapsed_at=now)
        assert "2026 ж. 9 маусым, 11:00 Құжат мерзімінде қосылмады." in line(at_home, filed)
    with subtests.test("at the director's"), undone():
        move(Status.SIGNING)
        assert line(at_home, filed)[1:] == [
            "Қазір: Мектеп директорында: шешімге қол қойылуы керек.", due
        ]  # fmt: skip
    with subtests.test("accepted"), undone():
        move(Status.ACCEPTED)
        assert line(at_home, filed)[2] == "2026 ж. 1 қыркүйек, 00:00 Алда: Бала мектепте: оқу жылы басталады."
    with subtests.test("withdrawn"), undone():
        move(Status.WITHDRAWN)
        assert len(line(at_home, filed)) == 1


ENDS = {Status.ACCEPTED, Status.REFUSED, Status.WITHDRAWN}
HOUR = timedelta(hours=1)


@pytest.mark.rule("D74")
@pytest.mark.parametrize("end", [*sorted(ENDS), "corrected", None])
@pytest.mark.parametrize("hours", [1, 3, 5], ids=["before both terms", "between them", "after both"])
def test_no_term_begins_or_ends_after_the_application_has(
    now: datetime, end: Status | str | None, hours: int
) -> None:
    """The school's term begins after two hours, the document's ends after four; a day later it is read."""
    moves = [(Status.DRAFT, Status.IN_REVIEW, timedelta()), (Status.IN_REVIEW, Status.SIGNING, HOUR / 2)]
    if end == "corrected":
        moves += [
            (Status.SIGNING, Status.REFUSED, hours * HOUR),
            (Status.REFUSED, Status.ACCEPTED, 20 * HOUR),
        ]
    elif end:
        moves += [(Status.SIGNING, Status(end), hours * HOUR)]
    changes = [StatusChange(old=old, new=new, at=now + after) for old, new, after in moves]
    filed = Application(
        year=2026, status=moves[-1][1], submitted_at=now, received_at=now + 2 * HOUR, due_at=now + 9 * HOUR
    )
    asked = Supplement(kind=DocumentKind.PHOTO, asked_at=now, until=now + 4 * HOUR)

    said = {
        step.words for step in timeline.Line(filed, now + timedelta(days=1), changes, [asked], []).steps()
    }

    assert ("Мектеп: қарау мерзімі басталды." in said) == (end is None or hours > 2)
    assert ("Құжат мерзімінде қосылмады." in said) == (end is None or hours > 4)


@pytest.mark.rule("D73", "D74")
@pytest.mark.parametrize("mended", [True, False], ids=["before its three days are over", "after"])
def test_appeal_is_passed_to_the_department_unless_the_school_was_first(
    at_home: Client, make_application, director: User, now: datetime, mended: bool, clock: Any
) -> None:
    refused = make_application(Status.REFUSED)
    signed = {"prepared_by": director, "prepared_at": now, "signed_by": director, "signed_at": now}
    said_no = {"reason_code": RefusalReason.OTHER, "reason": "Тізімде жоқ."}
    first = refused.decisions.create(result=Result.REFUSE, **said_no, **signed)
    filed = appeals.file(refused, by=refused.applicant, wish=Wish.ADMIT, words="x", now=now)
    at = filed.pass_by - HOUR if mended else filed.pass_by + HOUR
    refused.decisions.create(
        result=Result.ACCEPT, corrects=first, mistake="x", **(signed | {"signed_at": at})
    )
    Application.objects.update(status=Status.ACCEPTED)
    clock.move_to(at + HOUR)
    at_home.force_login(refused.applicant)

    said = line(at_home, refused)

    assert any("Шағым білім басқармасына берілді." in one for one in said) is not mended


@pytest.mark.rule("D55")
@pytest.mark.parametrize("end", [None, *sorted(ENDS)])
def test_page_of_a_document_says_what_has_ended_it(
    at_home: Client, make_application, director: User, now: datetime, end: Status | None
) -> None:
    """Its term is over: only of an application that still waits is that the reason."""
    filed = make_application(Status.IN_REVIEW)
    ask(filed, director, now - timedelta(days=3), until=now - timedelta(days=1))
    if end:
        Application.objects.update(status=end, decided_at=now)

    answer = at_home.get(reverse("cabinet:supplement", args=[filed.public_id]), follow=True)

    assert ("Құжатты қосу мерзімі өтті." in text(answer)) == (end is None)


@pytest.mark.rule("D74")
def test_due_time_is_a_file_for_the_calendar_that_names_nobody(
    at_home: Client, make_application, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    path = reverse("cabinet:calendar", args=[filed.public_id])
    for name in ("application", "result"):
        assert path in text(at_home.get(reverse(f"cabinet:{name}", args=[filed.public_id])))

    answer = at_home.get(path)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    raw = answer.content
    assert raw.endswith(b"\r\n") and b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(one) <= 75 for one in raw.split(b"\r\n"))
    lines = raw.replace(b"\r\n ", b"").decode().split("\r\n")
    assert lines[5:10] == [
        f"UID:due-{filed.number}@127.0.0.1",
        "DTSTAMP:20260610T060000Z",
        "DTSTART:20260611T060000Z",
        f"SUMMARY:OQU: №{filed.number} өтінімге жауап беру мерзімі",
        "LOCATION:«№63 жалпы білім беретін мектеп» КММ",
    ]
    assert "Сәрсенов" not in raw.decode() and str(filed.public_id) not in raw.decode()

    Application.objects.update(status=Status.REFUSED, decided_at=now)
    assert at_home.get(path)["Location"] == reverse("cabinet:application", args=[filed.public_id])


def test_hostile_name_of_a_school_stays_one_line_of_the_calendar(make_application, now: datetime) -> None:
    filed, school = make_application(Status.IN_REVIEW), "Ә" * 80 + "; a, b\\\r\nBEGIN:VEVENT"

    raw = calendar_file.of_due_time(filed, due=now, school=school, now=now)

    assert all(len(one) <= 75 for one in raw.split(b"\r\n"))
    lines = raw.replace(b"\r\n ", b"").decode().split("\r\n")
    assert lines[9] == "LOCATION:" + "Ә" * 80 + "\\; a\\, b\\\\\\nBEGIN:VEVENT"
    assert lines.count("BEGIN:VEVENT") == 1
