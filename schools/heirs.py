"""Whose the microdistrict of a school is that has stopped (D57)."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from accounts.prepared import Prepared
from schools.models import School

_STOPPED = Prepared(
    lambda schools, today: School.objects.filter(pk__among=schools, stops_on__lte=today).values_list(
        "pk", "successor"
    ),
    list[int],
    date,
)


def serve(schools: Iterable[int]) -> set[int]:
    """Who serves the microdistricts of these today."""
    return {one for one in serving(schools).values() if one}


def serving(schools: Iterable[int]) -> dict[int, int | None]:
    """Whose the microdistrict of each is today: its own, or, where it has stopped, its successor's, through
    however many hands; nobody's where there is no successor (D57)."""
    into: dict[int, int | None] = {}
    asked, today = set(schools), timezone.localdate()
    while (left := asked - into.keys()) and (rows := dict(_STOPPED(list(left), today))):
        into |= rows
        asked = {one for one in rows.values() if one}
    return {school: _last_hand(school, into) for school in schools}


def _last_hand(school: int, into: dict[int, int | None]) -> int | None:
    at: int | None = school
    for _hand in into:  # no way is longer
        at = into.get(at, at) if at else None
    return at


def taken_over_by(school: School) -> list[School]:
    """The schools that have stopped and whose microdistricts are this one's, through however many hands."""
    stopped = School.objects.filter(stops_on__lte=timezone.localdate()).order_by("sort_kk", "pk")
    found: list[School] = []
    above = [school.pk]
    while rows := list(stopped.filter(successor__in=above).exclude(pk__in=[one.pk for one in found])):
        found += rows
        above = [one.pk for one in rows]
    return found
