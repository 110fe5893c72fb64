"""Pages of a stranger's file as pictures, drawn in the cell: turned, bounded, nothing else of the file."""

import io

import pikepdf
import pytest
from PIL import Image

from applications.documents.cell import drawing, warden
from applications.documents.faults import Fault, Rejected
from applications.filing.tests.wizard_cast import jpeg


def sheets(*sizes: tuple[int, int]) -> bytes:
    """A dark corner at the upper left of each page."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for width, height in sizes:
            page = pdf.add_blank_page(page_size=(width, height)).obj
            page.Contents = pdf.make_stream(f"0 g 0 {height - 50} 50 50 re f".encode())
        pdf.save(out)
    return out.getvalue()


def dark(content: bytes) -> set[str]:
    """The corners that are."""
    picture = Image.open(io.BytesIO(content)).convert("L")
    across, down = {"left": 5, "right": picture.width - 5}, {"upper": 5, "lower": picture.height - 5}
    black = picture.point(lambda value: 255 if value < 60 else 0)
    return {f"{y} {x}" for x in across for y in down if black.getpixel((across[x], down[y]))}


@pytest.mark.rule("D9")
@pytest.mark.parametrize(
    ("turn", "size", "corner"),
    [
        (0, (700, 1400), "upper left"),
        (1, (1400, 700), "upper right"),
        (2, (700, 1400), "lower right"),
        (3, (1400, 700), "lower left"),
    ],
)
def test_page_and_picture_are_turned_alike(turn: int, size: tuple[int, int], corner: str) -> None:
    upright = drawing.page(sheets((300, 600)), 1, 1400, 0)[0]
    for drawn in (drawing.page(sheets((300, 600)), 1, 1400, turn), drawing.picture(upright, 1, 1400, turn)):
        content, width, height, pages = drawn
        assert ((width, height), dark(content), pages) == (size, {corner}, 1)


def test_any_number_leads_to_a_page_and_any_sheet_to_a_bounded_picture() -> None:
    content = sheets((300, 600), (14_400, 14_400), (3, 14_400))

    for number, size in ((0, (700, 1400)), (2, (1400, 1400)), (3, (1, 1400)), (99, (1, 1400))):
        drawn = warden.examine("page", content, number=number, longest=1400, turn=0)
        assert (drawn.width, drawn.height, drawn.pages) == (*size, 3)
    assert warden.examine("pages", content).pages == 3
    assert warden.examine("picture", jpeg(), number=1, longest=50, turn=0).width <= 50


@pytest.mark.parametrize("kind", ["page", "pages"])
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n%%EOF", jpeg()])
def test_what_is_no_file_of_ours_is_refused(kind: str, content: bytes) -> None:
    how = {"number": 1, "longest": 1400, "turn": 0} if kind == "page" else {}
    with pytest.raises(Rejected) as rejected:
        warden.examine(kind, content, **how)
    assert rejected.value.fault == Fault.UNREADABLE
