"""What a seal covers, read from the bytes of a PDF alone, before any parser of PDF has seen them.

A parser of hostile files can be led anywhere: loops, bombs, shadows. A seal of ours needs none of it to be
told: one /ByteRange, from the first byte to the last, and in its only gap the signature in hexadecimal; and
of each time stamp behind it the same, up to where it was put.
"""

import hashlib
import re
from dataclasses import dataclass, field

from asn1crypto import parser

NAME = b"/ByteRange"
LONGEST = 200  # pyHanko pads the four numbers with blanks
MAX_GAP = 128 * 1024
MOST = 32  # signatures of one file: a seal, and a stamp every few years
_NUMBERS = re.compile(
    rb"/ByteRange\s{0,9}\[\s{0,99}(\d{1,9})\s{1,99}(\d{1,9})\s{1,99}(\d{1,9})\s{1,99}(\d{1,9})\s*\]"
)
# As our seals are written and no other way: no signature covers the case of these letters.
_HEXADECIMAL = re.compile(rb"<((?:[0-9A-F]{2})*)>")


@dataclass(frozen=True)
class Sealed:
    cms: bytes  # DER of the signature in the gap
    digest: bytes  # SHA-256 of what the range covers
    whole: bool  # it covers every byte but the signature, and there is nothing else
    end: int = field(default=0, compare=False)  # of what the range covers
    clean: bool = field(default=False, compare=False)  # it covers every byte but the signature up to there


def find(pdf: bytes) -> Sealed | None:
    """The first signature of a PDF; None when there is none, or none that could be ours."""
    at = pdf.find(NAME)  # -1, when there is none: then it is the last byte that has no numbers
    return _read(pdf, at, alone=pdf.count(NAME) == 1)


def find_all(pdf: bytes) -> list[Sealed]:
    """Every signature, in the order of the bytes; none when one of them could not be ours."""
    places = [match.start() for match in re.finditer(NAME, pdf)]
    if len(places) > MOST:
        return []
    found = [one for at in places if (one := _read(pdf, at, alone=len(places) == 1)) is not None]
    return found if len(found) == len(places) else []


def _read(pdf: bytes, at: int, *, alone: bool) -> Sealed | None:
    numbers = _NUMBERS.match(pdf[at : at + LONGEST])
    if numbers is None:
        return None
    start, first, second, last = map(int, numbers.groups())
    end = start + first
    if second > min(len(pdf), end + MAX_GAP):
        return None
    gap = _HEXADECIMAL.fullmatch(pdf, end, second)
    if gap is None:
        return None
    room = bytes.fromhex(gap[1].decode())
    cms = room[: _length(room)]
    covers_all = start == 0 and second + last == len(pdf) and alone
    digest = hashlib.sha256(pdf[start:end])
    digest.update(pdf[second : second + last])
    # The room that a seal leaves unused is outside what it signs: it must be empty.
    empty = not room[len(cms) :].strip(b"\0")
    inside = at < end or second <= at < second + last  # the numbers, too, are signed
    return Sealed(
        cms,
        digest.digest(),
        covers_all and empty,
        end=min(second + last, len(pdf)),
        clean=start == 0 and empty and inside,
    )


def _length(room: bytes) -> int:
    try:
        return int(parser.peek(room))
    except ValueError:
        return 0
