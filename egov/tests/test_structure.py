"""The outline of a signature: each limit to the unit, each length to the byte."""

import pytest

from egov.eds import structure

END = b"\0\0"  # of a value whose length is not said


def nested(depth: int, *, said: bool = False) -> bytes:
    """Values in one another, with their lengths said or not."""
    if not said:
        return b"\x30\x80" * depth + END * depth
    der = b""
    for _ in range(depth):
        der = b"\x30" + bytes([len(der)]) + der
    return der


@pytest.mark.parametrize(
    "der",
    [
        b"",
        END,
        b"\x30\x03\x02\x01\x05",
        b"\x30\x80\x30\x80\x02\x01\x05\0\0\0\0",
        b"\x24\x80\x04\x01a\0\0",
        b"\x30\x02\0\0",  # no end: the length of what holds it is said
        b"\x30\x80\0\x01\x05\0\0",  # nor this: it has a content
        b"\x30\x80\x30\x03\x02\x01\x05\0\0",
        b"\x30\x04\x30\x02\x02\0",
        b"\x30\x08\x30\x02\x02\0\x30\x02\x02\0",
        b"\x30\x04\x30\0\x02\0",
        b"\x30\x04\x30\x80\0\0",
        b"\x03\x01\x05",
        b"\x04\x7f" + b"a" * 127,
        b"\x04\x81\x80" + b"a" * 128,
        b"\x04\x82\x01\x02" + b"a" * 258,
        b"\x04\x83\0\x01\x02" + b"a" * 258,
        b"\x04\x84\0\0\x01\x02" + b"a" * 258,
        b"\x04\x83\x01\0\x02" + b"a" * 65538,
        b"\x30\x82\0\x03\x02\x01\x05",
        b"\x1e\x02ab",  # the last of the short tags
        b"\x06\x40" + b"\1" * 64,
        b"\x04\x41" + b"\1" * 65,
        b"\x30\0" * 5000,
        nested(32),
        nested(33, said=True),
    ],
    ids=lambda der: der[:8].hex() + f"-{len(der)}",
)
def test_sound_outline_passes(der: bytes) -> None:
    structure.check(der)


@pytest.mark.parametrize(
    "der",
    [
        b"\x30",
        b"\x30\x02\x02\x01",
        b"\x30\x06\0\0\x05\0",
        b"\x30\x03\x02\x02\x05\x05",
        b"\x30\x04\x30\x04\x02\0\x02\0",
        b"\x30\x80\x02\x01\x05",
        b"\x30\x80\x05\0",
        b"\x04\x02a",
        b"\x04\x80a\0\0",
        b"\x04\x81",
        b"\x04\x82\x01\x02" + b"a" * 257,
        b"\x04\x82\x01\x02" + b"a" * 259,
        b"\x30\x85\0\0\0\0\0",
        b"\x3f\x01\0",
        b"\x1f\x01a",
        b"\x06\x41" + b"\1" * 65,
        b"\x06\x80" + END,
        b"\x30\0" * 5001,
        nested(33),
        nested(34, said=True),
    ],
    ids=lambda der: der[:8].hex() + f"-{len(der)}",
)
def test_unsound_outline_is_refused(der: bytes) -> None:
    with pytest.raises((structure.Outline, IndexError)):
        structure.check(der)
