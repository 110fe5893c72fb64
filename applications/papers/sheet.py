"""A receipt made of the sheet that was signed: what follows from the signature is drawn over it, where room
was left. To draw the whole of it once more costs twice as much.

The places are named destinations of the signed PDF. Where it has none, runs over more sheets or has too
little room, or is of a structure that is not known here, the receipt is drawn anew.
"""

import io
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pikepdf

logger = logging.getLogger(__name__)

CHECK, SIGNED = "check", "signed"  # ids in application.html
NUMBER = re.compile(rb"(?<=<</MCID )\d+(?=>>)")
ODD = (
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    pikepdf.PdfError,
)  # from another structure
Made = TypeVar("Made")


@dataclass(frozen=True)
class Room:
    """Where what is added begins, below the upper edge of the sheet, for a stylesheet."""

    check: str
    signed: str


def completed(original: bytes, draw_over: Callable[[Room], bytes]) -> bytes | None:
    """The signed sheet with what `draw_over` draws for its room, in the latter's document; None when it has
    to be drawn anew."""
    try:
        signed = pikepdf.open(io.BytesIO(original))
    except pikepdf.PdfError:
        return None
    with signed:
        room = _known(lambda: _room(signed))
        if room is None:
            return None
        over = draw_over(room)
        return _known(lambda: _together(signed, over))


def _known(step: Callable[[], Made | None]) -> Made | None:
    """None, too, where a PDF is not built as those of today: an original may be years old."""
    try:
        return step()
    except ODD as error:
        logger.warning("an original of another structure is drawn anew: %s", type(error).__name__)
        return None


def _together(signed: pikepdf.Pdf, over: bytes) -> bytes | None:
    """None where what was drawn over it runs over more sheets."""
    with pikepdf.open(io.BytesIO(over)) as made:
        if len(made.pages) > 1:
            return None
        _lay_under(made, signed)
        out = io.BytesIO()
        made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _room(signed: pikepdf.Pdf) -> Room | None:
    """None where it was not left."""
    heights = _heights(signed)
    if len(signed.pages) > 1 or not heights.keys() >= {CHECK, SIGNED}:
        return None
    top = float(signed.pages[0].MediaBox[3])
    return Room(*(f"{top - heights[name]:.2f}pt" for name in (CHECK, SIGNED)))


def _heights(signed: pikepdf.Pdf) -> dict[str, float]:
    """Of its named destinations, from the lower edge."""
    if "/Names" not in signed.Root or "/Dests" not in signed.Root.Names:
        return {}
    told = list(signed.Root.Names.Dests.Names)
    return {str(name): float(place[3]) for name, place in zip(told[::2], told[1::2], strict=True)}


def _lay_under(made: pikepdf.Pdf, signed: pikepdf.Pdf) -> None:
    made.pages.append(signed.pages[0])
    over, sheet = made.pages
    read_before = made.copy_foreign(signed.Root.StructTreeRoot)
    _join_drawing(made, sheet, over, marks=len(read_before.ParentTree.Nums[1]))
    _join_reading(made, read_before, sheet)
    _join_outline(made, made.copy_foreign(signed.Root.Outlines), sheet)
    del made.pages[0]


def _join_drawing(made: pikepdf.Pdf, sheet: pikepdf.Page, over: pikepdf.Page, *, marks: int) -> None:
    """Both name their fonts after what they look like, and number their marks from nought. Raises ValueError
    where not all marks are found: theirs would meet unseen."""
    drawn, moved = NUMBER.subn(lambda found: b"%d" % (int(found[0]) + marks), over.Contents.read_bytes())
    found = len(NUMBER.findall(sheet.Contents.read_bytes())), moved
    if found != (marks, len(made.Root.StructTreeRoot.ParentTree.Nums[1])):
        raise ValueError
    for name, font in over.Resources.Font.items():
        sheet.Resources.Font[f"{name}Over"] = font
        drawn = drawn.replace(f"{name} ".encode(), f"{name}Over ".encode())
    for name, picture in over.Resources.XObject.items():
        sheet.Resources.XObject[name] = picture
    for name, state in over.Resources.ExtGState.items():
        sheet.Resources.ExtGState[name] = state
    parts = made.make_stream(b"q"), sheet.Contents, made.make_stream(b"Q\n" + drawn)
    sheet.Contents = pikepdf.Array(parts)


def _join_reading(made: pikepdf.Pdf, before: pikepdf.Object, sheet: pikepdf.Page) -> None:
    """What a screen reader is told: the signed sheet, then what was added."""
    added, numbers = made.Root.StructTreeRoot, before.ParentTree.Nums[1]
    marks = len(numbers)
    _move(added.K[0], sheet, marks)
    for one in added.ParentTree.Nums[1]:
        one.Pg = sheet.obj
        one.K = pikepdf.Array([kid + marks if isinstance(kid, int) else kid for kid in one.K])
        numbers.append(one)
    for one in added.K[0].K:
        one.P = before.K[0]
        before.K[0].K.append(one)
    made.Root.StructTreeRoot = before


def _move(element: pikepdf.Object, sheet: pikepdf.Page, marks: int) -> None:
    for kid in element.K:
        if not isinstance(kid, int):
            kid.Pg = sheet.obj
            _move(kid, sheet, marks)


def _join_outline(made: pikepdf.Pdf, before: pikepdf.Object, sheet: pikepdf.Page) -> None:
    """The heading of what was added comes last below that of the sheet."""
    heading, title = made.Root.Outlines.First, before.First
    heading.Dest[0], heading.Parent = sheet.obj, title
    heading.Prev, title.Last.Next = title.Last, heading
    title.Last = heading
    title.Count += 1
    before.Count += 1
    made.Root.Outlines = before
