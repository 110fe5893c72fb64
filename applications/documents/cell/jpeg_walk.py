"""The segments of a JPEG, stepped over without decoding: its size, its scans, and the picture alone (D9)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from applications.documents.faults import Fault, Rejected

MAX_SCANS = 100  # a camera's progressive picture has ten; each costs a pass over all its pixels
BLOCK = 8  # pixels of a side
MAX_SEGMENTS = 2000  # a big profile is cut into some dozens
SOI, EOI, SOS, DAC, ADOBE = 0xD8, 0xD9, 0xDA, 0xCC, 0xEE
STAND_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, DAC}
PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
NOT_THE_PICTURE = {*range(0xE0, 0xF0), 0xFE} - {ADOBE}  # camera, place, thumbnail, profile, comments
# In a scan's data a marker is any FF but a stuffed one (FF 00), a restart (FF D0 to FF D7) or a filling FF.
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


@dataclass(frozen=True)
class Walked:
    """What a JPEG says of itself; `picture` is the same picture without what is not its pixels."""

    width: int
    height: int
    components: int
    progressive: bool
    scans: int
    coefficients: int  # of all components, in whole blocks
    whole: bool  # its end mark is there
    picture: bytes = field(repr=False)


def walk(content: bytes) -> Walked:
    """The picture's frame and scans. Raises Rejected: UNREADABLE without a frame or a scan, HEAVY with more
    scans than a camera makes (D9)."""
    frame, scans, whole = b"", 0, False
    kept = [b"\xff\xd8"]
    for number, (marker, start, end) in enumerate(segments(content)):
        if marker in FRAMES:
            if frame:
                raise Rejected(Fault.UNREADABLE)  # two pictures in one: readers disagree which is shown
            frame = content[start:end]
        scans += marker == SOS
        whole = marker == EOI
        if scans > MAX_SCANS or number > MAX_SEGMENTS:
            raise Rejected(Fault.HEAVY)
        if marker not in NOT_THE_PICTURE and marker != EOI:
            kept.append(content[start:end])
    if len(frame) < 10 or not scans:
        raise Rejected(Fault.UNREADABLE)
    picture = b"".join([*kept, b"\xff\xd9"])
    height, width = int.from_bytes(frame[5:7], "big"), int.from_bytes(frame[7:9], "big")
    if not (width and height):
        raise Rejected(Fault.UNREADABLE)  # a height that comes after the scan: nothing can be reckoned before
    coefficients = _coefficients(width, height, frame[10:])
    return Walked(width, height, frame[9], frame[1] in PROGRESSIVE, scans, coefficients, whole, picture)


def segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Each marker with the start and the end of its segment, a scan's data with it, up to the end mark.
    Raises Rejected(UNREADABLE) when it is no chain of segments."""
    if not content.startswith(b"\xff\xd8\xff"):
        raise Rejected(Fault.UNREADABLE)
    at = 2
    while at < len(content):
        start = content.find(b"\xff", at)
        if start != at:
            raise Rejected(Fault.UNREADABLE)
        while content[at + 1 : at + 2] == b"\xff":  # filling
            at += 1
        if at + 2 > len(content):
            return  # cut short in a marker
        marker, start = content[at + 1], at
        at = _end_of(content, marker, at)
        yield marker, start, at
        if marker == EOI:
            return


def _coefficients(width: int, height: int, components: bytes) -> int:
    """Three bytes for each component: its number, how often it is sampled across and down, its table."""
    sampled = [(part >> 4, part & 15) for part in components[1::3]]
    if not sampled or not all(1 <= times <= 4 for pair in sampled for times in pair):
        raise Rejected(Fault.UNREADABLE)
    across = -(-width // (BLOCK * max(pair[0] for pair in sampled)))
    down = -(-height // (BLOCK * max(pair[1] for pair in sampled)))
    return across * down * sum(right * low for right, low in sampled) * BLOCK * BLOCK


def _end_of(content: bytes, marker: int, start: int) -> int:
    if marker == EOI or marker in STAND_ALONE:
        return start + 2
    length = int.from_bytes(content[start + 2 : start + 4], "big")
    if length < 2 or marker in (0x00, SOI):
        raise Rejected(Fault.UNREADABLE)
    end = start + 2 + length
    if end > len(content):
        raise Rejected(Fault.UNREADABLE)
    if marker != SOS:
        return end
    found = NEXT_MARKER.search(content, end)
    return found.start() if found else len(content)
