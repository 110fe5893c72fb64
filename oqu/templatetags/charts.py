"""Small charts, drawn on the server: bars that lie, the largest first, or stand, an order in time. A template
writes them down, so that nothing in a name is markup; the numbers stand in a table beside the drawing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()
WIDTH = 320  # of a drawing, in its own units: about a phone's
ROW, THICK, LETTERS, FIGURES = 40, 14, 42, 48  # of bars that lie; the last is left for the number behind one
HEIGHT, HEAD, FOOT = 150, 18, 20  # of bars that stand


@dataclass(frozen=True)
class Piece:
    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True)
class Words:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Drawing:
    height: int
    pieces: Sequence[Piece]
    names: Sequence[Words]
    totals: Sequence[Words]


def lying(bars: Sequence[Any], tones: Sequence[str]) -> Drawing:
    unit = (WIDTH - FIGURES) / _most(bars)
    pieces, names, totals = [], [], []
    for row, bar in enumerate(bars):
        top, end = row * ROW, 0.0
        names.append(Words(0, top + 14, _cut(bar.label)))
        for start, length, tone in _stacked(bar.values, tones, unit):
            pieces.append(Piece(start, top + 20, length, THICK, tone))
            end = round(start + length, 1)
        totals.append(Words(end + 6, top + 32, str(sum(bar.values))))
    return Drawing(ROW * len(bars), pieces, names, totals)


def standing(bars: Sequence[Any], tones: Sequence[str]) -> Drawing:
    unit = (HEIGHT - HEAD - FOOT) / _most(bars)
    step, ground = WIDTH / max(len(bars), 1), HEIGHT - FOOT
    pieces, names, totals = [], [], []
    for place, bar in enumerate(bars):
        middle, top = round((place + 0.5) * step, 1), float(ground)
        names.append(Words(middle, HEIGHT - 5, bar.short or _cut(bar.label)))
        for start, length, tone in _stacked(bar.values, tones, unit):
            top = round(ground - start - length, 1)
            pieces.append(Piece(round(middle - step * 0.35, 1), top, round(step * 0.7, 1), length, tone))
        if total := sum(bar.values):
            totals.append(Words(middle, top - 5, str(total)))
    return Drawing(HEIGHT, pieces, names, totals)


def _most(bars: Sequence[Any]) -> int:
    sums: list[int] = [sum(bar.values) for bar in bars]
    return max([1, *sums])


def _stacked(values: Sequence[int], tones: Sequence[str], unit: float) -> Iterator[tuple[float, float, str]]:
    """Where each part begins, how long it is, and its tone; nothing is not drawn."""
    start = 0.0
    for value, tone in zip(values, tones, strict=True):
        length = round(value * unit, 1)
        if value:
            yield round(start, 1), length, tone
        start += length


def _cut(label: str) -> str:
    return label if len(label) <= LETTERS else f"{label[: LETTERS - 1].rstrip()}…"


@register.inclusion_tag("_components/chart.html")
def chart(one: Any) -> dict[str, Any]:
    """`one` has a key, a title, a head of its bars, parts with name and tone, bars with label and values."""
    draw = standing if one.standing else lying
    highest = max(one.bars, key=lambda bar: sum(bar.values))
    return {
        "chart": one,
        "drawing": draw(one.bars, [part.tone for part in one.parts]),
        "highest": {"label": highest.label, "total": sum(highest.values)},
        "rows": [(bar.label, bar.values, sum(bar.values)) for bar in one.bars],
        "several": len(one.parts) > 1,
        "width": WIDTH,
    }
