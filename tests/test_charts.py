"""Charts: the bars are the figures in the table beside them, and a name is no markup."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template

from oqu.templatetags.charts import FIGURES, HEIGHT, WIDTH, Piece, lying, standing

pytestmark = pytest.mark.rule("D56")


def bar(label: str, *values: int, short: str = "") -> Any:
    return SimpleNamespace(label=label, values=values, short=short)


def test_longest_bar_fills_the_drawing_and_its_parts_follow_each_other() -> None:
    drawing = lying([bar("A", 3, 1), bar("B", 0, 2), bar("C", 0, 0)], ["red", "gold"])

    assert drawing.pieces == [
        Piece(0, 20, 204, 14, "red"), Piece(204, 20, 68, 14, "gold"), Piece(0, 60, 136, 14, "gold"),
    ]  # fmt: skip
    assert drawing.pieces[1].x + drawing.pieces[1].width == WIDTH - FIGURES
    assert [one.text for one in drawing.totals] == ["4", "2", "0"] and drawing.height == 120


def test_standing_bars_grow_from_the_ground_within_the_drawing() -> None:
    drawing = standing([bar("1", 2, 2, short="1"), bar("2", 0, 0, short="2")], ["blue", "red"])

    blue, red = drawing.pieces
    assert blue.y + blue.height == HEIGHT - 20 and red.y + red.height == blue.y and red.y == 18
    assert [one.text for one in drawing.names] == ["1", "2"] and len(drawing.totals) == 1


@pytest.mark.parametrize("draw", [lying, standing])
def test_nothing_to_draw_is_no_fault(draw: Any) -> None:
    assert draw([], []).pieces == [] and draw([bar("A", 0)], ["blue"]).pieces == []


def test_drawing_is_named_has_its_table_and_escapes_what_it_is_told() -> None:
    parts = [SimpleNamespace(name="<i>", tone="red"), SimpleNamespace(name="B", tone="blue")]
    one = SimpleNamespace(
        key="k", title="T", of="<of>", parts=parts, bars=[bar("<script>" + "x" * 60, 7, 5)], standing=False
    )

    drawn = " ".join(Template("{% load charts %}{% chart one %}").render(Context({"one": one})).split())

    assert "<script>" not in drawn and "<i>" not in drawn and "&lt;script&gt;" in drawn
    assert 'role="img" aria-labelledby="k-name k-words"' in drawn and '<title id="k-name">T</title>' in drawn
    assert '<td class="number">7</td>' in drawn and "<strong>12</strong>" in drawn
    assert "x" * 60 in drawn  # whole in the table, cut short in the drawing
    assert 'width="158.7"' in drawn  # no comma, whatever the language
