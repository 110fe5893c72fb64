"""A year prepared from the one before (D61)."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from schools import seats
from schools.models import Holiday, Intake, Period, Role, School, StaffMember
from tests.environment import undone

pytestmark = pytest.mark.rule("D61")
LAST, YEAR = 2026, 2027


@pytest.fixture(autouse=True)
def _winter(time_machine: Any) -> None:
    time_machine.move_to("2026-12-01T12:00:00+05:00", tick=False)


def said(*options: str, year: int = YEAR) -> tuple[str, int]:
    out, code = StringIO(), 0
    try:
        call_command("open_year", year, *options, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    return out.getvalue(), code


def seats_of(year: int) -> list[tuple[str, str, int, int, int | None, int]]:
    held = ("school__search", "language", "seats", "outside_limit", "outside_ratio", "held_local")
    return list(Intake.objects.filter(year=year).order_by("school", "language").values_list(*held))


@pytest.fixture
def make_school(school: School) -> Callable[..., School]:
    """make_school("7", kk=30): another school of Astana with these seats of last year."""

    def make(name: str, *, stops_on: date | None = None, **languages: int) -> School:
        bin = f"9905400{int(name):05d}"
        made = School.objects.create(
            bin=bin, locality_id="711210000", name_kk=name, name_ru=name, search=name, stops_on=stops_on
        )
        for language, count in languages.items():
            seats.open_intake(made, year=LAST, language=language, seats=count)
        return made

    return make


def test_seats_are_taken_over_and_what_stands_is_left(
    intake: Intake, other_school: School, make_school: Callable[..., School]
) -> None:
    Intake.objects.filter(pk=intake.pk).update(held_local=5)
    seats.set_ratio(Intake.objects.get(school=other_school), 1)
    make_school("7", stops_on=date(2027, 9, 1), kk=30)
    make_school("8", stops_on=date(2027, 9, 2), ru=20)
    announced = make_school("9", kk=25, ru=10)
    seats.open_intake(announced, year=YEAR, language="kk", seats=28)

    dry, _code = said("--dry-run")
    assert seats_of(YEAR) == [("9", "kk", 28, 7, None, 0)]
    told, _code = said()
    right = [("63", "kk", 8, 2, None, 0), ("каракога", "kk", 4, 2, 1, 0), ("8", "ru", 20, 5, None, 0),
             ("9", "kk", 28, 7, None, 0)]  # fmt: skip

    assert sorted(seats_of(YEAR)) == sorted(right)
    assert told == dry.replace("; dry run, nothing is saved", "")
    assert "710000000 Астана қаласы: 2 schools with 28 seats as in 2026, 1 stood already, 1 left out" in told
    assert "2027: 3 schools with 32 seats taken over" in told
    seats.set_seats(Intake.objects.get(school=intake.school, year=YEAR), 11)
    again, _code = said()
    assert "2027: 0 schools with 0 seats taken over" in again
    assert Intake.objects.get(school=intake.school, year=YEAR).seats == 11
    assert len(seats_of(YEAR)) == 4


def test_dates_are_a_proposal_until_somebody_confirms_them(intake: Intake, other_school: School) -> None:
    """30 May 2027 is a Sunday, and the Monday behind it is made a holiday here."""
    Period.objects.filter(region="710000000").update(opens=date(2026, 5, 30), asks_documents=True)
    Holiday.objects.create(date=date(2027, 5, 31), name_kk="x", name_ru="x")

    told, _code = said()
    assert "2027-06-01 to 2027-08-31 as last year, moved to a working day (a proposal" in told
    assert "2027-06-29 to 2027-08-31 as last year (a proposal" in told
    assert "(last-years-dates)" in told
    assert not Period.objects.filter(year=YEAR).exists()

    Period.objects.create(region_id="590000000", year=YEAR, opens=date(2027, 4, 1), closes=date(2027, 8, 1))
    Intake.objects.filter(year=YEAR).delete()
    with undone():
        told, _code = said("--confirm-dates", "--dates-only")
        assert "no seats taken over; 2027-06-01 to 2027-08-31 as last year, moved to a working day\n" in told
        assert Period.objects.filter(year=YEAR).count() == 2 and not Intake.objects.filter(year=YEAR).exists()
    for _twice in range(2):
        told, _code = said("--confirm-dates")
    found = Period.objects.filter(year=YEAR).order_by("opens")
    assert [(one.region_id, one.opens, one.closes, one.asks_documents) for one in found] == [
        ("590000000", date(2027, 4, 1), date(2027, 8, 1), False),
        ("710000000", date(2027, 6, 1), date(2027, 8, 31), False),
    ]
    assert "2027-04-01 to 2027-08-01 stood already" in told


def test_exit_code_is_1_until_nothing_is_missing(
    intake: Intake, director: Any, subtests: pytest.Subtests
) -> None:
    for day in (date(2026, 12, 16), date(2027, 1, 1)):
        Holiday.objects.create(date=day, name_kk="x", name_ru="x")
    told, code = said("--confirm-dates")
    assert (code, told.splitlines()[-1]) == (0, "2027: 1 schools with 8 seats taken over, 0 things missing")

    missing: dict[str, Callable[[], Any]] = {
        "no-dates": lambda: Period.objects.filter(region="590000000").delete(),
        "no-director": lambda: StaffMember.objects.filter(role=Role.DIRECTOR).delete(),
        "no-holidays": lambda: Holiday.objects.filter(date__year=2027).delete(),
        "no-addresses": lambda: intake.school.addresses.all().delete(),
        "no-phone": lambda: School.objects.update(phone=""),
        "no-seats": lambda: Intake.objects.all().delete(),
    }
    for name, spoil in missing.items():
        with subtests.test(name), undone():
            spoil()
            told, code = said("--confirm-dates")
            assert code == 1
            assert f"({name})" in told
            assert told.count("mend: manage.py") == 1


@pytest.mark.parametrize(
    ("year", "options", "why"),
    [
        (2026, (), "only 2027 and 2028 can be prepared now"),
        (2029, (), "only 2027 and 2028"),
        (2027, ("--from", "2027"), "2027 is not before 2027"),
        (2027, ("--from", "2020"), "nothing of 2020 is known"),
        (2028, (), "nothing of 2027 is known"),
    ],
)
def test_what_cannot_be_prepared_is_refused(
    intake: Intake, year: int, options: tuple[str, ...], why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        said(*options, year=year)


def test_29_february_is_the_28th_in_other_years(intake: Intake) -> None:
    Period.objects.filter(region="710000000").update(
        year=2024, opens=date(2024, 2, 29), closes=date(2024, 8, 31)
    )

    told, _code = said("--from", "2024")

    assert "2027-03-01 to 2027-08-31 as last year, moved to a working day" in told  # 28 February is a Sunday
