"""A picture written anew, so that nothing but its pixels survives: no place where it was taken, no tail."""

import io

from PIL import Image, ImageOps

from applications.documents.cell import jpeg_walk
from applications.documents.faults import Fault, Rejected

MAX_PIXELS = 110_000_000  # the largest sensors of telephones have 108 million
MAX_HELD = 90_000_000  # coefficients that are held until the last scan, two bytes each, at any scale
LONGEST_SIDE = 3600  # an A4 sheet at 300 dpi is 3508 pixels high: legible, and the file stays small
QUALITY = 88

Image.MAX_IMAGE_PIXELS = None  # counted here, before Pillow opens the file


def rewrite(content: bytes) -> tuple[bytes, int, int]:
    """The picture turned upright, with its width and height. Raises Rejected."""
    walked = jpeg_walk.walk(content)
    if not walked.whole:  # a decoder would fill up what is missing with grey
        raise Rejected(Fault.UNREADABLE)
    held = walked.coefficients if walked.progressive or walked.scans > 1 else 0
    if walked.width * walked.height > MAX_PIXELS or held > MAX_HELD:
        raise Rejected(Fault.PIXELS)
    try:
        upright = _upright(content)
    except MemoryError:
        raise
    except Exception:  # a damaged file fails in Pillow in ways of its own, struct.error among them
        raise Rejected(Fault.UNREADABLE) from None
    out = io.BytesIO()
    pixels = Image.frombytes("RGB", upright.size, upright.tobytes())  # leaves comments and profiles behind
    pixels.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), *upright.size


def _upright(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=["JPEG", "MPO"]) as image:
        longest = max(image.size)
        # Decodes a big picture at a half, a quarter or an eighth of its size, in that much less memory.
        wanted = [max(1, side * LONGEST_SIDE // longest) for side in image.size]
        image.draft("RGB", (wanted[0], wanted[1]))
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return ImageOps.exif_transpose(image).convert("RGB")
