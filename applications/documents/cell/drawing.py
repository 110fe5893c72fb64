"""A page of a stranger's file drawn to a picture, so that no browser takes the file apart (D9). In the cell,
within its time and memory; a PDF by PDFium, without scripts, forms and notes.
"""

import io

from PIL import Image

from applications.documents.faults import Fault, Rejected

QUALITY = 80
SMALLEST_SIDE = 1.0  # points; nothing smaller can be looked at
TURNS = {
    1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90,
}  # fmt: skip

Drawn = tuple[bytes, int, int, int]


def page(content: bytes, number: int, longest: int, turn: int) -> Drawn:
    """The page as JPEG, `longest` pixels at its longer side and turned by so many quarters, with its width
    and height and how many pages there are; of a number behind the last page, the last one. Raises
    Rejected."""
    import pypdfium2  # only who draws pays for it

    try:
        with pypdfium2.PdfDocument(content) as document:
            pages = len(document)
            shown = document[min(max(number, 1), pages) - 1]
            side = max(shown.get_size())
            if side < SMALLEST_SIDE:
                raise Rejected(Fault.UNREADABLE)
            bitmap = shown.render(
                scale=longest / side, rotation=turn * 90, may_draw_forms=False, draw_annots=False
            )
            picture = bitmap.to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, IndexError, ValueError):
        raise Rejected(Fault.UNREADABLE) from None
    return _jpeg(picture, pages)


def picture(content: bytes, number: int, longest: int, turn: int) -> Drawn:
    """The same of a picture, which is its only page; never larger than it is."""
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        image.draft("RGB", (longest, longest))
        image.thumbnail((longest, longest))
        shown = image.convert("RGB")
    return _jpeg(shown.transpose(TURNS[turn]) if turn else shown, 1)


def pages(content: bytes) -> Drawn:
    """How many there are, and nothing drawn. Raises Rejected."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(content) as document:
            return b"", 0, 0, len(document)
    except pypdfium2.PdfiumError:
        raise Rejected(Fault.UNREADABLE) from None


def _jpeg(picture: Image.Image, pages: int) -> Drawn:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), *picture.size, pages
