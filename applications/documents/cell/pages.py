"""The pages of a stranger's file, walked by hand: how many there are, and how big (D9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pikepdf

from applications.documents.faults import Fault, Rejected

MAX_PAGES = 50
MAX_NODES = 2_000  # of the tree, leaves too: a tree may be odd, but not that odd
MAX_DEPTH = 50
LARGEST_SIDE = 14_400  # points, ISO 32000-1, annex C: 5 m
FARTHEST = 10_000_000  # drawings of a land surveyor lie far from the origin
LETTER = [0, 0, 612, 792]  # what readers take where no size is said
INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
Box = list[Any]


@dataclass(frozen=True)
class Leaf:
    """A page, with what it has from the nodes above it."""

    page: pikepdf.Object
    inherited: dict[str, Any]

    def get(self, key: str) -> Any:
        found = self.page.get(key)
        return self.inherited.get(key) if found is None else found


def leaves(pdf: pikepdf.Pdf) -> list[Leaf]:
    """The pages in their order. Raises Rejected: PAGES when there are none, more than 50, or no end of them;
    UNREADABLE when one is no page (D9)."""
    found: list[Leaf] = []
    nodes = 0
    waiting: list[tuple[Any, dict[str, Any], int]] = [(pdf.Root.get("/Pages"), {}, 0)]
    while waiting:
        node, inherited, depth = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH or len(found) > MAX_PAGES:
            raise Rejected(Fault.PAGES)
        if node is None:
            continue
        if not isinstance(node, pikepdf.Dictionary):
            raise Rejected(Fault.UNREADABLE)
        if isinstance(node.get("/Kids"), pikepdf.Array):
            given = _given(pdf, node, inherited)
            waiting += [(kid, given, depth + 1) for kid in _last_first(node["/Kids"])]
        else:
            found.append(Leaf(node, inherited))
    if not 1 <= len(found) <= MAX_PAGES:
        raise Rejected(Fault.PAGES)
    return found


def _last_first(kids: Any) -> Iterator[Any]:
    if len(kids) > MAX_NODES:
        raise Rejected(Fault.PAGES)
    return (kids[at] for at in range(len(kids) - 1, -1, -1))


def _given(pdf: pikepdf.Pdf, node: pikepdf.Object, inherited: dict[str, Any]) -> dict[str, Any]:
    resources = node.get("/Resources")
    if isinstance(resources, pikepdf.Dictionary) and not resources.is_indirect:
        node["/Resources"] = pdf.make_indirect(resources)  # many pages then share one copy
    return inherited | {key: value for key in INHERITED if (value := node.get(key)) is not None}


def boxes(leaf: Leaf) -> dict[str, Box]:
    """The sheet and what of it is shown. Raises Rejected(UNREADABLE) for a sheet that no reader can show
    (D9)."""
    media, crop = _box(leaf.get("/MediaBox")), _box(leaf.get("/CropBox"))
    if media is None:
        media = LETTER
    if not _is_sane(media):
        if crop is None or not _is_sane(crop):
            raise Rejected(Fault.UNREADABLE)
        media = crop  # what is shown of the endless sheet
    return {"/MediaBox": media} | ({"/CropBox": crop} if crop is not None and _is_sane(crop) else {})


def rotation(leaf: Leaf) -> int:
    turned = leaf.get("/Rotate")
    return turned % 360 if isinstance(turned, int) and turned % 90 == 0 else 0


def unit(leaf: Leaf) -> Any:
    """How many points one unit is, where it is said and can be."""
    given = leaf.page.get("/UserUnit")
    return given if isinstance(given, int | Decimal) and 0 < given <= 10 and given != 1 else None


def _box(value: Any) -> Box | None:
    if not isinstance(value, pikepdf.Array) or len(value) != 4:
        return None
    sides = list(value)
    if not all(isinstance(side, int | Decimal) for side in sides):
        return None
    left, right = sorted((sides[0], sides[2]))
    low, high = sorted((sides[1], sides[3]))
    return [left, low, right, high] if left < right and low < high else None


def _is_sane(box: Box) -> bool:
    left, low, right, high = box
    near = all(-FARTHEST < side < FARTHEST for side in box)
    return bool(near and right - left <= LARGEST_SIDE and high - low <= LARGEST_SIDE)
