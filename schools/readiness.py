"""What the catalogue still lacks for a year's intake (D61): each a question with few rows for an answer."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from schools import periods
from schools.models import Intake, Locality, MicrodistrictAddress, Period, Role, School, StaffMember

NEAR = timedelta(days=30)  # before the first opening: from then on a parent is about to be stopped


def is_near(year: int, today: date) -> bool:
    """Is the first opening of the year's intake near, or past? Until a region's dates are announced its own
    last ones stand for them, whatever others have announced; where nothing is known, nothing may wait."""
    last = Period.objects.filter(year__lte=year).order_by("region", "-year").distinct("region")
    openings = [periods.later(one.opens, years=year - one.year) for one in last]
    return not openings or today >= min(openings) - NEAR


def regions_without_dates(year: int) -> QuerySet[Locality]:
    dates = Period.objects.filter(region=OuterRef("pk"), year=year)
    return Locality.objects.filter(parent=None).exclude(Exists(dates)).order_by("sort_kk")


def schools_without_seats(year: int) -> QuerySet[School]:
    return _taking(year).exclude(Exists(Intake.objects.filter(school=OuterRef("pk"), year=year)))


def schools_without_a_language(year: int) -> QuerySet[School]:
    """They have announced seats, but none in a language in which they had some the year before."""
    now = Intake.objects.filter(school=OuterRef("school"), year=year)
    lost = Intake.objects.filter(year=year - 1, seats__gt=0).exclude(
        Exists(now.filter(language=OuterRef("language")))
    )
    return _taking(year).filter(Exists(lost.filter(Exists(now), school=OuterRef("pk"))))


def schools_without_a_director(year: int) -> QuerySet[School]:
    directors = StaffMember.objects.filter(school=OuterRef("pk"), role=Role.DIRECTOR)
    return _taking(year).exclude(Exists(directors))


def schools_without_addresses(year: int) -> QuerySet[School]:
    return _taking(year).exclude(Exists(MicrodistrictAddress.objects.filter(school=OuterRef("pk"))))


def schools_without_a_phone(year: int) -> QuerySet[School]:
    return _taking(year).filter(phone="")


def _taking(year: int) -> QuerySet[School]:
    """The schools that go on into that academic year (D57)."""
    return School.objects.exclude(stops_on__lte=first_day(year)).order_by("sort_kk", "pk")


def first_day(year: int) -> date:
    """Of lessons: who has stopped by then has no first grade that year."""
    return date(year, 9, 1)
