"""What a JPEG says of itself without being decoded, and the picture without what is not its pixels."""

import io
import random

import pytest
from PIL import Image

from applications.documents.cell import jpeg_walk
from applications.documents.cell.tests.making import photo
from applications.documents.faults import Fault, Rejected
from tests.cpu import cost

pytestmark = pytest.mark.rule("D9")


def fault_of(content: bytes) -> Fault | None:
    try:
        jpeg_walk.walk(content)
    except Rejected as rejected:
        return rejected.fault
    return None


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def test_a_picture_says_its_size_and_its_scans() -> None:
    plain, progressive, grey = (
        jpeg_walk.walk(content) for content in (photo(), photo(progressive=True), photo(mode="L"))
    )

    assert (plain.width, plain.height, plain.components, plain.scans) == (60, 40, 3, 1)
    assert not plain.progressive and plain.whole
    assert progressive.progressive and progressive.scans > 5
    assert grey.components == 1


def test_restarts_and_stuffed_bytes_are_no_markers() -> None:
    noise = Image.frombytes("L", (200, 200), random.Random(5).randbytes(40_000))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=100, restart_marker_blocks=1)
    assert out.getvalue().count(b"\xff\x00") > 50 and out.getvalue().count(b"\xff\xd0") > 50

    walked = jpeg_walk.walk(out.getvalue())

    assert (walked.scans, walked.whole) == (1, True)
    assert pixels(walked.picture) == pixels(out.getvalue())


def pixels(content: bytes) -> bytes:
    return Image.open(io.BytesIO(content)).tobytes()


def test_nothing_but_the_picture_is_kept() -> None:
    plain = photo()
    place = (
        segment(0xE1, b"Exif\0\0place") + segment(0xE2, b"ICC_PROFILE\0profile") + segment(0xFE, b"comment")
    )

    walked = jpeg_walk.walk(plain[:2] + place + plain[2:] + photo() + b"tail")

    assert walked.picture == jpeg_walk.walk(plain).picture
    assert pixels(walked.picture) == pixels(plain)


def test_the_kind_of_colours_is_kept() -> None:
    """Adobe's mark says whether four colours are turned about: without it a picture becomes its negative."""
    walked = jpeg_walk.walk(photo(mode="CMYK"))

    assert b"Adobe" in walked.picture
    assert pixels(walked.picture) == pixels(photo(mode="CMYK"))


def test_what_is_refused() -> None:
    plain = photo()
    frame = plain.index(b"\xff\xc0")
    scan = plain.index(b"\xff\xda")
    cases = {
        "nothing": (b"", Fault.UNREADABLE), "no picture": (b"\xff\xd8\xff\xd9", Fault.UNREADABLE),
        "no scan": (plain[:scan] + b"\xff\xd9", Fault.UNREADABLE),
        "cut in a segment": (plain[: frame + 6], Fault.UNREADABLE),
        "a scan before the frame's end": (plain[:2] + plain[scan:], Fault.UNREADABLE),
        "a second frame": (plain[:scan] + plain[frame:], Fault.UNREADABLE),
        "no height": (plain[: frame + 5] + b"\0\0" + plain[frame + 7 :], Fault.UNREADABLE),
        "no chain": (plain[:scan] + b"x" + plain[scan:], Fault.UNREADABLE),
        "a segment shorter than its length": (plain[:2] + b"\xff\xe1\0\1" + plain[2:], Fault.UNREADABLE),
        "many scans": (plain[:-2] + segment(0xDA, bytes(6)) * 101 + plain[-2:], Fault.HEAVY),
        "many segments": (plain[:2] + segment(0xFE, b"") * 3000 + plain[2:], Fault.HEAVY),
    }  # fmt: skip

    assert {name: fault_of(content) for name, (content, _) in cases.items()} == {
        name: fault for name, (_, fault) in cases.items()
    }
    assert fault_of(plain) is None
    assert fault_of(plain[:-2]) is None and not jpeg_walk.walk(plain[:-2]).whole


@pytest.mark.parametrize(
    "filling", [b"\0", b"\xff\x00", b"\xff\xd0", b"\xff"], ids=["zeros", "stuffed", "restarts", "fill"]
)
def test_five_megabytes_are_walked_at_once(filling: bytes) -> None:
    plain = photo()
    long = plain[:-2] + filling * (5_000_000 // len(filling)) + plain[-2:]

    assert cost(lambda: jpeg_walk.walk(long), limit=0.3) <= 0.3
