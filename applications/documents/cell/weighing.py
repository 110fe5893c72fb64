"""What showing the pages costs a reader: streams that call others count as often as they run (D9)."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from operator import methodcaller
from typing import Any, NamedTuple

import pikepdf

from applications.documents.cell.copying import key_of
from applications.documents.cell.purse import Purse
from applications.documents.faults import Fault, Rejected

RUN_BYTES = 256 * 1024 * 1024  # of contents, on all pages together
LOOKED_AT = 64 * 1024 * 1024  # of contents, each stream once
PAGE_PIXELS = 250_000_000
MAX_DEPTH = 25
MAX_VISITS = 50_000
VISIT = 64  # bytes that starting a stream is worth
BEYOND = 2**62  # large enough to be refused, small enough to reckon with

_SPACE = rb"[\0\t\n\f\r ]"
_LETTER = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
_END = rb"(?!" + _LETTER + rb")"
CALLS = re.compile(rb"/(" + _LETTER + rb"{1,200})" + _SPACE + rb"+(Do|gs|scn|SCN)" + _END)
DRAWS = re.compile(rb"Do(?<!" + _LETTER + rb"Do)" + _END)
PAINTS = re.compile(rb"(?<!" + _LETTER + rb")(?:f\*?|F|B\*?|b\*?|S|s|Tj|TJ|'|\")" + _END)
SHOWS = re.compile(rb"(?<!" + _LETTER + rb")(?:Tj|TJ|'|\")" + _END)
LETTERS = re.compile(rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\0\t\n\f\r ]*>", re.DOTALL)
IN_LINE = re.compile(rb"ID(?<!" + _LETTER + rb"ID)" + _SPACE)  # where a picture's head ends
SIDES = re.compile(rb"/(?:Width|Height|W|H)" + _SPACE + rb"*(\d{1,9})(?!\d)")
KINDS_CALLED = {"Do": "/XObject", "gs": "/ExtGState", "scn": "/Pattern", "SCN": "/Pattern"}
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


class Cost(NamedTuple):
    run: int
    pixels: int

    def plus(self, other: "Cost", times: int = 1) -> "Cost":
        return Cost(
            min(self.run + other.run * times, BEYOND), min(self.pixels + other.pixels * times, BEYOND)
        )


NOTHING = Cost(0, 0)


@dataclass(frozen=True)
class Scan:
    """What a contents stream does that costs more than its length."""

    length: int
    draws: int  # calls of XObjects, those without a readable name too
    paints: int
    letters: int
    pixels: int  # of pictures in line
    named: Counter[tuple[str, str]]  # operator and name


class Place(NamedTuple):
    """Where a stream runs: the names it knows are in its own resources, then in the page's."""

    own: Any
    of_page: Any
    page: Any  # what tells one page's names from another's
    owner: Any  # and one stream's own
    depth: int

    def inside(self, item: Any) -> "Place":
        """A stream or a font in this place: it has resources of its own, or uses those of who called it."""
        own = item.get("/Resources")
        return self if own is None else self._replace(own=own, owner=item.objgen)

    def key(self, item: Any) -> Any:
        return (item.objgen, self.page, self.inside(item).owner)

    def resource(self, kind: str, name: str) -> Any:
        for resources in (self.own, self.of_page):
            named = resources.get(kind)
            if named is not None and (found := named.get(key_of(name))) is not None:
                return found
        return None

    def all(self, kind: str) -> list[Any]:
        """Everything of a kind that has a name here."""
        named = [resources.get(kind) for resources in (self.own, self.of_page)]
        return [item for each in named if each is not None for item in _items(each)]


class Weigher:
    """Weighs the pages of a file that has been copied: only what the grammar knows is in it."""

    def __init__(self, *, glyphs: bool) -> None:
        """`glyphs`: whether the file has fonts whose letters are contents streams."""
        self.glyphs = glyphs
        self.run, self.looked_at, self.visits = Purse(RUN_BYTES), Purse(LOOKED_AT), Purse(MAX_VISITS)
        self._scans: dict[tuple[int, int], Scan] = {}
        self._costs: dict[Any, Cost | None] = {}

    def page(self, page: pikepdf.Object) -> None:
        """Raises Rejected(HEAVY) when the pages so far cost more than a file may (D9)."""
        contents = page.get("/Contents")
        streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        resources = page.get("/Resources", pikepdf.Dictionary())
        names = resources.objgen if resources.is_indirect else page.objgen
        place = Place(resources, resources, names, names, 0)
        cost = NOTHING
        for stream in streams:
            if isinstance(stream, pikepdf.Stream):
                cost = cost.plus(self._stream(stream, place))
        self.run.spend(cost.run)
        if cost.pixels > PAGE_PIXELS:
            raise Rejected(Fault.HEAVY)

    def _stream(self, stream: Any, place: Place) -> Cost:
        """What it costs to run it once. Raises Rejected(HEAVY) for one that runs itself: it never ends."""
        key = place.key(stream)
        if key in self._costs:
            known = self._costs[key]
            if known is None:
                raise Rejected(Fault.HEAVY)
            return known
        self.visits.spend(1)
        if place.depth > MAX_DEPTH:
            raise Rejected(Fault.HEAVY)
        self._costs[key] = None
        scan = self._scan(stream)
        cost = Cost(scan.length + VISIT, scan.pixels)
        for called, times in self._called(scan, place._replace(depth=place.depth + 1)):
            cost = cost.plus(called, times)
        self._costs[key] = cost
        return cost

    def _called(self, scan: Scan, place: Place) -> Iterator[tuple[Cost, int]]:
        drawn, patterns = 0, [NOTHING]
        for (operator, name), times in scan.named.items():
            found = place.resource(KINDS_CALLED[operator], name)
            if found is None:
                continue
            cost = self._drawn(_mask(found) if operator == "gs" else found, place)
            if operator == "Do":
                drawn += times
            elif operator != "gs":  # a pattern is set once, and runs whenever something is painted with it
                patterns.append(Cost(cost.run, 0))
                cost = Cost(0, cost.pixels)
            yield cost, times
        yield max(patterns), scan.paints
        if scan.draws > drawn:
            yield self._any_other(place), scan.draws - drawn
        if scan.letters:
            yield self._glyph(place), scan.letters

    def _drawn(self, found: Any, place: Place) -> Cost:
        """A picture's pixels, or what running a form or a pattern costs."""
        if not isinstance(found, pikepdf.Stream):
            return NOTHING
        if found.get("/Width") is not None:
            masks = (found, found.get("/SMask"), found.get("/Mask"))
            return Cost(VISIT, sum(_pixels(mask) for mask in masks if isinstance(mask, pikepdf.Stream)))
        return self._stream(found, place.inside(found))

    def _any_other(self, place: Place) -> Cost:
        """Of a call whose name is not beside it: whatever it may be, but one that is running already."""
        found = [item for item in place.all("/XObject") if not self._runs(item, place)]
        return _dearest(self._drawn(item, place) for item in found)

    def _glyph(self, place: Place) -> Cost:
        """Of any letter of any font here."""
        fonts = {font.objgen: font for font in place.all("/Font") if font.get("/CharProcs") is not None}
        return _dearest(self._letter(font, place) for font in fonts.values() if not self._runs(font, place))

    def _letter(self, font: Any, place: Place) -> Cost:
        key = place.key(font)
        known = self._costs.get(key)
        if known is not None:
            return known
        self._costs[key] = None  # a letter that is made of letters is made of another font's
        glyphs = _items(font["/CharProcs"])
        cost = _dearest(self._stream(glyph, place.inside(font)) for glyph in glyphs)
        self._costs[key] = cost
        return cost

    def _runs(self, item: Any, place: Place) -> bool:
        """Whether it is one of those that led here."""
        return self._costs.get(place.key(item), NOTHING) is None

    def _scan(self, stream: Any) -> Scan:
        if stream.objgen not in self._scans:
            try:
                data = memoryview(stream.get_stream_buffer(pikepdf.StreamDecodeLevel.specialized))
            except (pikepdf.PdfError, RuntimeError):  # its data is whole, that has been seen: it is too much
                raise Rejected(Fault.HEAVY) from None
            self.looked_at.spend(len(data))
            self._scans[stream.objgen] = scan(data, letters=self.glyphs)
        return self._scans[stream.objgen]


def scan(data: Any, *, letters: bool) -> Scan:
    """What a contents stream calls and paints, found without parsing it: a name in a text counts too."""
    named: Counter[tuple[str, str]] = Counter()
    for (name, operator), times in Counter(map(methodcaller("group", 1, 2), CALLS.finditer(data))).items():
        named[operator.decode(), _name(name)] += times
    patterns = any(operator in ("scn", "SCN") for operator, _ in named)
    return Scan(
        len(data),
        draws=sum(1 for _ in DRAWS.finditer(data)),
        paints=sum(1 for _ in PAINTS.finditer(data)) if patterns else 0,
        letters=sum(len(text[0]) for text in LETTERS.finditer(data)) if letters and SHOWS.search(data) else 0,
        pixels=sum(_pixels_in_line(data)),
        named=named,
    )


def _pixels_in_line(data: Any) -> Iterator[int]:
    """Of each picture that stands in the contents: its sides are said between BI and ID."""
    before = 0
    for end in IN_LINE.finditer(data):
        head = bytes(data[before : end.start()])
        before = end.end()
        sides = sorted(int(side) for side in SIDES.findall(head, max(0, head.rfind(b"BI"))))
        if len(sides) > 1:
            yield min(sides[-1] * sides[-2], BEYOND)


def _name(written: bytes) -> str:
    octets = ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), written)
    return "/" + octets.decode("utf-8", "surrogateescape")


def _dearest(costs: Iterator[Cost]) -> Cost:
    dearest = NOTHING
    for cost in costs:
        dearest = Cost(max(dearest.run, cost.run), max(dearest.pixels, cost.pixels))
    return dearest


def _mask(state: Any) -> Any:
    """The form that a graphics state draws as its mask."""
    mask = state.get("/SMask")
    return mask.get("/G") if isinstance(mask, pikepdf.Dictionary) else None


def _items(named: Any) -> list[Any]:
    return [named.get(key_of(name)) for name in sorted(named.keys())]


def _pixels(image: Any) -> int:
    return int(image.get("/Width", 0)) * int(image.get("/Height", 0))
