"""Is this file what it claims to be, and harmless? The safe intake of every upload (R89, D9).

Size, then extension, then the first bytes, then a real parser. A JPEG is written anew, so that nothing
but its pixels survives (no place where the picture was taken, no tail); a PDF with anything active in it
is refused. No models and no HTTP in here.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pikepdf
import pikepdf.settings
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps

from applications.documents.faults import Fault, Rejected

JPEG, PDF = "image/jpeg", "application/pdf"
EXTENSIONS = {"jpg": JPEG, "jpeg": JPEG, "pdf": PDF}  # R89
ACCEPT = "application/pdf,image/jpeg,.pdf,.jpg,.jpeg"  # for the browser; no `capture`: it hides the gallery

MAX_PIXELS = 40_000_000
LONGEST_SIDE = 3600  # an A4 sheet at 300 dpi is 3508 pixels high: legible, and the file stays small
QUALITY = 88
MAX_PAGES = 50
END_WITHIN = 2048  # a PDF may carry a little after its end mark
MAX_OBJECTS = 20_000
MAX_NESTING = 50
INFLATED_BYTES = 64 * 1024 * 1024  # of one compressed stream: a small bomb unpacks to gigabytes

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=INFLATED_BYTES,
    png_max_memory=INFLATED_BYTES,
    tiff_max_memory=INFLATED_BYTES,
    run_length_max_memory=INFLATED_BYTES,
    parser_max_container_size=200_000,
    doc_max_warnings=100,
)

HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
ACTIVE_ACTIONS = {
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition", "/RichMediaExecute",
    "/Movie", "/Sound",
}  # fmt: skip
ACTIVE_KEYS = ("/JS", "/JavaScript", "/AA", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent")
ACTIVE_SUBTYPES = {"/FileAttachment", "/RichMedia", "/3D", "/Screen", "/Movie", "/Sound"}
QUIET_OPENINGS = (None, "/GoTo", "/Named")  # "open on page 1" is in half of all PDFs and does nothing


@dataclass(frozen=True)
class Checked:
    """Bytes that are safe to keep; width and height of a picture, 0 of a PDF."""

    content: bytes
    mime: str
    width: int = 0
    height: int = 0


def examine(upload: "UploadedFile[Any]") -> Checked:
    """The checked file. Raises Rejected with the first fault found (R89, D9)."""
    size = upload.size or 0
    if size == 0:
        raise Rejected(Fault.EMPTY)
    head = upload.read(16)
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        raise Rejected(Fault.HEIC)  # before the size and the name: only this answer helps an iPhone's owner
    if size > settings.UPLOAD_MAX_BYTES:
        raise Rejected(Fault.TOO_BIG)
    mime = EXTENSIONS.get(PurePath(upload.name or "").suffix.lower().lstrip("."))
    if mime is None:
        raise Rejected(Fault.EXTENSION)
    if mime != _kind_of(head):
        raise Rejected(Fault.CONTENT)
    upload.seek(0)
    content = upload.read()
    return _jpeg(content) if mime == JPEG else examine_pdf(content)


def examine_pdf(content: bytes) -> Checked:
    """A PDF that opens without a password and does nothing by itself. Raises Rejected."""
    if b"%%EOF" not in content[-END_WITHIN:]:  # cut short; the parser would mend it and lose pages silently
        raise Rejected(Fault.UNREADABLE)
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise Rejected(Fault.ENCRYPTED)
            if not 1 <= len(pdf.pages) <= MAX_PAGES:
                raise Rejected(Fault.PAGES)
            if _is_active(pdf):
                raise Rejected(Fault.ACTIVE)
            if any("memory limit" in str(w) or "limits error" in str(w) for w in pdf.get_warnings()):
                raise Rejected(Fault.UNREADABLE)  # a part too big to be looked into may hide anything
    except pikepdf.PasswordError:
        raise Rejected(Fault.ENCRYPTED) from None
    except (pikepdf.PdfError, pikepdf.ForeignObjectError, ValueError, TypeError, RuntimeError):
        raise Rejected(Fault.UNREADABLE) from None
    return Checked(content, PDF)


def _kind_of(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PDF if head.startswith(b"%PDF-") else ""


def _is_whole(content: bytes) -> bool:
    """Whether the picture's end is there. Pillow can not be asked: WeasyPrint, in the same process, switches
    its check off. Segments are stepped over by their length: the end of a thumbnail does not count."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        if content[at + 1] == 0xDA:  # start of scan: from here an end marker can only be the real one
            return content.find(b"\xff\xd9", at) != -1
        at += 1 if content[at + 1] == 0xFF else 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return False


def _jpeg(content: bytes) -> Checked:
    """The picture turned upright and written anew, in bounded memory."""
    if not _is_whole(content):
        raise Rejected(Fault.UNREADABLE)
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "MPO"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Rejected(Fault.PIXELS)
            image.draft("RGB", (LONGEST_SIDE // 2, LONGEST_SIDE // 2))  # decodes big pictures at half size
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Rejected(Fault.PIXELS) from None
    except Exception:  # a damaged file fails in Pillow in ways of its own, struct.error among them
        raise Rejected(Fault.UNREADABLE) from None
    out = io.BytesIO()
    pixels = Image.frombytes("RGB", upright.size, upright.tobytes())  # leaves comments and profiles behind
    pixels.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Checked(out.getvalue(), JPEG, *upright.size)


def _is_active(pdf: pikepdf.Pdf) -> bool:
    """Whether anything in the file runs, opens, fetches or carries something else along."""
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and _name(opening.get("/S")) not in QUIET_OPENINGS:
        return True
    return any(_runs(item) for item in _dictionaries(pdf))


def _runs(item: pikepdf.Object) -> bool:
    return (
        any(key in item for key in ACTIVE_KEYS)
        or _name(item.get("/S")) in ACTIVE_ACTIONS
        or _name(item.get("/Subtype")) in ACTIVE_SUBTYPES
    )


def _name(value: object) -> str | None:
    return str(value) if isinstance(value, pikepdf.Name) else None


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary of the file, in object streams and nested ones too. Raises Rejected when the file
    has absurdly many objects."""
    seen = 0
    waiting: list[tuple[pikepdf.Object, int]] = [(item, 0) for item in pdf.objects]
    waiting.append((pdf.trailer, 0))
    while waiting:
        item, depth = waiting.pop()
        seen += 1
        if seen > MAX_OBJECTS or depth > MAX_NESTING:
            raise Rejected(Fault.UNREADABLE)
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            yield item
            children = [item.get(key) for key in item.keys()]  # noqa: SIM118 (not a Python dict)
        elif isinstance(item, pikepdf.Array):
            children = list(item)
        else:
            continue
        waiting += [(c, depth + 1) for c in children if isinstance(c, pikepdf.Object) and not c.is_indirect]
