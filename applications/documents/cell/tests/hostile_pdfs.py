"""PDFs that do more than show their pages, carry more than them, or cost more than they weigh."""

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from applications.documents.cell.tests.benign_pdfs import (
    DRAWING,
    HELVETICA,
    add,
    changed,
    field,
    form,
    image,
    note,
    photo,
    sheets,
    stream,
    with_image,
)  # fmt: skip

MARK = "hostile-mark"  # stands in whatever must not come through
Change = Callable[[Pdf], Any]

# --- what runs, opens, fetches ---------------------------------------------------------------------
ACTIONS: dict[str, dict[str, Any]] = {
    "JavaScript": {"JS": MARK}, "Launch": {"F": f"\\\\{MARK}\\x.exe", "Win": Dictionary(F=MARK)},
    "URI": {"URI": f"file://{MARK}/x"}, "GoToR": {"F": f"\\\\{MARK}\\share\\x.pdf", "D": [0, Name.Fit]},
    "GoToE": {"T": Dictionary(R=Name.C, N=MARK)}, "SubmitForm": {"F": Dictionary(FS=Name.URL, F=MARK)},
    "ImportData": {"F": MARK}, "ResetForm": {"Fields": [MARK]}, "Hide": {"T": MARK}, "Named": {"N": Name.Print},
    "Thread": {"F": MARK, "D": 0}, "Sound": {"Sound": MARK}, "Movie": {"T": MARK}, "GoTo": {"D": MARK},
    "SetOCGState": {"State": [Name.ON, MARK]}, "Rendition": {"JS": MARK, "OP": 0}, "Trans": {"Trans": {}},
    "GoTo3DView": {"V": MARK}, "RichMediaExecute": {"CMD": Dictionary(C=MARK)}, "GoToDp": {"Dp": MARK},
    "Unheard": {"X": MARK},
}  # fmt: skip


def action(name: str) -> Any:
    entries = {f"/{key}": value for key, value in ACTIONS[name].items()}
    return Dictionary({"/S": Name(f"/{name}"), "/Type": Name.Action, **entries})


def _first(pdf: Pdf) -> Any:
    return pdf.pages[0].obj


def _put(holder: Any, key: str, value: Any) -> None:
    holder[key] = value


PLACES: dict[str, Callable[[Pdf, Any], Any]] = {
    "when opened": lambda pdf, act: _put(pdf.Root, "/OpenAction", act),
    "of the file": lambda pdf, act: _put(pdf.Root, "/AA", Dictionary(WC=act, DP=act)),
    "by name": lambda pdf, act: _put(
        pdf.Root, "/Names", Dictionary(JavaScript=Dictionary(Names=Array(["x", act])))
    ),
    "of a page": lambda pdf, act: _put(_first(pdf), "/AA", Dictionary(O=act)),
    "of the pages": lambda pdf, act: _put(pdf.Root.Pages, "/AA", Dictionary(O=act)),
    "of a link": lambda pdf, act: _put(_first(pdf), "/Annots", Array([note(pdf, "Link", A=act, PA=act)])),
    "of a picture's note": lambda pdf, act: _put(
        _first(pdf), "/Annots", Array([note(pdf, "Screen", AA=Dictionary(PV=act), MK=Dictionary(I=act))])
    ),
    "of a field": lambda pdf, act: field(pdf, A=act, AA=Dictionary(K=act, F=act)),
    "of the form": lambda pdf, act: _put(
        pdf.Root, "/AcroForm", Dictionary(Fields=Array([]), CO=Array([act]), XFA=act)
    ),
    "of an outline": lambda pdf, act: _put(
        pdf.Root, "/Outlines", Dictionary(First=Dictionary(Title=MARK, A=act, SE=act))
    ),
    "next to another": lambda pdf, act: _put(
        pdf.Root,
        "/OpenAction",
        Dictionary(S=Name.GoTo, D=Array([0]), Next=Array([act, Dictionary(Next=act)])),
    ),
    "in the contents": lambda pdf, act: _put(
        _first(pdf), "/Contents", Stream(pdf, DRAWING, Dictionary(A=act, AA=Dictionary(O=act)))
    ),
    "in the resources": lambda pdf, act: _put(_first(pdf).Resources, "/JavaScript", Dictionary(A=act)),
    "in a font": lambda pdf, act: _put(_first(pdf).Resources.Font.F1, "/AA", act),
    "as a form": lambda pdf, act: _put(_first(pdf).Resources, "/XObject", Dictionary(A=act)),
    "as a state": lambda pdf, act: _put(
        _first(pdf).Resources, "/ExtGState", Dictionary(A=Dictionary(HT=act, A=act))
    ),
    "as a property": lambda pdf, act: _put(_first(pdf).Resources, "/Properties", Dictionary(A=act)),
    "in a layer": lambda pdf, act: _put(
        pdf.Root,
        "/OCProperties",
        Dictionary(OCGs=Array([Dictionary(Type=Name.OCG, A=act)]), D=Dictionary(A=act)),
    ),
    "of the viewer": lambda pdf, act: _put(pdf.Root, "/ViewerPreferences", Dictionary(A=act)),
    "in what is told of the file": lambda pdf, act: _put(pdf.trailer, "/Info", Dictionary(Title=MARK, A=act)),
}


def actions() -> Iterator[tuple[str, bytes]]:
    for place, put in PLACES.items():
        for kind in ACTIONS:
            yield (
                f"{kind} {place}",
                changed(lambda pdf, put=put, kind=kind: put(pdf, action(kind)), sheets(DRAWING)),
            )


# --- what is carried along -------------------------------------------------------------------------
def _file(pdf: Pdf) -> Any:
    return Dictionary(
        Type=Name.Filespec,
        F=MARK,
        UF=MARK,
        EF=Dictionary(F=Stream(pdf, MARK.encode(), Dictionary(Type=Name.EmbeddedFile))),
    )


def _secret(pdf: Pdf) -> Any:
    return Stream(pdf, f"<xml>{MARK}</xml>".encode(), Dictionary(Type=Name.Metadata, Subtype=Name.XML))


def _extras(pdf: Pdf) -> dict[str, Any]:
    """What may hang on anything, by its key."""
    return {
        "/AF": Array([_file(pdf)]), "/Metadata": _secret(pdf), "/PieceInfo": Dictionary(X=Dictionary(Private=MARK)),
        "/OPI": Dictionary({"/2.0": Dictionary(F=MARK)}), "/Ref": Dictionary(F=_file(pdf), Page=0), "/PS": _secret(pdf),
        "/Alternates": Array([Dictionary(Image=_secret(pdf))]), "/F": _file(pdf), "/FFilter": Name.FlateDecode,
        "/FDecodeParms": Dictionary(X=MARK), "/Thumb": _secret(pdf), "/StructParents": 0, "/B": Array([_file(pdf)]),
        "/Measure": Dictionary(X=MARK), "/PtData": Dictionary(X=MARK), "/LastModified": MARK, "/ID": MARK,
        "/Name": Name(f"/{MARK}"), "/JS": MARK, "/URI": MARK, "/VP": Array([MARK]), "/PresSteps": Dictionary(NA=MARK),
        "/DPart": Dictionary(X=MARK), "/OutputIntents": Array([_file(pdf)]), "/Unheard": MARK,
    }  # fmt: skip


def _holders(pdf: Pdf) -> list[Any]:
    """The file, its page, and one of each thing that a page is made of."""
    page = _first(pdf)
    picture = image(pdf, photo(), "DCTDecode", ColorSpace=Name.DeviceRGB)
    drawn = form(pdf, Resources=Dictionary(), Group=Dictionary(S=Name.Transparency))
    state = pdf.make_indirect(Dictionary(Type=Name.ExtGState, ca=1))
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="a"))
    page.Resources = Dictionary(
        Font=Dictionary(F1=pdf.make_indirect(HELVETICA)), XObject=Dictionary(Im1=picture, Fm1=drawn),
        ExtGState=Dictionary(G1=state), Properties=Dictionary(L1=layer),
    )  # fmt: skip
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary())
    return [
        pdf.Root, pdf.Root.Pages, page, page.Contents, page.Resources, page.Resources.Font.F1, picture, drawn,
        drawn.Group, drawn.Resources, state, layer, pdf.Root.OCProperties, pdf.Root.OCProperties.D,
    ]  # fmt: skip


def attachments() -> Iterator[tuple[str, bytes]]:
    def everywhere(key: str) -> Change:
        def change(pdf: Pdf) -> None:
            for holder in _holders(pdf):
                if not (isinstance(holder, pikepdf.Stream) and key == "/F" and holder is pdf.Root):
                    holder[key] = _extras(pdf)[key]

        return change

    with pikepdf.new() as any_pdf:
        keys = list(_extras(any_pdf))
    for key in keys:
        yield f"{key} everywhere", changed(everywhere(key), sheets(DRAWING))
    others: dict[str, Change] = {
        "by name": lambda pdf: _put(
            pdf.Root, "/Names", Dictionary(EmbeddedFiles=Dictionary(Names=Array(["x", _file(pdf)])))
        ),
        "by name, none": lambda pdf: _put(
            pdf.Root, "/Names", Dictionary(EmbeddedFiles=Dictionary(Names=Array([])), AP=Dictionary())
        ),
        "nothing when opened": lambda pdf: _put(pdf.Root, "/AA", Dictionary()),
        "in a tree of parts": lambda pdf: _put(
            pdf.Root, "/StructTreeRoot", Dictionary(K=Dictionary(Alt=MARK, AF=_file(pdf)))
        ),
        "a photo's own": lambda pdf: _put(
            _first(pdf).Resources, "/XObject", Dictionary(Im1=image(pdf, _with_place(), "DCTDecode"))
        ),
        "behind deflated contents": lambda pdf: _put(
            _first(pdf), "/Contents", stream(zlib.compress(DRAWING) + MARK.encode(), "FlateDecode")(pdf)
        ),
        **{
            f"in a note: {kind}": lambda pdf, kind=kind: _put(
                _first(pdf),
                "/Annots",
                Array([note(pdf, kind, FS=_file(pdf), Contents=MARK, RichMediaContent=_file(pdf), Movie=_file(pdf))]),
            )
            for kind in ("FileAttachment", "RichMedia", "3D", "Movie", "Sound", "Screen", "Projection", "Popup")
        },
    }  # fmt: skip
    for name, change in others.items():
        yield name, changed(change, sheets(DRAWING))
    yield (
        "in an earlier version",
        _updated(changed(lambda pdf: _put(pdf.Root, "/Lang", MARK), sheets(DRAWING))),
    )


def _with_place() -> bytes:
    exif = b"Exif\0\0" + MARK.encode()
    whole = photo()
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    return whole[:2] + segment + b"\xff\xfe\0\x0e" + MARK.encode() + whole[2:] + MARK.encode()


def _updated(content: bytes) -> bytes:
    """With a newer catalog, which says nothing of what the older said."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    revision = IncrementalPdfFileWriter(io.BytesIO(content))
    revision.root["/Lang"] = generic.pdf_string("kk")
    revision.update_root()
    out = io.BytesIO()
    revision.write(out)
    return out.getvalue()


# --- what is refused -------------------------------------------------------------------------------
def refused() -> dict[str, tuple[str, bytes]]:
    """Each with its fault."""
    plain = sheets(DRAWING)
    xfa = Array(["template", MARK])
    stub = b"BT /F1 9 Tf (Please w) 5 (ait...) Tj ET"
    locked = {"owner": "a", "user": "b"}
    return {
        "empty": ("UNREADABLE", b""), "no PDF": ("UNREADABLE", b"hello"), "a head": ("UNREADABLE", b"%PDF-1.7\n%%EOF"),
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
        "locked": ("ENCRYPTED", changed(lambda pdf: None, plain, encryption=pikepdf.Encryption(R=6, **locked))),
        "locked long ago": (
            "ENCRYPTED",
            changed(lambda pdf: None, plain, encryption=pikepdf.Encryption(R=3, aes=False, metadata=False, **locked)),
        ),
        "locked by a key": ("ENCRYPTED", plain.replace(b"/Root", b"/Encrypt<</Filter/Adobe.PubSec/V 4>>/Root")),
        "no pages": ("PAGES", changed(lambda pdf: None, b"")), "too many pages": ("PAGES", sheets(*[b""] * 51)),
        "one page, endlessly": ("PAGES", _kids(lambda pdf: [_first(pdf)] * 40_000)),
        "one page, fifty-one times": ("PAGES", _kids(lambda pdf: [_first(pdf)] * 51)),
        "pages of pages of pages": ("PAGES", _kids(lambda pdf: [pdf.Root.Pages])),
        "pages in a circle": ("PAGES", _kids(lambda pdf: [pdf.make_indirect(Dictionary(Kids=Array([pdf.Root.Pages])))])),
        "empty branches": ("PAGES", _kids(lambda pdf: [pdf.make_indirect(Dictionary(Kids=Array()))] * 3000)),
        "a folder of files": ("PORTFOLIO", changed(lambda pdf: _put(pdf.Root, "/Collection", Dictionary()), plain)),
        "a form drawn by program": ("FORM", changed(
            lambda pdf: [_put(pdf.Root, "/AcroForm", Dictionary(XFA=xfa)), _put(pdf.Root, "/NeedsRendering", True)],
            plain,
        )),
        "a form that asks to wait": ("FORM", changed(
            lambda pdf: _put(pdf.Root, "/AcroForm", Dictionary(XFA=xfa)), sheets(stub)
        )),
        "a filled field that nobody has drawn": ("FORM", changed(lambda pdf: field(pdf, V="Айгүл", AP=None))),
    }  # fmt: skip


def _kids(make: Callable[[Pdf], list[Any]]) -> bytes:
    def change(pdf: Pdf) -> None:
        add(pdf)
        kids = Array(make(pdf))
        pdf.Root.Pages.Kids = kids

    return changed(change)
