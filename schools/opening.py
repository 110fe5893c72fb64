"""A year prepared from the one before (D61): its seats, and its dates as a proposal.

What stands of the new year is never changed. Without dates a region is not announced and nothing is signed
there: they are written only when somebody has confirmed them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from schools import calendar, kato, periods, readiness, seats
from schools.models import Intake, Locality, Period, School


@dataclass(frozen=True)
class Proposal:
    """A region's dates as of the year before; `moved` where that day is no working day this time."""

    period: Period
    moved: bool


@dataclass(frozen=True)
class RegionYear:
    """What became of one region."""

    region: Locality
    schools: int  # whose seats were taken over
    seats: int
    stood: int  # schools that have announced seats of the year already
    stopping: int  # left out: they have stopped before the year begins
    period: Period | None  # that stands already
    proposal: Proposal | None


def prepare(year: int, *, last: int, with_dates: bool, with_seats: bool = True) -> list[RegionYear]:
    """Take the seats of `last` over unless they are to be left alone, and with `with_dates` its dates; in
    the caller's transaction. What became of each region, in the order of the Kazakh alphabet."""
    stood = _by_region(School.objects.filter(Exists(_of_school(year))))
    stopping = _by_region(_stopping(year).filter(Exists(_of_school(last))))
    standing = {period.region_id: period for period in Period.objects.filter(year=year)}
    proposed = {one.period.region_id: one for one in proposals(year, last=last)}
    taken = _take_over(year, last=last) if with_seats else []
    if with_dates:
        Period.objects.bulk_create([one.period for one in proposed.values()], ignore_conflicts=True)
    schools = Counter(region for region, _school in {(region, one.school_id) for region, one in taken})
    places = Counter[str]()
    for region, intake in taken:
        places[region] += intake.seats
    return [
        RegionYear(
            region,
            schools[region.kato],
            places[region.kato],
            stood[region.kato],
            stopping[region.kato],
            standing.get(region.kato),
            proposed.get(region.kato),
        )
        for region in Locality.objects.filter(parent=None).order_by("sort_kk")
    ]


def proposals(year: int, *, last: int) -> list[Proposal]:
    """For regions without dates of the year: the same days of it. Parents file at any hour, but the rush of
    an opening wants schools at work, so an opening on a day off moves to the next working day. The last day
    stays: 31 August ends every region's intake, whatever day it is (R24-R27)."""
    standing = Period.objects.filter(region=OuterRef("region"), year=year)
    before = Period.objects.filter(year=last).exclude(Exists(standing)).order_by("pk")
    days = calendar.load_days(date(year, 1, 1), date(year, *periods.LAST_DAY))
    return [_proposal(one, year, days) for one in before]


def _proposal(before: Period, year: int, days: calendar.Days) -> Proposal:
    same, closes = (periods.later(day, years=year - before.year) for day in (before.opens, before.closes))
    opens = same if calendar.is_working(same, days) else min(calendar.next_working(same, days), closes)
    return Proposal(Period(region_id=before.region_id, year=year, opens=opens, closes=closes), opens != same)


def _take_over(year: int, *, last: int) -> list[tuple[str, Intake]]:
    """Each new intake with its region. A school that has announced any seats of the year is left as it is:
    a language that it did not name may be one that it has closed."""
    before = Intake.objects.filter(year=last).exclude(school__in=_stopping(year))
    before = before.exclude(Exists(_of_school(year, path="school"))).select_related("school").order_by("pk")
    new = [(kato.region_of(one.school.locality_id), _again(one, year)) for one in before]
    Intake.objects.bulk_create([intake for _region, intake in new], ignore_conflicts=True, batch_size=1000)
    return new


def _again(before: Intake, year: int) -> Intake:
    intake = Intake(
        school_id=before.school_id,
        year=year,
        language_id=before.language_id,
        seats=before.seats,
        outside_ratio=before.outside_ratio,
    )
    intake.outside_limit = seats.limit_of(intake)
    return intake


def _of_school(year: int, *, path: str = "pk") -> QuerySet[Intake]:
    return Intake.objects.filter(school=OuterRef(path), year=year)


def _stopping(year: int) -> QuerySet[School]:
    return School.objects.filter(stops_on__lte=readiness.first_day(year))


def _by_region(schools: QuerySet[School]) -> Counter[str]:
    places: Iterable[str] = schools.values_list("locality", flat=True)
    return Counter(kato.region_of(place) for place in places)
