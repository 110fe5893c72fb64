"""The filters of a PDF's streams: which are taken, and what they unpack to, counted as it comes (D9)."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pikepdf

from applications.documents.cell.purse import Purse
from applications.documents.faults import Fault, Rejected

MAX_FILTERS = 4
HELD = 32 * 1024 * 1024  # of one stream, where it has to be looked into as a whole
CHUNK = 1024 * 1024
FLATE, LZW, RUN_LENGTH = "/FlateDecode", "/LZWDecode", "/RunLengthDecode"
ASCII_85, ASCII_HEX = "/ASCII85Decode", "/ASCIIHexDecode"
PLAIN = {FLATE, LZW, RUN_LENGTH, ASCII_85, ASCII_HEX}
DCT, JPX, CCITT, JBIG2 = "/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"
CODECS = {DCT, JPX, CCITT, JBIG2}
CRYPT = "/Crypt"  # has been undone by the reader
SHORT = {
    "/Fl": FLATE, "/LZW": LZW, "/RL": RUN_LENGTH, "/A85": ASCII_85, "/AHx": ASCII_HEX, "/DCT": DCT,
    "/CCF": CCITT,
}  # fmt: skip
GROWTH = {RUN_LENGTH: 64, ASCII_85: 4}  # at most; ASCII85 writes four zeros as one letter
LZW_COST = 64  # counting its codes takes as long as inflating so many times as much
DEFLATE = 8
LZW_CLEAR, LZW_END, LZW_WIDEST = 256, 257, 12


@dataclass(frozen=True)
class Step:
    """One filter of a stream, by its full name, with what it is told."""

    name: str
    told: Mapping[str, int] = field(default_factory=dict)


class CutShort(Exception):
    """Deflated data ends before its end mark: what has come is all there is."""


def unpacked(raw: bytes, steps: Sequence[Step], purse: Purse) -> Iterator[bytes]:
    """What the filters make of it, piece by piece; what each filter gives is paid for. Raises Rejected: HEAVY
    beyond the purse, UNREADABLE for damaged data (D9)."""
    data = raw
    try:
        for step in steps[:-1]:
            data = held(_unpacked(data, step, purse))
        if steps:
            yield from _unpacked(data, steps[-1], purse)
        else:
            purse.spend(len(data))
            yield data
    except CutShort:
        raise Rejected(Fault.UNREADABLE) from None


def deflated_anew(raw: bytes, purse: Purse) -> bytes:
    """Deflated data, counted: nothing behind its end is kept; where the end or the checksum is wrong, it is
    deflated anew, as any reader would show it. Raises Rejected like `unpacked`."""
    unpacking, check = _unpacking(), 1
    with suppress(CutShort):
        for piece in _inflated(raw, unpacking):
            purse.spend(len(piece))
            check = zlib.adler32(piece, check)
    if unpacking.eof and unpacking.unused_data.startswith(check.to_bytes(4, "big")):
        return raw[: len(raw) - len(unpacking.unused_data) + 4]
    return deflated(_until_cut(raw))


def deflated(pieces: Iterator[bytes]) -> bytes:
    packing, out = zlib.compressobj(), bytearray()
    for piece in pieces:
        out += packing.compress(piece)
    return bytes(out + packing.flush())


def _until_cut(raw: bytes) -> Iterator[bytes]:
    with suppress(CutShort):
        yield from _inflated(raw, _unpacking())


def held(pieces: Iterator[bytes]) -> bytes:
    """All of it, as far as memory may go. Raises Rejected(HEAVY)."""
    taken = bytearray()
    for piece in pieces:
        taken += piece
        if len(taken) > HELD:
            raise Rejected(Fault.HEAVY)
    return bytes(taken)


def _unpacked(data: bytes, step: Step, purse: Purse) -> Iterator[bytes]:
    if step.name == FLATE:
        pieces = _inflated(data, _unpacking())
    else:
        _foresee(data, step, purse)
        pieces = iter([_by_the_reader(data, step)])
    for piece in pieces:
        purse.spend(len(piece))
        yield piece


def _foresee(data: bytes, step: Step, purse: Purse) -> None:
    """What is not unpacked in pieces is reckoned before. Raises Rejected(HEAVY)."""
    expected = len(data) * GROWTH.get(step.name, 1)
    if step.name == LZW:
        purse.spend(len(data) * LZW_COST)
        expected = lzw_length(data, step.told.get("/EarlyChange", 1), HELD)
    if expected > HELD:
        raise Rejected(Fault.HEAVY)


def _unpacking() -> "zlib._Decompress":
    return zlib.decompressobj(-zlib.MAX_WBITS)  # without the checksum: no reader minds it


def _inflated(data: bytes, unpacking: "zlib._Decompress") -> Iterator[bytes]:
    if data and (data[0] & 0x0F != DEFLATE or int.from_bytes(data[:2], "big") % 31):
        raise Rejected(Fault.UNREADABLE)
    waiting = data[2:]
    try:
        while not unpacking.eof:
            piece = unpacking.decompress(waiting, CHUNK)
            waiting = unpacking.unconsumed_tail
            if not piece and not waiting and not unpacking.eof:
                raise CutShort
            yield piece
    except zlib.error:
        raise Rejected(Fault.UNREADABLE) from None


def _by_the_reader(data: bytes, step: Step) -> bytes:
    """One filter by itself, undone by the PDF library."""
    with pikepdf.new() as scratch:
        stream = pikepdf.Stream(scratch, b"")
        told = {"/EarlyChange": step.told["/EarlyChange"]} if "/EarlyChange" in step.told else {}
        stream.write(
            data, filter=pikepdf.Name(step.name), decode_parms=pikepdf.Dictionary(told) if told else None
        )
        return stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)


def lzw_length(data: bytes, early_change: int, limit: int) -> int:
    """How long it unpacks to, without unpacking it; stops counting beyond the limit."""
    total, table, last = 0, [1] * 258, 0
    for code in _codes(data, lambda: len(table) + early_change):
        if code == LZW_END or total > limit:
            break
        if code == LZW_CLEAR:
            del table[258:]
            last = 0
            continue
        if last:
            table.append(last + 1)
        if code >= len(table):
            raise Rejected(Fault.UNREADABLE)
        last = table[code]
        total += last
    return total


def _codes(data: bytes, highest: Callable[[], int]) -> Iterator[int]:
    """The codes, each as wide as the highest that may then come."""
    bits, have = 0, 0
    for byte in data:
        bits, have = (bits << 8 | byte) & 0xFFFFFF, have + 8
        width = min(highest().bit_length(), LZW_WIDEST)
        if have >= width:
            have -= width
            yield bits >> have & (1 << width) - 1
