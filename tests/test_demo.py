"""The demo works on any day of the year, and its data agree with the people of the sandbox."""

from collections import Counter
from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Child, User
from applications.models import Application
from applications.signing import many
from egov.iin import valid_iin
from sandbox.cast import cast
from schools import catalogue, periods, seats
from schools.models import Holiday, Intake, Period, Role, School, StaffMember
from schools.periods import State

DAYS = ["2026-01-01 00:00", "2026-08-28 09:00", "2026-08-31 23:59", "2028-02-29 08:00"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Almaty"))


def fill() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


@pytest.fixture
def demo(db: None, settings: Any) -> None:
    settings.DEMO = True
    fill()


def local_names(person: Any, year: int) -> list[str]:
    address = person.address
    found = catalogue.schools_for(kato=address.kato, street=address.street, house=address.house, year=year)
    return [school.name_kk for school in found]


def test_demo_goes_on_over_the_night_of_31_august(db: None, settings: Any) -> None:
    settings.DEMO = True
    with time_machine.travel(at("2026-08-31 23:59:59"), tick=False):
        fill()
    morning = at("2026-09-01 00:00")

    year = periods.current_year(morning)

    assert year == 2027
    assert periods.state("710000000", year, morning).is_open
    assert catalogue.offering(year).count() == 17
    assert catalogue.levels([], year=year)


def test_second_run_moves_the_dates_and_keeps_the_rest(demo: None) -> None:
    year = periods.current_year(timezone.now())
    intake = Intake.objects.filter(year=year, seats=50)[0]
    seats.set_seats(intake, 60)
    School.objects.get(bin="990540099902").addresses.filter(house_from=2).delete()
    counts = [model.objects.count() for model in (School, Intake, Period, StaffMember, User, Holiday)]
    addresses = School.objects.get(bin="990540099902").addresses.count()

    fill()

    intake.refresh_from_db()
    assert intake.seats == 60
    assert School.objects.get(bin="990540099902").addresses.count() == addresses
    assert [m.objects.count() for m in (School, Intake, Period, StaffMember, User, Holiday)] == counts


@pytest.mark.parametrize("moment", DAYS)
def test_demo_is_open_and_has_decisions_to_sign_on_any_day(db: None, settings: Any, moment: str) -> None:
    settings.DEMO = True
    with time_machine.travel(at(moment), tick=False):
        fill()
        now = timezone.now()
        year = periods.current_year(now)

        states = Counter(row.window.name for row in periods.schedule(year, now))

        assert states == {State.OPEN: 18, State.BEFORE: 1, State.CLOSED: 1}
        for kato in ("710000000", "750000000", "790000000", "590000000"):
            assert periods.state(kato, year, now).is_open
        assert catalogue.levels([], year=year)

        fill()
        director = User.objects.get(iin="800420399505")
        keys = Application.objects.values_list("public_id", flat=True)

        selection = many.select(keys, director=director, now=timezone.now())

    words = [(str(decision.result), decision.pk is None) for _, decision in selection.to_sign]
    assert Counter(words) == {("ACCEPT", False): 5, ("REFUSE", False): 1, ("ACCEPT", True): 1}
    assert selection.left_out == []
    for child in Child.objects.all():
        assert valid_iin(child.iin) and child.iin not in cast(2027)
        assert all(valid_iin(parent.iin) for parent in child.guardians.all())
    call_command("check_seats", stdout=StringIO())


def test_official_dates_are_loaded_over_the_demo_s(db: None, settings: Any) -> None:
    settings.DEMO = True
    with time_machine.travel(at("2026-03-01 12:00"), tick=False):
        fill()
        assert periods.state("710000000", 2026, timezone.now()).is_open

        call_command("load_periods", 2026, stdout=StringIO())

        assert periods.state("710000000", 2026, timezone.now()).name == State.BEFORE
        assert periods.state("710000000", 2026, at("2026-05-27 00:00")).is_open


def people_live_where_their_stories_say() -> None:
    year = periods.current_year(timezone.now())
    people = {(human.surname, human.name): human for human in cast(year).values()}

    assert local_names(people["Сәрсенова", "Айгүл"], year) == ["«№63 жалпы білім беретін мектеп» КММ"]
    assert local_names(people["Оспанова", "Дина"], year) == [
        "«№63 жалпы білім беретін мектеп» КММ",
        "«№64 гимназия» КММ",
    ]
    assert local_names(people["Жұмабаев", "Ерлан"], year) == []
    assert local_names(people["Мұқанов", "Бауыржан"], year) == ["«Қарақоға орта мектебі» КММ"]
    assert local_names(people["Иванова", "Ольга"], year) == ["«№37 мектеп-гимназия» КММ"]


def staff_have_their_posts() -> None:
    jobs = [human for human in cast(2027).values() if human.job]
    roles = {
        "director": Role.DIRECTOR,
        "executor": Role.EXECUTOR,
        "officer": Role.DEPARTMENT,
        "ops": Role.OPS,
    }

    for human in jobs:
        post = StaffMember.objects.get(user__iin=human.iin)
        assert human.job is not None
        assert post.role == roles[human.job.role]
        assert post.school is None or post.school.bin == human.job.bin
        assert (post.user.surname, post.user.phone) == (human.surname, human.phone)
        assert not post.user.has_usable_password()
    assert len(jobs) == StaffMember.objects.count() == 8


def every_state_of_seats_is_shown() -> None:
    year = periods.current_year(timezone.now())
    free = [seats.free(intake) for intake in Intake.objects.filter(year=year)]

    assert any(each.total == 0 for each in free)  # a full school
    assert any(each.outside == 1 for each in free)  # one place outside is left
    assert any(each.total > 0 and each.outside > 1 for each in free)
    call_command("check_seats", stdout=StringIO())


def test_demo_agrees_with_the_sandbox(demo: None, subtests: pytest.Subtests) -> None:
    for question in (
        people_live_where_their_stories_say,
        staff_have_their_posts,
        every_state_of_seats_is_shown,
    ):
        with subtests.test(question.__name__):
            question()


def test_demo_is_refused_in_production(db: None, settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        fill()

    assert not School.objects.exists()
