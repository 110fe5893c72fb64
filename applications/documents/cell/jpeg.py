"""A picture written anew, so that nothing but its pixels survives: no place where it was taken, no tail."""

import io

from PIL import Image

from applications.documents.cell import jpeg_walk
from applications.documents.faults import Fault, Rejected

MAX_PIXELS = 110_000_000  # the largest sensors of telephones have 108 million
MAX_HELD = 90_000_000  # coefficients that are held until the last scan, two bytes each, at any scale
LARGE_HELD = 60_000_000
LONGEST_SIDE = 3600  # an A4 sheet at 300 dpi is 3508 pixels high: legible, and the file stays small
QUALITY = 88
DECODED = 20_000_000  # pixels that are decoded at most: with what is made of them they fit in the cell
ORIENTATION = 0x112  # of EXIF
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip

Image.MAX_IMAGE_PIXELS = None  # counted here, before Pillow opens the file


def rewrite(content: bytes, longest: int = LONGEST_SIDE, quality: int = QUALITY) -> tuple[bytes, int, int]:
    """The picture turned upright, with its width and height, the longer one at most `longest`. Raises
    Rejected."""
    walked = jpeg_walk.walk(content)
    if not walked.whole:  # a decoder would fill up what is missing with grey
        raise Rejected(Fault.UNREADABLE)
    held = walked.coefficients if walked.progressive or walked.scans > 1 else 0
    if walked.width * walked.height > MAX_PIXELS or held > MAX_HELD:
        raise Rejected(Fault.PIXELS)
    try:
        upright = _upright(content, longest)
    except MemoryError:
        raise
    except Exception:  # a damaged file fails in Pillow in ways of its own, struct.error among them
        # A decoder that has not got its memory says no more than that it failed.
        raise Rejected(Fault.PIXELS if held > LARGE_HELD else Fault.UNREADABLE) from None
    out = io.BytesIO()
    pixels = Image.frombytes("RGB", upright.size, upright.tobytes())  # leaves comments and profiles behind
    pixels.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue(), *upright.size


def _upright(content: bytes, longest: int) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=["JPEG", "MPO"]) as image:
        turn = TURNS.get(_orientation(image))
        # Decodes a big picture at a half, a quarter or an eighth of its size, in that much less memory.
        scale = next(one for one in (1, 2, 4, 8) if _pixels(image) <= DECODED * one * one)
        image.draft("RGB", (image.width // scale, image.height // scale))
        image.thumbnail((longest, longest))
        upright = image.convert("RGB")
        return upright if turn is None else upright.transpose(turn)


def _pixels(image: Image.Image) -> int:
    return image.width * image.height


def _orientation(image: Image.Image) -> int:
    """How the camera was held. Its other notes are of no use here, and often are not what they should be."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # damaged notes say nothing of the picture
        return 1
