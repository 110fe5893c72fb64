"""HTML to PDF, by WeasyPrint, with nothing but our own files.

One font configuration and one parsed stylesheet serve the whole process: a stylesheet in each document
leaks memory and costs a third more. What a page costs is its elements, so papers have few, and none that
differ only in where they stand. WeasyPrint is imported on first use; web processes that print nothing
do not pay for it.
"""

import atexit
import gc
import re
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname
from xml.etree import ElementTree

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

PAPERS = Path(settings.BASE_DIR) / "templates" / "papers" / "pdf"
FONTS = Path(settings.BASE_DIR) / "static" / "fonts"
_PRINTING = Lock()
VARIANT = "pdf/a-3a"  # archival, tagged for screen readers, may carry the signed original inside

# The complement of what XML 1.0 calls a character, and what turns the direction of reading: nothing that is
# signed may read otherwise than it is written.
_NO_LETTERS = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Enclosure:
    """A file that travels inside the PDF."""

    name: str
    description: str
    content: bytes
    relationship: str = "Source"


def pdf(template: str, context: dict[str, Any], *, enclosures: tuple[Enclosure, ...] = ()) -> bytes:
    """The paper as PDF. Papers are in Kazakh with Russian beside it, whatever the reader's language."""
    with translation.override("kk"):
        page = render_to_string(template, context)
    return _print(page, enclosures=enclosures)


def _print(page: str, *, enclosures: tuple[Enclosure, ...] = ()) -> bytes:
    """One at a time in a process: its threads share the fonts, and neither these nor the library's code are
    made for several."""
    with _PRINTING:
        return _print_alone(page, enclosures)


def _print_alone(page: str, enclosures: tuple[Enclosure, ...]) -> bytes:
    from weasyprint import Attachment  # slow import: half a second and 60 MB

    press = _press()
    attachments = [
        Attachment(
            string=one.content,
            name=one.name,
            description=one.description,
            relationship=one.relationship,
            url_fetcher=press.fetcher,
        )
        for one in enclosures
    ]
    answer: bytes = press.page(_read(page)).write_pdf(
        stylesheets=[press.stylesheet],
        font_config=press.fonts,
        attachments=attachments,
        pdf_variant=VARIANT,
        finisher=_write_once,
    )
    return answer


def _read(page: str) -> ElementTree.Element:
    """Our pages are well-formed, so the parser of XML, which is in C, reads them; what XML has no room for,
    and a form lets through, is no letter."""
    return ElementTree.fromstring(_NO_LETTERS.sub("", page).strip())  # noqa: S314  (a template of ours)


def _write_once(document: Any, pdf: Any) -> None:
    """pydyf asks an object for its bytes twice, for the file and for the hash in it, and packs both times."""
    written = _press().written
    pdf.objects[:] = [one if one.free == "f" else written(one) for one in pdf.objects]


@dataclass(frozen=True)
class _Press:
    fonts: Any
    stylesheet: Any
    fetcher: Any
    page: Any
    written: Any


@cache
def _press() -> _Press:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    from applications.papers.styles import Known, Page

    fetcher = _our_files_only()
    fonts = FontConfiguration()
    # Relative addresses in the stylesheet are looked up from the fonts' folder.
    text = (PAPERS / "paper.css").read_text()
    base = FONTS.as_uri() + "/"
    stylesheet = CSS(string=text, font_config=fonts, url_fetcher=fetcher, base_url=base)
    elements = CSS(string=(PAPERS / "elements.css").read_text())
    page = partial(Page, elements=elements, fetcher=fetcher, known=Known())
    gc.collect()
    gc.freeze()  # what is loaded stays; to look it through for garbage is a fifteenth of each drawing
    return _Press(fonts, stylesheet, fetcher, page, _written())


def _written() -> Any:
    from pydyf import Object

    class Written(Object):  # type: ignore[misc]  # pydyf has no types
        compressible, data = False, b""

        def __init__(self, one: Any) -> None:
            super().__init__()
            self.number, self.generation = one.number, one.generation
            self.compressible, self.data = one.compressible, one.data

    return Written


# The font configuration owns a temporary folder; at the end of the process it is too late to remove it.
atexit.register(_press.cache_clear)


def _our_files_only() -> Any:
    from weasyprint.urls import URLFetcher

    class OurFiles(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        """Fonts of ours and pictures inside the page (the QR code): nothing of another file or host."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:image/png;base64,"):
                return super().fetch(url, headers)
            if url.startswith("file:") and _path(url).parent == FONTS.resolve():
                return super().fetch(url, headers)
            raise ValueError("a paper may not fetch this address")

    return OurFiles(allow_redirects=False, timeout=1)


def _path(url: str) -> Path:
    return Path(url2pathname(urlsplit(url).path)).resolve()
