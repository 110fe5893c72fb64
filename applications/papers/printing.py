"""HTML to PDF, by WeasyPrint, with nothing but our own files.

One font configuration and one parsed stylesheet serve the whole process: a stylesheet in each document
leaks memory and costs a third more. WeasyPrint is imported on first use; web processes that print nothing
do not pay for it.
"""

import atexit
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

PAPERS = Path(settings.BASE_DIR) / "templates" / "papers" / "pdf"
FONTS = Path(settings.BASE_DIR) / "static" / "fonts"
VARIANT = "pdf/a-3a"  # archival, tagged for screen readers, may carry the signed original inside


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
        html = render_to_string(template, context)
    return _print(html, enclosures=enclosures)


def _print(html: str, *, enclosures: tuple[Enclosure, ...] = ()) -> bytes:
    from weasyprint import HTML, Attachment  # slow import: half a second and 60 MB

    fonts, stylesheet, fetcher = _press()
    document = HTML(string=html, url_fetcher=fetcher, base_url=None)
    attachments = [
        Attachment(
            string=one.content,
            name=one.name,
            description=one.description,
            relationship=one.relationship,
            url_fetcher=fetcher,
        )
        for one in enclosures
    ]
    answer: bytes = document.write_pdf(
        stylesheets=[stylesheet], font_config=fonts, attachments=attachments, pdf_variant=VARIANT
    )
    return answer


@cache
def _press() -> tuple[Any, Any, Any]:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fetcher = _our_files_only()
    fonts = FontConfiguration()
    # Relative addresses in the stylesheet are looked up from the fonts' folder.
    text = (PAPERS / "paper.css").read_text()
    base = FONTS.as_uri() + "/"
    return fonts, CSS(string=text, font_config=fonts, url_fetcher=fetcher, base_url=base), fetcher


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
