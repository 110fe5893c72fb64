"""PDFs that do more than show their pages, carry more than them, or cost more than they weigh."""

import io
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from applications.documents.cell.tests.making import (
    DRAWING,
    changed,
    field,
    form,
    helvetica,
    image,
    note,
    photo,
    put,
    sheets,
    stream,
)

MARK = "hostile-mark"  # stands in whatever must not come through
Change = Callable[[Pdf], Any]

# --- what runs, opens, fetches ---------------------------------------------------------------------
ACTIONS: dict[str, dict[str, Any]] = {
    "JavaScript": {"JS": MARK},
    "Launch": {"F": f"\\\\{MARK}\\x.exe", "Win": Dictionary(F=MARK)},
    "URI": {"URI": f"file://{MARK}/x"},
    "GoToR": {"F": f"\\\\{MARK}\\share\\x.pdf", "D": [0, Name.Fit]},
    "GoToE": {"T": Dictionary(R=Name.C, N=MARK)},
    "SubmitForm": {"F": Dictionary(FS=Name.URL, F=MARK)},
    "ImportData": {"F": MARK},
    "ResetForm": {"Fields": [MARK]},
    "Hide": {"T": MARK},
    "Named": {"N": MARK},
    "Thread": {"F": MARK, "D": 0},
    "Sound": {"Sound": MARK},
    "Movie": {"T": MARK},
    "GoTo": {"D": MARK},
    "SetOCGState": {"State": [Name.ON, MARK]},
    "Rendition": {"JS": MARK, "OP": 0},
    "Trans": {"Trans": MARK},
    "GoTo3DView": {"V": MARK},
    "RichMediaExecute": {"CMD": Dictionary(C=MARK)},
    "GoToDp": {"Dp": MARK},
    "Unheard": {"X": MARK},
}


def action(name: str) -> Any:
    entries = {f"/{key}": value for key, value in ACTIONS[name].items()}
    return Dictionary({"/S": Name(f"/{name}"), "/Type": Name.Action, **entries})


def _first(pdf: Pdf) -> Any:
    return pdf.pages[0].obj


PLACES: dict[str, Callable[[Pdf, Any], Any]] = {
    "when opened": lambda pdf, act: put(pdf.Root, "/OpenAction", act),
    "of the file": lambda pdf, act: put(pdf.Root, "/AA", Dictionary(WC=act, DP=act)),
    "by name": lambda pdf, act: put(
        pdf.Root, "/Names", Dictionary(JavaScript=Dictionary(Names=Array(["x", act])))
    ),
    "of a page": lambda pdf, act: put(_first(pdf), "/AA", Dictionary(O=act)),
    "of the pages": lambda pdf, act: put(pdf.Root.Pages, "/AA", Dictionary(O=act)),
    "of a link": lambda pdf, act: put(_first(pdf), "/Annots", Array([note(pdf, "Link", A=act, PA=act)])),
    "of a picture's note": lambda pdf, act: put(
        _first(pdf), "/Annots", Array([note(pdf, "Screen", AA=Dictionary(PV=act), MK=Dictionary(I=act))])
    ),
    "of a field": lambda pdf, act: field(pdf, A=act, AA=Dictionary(K=act, F=act)),
    "of the form": lambda pdf, act: put(
        pdf.Root, "/AcroForm", Dictionary(Fields=Array([]), CO=Array([act]), XFA=act)
    ),
    "of an outline": lambda pdf, act: put(
        pdf.Root, "/Outlines", Dictionary(First=Dictionary(Title=MARK, A=act, SE=act))
    ),
    "next to another": lambda pdf, act: put(
        pdf.Root,
        "/OpenAction",
        Dictionary(S=Name.GoTo, D=Array([0]), Next=Array([act, Dictionary(Next=act)])),
    ),
    "in the contents": lambda pdf, act: put(
        _first(pdf), "/Contents", Stream(pdf, DRAWING, Dictionary(A=act, AA=Dictionary(O=act)))
    ),
    "in the resources": lambda pdf, act: put(_first(pdf).Resources, "/JavaScript", Dictionary(A=act)),
    "in a font": lambda pdf, act: put(_first(pdf).Resources.Font.F1, "/AA", act),
    "as a form": lambda pdf, act: put(_first(pdf).Resources, "/XObject", Dictionary(A=act)),
    "as a state": lambda pdf, act: put(
        _first(pdf).Resources, "/ExtGState", Dictionary(A=Dictionary(HT=act, A=act))
    ),
    "as a property": lambda pdf, act: put(_first(pdf).Resources, "/Properties", Dictionary(A=act)),
    "in a layer": lambda pdf, act: put(
        pdf.Root,
        "/OCProperties",
        Dictionary(OCGs=Array([Dictionary(Type=Name.OCG, A=act)]), D=Dictionary(A=act)),
    ),
    "of the viewer": lambda pdf, act: put(pdf.Root, "/ViewerPreferences", Dictionary(A=act)),
    "in what is told of the file": lambda pdf, act: put(pdf.trailer, "/Info", Dictionary(Title=MARK, A=act)),
}


def actions() -> Iterator[tuple[str, bytes]]:
    for place in PLACES:
        for kind in ACTIONS:
            yield f"{kind} {place}", changed(partial(_act, place, kind), sheets(DRAWING))


def _act(place: str, kind: str, pdf: Pdf) -> None:
    PLACES[place](pdf, action(kind))


# --- what is carried along -------------------------------------------------------------------------
CARRIERS = ("FS", "Contents", "RichMediaContent", "Movie", "Sound", "3DD", "Popup", "A")


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
        "/AF": Array([_file(pdf)]),
        "/Metadata": _secret(pdf),
        "/PieceInfo": Dictionary(X=Dictionary(Private=MARK)),
        "/OPI": Dictionary({"/2.0": Dictionary(F=MARK)}),
        "/Ref": Dictionary(F=_file(pdf), Page=0),
        "/PS": _secret(pdf),
        "/Alternates": Array([Dictionary(Image=_secret(pdf))]),
        "/F": _file(pdf),
        "/FFilter": Name.FlateDecode,
        "/FDecodeParms": Dictionary(X=MARK),
        "/Thumb": _secret(pdf),
        "/StructParents": 0,
        "/B": Array([_file(pdf)]),
        "/Measure": Dictionary(X=MARK),
        "/PtData": Dictionary(X=MARK),
        "/LastModified": MARK,
        "/ID": MARK,
        "/Name": Name(f"/{MARK}"),
        "/JS": MARK,
        "/URI": MARK,
        "/VP": Array([MARK]),
        "/PresSteps": Dictionary(NA=MARK),
        "/DPart": Dictionary(X=MARK),
        "/OutputIntents": Array([_file(pdf)]),
        "/Unheard": MARK,
    }


def holders(pdf: Pdf) -> list[Any]:
    """The file, its page, and one of each thing that a page is made of."""
    page = _first(pdf)
    picture = image(pdf, photo(), "DCTDecode", ColorSpace=Name.DeviceRGB)
    drawn = form(pdf, Resources=Dictionary(), Group=Dictionary(S=Name.Transparency))
    state = pdf.make_indirect(Dictionary(Type=Name.ExtGState, ca=1))
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="a"))
    page.Resources = Dictionary(
        Font=Dictionary(F1=pdf.make_indirect(helvetica())),
        XObject=Dictionary(Im1=picture, Fm1=drawn),
        ExtGState=Dictionary(G1=state),
        Properties=Dictionary(L1=layer),
    )
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary())
    return [
        pdf.Root,
        pdf.Root.Pages,
        page,
        page.Contents,
        page.Resources,
        page.Resources.Font.F1,
        picture,
        drawn,
        drawn.Group,
        drawn.Resources,
        state,
        layer,
        pdf.Root.OCProperties,
        pdf.Root.OCProperties.D,
    ]


NOTES = ("FileAttachment", "RichMedia", "3D", "Movie", "Sound", "Screen", "Projection", "Popup")


def _in_a_note(kind: str, pdf: Pdf) -> None:
    put(_first(pdf), "/Annots", Array([note(pdf, kind, **dict.fromkeys(CARRIERS, _file(pdf)))]))


def attachments() -> Iterator[tuple[str, bytes]]:
    def everywhere(key: str) -> Change:
        def change(pdf: Pdf) -> None:
            for holder in holders(pdf):
                holder[key] = _extras(pdf)[key]

        return change

    with pikepdf.new() as any_pdf:
        keys = list(_extras(any_pdf))
    for key in keys:
        yield f"{key} everywhere", changed(everywhere(key), sheets(DRAWING))
    others: dict[str, Change] = {
        "by name": lambda pdf: put(
            pdf.Root, "/Names", Dictionary(EmbeddedFiles=Dictionary(Names=Array(["x", _file(pdf)])))
        ),
        "by name, none": lambda pdf: put(
            pdf.Root, "/Names", Dictionary(EmbeddedFiles=Dictionary(Names=Array([])), AP=Dictionary())
        ),
        "nothing when opened": lambda pdf: put(pdf.Root, "/AA", Dictionary()),
        "in a tree of parts": lambda pdf: put(
            pdf.Root, "/StructTreeRoot", Dictionary(K=Dictionary(Alt=MARK, AF=_file(pdf)))
        ),
        "a photo's own": lambda pdf: put(
            _first(pdf).Resources, "/XObject", Dictionary(Im1=image(pdf, _with_place(), "DCTDecode"))
        ),
        "behind deflated contents": lambda pdf: put(
            _first(pdf), "/Contents", stream(zlib.compress(DRAWING) + MARK.encode(), "FlateDecode")(pdf)
        ),
        **{f"in a note: {kind}": partial(_in_a_note, kind) for kind in NOTES},
    }
    for name, change in others.items():
        yield name, changed(change, sheets(DRAWING))
    yield (
        "in an earlier version",
        _updated(changed(lambda pdf: put(pdf.Root, "/Lang", MARK), sheets(DRAWING))),
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
