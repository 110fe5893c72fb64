"""Seats as a bar: the microdistrict's from the left, those from outside from the right up to their limit."""

from dataclasses import dataclass

from django import template

register = template.Library()
WIDTH = 200  # of the drawing, in its own units


@dataclass(frozen=True)
class Bar:
    local: float
    outside: float
    outside_from: float
    limit_at: float
    plan_at: float
    over_plan: bool


def bar_of(local: int, outside: int, *, limit: int, seats: int) -> Bar:
    """In units of WIDTH. More than the plan fills the whole bar, and the plan's end is marked in it."""
    whole = max(seats, local + outside, 1)
    unit = WIDTH / whole
    return Bar(
        local=round(local * unit, 1),
        outside=round(outside * unit, 1),
        outside_from=round((whole - outside) * unit, 1),
        limit_at=round((whole - min(limit, whole)) * unit, 1),
        plan_at=round(seats * unit, 1),
        over_plan=local + outside > seats,
    )


@register.inclusion_tag("_components/seats_bar.html")
def seats_bar(local: int, outside: int, limit: int, seats: int) -> dict[str, object]:
    figures = {"local": local, "outside": outside, "limit": limit, "seats": seats}
    bar = bar_of(local, outside, limit=limit, seats=seats)
    return figures | {"bar": bar, "free": seats - local - outside, "width": WIDTH}
