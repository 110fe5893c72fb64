"""When filing is open: each region's dates, both days inclusive, Asia/Almaty (R22-R28, D8)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from django.conf import settings
from django.utils import timezone

from accounts.prepared import Prepared
from schools.kato import region_of
from schools.models import Locality, Period

_ANNOUNCED = Prepared(lambda region, year: Period.objects.filter(region=region, year=year), str, int)
LAST_DAY = (8, 31)  # 31 August ends every region's intake and, with it, withdrawal (R24-R27, D12)
LAST_SECOND = time(23, 59, 59)


class State(StrEnum):
    NOT_ANNOUNCED = "NOT_ANNOUNCED"
    BEFORE = "BEFORE"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class Window:
    """A region's window as it stands at one moment; without an announced period there are no dates."""

    name: State
    opens_at: datetime | None = None  # the first second, 00:00:00
    closes_at: datetime | None = None  # the last second, 23:59:59

    @property
    def is_open(self) -> bool:
        return self.name == State.OPEN


def current_year(now: datetime) -> int:
    """First year of the academic year that is being filed for: from 1 September on, the next one."""
    if settings.ACADEMIC_YEAR:
        return int(settings.ACADEMIC_YEAR)
    return running(now)


def running(now: datetime) -> int:
    """The earliest academic year whose intake is not over."""
    today = timezone.localdate(now)
    return today.year if today <= date(today.year, *LAST_DAY) else today.year + 1


def intake_ends(year: int) -> datetime:
    """The last second of the year's intake: 31 August, 23:59:59 (D12, D23)."""
    return timezone.make_aware(datetime.combine(date(year, *LAST_DAY), LAST_SECOND))


def is_over(year: int, now: datetime) -> bool:
    """Has the intake of this academic year ended? From then on nothing is withdrawn (R117, D12)."""
    return year < running(now)


def later(day: date, *, years: int) -> date:
    """The same day of another year; of 29 February the day before."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=day.day - 1)


def window(region: str, year: int) -> Period | None:
    """The period announced for the region in which this locality lies."""
    return _ANNOUNCED.first(region_of(region), year)


def state(region: str, year: int, now: datetime) -> Window:
    return at(window(region, year), now)


def at(period: Period | None, now: datetime) -> Window:
    """The pure rule."""
    if period is None:
        return Window(State.NOT_ANNOUNCED)
    today = timezone.localdate(now)
    name = State.OPEN if period.opens <= today <= period.closes else State.CLOSED
    if today < period.opens:
        name = State.BEFORE
    opens_at = timezone.make_aware(datetime.combine(period.opens, time.min))
    closes_at = timezone.make_aware(datetime.combine(period.closes, LAST_SECOND))
    return Window(name, opens_at, closes_at)


@dataclass(frozen=True)
class RegionWindow:
    region: Locality
    window: Window


def schedule(year: int, now: datetime) -> list[RegionWindow]:
    """All regions with their windows, in the order of opening, then as they were announced, those that were
    not last. By the alphabet of one language the list would be in no order for readers of the other."""
    announced = Period.objects.filter(year=year).order_by("pk")  # loaded in the order of the file
    periods = {period.region_id: period for period in announced}
    places = {code: place for place, code in enumerate(periods)}
    regions = Locality.objects.filter(parent=None).order_by("sort_kk")
    rows = [RegionWindow(region, at(periods.get(region.kato), now)) for region in regions]
    never = intake_ends(9998)
    return sorted(
        rows,
        key=lambda row: (row.window.opens_at or never, places.get(row.region.kato, len(places))),
    )
