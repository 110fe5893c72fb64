"""How many pixels a packed picture unpacks to, read from its own head, not from what is said of it (D9)."""

from collections.abc import Iterator

from applications.documents.cell import filters, jpeg_walk
from applications.documents.faults import Fault, Rejected

MAX_PIXELS = 40_000_000  # an A4 sheet at 600 dpi has 35 million
MAX_PHOTO_PIXELS = 110_000_000  # a JPEG as a telephone makes it, put into a PDF; readers decode it at a part
MAX_TILES = 10_000
MAX_COMPONENTS = 8
JPX_HEAD = b"\xff\x4f\xff\x51"
JBIG2_REGIONS = {4, 6, 7, 20, 22, 23, 36, 38, 39, 40, 42, 43}
JBIG2_PAGE = 48
UNKNOWN = 0xFFFFFFFF


def picture(data: bytes, codec: str) -> bytes:
    """The packed picture, without what is not its pixels where that is known. Raises Rejected: HEAVY for
    more pixels than a sheet has, UNREADABLE for what is no such picture (D9)."""
    if codec == filters.DCT:
        return _jpeg(data)
    if codec == filters.JPX:
        _check_jpx(data)
    if codec == filters.JBIG2:
        _check_jbig2(data)
    return data


def limit(width: int, height: int, *, most: int = MAX_PIXELS) -> None:
    """Raises Rejected(HEAVY) for more pixels than a sheet has."""
    if width < 0 or height < 0 or width * height > most:
        raise Rejected(Fault.HEAVY)


def _jpeg(data: bytes) -> bytes:
    start = data.find(b"\xff\xd8\xff")
    walked = jpeg_walk.walk(data[start:] if 0 < start < 64 else data)
    limit(walked.width, walked.height, most=MAX_PHOTO_PIXELS)
    return walked.picture


def _check_jpx(data: bytes) -> None:
    """Each code stream in it: there should be one, and readers take whichever they find."""
    at = data.find(JPX_HEAD)
    if at < 0:
        raise Rejected(Fault.UNREADABLE)
    while at >= 0:
        right, low, left, top, tile_width, tile_height = (
            int.from_bytes(data[at + 8 + 4 * n : at + 12 + 4 * n], "big") for n in range(6)
        )
        limit(right - left, low - top)
        limit(right, low)
        tiles = -(-right // max(1, tile_width)) * -(-low // max(1, tile_height))
        if tiles > MAX_TILES or int.from_bytes(data[at + 40 : at + 42], "big") > MAX_COMPONENTS:
            raise Rejected(Fault.HEAVY)
        at = data.find(JPX_HEAD, at + 4)


def _check_jbig2(data: bytes) -> None:
    pixels = 0
    for kind, body in _jbig2_segments(data):
        if kind in JBIG2_REGIONS or kind == JBIG2_PAGE:
            width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
            height = 0 if kind == JBIG2_PAGE and height == UNKNOWN else height
            limit(width, height)
            pixels += width * height
    limit(1, pixels // 4)  # a sheet is made of many regions that lie on one another


def _jbig2_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind of each segment and the first bytes of its body. Raises Rejected(UNREADABLE)."""
    at = 0
    while at + 11 <= len(data):
        number, flags, referred = int.from_bytes(data[at : at + 4], "big"), data[at + 4], data[at + 5] >> 5
        at += 5
        if referred == 7:
            referred = int.from_bytes(data[at : at + 4], "big") & 0x1FFFFFFF
            at += 4 + (referred + 8) // 8
        else:
            at += 1
        at += referred * (1 if number <= 256 else 2 if number <= 65536 else 4)
        at += 4 if flags & 0x40 else 1
        length = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if at > len(data):
            raise Rejected(Fault.UNREADABLE)
        yield flags & 0x3F, data[at : at + 8]
        at += len(data) if length == UNKNOWN else length
