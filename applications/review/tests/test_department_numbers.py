"""The department's numbers hold: after a correction, to an officer from whom a child is hidden, on the first
of September, at a school that has stopped (D35, D54, D56, D57)."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Protection, User
from applications import digest
from applications.filing.tests.wizard_cast import text
from applications.models import Application, Decision, Reminder, Result, Route
from applications.review import lately, reminding
from applications.review.oversight import Seats
from applications.review.tests.test_department import file_another
from applications.review.tests.test_department import office as office
from applications.review.tests.test_department import officer as officer
from applications.status import Status
from conftest import ALMATY
from notifications.models import Channel, Message, Wishes
from schools.models import Intake, School

pytestmark = pytest.mark.rule("D56")
Make = Callable[..., Application]
LIST, EXPORT = reverse("review:department"), reverse("review:export_department")


def page_of(school: School) -> str:
    return reverse("review:department_school", args=[school.pk])


def exported(office: Client) -> str:
    return b"".join(office.post(EXPORT, {"form": "csv"})).decode()


def sign(application: Application, results: list[Result], *, by: User, now: datetime) -> None:
    """Each corrects the one before; the first refusal is for papers, the last for age."""
    earlier = None
    for number, result in enumerate(results):
        code = "" if result == Result.ACCEPT else "AGE" if number else "INCOMPLETE"
        earlier = Decision.objects.create(
            application=application, result=result, reason_code=code, reason="x" * 20 if code else "",
            prepared_by=by, prepared_at=now, signed_by=by, signed_at=now, corrects=earlier,
            mistake="x" * 20 if earlier else "",
        )  # fmt: skip


@pytest.mark.rule("D54")
@pytest.mark.parametrize(
    ("results", "grounds"),
    [
        ([Result.ACCEPT, Result.REFUSE], ["Баланың жасы сәйкес келмейді"]),
        ([Result.REFUSE, Result.ACCEPT], []),
        ([Result.REFUSE, Result.REFUSE], ["Баланың жасы сәйкес келмейді"]),
    ],
)
def test_grounds_are_those_of_decisions_that_stand(
    office: Client, make_application: Make, school: School, director: User, now: datetime,
    results: list[Result], grounds: list[str],
) -> None:  # fmt: skip
    status = Status.REFUSED if results[-1] == Result.REFUSE else Status.ACCEPTED
    application = make_application(status)
    sign(application, results, by=director, now=now)

    (shown,) = [row for row, _reminder in office.get(LIST).context["rows"]]
    one = text(office.get(reverse("review:department_application", args=[application.public_id])))

    assert [(reason.name, reason.count) for reason in shown.reasons] == [(name, 1) for name in grounds]
    assert all(f"{name}: 1" in text(office.get(page_of(school))) for name in grounds)
    assert [name in page for page in (one, exported(office)) for name in grounds] == [True] * 2 * len(grounds)
    assert "Құжаттар толық емес" not in one and ("Бас тарту негізі" in one) == bool(grounds)


@pytest.mark.rule("D35", "D58")
def test_hidden_child_is_in_no_number_of_the_barred_officer(
    office: Client, make_application: Make, school: School, officer: User, director: User, now: datetime
) -> None:
    """Neither what waits nor what is decided tells at which school the child is, or that one is missing."""
    hidden = file_another(make_application, 1, due_at=now - timedelta(days=1), route=Route.OUTSIDE)
    seen = file_another(make_application, 2, due_at=now - timedelta(hours=1))
    refused = file_another(make_application, 3, status=Status.REFUSED)
    sign(refused, [Result.REFUSE], by=director, now=now)
    Reminder.objects.create(school=school, by=director, at=now, day=now.date(), overdue=2)
    before = numbers(office, officer, school, now=now)
    assert "мерзімі өткен өтінім: 2" in text(office.get(page_of(school)))

    for one in (hidden, refused):
        Protection.objects.create(child_iin=one.child.iin, barred_iin=officer.iin, since=now, why="court")
    after = numbers(office, officer, school, now=now)

    told = text(office.get(page_of(school)))
    assert director.surname in told and "мерзімі өткен өтінім" not in told
    assert before == Numbers(
        row=(2, 2, 1, hidden.due_at), reasons=1, places=(1, 1), answers=1, exported=(2, 2, 1, 6), badge="2",
        digest=2,
    )  # fmt: skip
    assert after == Numbers(
        row=(1, 1, 0, seen.due_at), reasons=0, places=(1, 0), answers=0, exported=(1, 1, 0, 7), badge="1",
        digest=1,
    )  # fmt: skip
    Application.objects.filter(pk=seen.pk).update(status=Status.WITHDRAWN)
    with pytest.raises(reminding.NothingOverdue):
        reminding.remind(school, by=officer, now=now)


class Numbers(NamedTuple):
    row: tuple[int, int, int, datetime | None]  # waiting, overdue, refused, the term that ended first
    reasons: int
    places: tuple[int, int]
    answers: int  # in the chart
    exported: tuple[int, ...]  # waiting, overdue, refused, free
    badge: str
    digest: int


def numbers(office: Client, officer: User, school: School, *, now: datetime) -> Numbers:
    page = office.get(LIST)
    (row,) = [row for row, _reminder in page.context["rows"]]
    drawn = {one.key: sum(map(sum, (bar.values for bar in one.bars))) for one in page.context["charts"]}
    counted = next(csv.DictReader(io.StringIO(exported(office).removeprefix("\ufeff"))))
    badge = page.content.decode().split('<span class="nav__count">')[1].partition("<")[0]
    Message.objects.all().delete()
    Wishes.objects.all().delete()
    digest.run(now=now)
    told = Message.objects.get(recipient=officer, channel=Channel.CABINET).context
    names = ("Қарауды күтеді", "Мерзімі өткен", "Бас тартылды", "Бос орын")
    return Numbers(
        row=(row.waiting, row.overdue, row.refused, row.overdue_since),
        reasons=sum(one.count for one in row.reasons),
        places=(row.places.held_local, row.places.held_outside),
        answers=drawn.get("answers", 0),
        exported=tuple(int(counted[name]) for name in names),
        badge=badge,
        digest=told["overdue"],
    )


@pytest.mark.rule("D13", "D58")
def test_first_of_september_answers_nothing(
    office: Client, make_application: Make, school: School, officer: User, clock: Any, now: datetime
) -> None:
    """What the old year has left without an answer is late still; what it has decided is counted no more."""
    left = file_another(make_application, 1, due_at=now - timedelta(days=1))
    file_another(make_application, 2, status=Status.ACCEPTED)
    clock.move_to(datetime(2026, 9, 1, tzinfo=ALMATY))
    office.force_login(officer)
    Intake.objects.create(school=school, year=2027, language_id="kk", seats=30, outside_limit=7)

    page = office.get(LIST)
    one = office.get(page_of(school)).content.decode()
    digest.run(now=datetime(2026, 9, 1, 9, tzinfo=ALMATY))

    (row,) = [row for row, _reminder in page.context["rows"]]
    assert (row.waiting, row.overdue, row.accepted, row.places) == (1, 1, 0, Seats(30, 0, 0, 7))
    assert [row.school for row, _reminder in page.context["long"]] == [school]
    assert '<span class="nav__count">1<' in page.content.decode() and str(left.number) in one
    assert office.get(reverse("review:department_application", args=[left.public_id])).status_code == 200
    told = Message.objects.get(recipient=officer, channel=Channel.CABINET).context
    assert (told["waiting"], told["overdue"]) == (1, 1)


@pytest.mark.rule("D57")
@pytest.mark.parametrize(("held", "free"), [(True, "0"), (False, "")])
def test_school_that_has_stopped_has_no_free_seat_and_announces_none(
    office: Client, make_application: Make, school: School, now: datetime, held: bool, free: str
) -> None:
    make_application(Status.ACCEPTED if held else Status.REFUSED)
    School.objects.filter(pk=school.pk).update(stops_on=now.date())

    page = office.get(LIST)
    counted = next(csv.DictReader(io.StringIO(exported(office).removeprefix("\ufeff"))))

    assert [part["count"] for part in page.context["parts"]] == [1, 0, 0, 0]
    assert page.context["all_places"].seats == held and counted["Бос орын"] == free
    for shown in (text(page), text(office.get(page_of(school)))):
        assert "өтінім қабылдамайды" in shown and "10 маусымнан бастап" in shown
        assert "орын жарияланбаған" not in shown
    School.objects.filter(pk=school.pk).update(stops_on=now.date() + timedelta(days=1))
    assert "өтінім қабылдамайды" not in text(office.get(LIST))


@pytest.mark.rule("D35")
def test_large_area_is_counted_once_in_half_a_minute_unless_a_child_was_hidden_since(
    office: Client, officer: User, make_application: Make, clock: Any, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(lately, "MANY", 1)
    monkeypatch.setattr(lately, "_kept", {})

    def overdue() -> int:
        number: int = office.get(LIST).context["overdue"]
        return number

    late = [file_another(make_application, 1, due_at=now - timedelta(days=9))]
    assert overdue() == 1  # counted for those behind it
    late += [file_another(make_application, number, due_at=now - timedelta(days=9)) for number in (2, 3)]
    clock.shift(lately.LIFE / 2)
    page = office.get(LIST)
    assert (page.context["overdue"], page.context["now"]) == (1, now)  # and says as of when
    assert office.get(LIST, {"view": "full"}).context["overdue"] == 0

    Protection.objects.create(child_iin=late[0].child.iin, barred_iin=officer.iin, since=now, why="court")
    assert overdue() == 2
    file_another(make_application, 4, due_at=now - timedelta(days=9))
    assert overdue() == 2
    clock.shift(lately.LIFE)
    assert overdue() == 3
