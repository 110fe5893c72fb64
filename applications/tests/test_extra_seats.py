"""More seats at a school: the families that it has refused for want of one learn it, nobody else (D60)."""

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from accounts.models import Child, Guardianship, Protection, User
from applications.models import Application, Decision, RefusalReason, Result, Route
from applications.status import Status
from conftest import ANSWERED
from notifications import texts
from notifications.models import Channel, Message
from schools import seats
from schools.models import Intake, Period, School
from tests.environment import undone

Make = Callable[..., Application]
Refuse = Callable[..., Application]
YESTERDAY = date(2026, 6, 9)
pytestmark = pytest.mark.rule("D60")


@pytest.fixture(autouse=True)
def _today(now: Any) -> Any:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def refuse(make_application: Make, director: User) -> Refuse:
    """refuse(reason, …): an application refused on that ground."""

    def make(reason: RefusalReason = RefusalReason.NO_SEATS, **changes: Any) -> Application:
        refused = make_application(Status.REFUSED, **changes)
        Decision.objects.create(
            application=refused, result=Result.REFUSE, reason_code=reason, reason="Себебі жазылған.",
            prepared_by=director, prepared_at=ANSWERED, signed_by=director, signed_at=ANSWERED,
        )  # fmt: skip
        return refused

    return make


@pytest.fixture
def full(intake: Intake) -> Intake:
    """Eight seats, all held, two of them by children from outside."""
    Intake.objects.filter(pk=intake.pk).update(held_local=6, held_outside=2)
    intake.refresh_from_db()
    return intake


def sibling(iin: str = "200315500017") -> Child:
    return Child.objects.create(iin=iin, name="Бала", birth_date=date(2020, 3, 15), sex="M")


def told() -> list[tuple[User, str]]:
    found = Message.objects.filter(template="room_again", channel=Channel.CABINET).order_by("pk")
    return [(one.recipient, one.link) for one in found.select_related("recipient")]


def test_refused_family_hears_once_of_each_growth_by_notice_and_sms(
    full: Intake, refuse: Refuse, parent: User, settings: Any, _today: Any
) -> None:
    settings.QUIET_FROM, settings.QUIET_TO = 22, 8
    first = refuse()
    refuse(child=sibling(), decided_at=ANSWERED - timedelta(days=1))  # one family, one word

    seats.set_seats(full, 10)
    seats.set_seats(full, 10)  # the same file again
    seats.set_seats(full, 9)  # fewer

    assert told() == [(parent, f"/applications/{first.public_id}/")]
    sms = Message.objects.get(template="room_again", channel=Channel.SMS)
    assert sms.text == texts.sms("room_again", {"number": first.number}, lang="kk")
    assert sms.held_until is None
    _today.shift(timedelta(hours=12))  # 23:00: the phone is left alone until the morning
    seats.set_seats(full, 11)
    assert len(told()) == 2
    assert Message.objects.filter(template="room_again", channel=Channel.SMS).latest("pk").held_until


def test_only_whom_it_concerns_is_told(
    subtests: pytest.Subtests, full: Intake, refuse: Refuse, make_application: Make, parent: User,
    stranger: User, school: School,
) -> None:  # fmt: skip
    def hide(one: Application) -> None:
        Protection.objects.create(child_iin=one.child.iin, barred_iin=parent.iin, since=ANSWERED, why="сот")

    def correct(one: Application) -> None:
        old = one.decisions.get()
        Decision.objects.create(
            application=one, result=Result.REFUSE, reason_code=RefusalReason.AGE, reason="Жасы толмаған.",
            prepared_by=old.prepared_by, prepared_at=ANSWERED, signed_by=old.prepared_by,
            signed_at=ANSWERED, corrects=old, mistake="Негізі қате таңдалған.",
        )  # fmt: skip

    nobody: dict[str, Callable[[], object]] = {
        "another ground": lambda: refuse(RefusalReason.INCOMPLETE),
        "another ground by a correction": lambda: correct(refuse()),
        "active elsewhere": lambda: make_application(Status.IN_REVIEW, child=refuse().child),
        "accepted elsewhere": lambda: make_application(Status.ACCEPTED, child=refuse().child),
        "withdrawn before": lambda: make_application(Status.WITHDRAWN),
        "no place on this way": lambda: refuse(route=Route.OUTSIDE),
        "a court hides the child": lambda: hide(refuse()),
        "not the child's any more": lambda: (
            refuse(), Guardianship.objects.filter(user=parent).update(denied_at=ANSWERED, closed_at=ANSWERED)
        ),
        "the window is over": lambda: (refuse(), Period.objects.update(opens=YESTERDAY, closes=YESTERDAY)),
        "the school has stopped": lambda: (refuse(), School.objects.update(stops_on=date(2026, 6, 1))),
        "still over the plan": lambda: (refuse(), Intake.objects.filter(pk=full.pk).update(held_local=20)),
    }  # fmt: skip
    for name, given in nobody.items():
        with subtests.test(name), undone():
            given()
            seats.set_seats(full, 10)
            assert told() == []
    with subtests.test("another place outside"), undone():
        refuse(route=Route.OUTSIDE)
        seats.set_seats(full, 12)
        assert [user for user, _link in told()] == [parent]
    with subtests.test("of two parents who of the last refusal"), undone():
        refuse(decided_at=ANSWERED - timedelta(days=1))
        refuse(applicant=stranger)
        seats.set_seats(full, 10)
        assert [user for user, _link in told()] == [stranger]
    with subtests.test("a seat that somebody gives back is no announcement"), undone():
        refuse()
        seats.give_back(full.pk, outside=False)
        assert told() == []


def test_file_of_seats_tells_in_its_own_transaction(
    full: Intake, refuse: Refuse, parent: User, tmp_path: Path
) -> None:
    refuse()
    file = tmp_path / "schools.csv"
    school = full.school
    row = f"{school.bin},{school.locality_id},{school.name_kk},{school.name_ru},12\n"
    file.write_text("bin,kato,name_kk,name_ru,seats_kk\n" + row)

    call_command("load_schools", str(file), year=full.year, dry_run=True, stdout=StringIO())
    assert told() == []
    call_command("load_schools", str(file), year=full.year, stdout=StringIO())

    assert [user for user, _link in told()] == [parent]
