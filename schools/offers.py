"""A school as people choose it: its languages with the places left on each route (R66, R75, R77, D3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from schools import catalogue, kato, seats
from schools.models import Intake, Locality, Route, School

_ABOVE = Locality.objects.select_related("parent__parent__parent")


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
    """Why these languages of a school are full, and other schools with a place left in each of them for a
    child from outside."""
    others = [place for one in full for place in nearest(one)]
    return {"ratio": seats.ratio_of(full[0]), "nearest": others, "within": within(full, others)}


def nearest(intake: Intake) -> list[Place]:
    """Other schools of its language with a place left for a child from outside."""
    found = catalogue.nearest_with_seats(
        intake.school, language=intake.language_id, outside=True, year=intake.year
    )
    return [Place(one, seats.free(one)) for one in found]


def within(full: Sequence[Intake], others: Sequence[Place]) -> Locality | None:
    """The smallest place in which all of them lie: the classifier knows no distances."""
    codes = [one.intake.school.locality_id for one in others]
    place: Locality | None = _ABOVE.get(pk=full[0].school.locality_id)
    while place and not all(code.startswith(kato.prefix(place.kato)) for code in codes):
        place = place.parent
    return place
