"""Seats of an intake and the 3:1 rule (R71, R75, R113, R185, D3, D3a, D23).

An intake has `seats`; of every four one is for children from outside, the rest for the microdistrict.
A child of the microdistrict is never refused a seat, even beyond the plan; a child from outside gets one
while the outside places last and the school is not full. Each move is one conditional UPDATE: it locks the
row, decides and counts at once. Keep it the last statement of the transaction, for it is where everybody
who wants the same school waits.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone

from schools.models import Intake, School

# Sent in the transaction that gives an intake more seats, with `intake` and `now`: who was refused for want
# of one is above this app.
grown = Signal()


class SeatsError(Exception):
    """A seat cannot be moved; carries the intake."""

    def __init__(self, intake_id: int) -> None:
        super().__init__(f"{type(self).__name__}: intake {intake_id}")
        self.intake_id = intake_id


class OutsideFull(SeatsError):
    """The places for children from outside are taken."""


class SchoolFull(SeatsError):
    """All seats of the school are taken; only an applicant from outside hears it (D3a)."""


class NothingHeld(SeatsError):
    """A seat was given back that nobody held: the counters and the applications disagree."""


class LimitUnderHeld(SeatsError):
    """The new number of seats would leave fewer outside places than are held."""

    def __init__(self, intake_id: int, *, limit: int, held: int) -> None:
        super().__init__(intake_id)
        self.limit, self.held = limit, held

    def __str__(self) -> str:
        return (
            f"intake {self.intake_id}: {self.held} outside places are held, "
            f"the new number of seats would allow only {self.limit}"
        )


@dataclass(frozen=True)
class Free:
    """Places left on each route. A local child may also take unused outside places."""

    local: int
    outside: int

    @property
    def total(self) -> int:
        return self.local


def outside_limit(seats: int, ratio: int) -> int:
    """One place outside for every `ratio` of the microdistrict; the remainder is the microdistrict's."""
    return seats // (ratio + 1)


def limit_of(intake: Intake) -> int:
    """The outside limit by the rule, whatever the row says."""
    return outside_limit(intake.seats, ratio_of(intake))


def ratio_of(intake: Intake) -> int:
    """So many microdistrict places for one outside: the intake's own number, else the setting."""
    return settings.OUTSIDE_RATIO if intake.outside_ratio is None else intake.outside_ratio


def free(intake: Intake) -> Free:
    left = max(0, intake.seats - intake.held_local - intake.held_outside)
    return Free(local=left, outside=min(left, intake.outside_limit - intake.held_outside))


TAKE_LOCAL = """
    UPDATE schools_intake SET held_local = held_local + 1 WHERE id = %s
    RETURNING held_local + held_outside > seats
"""
TAKE_OUTSIDE = """
    UPDATE schools_intake SET held_outside = held_outside + 1
    WHERE id = %s AND held_outside < outside_limit AND held_local + held_outside < seats
    RETURNING held_local + held_outside > seats
"""
GIVE_BACK_LOCAL = """
    UPDATE schools_intake SET held_local = held_local - 1 WHERE id = %s AND held_local > 0 RETURNING id
"""
GIVE_BACK_OUTSIDE = """
    UPDATE schools_intake SET held_outside = held_outside - 1 WHERE id = %s AND held_outside > 0 RETURNING id
"""


def take(intake_id: int, *, outside: bool) -> bool:
    """Take one seat; is the school now over its plan? Raises OutsideFull or SchoolFull."""
    row = _execute(TAKE_OUTSIDE if outside else TAKE_LOCAL, intake_id)
    if row is None:
        intake = Intake.objects.get(pk=intake_id)
        raise OutsideFull(intake_id) if free(intake).total else SchoolFull(intake_id)
    (over_plan,) = row
    return bool(over_plan)


def give_back(intake_id: int, *, outside: bool) -> None:
    """Free the seat of a refused or withdrawn application (R113)."""
    if _execute(GIVE_BACK_OUTSIDE if outside else GIVE_BACK_LOCAL, intake_id) is None:
        raise NothingHeld(intake_id)


def set_seats(intake: Intake, seats: int) -> None:
    """Change the number of seats, and the outside limit with it. Raises LimitUnderHeld.

    Fewer seats than are held is allowed: the microdistrict may stand over the plan (D3a).
    """
    _change(intake, seats=seats)


def set_ratio(intake: Intake, ratio: int | None) -> None:
    """Override OUTSIDE_RATIO for this intake, or (None) return to it. Raises LimitUnderHeld."""
    _change(intake, outside_ratio=ratio)


def set_plan(intake: Intake, *, seats: int, ratio: int | None) -> None:
    """Both at once: what either would be refused alone may be right together. Raises LimitUnderHeld."""
    _change(intake, seats=seats, outside_ratio=ratio)


def demanded_limit(intake: Intake) -> int:
    """The outside limit that goes with the numbers of the row, held under its lock. Raises LimitUnderHeld."""
    limit = limit_of(intake)
    if limit < intake.held_outside:
        raise LimitUnderHeld(intake.pk, limit=limit, held=intake.held_outside)
    return limit


def open_intake(school: School, *, year: int, language: str, seats: int) -> Intake:
    """The school's intake of that year and language with so many seats, made or changed."""
    with transaction.atomic():
        intake, _ = Intake.objects.get_or_create(
            school=school, year=year, language_id=language, defaults={"seats": seats, "outside_limit": 0}
        )
        set_seats(intake, seats)
    return intake


def _change(intake: Intake, **values: int | None) -> None:
    with transaction.atomic():
        locked = Intake.objects.select_for_update(of=("self",)).get(pk=intake.pk)
        before = locked.seats
        for name, value in values.items():
            setattr(locked, name, value)
        locked.outside_limit = demanded_limit(locked)
        locked.save(update_fields=["seats", "outside_ratio", "outside_limit"])
        if locked.seats > before:
            grown.send(sender=Intake, intake=locked, now=timezone.now())
    intake.refresh_from_db()


def _execute(sql: str, intake_id: int) -> tuple[Any, ...] | None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a seat moves in the transaction of its application")
    with connection.cursor() as cursor:
        cursor.execute(sql, [intake_id])
        answer: tuple[Any, ...] | None = cursor.fetchone()
        return answer
