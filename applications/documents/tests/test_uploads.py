"""The safe intake of files (R89, D9): each fault by its name, and nothing but pixels kept of a picture."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from PIL import Image

from applications.documents import uploads
from applications.documents.faults import Fault, Rejected
from applications.filing.tests.wizard_cast import file, jpeg, pdf

LIMIT = 5 * 1024 * 1024


def fault_of(name: str, content: bytes) -> Fault | None:
    try:
        uploads.examine(file(name, content))
    except Rejected as rejected:
        return rejected.fault
    return None


def padded(content: bytes, size: int) -> bytes:
    return content + b"\0" * (size - len(content))


def changed_pdf(change: Callable[[pikepdf.Pdf], Any], **saving: Any) -> bytes:
    with pikepdf.open(io.BytesIO(pdf())) as opened:
        change(opened)
        out = io.BytesIO()
        opened.save(out, **saving)
    return out.getvalue()


def on_open(action: Any) -> Callable[[pikepdf.Pdf], Any]:
    return lambda opened: opened.Root.__setitem__("/OpenAction", action)


def dictionary(**entries: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(**entries)


def huge(width: int, height: int) -> bytes:
    """A picture that claims this size."""
    small = jpeg()
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + small[at + 4 :]


def heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100


def bomb(megabytes: int) -> bytes:
    """A small PDF with one object hidden behind a stream that unpacks to so many megabytes."""
    packed = zlib.compress(b"5 0 << /A 1 >>" + b" " * (megabytes * 1024 * 1024), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /X 5 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >>",
        b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
        % (len(packed), packed),
    ]
    out, rows = b"%PDF-1.5\n", [b"\0\0\0\0\0\xff"]
    for number, body in enumerate(objects, 1):
        rows.append(b"\1" + len(out).to_bytes(4, "big") + b"\0")
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows += [b"\2" + (4).to_bytes(4, "big") + b"\0", b"\1" + len(out).to_bytes(4, "big") + b"\0"]
    table = b"".join(rows)
    return out + (
        b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\n"
        b"endobj\nstartxref\n%d\n%%%%EOF\n" % (len(table), table, len(out))
    )


@pytest.mark.rule("R89", "D9")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", pdf()),
        ("A.PDF", pdf()),
        ("a.jpg", jpeg()),
        ("a.jpeg", jpeg()),
        ("a.b.jpg", jpeg()),
        ("scan.pdf.jpg", pdf()),  # two endings: the content decides
        ("IMG_0001.jfif", jpeg()),
        ("scan", pdf()),
        ("Анықтама Г.А. Серікова", jpeg()),
        ("Ivanov A.A", jpeg()),
        ("065.h", pdf()),
        ("scan.pdf (1)", pdf()),
        ("scan.pdf.", pdf()),
        ("photo.jpg ", jpeg()),
        ("mark.pdf", b"\xef\xbb\xbf" + pdf()),
        ("photo.JPG", padded(jpeg(), LIMIT - 1)),
        ("photo.jpg", padded(jpeg(), LIMIT)),  # inclusive
        ("fifty.pdf", pdf(pages=50)),
        ("goes-to-page.pdf", changed_pdf(lambda one: on_open(pikepdf.Array([one.pages[0].obj]))(one))),
        ("owner.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user=""))),
        ("padded.pdf", pdf() + bytes(4096)),
        ("bomb.pdf", bomb(100)),  # beside the page: it is not unpacked and does not come along
    ],
)
def test_allowed_file_passes(name: str, content: bytes) -> None:
    assert fault_of(name, content) is None


@pytest.mark.rule("R89", "D9")
@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.pdf", b"", Fault.EMPTY),
        ("a.jpg", padded(jpeg(), LIMIT + 1), Fault.TOO_BIG),
        ("a.png", jpeg(), Fault.EXTENSION),
        ("a.jpg.exe", jpeg(), Fault.EXTENSION),
        ("a", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, Fault.EXTENSION),
        ("a.jpg.p7s", jpeg(), Fault.EXTENSION),
        ("a.docx", b"PK\3\4" + b"\0" * 50, Fault.EXTENSION),
        ("a.jpg", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, Fault.CONTENT),
        ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", Fault.CONTENT),
        ("a.pdf", jpeg(), Fault.CONTENT),
        ("a.jpg", pdf(), Fault.CONTENT),
        ("photo.heic", heic(), Fault.HEIC),
        ("photo.jpg", heic(), Fault.HEIC),
        ("a.jpg", jpeg(800, 800)[:2000], Fault.UNREADABLE),
        ("a.jpg", b"\xff\xd8\xff" + b"\0" * 500, Fault.UNREADABLE),
        ("a.jpg", huge(65500, 65500), Fault.PIXELS),
        ("a.pdf", pdf()[: len(pdf()) // 2], Fault.UNREADABLE),
        ("a.pdf", b"%PDF-1.7\n" + b"garbage " * 50, Fault.UNREADABLE),
        ("a.pdf", pdf(pages=51), Fault.PAGES),
        ("a.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="u")), Fault.ENCRYPTED),
    ],
)
def test_faulty_file_is_refused_by_its_fault(name: str, content: bytes, fault: Fault) -> None:
    assert fault_of(name, content) == fault


def _attach(opened: pikepdf.Pdf) -> None:
    opened.attachments["other.exe"] = b"MZ attached"


def _page_script(opened: pikepdf.Pdf) -> None:
    action = dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    opened.pages[0].obj["/AA"] = dictionary(O=action)


def _launch_link(opened: pikepdf.Pdf) -> None:
    link = dictionary(
        Subtype=pikepdf.Name.Link, A=dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("a.exe"))
    )
    opened.pages[0].obj["/Annots"] = pikepdf.Array([link])


SCRIPT = on_open(dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")))


@pytest.mark.parametrize("change", [SCRIPT, _attach, _page_script, _launch_link])
@pytest.mark.parametrize("mode", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
def test_what_acts_in_a_pdf_is_left_behind(
    change: Callable[[pikepdf.Pdf], Any], mode: pikepdf.ObjectStreamMode
) -> None:
    checked = uploads.examine(file("a.pdf", changed_pdf(change, object_stream_mode=mode)))

    with pikepdf.open(io.BytesIO(checked.content)) as kept:
        every = b" ".join(item.unparse() for item in kept.objects)
    for trace in (b"JavaScript", b"alert", b"Launch", b"a.exe", b"EmbeddedFile", b"MZ", b"Annots"):
        assert trace not in every


def test_picture_keeps_nothing_but_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Astana, Satbayev 1"
    hostile = jpeg(exif=exif, comment=b"<?php evil ?>") + b"<script>alert(1)</script>PK\x03\x04"

    checked = uploads.examine(file("a.jpg", hostile))

    for trace in (b"Satbayev", b"<?php", b"<script>", b"PK\x03\x04", b"Exif"):
        assert trace in hostile
        assert trace not in checked.content
    assert (checked.mime, checked.width, checked.height) == ("image/jpeg", 354, 472)


def test_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways

    checked = uploads.examine(file("a.jpg", jpeg(400, 300, exif=exif)))

    assert (checked.width, checked.height) == (300, 400)
    assert Image.open(io.BytesIO(checked.content)).size == (300, 400)


def test_picture_with_odd_notes_is_turned_upright_too() -> None:
    """A camera's resolution in two long numbers: who writes the notes anew stumbles over them."""
    entries = struct.pack("<HHII", 0x112, 3, 1, 6) + struct.pack("<HHII", 0x128, 4, 2, 38)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + entries + struct.pack("<III", 0, 2, 2)

    checked = uploads.examine(file("a.jpg", jpeg(400, 300, exif=exif)))

    assert (checked.width, checked.height) == (300, 400)


def test_thumbnails_end_is_not_taken_for_the_pictures() -> None:
    whole = jpeg(800, 800)
    thumbnail = b"Exif\0\0" + jpeg(60, 80)
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    truncated = whole[:2] + segment + whole[2:3000]

    assert fault_of("a.jpg", truncated) == Fault.UNREADABLE
    assert fault_of("a.jpg", whole[:2] + segment + whole[2:]) is None


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((4032, 3024), {}),
        ((4032, 3024), {"progressive": True}),
        ((7100, 5325), {"progressive": True}),  # just below the size from which less is decoded
        ((8160, 6144), {}),  # 50 million pixels
        ((8160, 6144), {"progressive": True}),
        ((12000, 9000), {}),  # 108
        ((60000, 1600), {}),
    ],
)
def test_picture_of_any_telephone_is_taken_and_made_smaller(
    size: tuple[int, int], options: dict[str, Any]
) -> None:
    checked = uploads.examine(file("a.jpg", jpeg(*size, quality=5, **options)))

    assert 3000 <= max(checked.width, checked.height) <= 3600
    assert checked.width / checked.height == pytest.approx(size[0] / size[1], rel=0.02)


def endless_scans(times: int = 70_000) -> bytes:
    """Each scan is a few bytes, and a pass over the whole picture for who decodes it."""
    picture = jpeg(3000, 3000, quality=20, progressive=True)
    at = picture.rindex(b"\xff\xda")
    scan = picture[at : at + 2 + int.from_bytes(picture[at + 2 : at + 4], "big")]
    return picture[:-2] + scan * times + b"\xff\xd9"


def test_scans_without_end_cost_nothing() -> None:
    assert fault_of("a.jpg", endless_scans()) == Fault.HEAVY
    assert fault_of("a.jpg", endless_scans(20)) is None


def test_pdf_taken_once_is_taken_again_as_it_is() -> None:
    content = uploads.examine(file("a.pdf", pdf())).content

    assert uploads.examine(file("a.pdf", content)).content == content
