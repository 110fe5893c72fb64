"""A school as people choose it: its languages with the places left on each route (R66, R75, R77, D3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from schools import catalogue, seats
from schools.models import Intake, Route, School


@dataclass(frozen=True)
class Place:
    """One language of a school with the places left on each route."""

    intake: Intake
    free: seats.Free

    def left(self, route: str) -> int:
        return self.free.outside if route == Route.OUTSIDE else self.free.local


@dataclass(frozen=True)
class Offer:
    """A school as the list of choices shows it."""

    school: School
    places: list[Place]

    def __str__(self) -> str:
        return self.school.name_kk

    def intake(self, language: str) -> Intake | None:
        return next((one.intake for one in self.places if one.intake.language_id == language), None)

    @property
    def full_outside(self) -> list[Place]:
        return [one for one in self.places if one.left(Route.OUTSIDE) <= 0]


def offers_of(schools: Iterable[School], *, year: int) -> list[Offer]:
    """In the order of the schools; the seats of all are asked for at once."""
    listed = list(schools)
    places: dict[int, list[Place]] = {one.pk: [] for one in listed}
    for intake in catalogue.intakes_of(listed, year):
        places[intake.school_id].append(Place(intake, seats.free(intake)))
    return [Offer(one, places[one.pk]) for one in listed]


def elsewhere(*full: Intake) -> dict[str, Any]:
    """Why these languages of a school are full, and the nearest schools with a place left in each of them
    for a child from outside."""
    nearest = [
        Place(found, seats.free(found))
        for one in full
        for found in catalogue.nearest_with_seats(
            one.school, language=one.language_id, outside=True, year=one.year
        )
    ]
    return {"ratio": seats.ratio_of(full[0]), "nearest": nearest}
