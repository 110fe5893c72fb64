"""Documents looked at in a page: each page of a file as a picture that the cell has drawn (D9).

Drawn at each look and kept nowhere: a page takes a twentieth of a second of a cell, and what lies nowhere
needs no key and no term. The places of the cells bound what all lookers together may cost.
"""

import logging

from applications import stored
from applications.documents.cell import warden
from applications.documents.cell.warden import Examined
from applications.documents.faults import Rejected
from applications.models import Document

logger = logging.getLogger(__name__)

LONGEST = {1: 1400, 2: 2800}  # pixels at the longer side, by how large it is wanted
PDF = "application/pdf"


def draw(document: Document, *, number: int, turn: int, zoom: int) -> Examined:
    """Raises stored.Spoiled, Rejected."""
    content = stored.read(document.file, document.sha256)
    kind = "page" if document.mime == PDF else "picture"
    return warden.examine(kind, content, number=number, longest=LONGEST[zoom], turn=turn)


def smaller(content: bytes, *, longest: int) -> bytes:
    """A picture of ours, `longest` pixels at its longer side. Raises Rejected."""
    return warden.examine("picture", content, number=1, longest=longest, turn=0).content


def pages_of(document: Document) -> int:
    """0 when it cannot be looked at, for whatever reason: the file itself can be opened all the same."""
    if document.mime != PDF:
        return 1
    try:
        return warden.examine("pages", stored.read(document.file, document.sha256)).pages
    except (Rejected, stored.Spoiled) as error:
        logger.warning("document %s cannot be shown: %s", document.pk, type(error).__name__)
        return 0
