"""A stranger's PDF, taken apart and written anew from what its pages show (D9).

Not a search for what is known to be bad: a new file is made, and into it is copied what the grammar says a
page needs. What it does not know, scripts, actions, attachments, forms, links, metadata, stays behind. Runs
in a process of its own with little time and memory, which ends what cannot be bounded from inside.
"""

import io
import re
from typing import Any

import pikepdf
import pikepdf.settings

from applications.documents.cell import filters, flattening, pages
from applications.documents.cell.copying import ABSENT, Copier
from applications.documents.cell.grammar import KINDS
from applications.documents.cell.pages import Leaf
from applications.documents.cell.purse import Purse
from applications.documents.cell.weighing import Weigher
from applications.documents.faults import Fault, Rejected

HEAD, HEAD_WITHIN = b"%PDF-", 1024 + 5
END, END_WITHIN = b"%%EOF", 2048  # a PDF may carry a little after its end mark
PADDING = b"\0\t\n\f\r "
UNPACKED = 768 * 1024 * 1024  # of all that a file holds, each part once
GROWTH, GROWTH_FREE = 2, 64 * 1024  # what is written may be so many times what came, and so much
OVER_A_LIMIT = re.compile("memory limit|limits? error|exceeded", re.IGNORECASE)
OF_THE_PAGES = re.compile("no pages found|Loop detected in /Pages")

pikepdf.settings.set_qpdf_limits(
    flate_max_memory=filters.HELD,
    png_max_memory=filters.HELD,
    tiff_max_memory=filters.HELD,
    run_length_max_memory=filters.HELD,
    dct_max_memory=filters.HELD,
    dct_max_progressive_scans=100,
    parser_max_nesting=100,
    parser_max_container_size=200_000,
    doc_max_warnings=50_000,
    max_stream_filters=4,
)


def rewrite(content: bytes) -> bytes:
    """The pages as they look, in a new file with nothing else in it; rewritten again it is the same (D9).

    Raises Rejected: UNREADABLE, ENCRYPTED, PAGES, HEAVY, FORM or PORTFOLIO.
    """
    whole = _trimmed(content)
    try:
        with pikepdf.open(io.BytesIO(whole)) as pdf:
            written = _anew(pdf)
            if any(OVER_A_LIMIT.search(str(warning)) for warning in pdf.get_warnings()):
                raise Rejected(Fault.HEAVY)  # a part too big to be looked into is missing
    except pikepdf.PasswordError:
        raise Rejected(Fault.ENCRYPTED) from None
    except (MemoryError, RecursionError):
        raise Rejected(Fault.HEAVY) from None
    except (
        pikepdf.PdfError,
        pikepdf.ForeignObjectError,
        ValueError,
        TypeError,
        RuntimeError,
        LookupError,
        ArithmeticError,
    ) as error:
        raise Rejected(_fault_of(error)) from None
    if len(written) > GROWTH * len(content) + GROWTH_FREE:
        raise Rejected(Fault.HEAVY)
    return written


def _fault_of(error: Exception) -> Fault:
    """Damaged objects fail in the library in ways of its own."""
    if OVER_A_LIMIT.search(str(error)):
        return Fault.HEAVY
    if OF_THE_PAGES.search(str(error)):
        return Fault.PAGES
    return Fault.ENCRYPTED if "encryption" in str(error) else Fault.UNREADABLE


def _trimmed(content: bytes) -> bytes:
    """The file without what mail and servers put around it. Raises Rejected(UNREADABLE) for one cut short:
    the library would mend it and lose pages silently."""
    start = content.find(HEAD, 0, HEAD_WITHIN)
    whole = content.rstrip(PADDING)
    if start < 0 or END not in whole[-END_WITHIN:]:
        raise Rejected(Fault.UNREADABLE)
    return whole + b"\n"


def _anew(pdf: pikepdf.Pdf) -> bytes:
    leaves = pages.leaves(pdf)
    flattening.refuse_what_has_no_pages(pdf, leaves[0])
    flattening.flatten(pdf, leaves)
    with pikepdf.new() as target:
        copier = Copier(target, Purse(UNPACKED))
        layers = pdf.Root.get("/OCProperties")
        if layers is not None and (copied := copier.copy(layers, "Layers")) is not ABSENT:
            target.Root["/OCProperties"] = copied
        _add_pages(target, [_page(copier, leaf) for leaf in pages.leaves(pdf)])
        weigher = Weigher(glyphs=copier.has("Type3"))
        for page in target.Root["/Pages"]["/Kids"]:
            weigher.page(page)
        return _saved(target)


def _page(copier: Copier, leaf: Leaf) -> Any:
    page = pikepdf.Dictionary(pages.boxes(leaf))
    if turned := pages.rotation(leaf):
        page["/Rotate"] = turned
    if (unit := pages.unit(leaf)) is not None:
        page["/UserUnit"] = unit
    kind = KINDS["Page"]
    source = pikepdf.Dictionary({key: found for key in kind.keys if (found := leaf.get(key)) is not None})
    copier.fill(page, source, kind.keys, 0)
    for key, text in kind.adds.items():
        page[key] = pikepdf.Name(text)
    return page


def _add_pages(target: pikepdf.Pdf, made: list[Any]) -> None:
    tree = target.Root["/Pages"]
    kids = [target.make_indirect(page) for page in made]
    for page in kids:
        page["/Parent"] = tree
    tree["/Kids"], tree["/Count"] = pikepdf.Array(kids), len(kids)


def _saved(target: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    target.save(
        out,
        force_version="1.7",
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        deterministic_id=True,
    )
    return out.getvalue()
