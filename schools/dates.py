"""Loading the dates of a year: the regions' periods (R22-R28) and the holidays (D25)."""

from datetime import date
from pathlib import Path

from django.db import transaction

from schools.models import DayKind, Holiday, Locality, Period
from schools.periods import LAST_DAY
from schools.tables import day, fitting, read_objects

DATA = Path(__file__).parent / "data"
OFFICIAL_YEAR = 2026  # of the periods that come with the portal
OFFICIAL_PERIODS = DATA / "regions.csv"
USUAL = "usual"  # in a file of holidays: the day follows the week again


def read_periods(path: Path, year: int) -> list[Period]:
    """A table with the columns kato, opens, closes; both days inclusive. Raises BadFile."""
    regions = set(Locality.objects.filter(parent=None).values_list("kato", flat=True))

    def build(row: dict[str, str]) -> Period:
        code, opens, closes = row["kato"], day(row["opens"]), day(row["closes"])
        if code not in regions:
            raise ValueError(f"«{code}» is not the code of a region")
        if not within_season(year, opens, closes):
            raise ValueError(f"{opens} to {closes} is not within 1 January to 31 August of {year}")
        return Period(region_id=code, year=year, opens=opens, closes=closes)

    return read_objects(path, required={"kato", "opens", "closes"}, key="kato", build=build)


def within_season(year: int, opens: date, closes: date) -> bool:
    """May a region's period be these days? They run forward, within 1 January to 31 August of the year."""
    return date(year, 1, 1) <= opens <= closes <= date(year, *LAST_DAY)


def save_periods(periods: list[Period]) -> None:
    Period.objects.bulk_create(
        periods,
        update_conflicts=True,
        unique_fields=["region", "year"],
        update_fields=["opens", "closes"],
    )


def read_holidays(path: Path) -> list[Holiday]:
    """A table with the columns date, kind (off, work, usual), name_kk, name_ru. Raises BadFile."""
    return read_objects(
        path, required={"date", "kind", "name_kk", "name_ru"}, key="date", build=_holiday, same=day
    )


def save_holidays(days: list[Holiday]) -> None:
    """Add and change days; those marked usual are forgotten."""
    usual = [each.date for each in days if each.kind == USUAL]
    with transaction.atomic():
        Holiday.objects.filter(date__in=usual).delete()
        Holiday.objects.bulk_create(
            [each for each in days if each.kind != USUAL],
            update_conflicts=True,
            unique_fields=["date"],
            update_fields=["kind", "name_kk", "name_ru"],
        )


def official_holidays() -> list[Path]:
    """The lists that come with the portal, one a year."""
    return sorted(DATA.glob("holidays_*.csv"))


def _holiday(row: dict[str, str]) -> Holiday:
    if row["kind"] not in (*DayKind.values, USUAL):
        raise ValueError(f"«{row['kind']}» is none of off, work, usual")
    names = fitting(Holiday, name_kk=row["name_kk"], name_ru=row["name_ru"])
    return Holiday(date=day(row["date"]), kind=row["kind"], **names)
