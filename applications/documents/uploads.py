"""Is this file what it claims to be, and harmless? The safe intake of every upload (R89, D9).

Here: size, name and first bytes. The file itself is taken apart and written anew in a cell, a process with
limits (applications/documents/cell).
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from applications.documents import antivirus
from applications.documents.cell import parcel, warden
from applications.documents.faults import LATER, Fault, Rejected

JPEG, PDF = "image/jpeg", "application/pdf"
EXTENSIONS = {"jpg": JPEG, "jpeg": JPEG, "jpe": JPEG, "jfif": JPEG, "pdf": PDF}  # R89, and JPEG's other names
ACCEPT = "application/pdf,image/jpeg,.pdf,.jpg,.jpeg"  # for the browser; no `capture`: it hides the gallery
KINDS = {JPEG: "jpeg", PDF: "pdf"}
# Endings of other files that people send: a name that has one of them is not a nameless one.
OTHERS = {
    ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".svg", ".doc",
    ".docx", ".odt", ".rtf", ".txt", ".xls", ".xlsx", ".csv", ".ppt", ".pptx", ".djvu", ".xml",
    ".html", ".htm", ".zip", ".rar", ".7z", ".p7s", ".cms", ".p12", ".exe", ".apk", ".js", ".mp4",
    ".mov", ".avi", ".mp3",
}  # fmt: skip

MOST_SHOTS = 10  # of one document
MOST_BYTES_OF_SHOTS = 25 * 1024 * 1024  # together; nginx takes a little more
SHOT_SIDE, SHOT_QUALITY = 2200, 75  # pixels of a page among others: 190 dpi on A4, legible
MOST_BYTES_JOINED = warden.LARGEST - 64 * 1024  # less what the PDF around them takes
SECONDS_OF_SHOTS = 40  # of all together: their owner waits no longer, and nginx for a minute
PDF_STARTS_WITHIN = 1024  # a mark of the byte order, a line of a mail program: readers look so far
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


@dataclass(frozen=True)
class Checked:
    """Bytes that are safe to keep; width and height of a picture, 0 of a PDF."""

    content: bytes
    mime: str
    width: int = 0
    height: int = 0


def examine(upload: "UploadedFile[Any]", *, until: float = math.inf, **how: int) -> Checked:
    """The file written anew. Raises Rejected with the first fault found (R89, D9)."""
    size = upload.size or 0
    if size == 0:
        raise Rejected(Fault.EMPTY)
    head = upload.read(PDF_STARTS_WITHIN)
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        raise Rejected(Fault.HEIC)  # before the size and the name: only this answer helps an iPhone's owner
    if size > settings.UPLOAD_MAX_BYTES:
        raise Rejected(Fault.TOO_BIG)
    mime = _kind_of(head)
    _check_name(upload.name or "", mime)
    upload.seek(0)
    return _rewritten(upload.read(), mime, until=until, **how)


def examine_all(files: "Sequence[UploadedFile[Any]]") -> Checked:
    """One file, or several shots of one document, joined to a PDF in their order (D71). Raises Rejected with
    the first fault and whose it is."""
    if len(files) == 1:
        return examine(files[0])
    if len(files) > MOST_SHOTS:
        raise Rejected(Fault.SHOTS)
    if sum(one.size or 0 for one in files) > MOST_BYTES_OF_SHOTS:
        raise Rejected(Fault.SUM)
    until = time.monotonic() + SECONDS_OF_SHOTS
    shots = [_shot(number, one, until).content for number, one in enumerate(files, 1)]
    if sum(len(one) for one in shots) > MOST_BYTES_JOINED:
        raise Rejected(Fault.SUM)
    return Checked(warden.examine("join", parcel.pack(shots), until=until).content, PDF)


def _shot(number: int, file: "UploadedFile[Any]", until: float) -> Checked:
    if time.monotonic() >= until:
        raise Rejected(Fault.BUSY)
    head = file.read(PDF_STARTS_WITHIN)
    file.seek(0)
    if _kind_of(head) == PDF:
        raise Rejected(Fault.MIXED)
    try:
        return examine(file, until=until, longest=SHOT_SIDE, quality=SHOT_QUALITY)
    except Rejected as rejected:
        raise Rejected(rejected.fault, 0 if rejected.fault in LATER else number) from None


def flaws(checked: Checked) -> str:
    """What the eye may dislike in a photo: names, with spaces between (D71). Advice: where no cell comes
    free, there is none."""
    if checked.mime != JPEG:
        return ""
    try:
        return warden.examine("flaws", checked.content).content.decode()
    except Rejected:
        return ""


def adjusted(content: bytes, *, turn: int, crop: bool) -> Checked:
    """A photo of ours turned by quarters and cut to 3×4 (D71). Raises Rejected."""
    found = warden.examine("photo", content, turn=turn, crop=int(crop))
    return Checked(found.content, JPEG, found.width, found.height)


def examine_pdf(content: bytes) -> Checked:
    """A paper that a state system sent, written anew. Raises Rejected."""
    if _kind_of(content[:PDF_STARTS_WITHIN]) != PDF:
        raise Rejected(Fault.CONTENT)
    return _rewritten(content, PDF)


def _rewritten(content: bytes, mime: str, *, until: float = math.inf, **how: int) -> Checked:
    antivirus.scan(content)
    found = warden.examine(KINDS[mime], content, until=until, **how)
    return Checked(found.content, mime, found.width, found.height)


def _kind_of(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PDF if b"%PDF-" in head else ""


def _check_name(name: str, mime: str) -> None:
    """The name and the content must agree (D9); without an ending, or with two, the content decides."""
    last = PurePath(name.strip(" .")).suffix.lower()
    endings = {EXTENSIONS.get(one.lower().lstrip(".")) for one in PurePath(name.strip(" .")).suffixes}
    allowed = last.lstrip(".") in EXTENSIONS
    if not allowed and (not mime or last in OTHERS):
        raise Rejected(Fault.EXTENSION)
    if not mime or (allowed and mime not in endings):
        raise Rejected(Fault.CONTENT)
