"""A photo made ready for print, turned and cut to 3×4, and what the eye may dislike in it (D71). In the cell,
of pictures that it has written itself."""

import io

from PIL import Image, ImageFilter, ImageStat

from applications.documents.cell.drawing import TURNS, Drawn

SHAPE = (3, 4)
QUALITY = 92  # it has been packed before, and may be turned again
LOOKED_AT = (360, 480)  # pixels are enough to judge; static/js/crop.js judges by the same
DARKEST, BRIGHTEST = 50, 225  # of 255, on average where the face is
BLURRED = 20  # how much neighbours differ in a picture out of focus, at the most
EDGES = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def adjusted(content: bytes, turn: int, crop: int) -> Drawn:
    """Turned by so many quarters; cut to 3×4 around its middle, if it is to be."""
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        picture = image.convert("RGB")
    if turn:
        picture = picture.transpose(TURNS[turn])
    if crop:
        picture = picture.crop(_middle(*picture.size))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), *picture.size, 0


def flaws(content: bytes) -> Drawn:
    """Their names: too dark, too bright, out of focus."""
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        image.draft("L", LOOKED_AT)
        image.thumbnail(LOOKED_AT)
        grey = image.convert("L")
    width, height = grey.size
    face = grey.crop((width // 4, height // 4, width - width // 4, height - height // 4))
    light = ImageStat.Stat(face).mean[0]
    inner = face.filter(EDGES).crop((1, 1, max(2, face.width - 1), max(2, face.height - 1)))
    found = {
        "dark": light < DARKEST,
        "bright": light > BRIGHTEST,
        "blurred": ImageStat.Stat(inner).var[0] < BLURRED,
    }
    return " ".join(name for name, is_so in found.items() if is_so).encode(), 0, 0, 0


def _middle(width: int, height: int) -> tuple[int, int, int, int]:
    """The largest 3×4 in the middle."""
    across, down = SHAPE
    wide = max(1, min(width, round(height * across / down)))
    high = max(1, min(height, round(width * down / across)))
    left, top = (width - wide) // 2, (height - high) // 2
    return left, top, left + wide, top + high
