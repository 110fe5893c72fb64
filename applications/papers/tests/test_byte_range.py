"""What is read of a seal from the bytes alone: each limit to the byte."""

import hashlib
from typing import Any

import pytest

from applications.papers import byte_range

SIGNATURE = b"\x30\x02\x05\x00"  # any DER


def sheet(
    gap: bytes = b"<%s>" % SIGNATURE.hex().upper().encode(),
    *,
    start: int = 0,
    cut: int = 0,
    blanks: int = 0,
    before: bytes = b"%PDF-1.7 ",
    after: bytes = b" %%EOF",
    second: int | None = None,
) -> bytes:
    """Bytes with a range over all but the gap; or one that begins later, ends earlier, has another gap."""
    length = len(before) + len(b"/ByteRange[") + blanks + 4 * 9 + 3 + len(b"]")
    begins = length + len(gap) if second is None else length + second
    numbers = (start, length - start, begins, len(after) - cut)
    written = b" ".join(b"%09d" % number for number in numbers)
    return before + b"/ByteRange[" + written + b" " * blanks + b"]" + gap + after


def found(pdf: bytes) -> byte_range.Sealed:
    answer = byte_range.find(pdf)
    assert answer is not None
    return answer


@pytest.mark.parametrize("before", [b"%PDF-1.7 ", b""])
def test_seal_is_the_gap_and_covers_the_rest(before: bytes) -> None:
    pdf = sheet(before=before)

    seal = found(pdf)

    covered = pdf.replace(b"<30020500>", b"")
    assert seal == byte_range.Sealed(SIGNATURE, hashlib.sha256(covered).digest(), whole=True)


def test_only_what_the_range_covers_is_digested() -> None:
    pdf = sheet(start=3, cut=2)

    covered = pdf[3:].replace(b"<30020500>", b"")[:-2]
    assert found(pdf) == byte_range.Sealed(SIGNATURE, hashlib.sha256(covered).digest(), whole=False)


@pytest.mark.parametrize(
    ("pdf", "whole"),
    [
        (sheet(), True),
        (sheet(b"<30020500000000>"), True),  # the room that is left is empty
        (sheet(b"<30020500000001>"), False),
        (sheet(b"<3002050020>"), False),  # a blank is not empty
        (sheet(start=1), False),
        (sheet(cut=1), False),
        (sheet(cut=-1), False),
        (sheet(after=b" /ByteRange"), False),
    ],
)
def test_seal_is_whole_when_nothing_is_outside_of_it(pdf: bytes, whole: bool) -> None:
    assert (found(pdf).cms, found(pdf).whole) == (SIGNATURE, whole)


@pytest.mark.parametrize(("gap", "whole"), [(b"<FFFF>", False), (b"<>", True)])
def test_gap_without_a_signature_has_none(gap: bytes, whole: bool) -> None:
    assert (found(sheet(gap)).cms, found(sheet(gap)).whole) == (b"", whole)


LARGEST = byte_range.MAX_GAP - 2  # digits, between the brackets
ROOM = byte_range.LONGEST - len(b"/ByteRange[") - 4 * 9 - 3 - len(b"]")


@pytest.mark.parametrize(
    "pdf", [sheet(b"<%s>" % (b"0" * LARGEST)), sheet(blanks=ROOM), sheet(after=b"")], ids=range(3)
)
def test_limits_themselves_are_read(pdf: bytes) -> None:
    assert byte_range.find(pdf) is not None


HOSTILE: dict[str, Any] = {
    "nothing": b"",
    "no range": b"%PDF-1.7",
    "no numbers": b"%PDF-1.7 /ByteRange[]",
    "small letters": sheet(b"<3002050a>"),
    "half a byte": sheet(b"<300>"),
    "no brackets": sheet(b"3002"),
    "a blank": sheet(b"<30 02>"),
    "more than the gap": sheet(second=11),
    "less than the gap": sheet(second=9),
    "no gap": sheet(second=0),
    "a gap before the range": sheet(second=-1),
    "a gap beyond the end": sheet(b"<30>", after=b"", second=5),
    "too large a gap": sheet(b"<%s>" % (b"0" * (LARGEST + 2))),
    "numbers too far": sheet(blanks=ROOM + 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_seal_of_ours_is_none(name: str) -> None:
    assert byte_range.find(HOSTILE[name]) is None


def test_room_of_the_limits_is_what_is_documented() -> None:
    assert (byte_range.MAX_GAP, byte_range.LONGEST) == (131_072, 200)
