"""The bar of seats: its parts are the figures beside it."""

import pytest
from django.template import Context, Template

from oqu.templatetags.bars import WIDTH, Bar, bar_of


@pytest.mark.rule("D3", "D3a")
@pytest.mark.parametrize(
    ("local", "outside", "limit", "seats", "bar"),
    [
        (0, 0, 0, 0, Bar(0, 0, WIDTH, WIDTH, 0, False)),
        (10, 5, 5, 20, Bar(100, 50, 150, 150, 200, False)),
        (41, 9, 13, 60, Bar(136.7, 30, 170, 156.7, 200, False)),
        (30, 10, 10, 20, Bar(150, 50, 150, 150, 100, True)),  # the microdistrict is taken beyond the plan
        (0, 0, 50, 20, Bar(0, 0, WIDTH, 0, 200, False)),  # a limit above the seats stays in the drawing
    ],
)
def test_bar_shows_what_is_said(local: int, outside: int, limit: int, seats: int, bar: Bar) -> None:
    assert bar_of(local, outside, limit=limit, seats=seats) == bar


def test_bar_is_drawn_in_any_language() -> None:
    """A comma in a number would break the drawing."""
    drawn = Template("{% load bars %}{% seats_bar 41 9 13 60 %}").render(Context())

    assert 'width="136.7"' in drawn and "барлығы 60 орын" in drawn and "бос 10" in drawn
