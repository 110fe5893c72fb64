"""The stages of the intake, as the official table groups the regions (R22-R28)."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from schools.models import Locality
from schools.periods import RegionWindow, State, Window


@dataclass(frozen=True)
class Wave:
    """Regions that open and close together; `number` counts stages in the order of opening."""

    number: int
    window: Window
    regions: list[Locality]


def group(rows: list[RegionWindow]) -> list[Wave]:
    """Stages in the order of opening, the regions of each in the order they were given."""
    dated = sorted((row for row in rows if row.window.opens_at), key=_dates)
    waves = [
        Wave(number, members[0].window, [row.region for row in members])
        for number, members in enumerate((list(rows) for _, rows in groupby(dated, key=_dates)), start=1)
    ]
    undated = [row.region for row in rows if not row.window.opens_at]
    return waves + ([Wave(0, Window(State.NOT_ANNOUNCED), undated)] if undated else [])


def next_opening(rows: list[RegionWindow]) -> datetime | None:
    """When the next region opens, if any is still to open."""
    coming = [row.window.opens_at for row in rows if row.window.name == State.BEFORE and row.window.opens_at]
    return min(coming, default=None)


def _dates(row: RegionWindow) -> tuple[datetime, datetime]:
    assert row.window.opens_at and row.window.closes_at
    return row.window.opens_at, row.window.closes_at
