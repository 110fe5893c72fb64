"""The 3:1 rule on one row (R71, R75, R113, R185, D3, D3a, D23)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from schools import seats
from schools.models import Intake, School
from schools.seats import Free, LimitUnderHeld, NothingHeld, OutsideFull, SchoolFull
from schools.tests.conftest import YEAR


@pytest.fixture
def intake(make_school: Callable[..., School]) -> Intake:
    """Eight seats, two of them outside."""
    return make_school("711210000", "№63 мектеп", kk=8).intakes.get()


@pytest.mark.rule("R71", "R75", "D3")
@pytest.mark.parametrize(
    ("count", "ratio", "limit"),
    [
        (0, 3, 0),
        (3, 3, 0),
        (4, 3, 1),
        (7, 3, 1),
        (8, 3, 2),
        (25, 3, 6),
        (100, 3, 25),
        (100, 1, 50),
        (9, 0, 9),
    ],
)
def test_one_of_every_four_seats_is_outside(count: int, ratio: int, limit: int) -> None:
    assert seats.outside_limit(count, ratio) == limit


@pytest.mark.rule("R75", "R200", "D3")
def test_outside_places_end_at_the_limit(intake: Intake) -> None:
    for _ in range(2):
        assert seats.take(intake.pk, outside=True) is False
    with pytest.raises(OutsideFull) as refused:
        seats.take(intake.pk, outside=True)

    intake.refresh_from_db()
    assert refused.value.intake_id == intake.pk
    assert str(refused.value) == f"OutsideFull: intake {intake.pk}"
    assert (intake.held_local, intake.held_outside) == (0, 2)
    assert seats.free(intake) == Free(local=6, outside=0)


@pytest.mark.rule("R185", "D3a")
def test_microdistrict_takes_unused_outside_places_and_goes_over_the_plan(intake: Intake) -> None:
    over_plan = [seats.take(intake.pk, outside=False) for _ in range(10)]

    intake.refresh_from_db()
    assert over_plan == [False] * 8 + [True] * 2
    assert (intake.held_local, intake.held_outside) == (10, 0)
    assert seats.free(intake) == Free(local=0, outside=0)


@pytest.mark.rule("D3")
def test_outside_hears_that_the_school_is_full(intake: Intake) -> None:
    for _ in range(8):
        seats.take(intake.pk, outside=False)

    with pytest.raises(SchoolFull):
        seats.take(intake.pk, outside=True)


def test_last_seat_may_go_outside_while_the_limit_lasts(intake: Intake) -> None:
    for _ in range(7):
        seats.take(intake.pk, outside=False)
    intake.refresh_from_db()
    assert seats.free(intake) == Free(local=1, outside=1)

    assert seats.take(intake.pk, outside=True) is False  # full, and not over the plan

    with pytest.raises(SchoolFull):  # the second outside place exists, but no seat is left
        seats.take(intake.pk, outside=True)


@pytest.mark.rule("R113", "D23")
def test_place_given_back_is_free_for_the_next(intake: Intake) -> None:
    seats.take(intake.pk, outside=True)
    seats.take(intake.pk, outside=True)

    seats.give_back(intake.pk, outside=True)

    assert seats.take(intake.pk, outside=True) is False


@pytest.mark.parametrize("outside", [True, False])
def test_seat_that_nobody_holds_cannot_be_given_back(intake: Intake, outside: bool) -> None:
    seats.take(intake.pk, outside=not outside)

    with pytest.raises(NothingHeld):
        seats.give_back(intake.pk, outside=outside)

    intake.refresh_from_db()
    assert intake.held_local + intake.held_outside == 1


def test_seat_of_an_unknown_intake_is_an_error(db: None) -> None:
    with pytest.raises(Intake.DoesNotExist):
        seats.take(404, outside=True)


@pytest.mark.parametrize("move", [seats.take, seats.give_back])
@pytest.mark.django_db(transaction=True)
def test_seat_moves_only_inside_a_transaction(move: Callable[..., Any]) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        move(1, outside=True)


def test_seat_is_taken_by_one_statement(intake: Intake, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        seats.take(intake.pk, outside=True)
    with django_assert_num_queries(1):
        seats.give_back(intake.pk, outside=True)


@pytest.mark.rule("D3")
def test_number_of_seats_changes_the_outside_limit_with_it(intake: Intake) -> None:
    seats.set_seats(intake, 30)

    assert (intake.seats, intake.outside_limit) == (30, 7)


def test_limit_never_falls_under_the_places_held(intake: Intake) -> None:
    seats.take(intake.pk, outside=True)
    seats.take(intake.pk, outside=True)

    with pytest.raises(LimitUnderHeld) as refused:
        seats.set_seats(intake, 7)

    intake.refresh_from_db()
    assert (intake.seats, intake.outside_limit) == (8, 2)
    assert str(refused.value) == (
        f"intake {intake.pk}: 2 outside places are held, the new number of seats would allow only 1"
    )


@pytest.mark.rule("D3a")
def test_seats_may_fall_under_what_the_microdistrict_holds(intake: Intake) -> None:
    for _ in range(6):
        seats.take(intake.pk, outside=False)

    seats.set_seats(intake, 5)

    assert seats.free(intake) == Free(local=0, outside=0)


@pytest.mark.rule("D3")
def test_ratio_of_one_intake_may_differ_from_the_setting(intake: Intake, settings: Any) -> None:
    seats.set_ratio(intake, 1)
    assert intake.outside_limit == 4

    settings.OUTSIDE_RATIO = 7
    seats.set_seats(intake, 10)
    assert intake.outside_limit == 5  # the override holds

    seats.set_ratio(intake, None)
    assert intake.outside_limit == 1


def test_intake_is_opened_once_and_then_changed(make_school: Callable[..., School]) -> None:
    school = make_school("711210000", "№63 мектеп", kk=25)

    intake = seats.open_intake(school, year=YEAR, language="kk", seats=50)

    assert school.intakes.get() == intake
    assert (intake.seats, intake.outside_limit) == (50, 12)


def test_intake_may_be_opened_without_seats(make_school: Callable[..., School]) -> None:
    intake = seats.open_intake(make_school("711210000", "№63 мектеп"), year=YEAR, language="kk", seats=0)

    assert (intake.seats, intake.outside_limit) == (0, 0)


@pytest.mark.parametrize("changes", [{"held_outside": 3}, {"outside_limit": 9}, {"held_local": -1}])
def test_database_itself_refuses_a_broken_row(intake: Intake, changes: dict[str, int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Intake.objects.filter(pk=intake.pk).update(**changes)


class SeatsMachine(RuleBasedStateMachine):
    """Any order of moves, beside a model that only counts."""

    make: Callable[..., School]

    def __init__(self) -> None:
        super().__init__()
        self.intake = type(self).make("711210000", "№63 мектеп", kk=6).intakes.get()
        self.local = self.outside = 0

    @rule(outside=st.booleans())
    def take(self, outside: bool) -> None:
        limit = min(self.intake.outside_limit, self.intake.seats - self.local)
        if outside and self.outside >= limit:
            full = self.local + self.outside >= self.intake.seats
            with pytest.raises(SchoolFull if full else OutsideFull):
                seats.take(self.intake.pk, outside=True)
            return
        over = seats.take(self.intake.pk, outside=outside)
        self.outside += outside
        self.local += not outside
        assert over == (self.local + self.outside > self.intake.seats)

    @rule(outside=st.booleans())
    def give_back(self, outside: bool) -> None:
        if (self.outside if outside else self.local) == 0:
            with pytest.raises(NothingHeld):
                seats.give_back(self.intake.pk, outside=outside)
            return
        seats.give_back(self.intake.pk, outside=outside)
        self.outside -= outside
        self.local -= not outside

    @rule(count=st.integers(0, 16))
    def set_seats(self, count: int) -> None:
        if count // 4 < self.outside:
            with pytest.raises(LimitUnderHeld):
                seats.set_seats(self.intake, count)
        else:
            seats.set_seats(self.intake, count)

    @invariant()
    def row_agrees_with_the_count(self) -> None:
        row = Intake.objects.get(pk=self.intake.pk)
        assert (row.held_local, row.held_outside) == (self.local, self.outside)
        assert 0 <= row.held_outside <= row.outside_limit == row.seats // 4
        free = seats.free(row)
        assert 0 <= free.outside <= free.local <= row.seats


@pytest.mark.rule("R71", "R75", "D3", "D3a")
def test_no_order_of_moves_breaks_the_rule(make_school: Callable[..., School]) -> None:
    SeatsMachine.make = staticmethod(make_school)

    run_state_machine_as_test(
        SeatsMachine,
        settings=hypothesis_settings(max_examples=60, stateful_step_count=40),
    )
