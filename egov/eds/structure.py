"""The outline of a DER or BER value, walked before any library reads it.

asn1crypto reads lazily and without limits: an object identifier of 60 KB costs it half a second, and what
lies ten thousand levels deep ends in a RecursionError at a place of its choosing. A real signature is far
from every limit here. Lengths without an end (BER) are allowed: the country's tools write them.
"""

MAX_DEPTH = 32  # a real one has about 12
MAX_ELEMENTS = 5_000  # a real one has a few hundred
MAX_OID_BYTES = 64

OID, CONSTRUCTED, LONG_TAG, INDEFINITE = 0x06, 0x20, 0x1F, 0x80


class Outline(ValueError):
    """Too deep, too many, or lengths that do not fit."""


def check(der: bytes) -> None:
    """Raises Outline, or IndexError where the bytes end too early."""
    ends: list[int | None] = []  # of the open values; None: until two zeros
    at, elements = 0, 0
    while at < len(der):
        tag, length, at = _head(der, at)
        elements += 1
        if elements > MAX_ELEMENTS or len(ends) > MAX_DEPTH:
            raise Outline("too many or too deep")
        if not tag and not length and ends and ends[-1] is None:
            ends.pop()
        elif tag & CONSTRUCTED:
            ends.append(None if length is None else at + length)
        elif length is None or (tag == OID and length > MAX_OID_BYTES):
            raise Outline("a length out of bounds")
        else:
            at += length
        while ends and ends[-1] is not None and ends[-1] <= at:
            if ends.pop() != at:
                raise Outline("a value longer than what holds it")
    if ends or at != len(der):
        raise Outline("cut short")


def _head(der: bytes, at: int) -> tuple[int, int | None, int]:
    """First byte of the tag, length (None: indefinite), and where the content begins."""
    tag = der[at]
    if tag & LONG_TAG == LONG_TAG:
        raise Outline("a tag that nothing of ours has")
    first = der[at + 1]
    if first < INDEFINITE:
        return tag, first, at + 2
    if first == INDEFINITE:
        return tag, None, at + 2
    octets = first & 0x7F
    if octets > 4:
        raise Outline("a length out of bounds")
    return tag, int.from_bytes(der[at + 2 : at + 2 + octets], "big"), at + 2 + octets
