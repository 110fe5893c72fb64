"""PDFs that can not be taken, each with its fault."""

from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Pdf

from applications.documents.cell.tests.making import (
    DRAWING,
    add,
    changed,
    field,
    image,
    photo,
    put,
    sheets,
    stream,
    with_image,
)


def refused() -> dict[str, tuple[str, bytes]]:
    """Each with its fault."""
    plain = sheets(DRAWING)
    xfa = Array(["template", "<xdp/>"])
    stub = b"BT /F1 9 Tf (Please w) 5 (ait...) Tj ET"
    locked: dict[str, Any] = {"owner": "a", "user": "b"}
    return {
        "empty": ("UNREADABLE", b""),
        "no PDF": ("UNREADABLE", b"hello"),
        "a head": ("UNREADABLE", b"%PDF-1.7\n%%EOF"),
        "cut in the middle": ("UNREADABLE", plain[: len(plain) // 2]),
        "cut before its end": ("UNREADABLE", plain[: plain.rindex(b"%%EOF")]),
        "too much in front": ("UNREADABLE", b" " * 1025 + plain),
        "cut, with zeros behind": ("UNREADABLE", plain[: plain.rindex(b"%%EOF")] + bytes(5000)),
        "contents in an unknown packing": ("UNREADABLE", sheets(stream(b"x", "BrotliDecode"))),
        "contents as a photo": ("UNREADABLE", sheets(stream(photo(), "DCTDecode"))),
        "contents that are damaged": ("UNREADABLE", sheets(stream(b"x\x9c" + b"damaged" * 9, "FlateDecode"))),
        "a photo that is none": ("UNREADABLE", with_image(lambda pdf: image(pdf, b"x" * 99, "DCTDecode"))),
        "JPEG 2000 that is none": ("UNREADABLE", with_image(lambda pdf: image(pdf, b"x" * 99, "JPXDecode"))),
        "a sheet without end": ("UNREADABLE", sheets(DRAWING, MediaBox=[0, 0, 10**9, 10**9])),
        "locked": (
            "ENCRYPTED",
            changed(lambda pdf: None, plain, encryption=pikepdf.Encryption(R=6, **locked)),
        ),
        "locked long ago": (
            "ENCRYPTED",
            changed(
                lambda pdf: None,
                plain,
                encryption=pikepdf.Encryption(R=3, aes=False, metadata=False, **locked),
            ),
        ),
        "locked by a key": (
            "ENCRYPTED",
            plain.replace(b"/Root", b"/Encrypt<</Filter/Adobe.PubSec/V 4>>/Root"),
        ),
        "no pages": ("PAGES", changed(lambda pdf: None, b"")),
        "too many pages": ("PAGES", sheets(*[b""] * 51)),
        "one page, endlessly": ("PAGES", _kids(lambda pdf: [pdf.pages[0].obj] * 40_000)),
        "one page, fifty-one times": ("PAGES", _kids(lambda pdf: [pdf.pages[0].obj] * 51)),
        "pages of pages of pages": ("PAGES", _kids(lambda pdf: [pdf.Root.Pages])),
        "pages in a circle": (
            "PAGES",
            _kids(lambda pdf: [pdf.make_indirect(Dictionary(Kids=Array([pdf.Root.Pages])))]),
        ),
        "empty branches": ("PAGES", _kids(lambda pdf: [pdf.make_indirect(Dictionary(Kids=Array()))] * 3000)),
        "a folder of files": (
            "PORTFOLIO",
            changed(lambda pdf: put(pdf.Root, "/Collection", Dictionary()), plain),
        ),
        "a form drawn by program": (
            "FORM",
            changed(
                lambda pdf: [
                    put(pdf.Root, "/AcroForm", Dictionary(XFA=xfa)),
                    put(pdf.Root, "/NeedsRendering", True),
                ],
                plain,
            ),
        ),
        "a form that asks to wait": (
            "FORM",
            changed(lambda pdf: put(pdf.Root, "/AcroForm", Dictionary(XFA=xfa)), sheets(stub)),
        ),
        "a filled field that nobody has drawn": ("FORM", changed(lambda pdf: field(pdf, V="Айгүл", AP=None))),
    }


def _kids(make: Callable[[Pdf], list[Any]]) -> bytes:
    def change(pdf: Pdf) -> None:
        add(pdf)
        kids = Array(make(pdf))
        pdf.Root.Pages.Kids = kids

    return changed(change)
