"""A stream's data and filters, read from a stranger's file and written into ours (D9)."""

import zlib
from dataclasses import dataclass
from typing import Any, cast

import pikepdf

from applications.documents.cell import filters, images
from applications.documents.cell.filters import Step
from applications.documents.cell.purse import Purse
from applications.documents.faults import Fault, Rejected

TOLD = {
    filters.FLATE: ("/Predictor", "/Colors", "/BitsPerComponent", "/Columns"),
    filters.LZW: ("/Predictor", "/Colors", "/BitsPerComponent", "/Columns", "/EarlyChange"),
    filters.CCITT: (
        "/K", "/EndOfLine", "/EncodedByteAlign", "/Columns", "/Rows", "/EndOfBlock", "/BlackIs1",
        "/DamagedRowsBeforeError",
    ),
    filters.DCT: ("/ColorTransform",),
}  # fmt: skip
GLOBALS = "/JBIG2Globals"
WIDEST_ROW = 1024 * 1024  # bytes of one row that a predictor works on


@dataclass(frozen=True)
class Packed:
    data: bytes
    step: Step
    shared: Any = None  # what JBIG2 pictures have in common, as bytes


def read(stream: pikepdf.Object, *, codecs: bool, purse: Purse) -> Packed:
    """Its data, counted and deflated, whatever it was packed in; a picture's own packing alone is kept where
    `codecs` allows one. Raises Rejected: HEAVY beyond the purse, UNREADABLE for damaged data or a filter that
    is not taken (D9)."""
    steps, raw = _steps(stream), stream.read_raw_bytes()
    if steps and steps[-1].name in filters.CODECS:
        if not codecs:
            raise Rejected(Fault.UNREADABLE)
        return _picture(stream, steps, raw, purse)
    told = steps[-1].told if steps else {}
    deflated = Step(filters.FLATE, {key: told[key] for key in TOLD[filters.FLATE] if key in told})
    if [step.name for step in steps] == [filters.FLATE]:
        return Packed(filters.deflated_anew(raw, purse), deflated)
    return Packed(filters.deflated(filters.unpacked(raw, steps, purse)), deflated)


def write(stream: pikepdf.Object, packed: Packed, target: pikepdf.Pdf) -> None:
    """The data and what undoes its packing, and nothing else of the stream's dictionary."""
    told = pikepdf.Dictionary(dict(packed.step.told))
    if packed.shared is not None:
        told[GLOBALS] = common = pikepdf.Stream(target, b"")
        common.write(zlib.compress(packed.shared), filter=pikepdf.Name(filters.FLATE))
    stream.write(
        packed.data, filter=pikepdf.Name(packed.step.name), decode_parms=told if len(told.keys()) else None
    )


def _picture(stream: pikepdf.Object, steps: list[Step], raw: bytes, purse: Purse) -> Packed:
    *outer, codec = steps
    data = filters.held(filters.unpacked(raw, outer, purse))
    shared = _globals(stream, purse) if codec.name == filters.JBIG2 else None
    if shared is not None:
        images.picture(shared, codec.name)
    if codec.name == filters.CCITT:
        images.limit(codec.told.get("/Columns", 1728), max(1, codec.told.get("/Rows", 0)))
    return Packed(images.picture(data, codec.name), codec, shared)


def _globals(stream: pikepdf.Object, purse: Purse) -> bytes | None:
    told = _listed(stream.get("/DecodeParms"))
    found = told[-1].get(GLOBALS) if told and isinstance(told[-1], pikepdf.Dictionary) else None
    if not isinstance(found, pikepdf.Stream):
        return None
    return filters.held(filters.unpacked(found.read_raw_bytes(), _steps(found), purse))


def _steps(stream: pikepdf.Object) -> list[Step]:
    names, told = _listed(stream.get("/Filter")), _listed(stream.get("/DecodeParms"))
    if len(names) > filters.MAX_FILTERS:
        raise Rejected(Fault.HEAVY)
    steps = [
        Step(name, _told(name, told[at] if at < len(told) else None))
        for at, name in enumerate(_full_name(each) for each in names)
        if name != filters.CRYPT
    ]
    if any(step.name not in filters.PLAIN or "/Predictor" in step.told for step in steps[:-1]):
        raise Rejected(Fault.UNREADABLE)
    return steps


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def _full_name(value: Any) -> str:
    name = str(value) if isinstance(value, pikepdf.Name) else ""
    name = filters.SHORT.get(name, name)
    if name not in filters.PLAIN | filters.CODECS | {filters.CRYPT}:
        raise Rejected(Fault.UNREADABLE)
    return name


def _told(name: str, given: Any) -> dict[str, int]:
    """What a filter may be told: numbers and yes or no. Raises Rejected(HEAVY) for an absurd row."""
    if not isinstance(given, pikepdf.Dictionary):
        return {}
    found = {key: cast(object, given.get(key)) for key in TOLD.get(name, ())}
    taken = {key: value for key, value in found.items() if isinstance(value, int)}
    if taken.get("/Predictor", 1) == 1:  # there is none, and it needs no rows
        for key in TOLD[filters.FLATE]:
            if name != filters.CCITT:
                taken.pop(key, None)
    row = taken.get("/Columns", 1) * taken.get("/Colors", 1) * taken.get("/BitsPerComponent", 8)
    if not 0 < row <= WIDEST_ROW * 8:
        raise Rejected(Fault.HEAVY)
    return taken
