"""Several pictures in one message to the cell: before each how long it is."""

from collections.abc import Iterator, Sequence

from applications.documents.faults import Fault, Rejected

LENGTH = 4  # bytes


def pack(pictures: Sequence[bytes]) -> bytes:
    return b"".join(len(one).to_bytes(LENGTH, "big") + one for one in pictures)


def unpack(content: bytes) -> Iterator[bytes]:
    """Raises Rejected when it is no parcel."""
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + LENGTH], "big")
        at += LENGTH
        if not 0 < size <= len(content) - at:
            raise Rejected(Fault.UNREADABLE)
        yield content[at : at + size]
        at += size
