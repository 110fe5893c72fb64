"""What lies on the pages of a stranger's file, fields and notes, drawn into them as it looks (D9)."""

import re
from collections.abc import Iterator
from typing import Any

import pikepdf

from applications.documents.cell.pages import Leaf
from applications.documents.faults import Fault, Rejected

HIDDEN, NO_VIEW = 1 << 1, 1 << 5  # flags of a note
MAX_ANNOTATIONS = 5_000
MAX_ANCESTORS = 20
SHOWN_TEXT = re.compile(rb"\b(?:Tj|TJ|Do)\b|['\"]\s")
STRINGS = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
STUB = b"Please wait"  # the one page of a form that only Adobe's own program draws
STUB_WITHIN = 1024 * 1024


def refuse_what_has_no_pages(pdf: pikepdf.Pdf, first: Leaf) -> None:
    """Raises Rejected: PORTFOLIO for a folder of other files, FORM for a form that its program draws (D9)."""
    if pdf.Root.get("/Collection") is not None:
        raise Rejected(Fault.PORTFOLIO)
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary) or form.get("/XFA") is None:
        return
    needs_rendering: Any = pdf.Root.get("/NeedsRendering")
    if needs_rendering is True or STUB in _text(first):
        raise Rejected(Fault.FORM)


def flatten(pdf: pikepdf.Pdf, leaves: list[Leaf]) -> None:
    """Draws each note and field into its page as it looks on a screen. Raises Rejected: HEAVY for too many of
    them, FORM for a text that nobody has drawn and that we can not draw (D9)."""
    notes = [note for leaf in leaves for note in _notes(leaf) if not _is_hidden(note)]
    if len(notes) > MAX_ANNOTATIONS:
        raise Rejected(Fault.HEAVY)
    if not notes:
        return
    if any(_is_undrawn_text(note) for note in notes):
        raise Rejected(Fault.FORM)
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        undrawn = [text for note in notes if (text := _undrawn_field(note))]
        if any(not text.isascii() for text in undrawn):
            raise Rejected(Fault.FORM)
        form["/NeedAppearances"] = bool(undrawn)
        if undrawn:
            pdf.generate_appearance_streams()
            form["/NeedAppearances"] = False
    pdf.flatten_annotations("screen")


def _notes(leaf: Leaf) -> Iterator[pikepdf.Object]:
    annotations = leaf.page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return
    if len(annotations) > MAX_ANNOTATIONS:
        raise Rejected(Fault.HEAVY)
    yield from (note for note in annotations if isinstance(note, pikepdf.Dictionary))


def _is_hidden(note: pikepdf.Object) -> bool:
    """Nobody sees it on a screen, so it need not be drawn."""
    flags = note.get("/F")
    return isinstance(flags, int) and bool(flags & (HIDDEN | NO_VIEW))


def _is_undrawn_text(note: pikepdf.Object) -> bool:
    """A text written over the page, which its program would draw when opened."""
    if note.get("/Subtype") != pikepdf.Name.FreeText or _appearance(note) is not None:
        return False
    text = note.get("/Contents")
    return isinstance(text, pikepdf.String) and bool(str(text).strip())


def _appearance(note: pikepdf.Object) -> Any:
    drawn = note.get("/AP")
    return drawn.get("/N") if isinstance(drawn, pikepdf.Dictionary) else None


def _undrawn_field(note: pikepdf.Object) -> str:
    """The text of a field whose appearance does not show any; its program would draw it when opened."""
    if _of_field(note, "/FT") not in (pikepdf.Name.Tx, pikepdf.Name.Ch):
        return ""
    value = _of_field(note, "/V")
    text = str(value) if isinstance(value, pikepdf.String) else ""
    normal = _appearance(note)
    if text.strip() and isinstance(normal, pikepdf.Stream) and SHOWN_TEXT.search(normal.read_bytes()):
        return ""
    return text.strip()


def _of_field(note: pikepdf.Object, key: str) -> Any:
    node: Any = note
    for _ in range(MAX_ANCESTORS):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if (found := node.get(key)) is not None:
            return found
        node = node.get("/Parent")
    return None


def _text(leaf: Leaf) -> bytes:
    """The letters that a page shows, as far as they are written as letters."""
    contents = leaf.page.get("/Contents")
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    drawn = b"\n".join(part.read_bytes() for part in parts[:20] if isinstance(part, pikepdf.Stream))
    return b"".join(STRINGS.findall(drawn[:STUB_WITHIN]))
