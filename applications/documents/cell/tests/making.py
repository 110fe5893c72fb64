"""PDFs made by hand, of any parts; the same every time."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageDraw

DRAWING = b"0 0 1 rg 20 20 60 40 re f BT /F1 18 Tf 20 120 Td (Birth 12) Tj ET\n"
RAW = dict(stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False, deterministic_id=True)
SHEET = [0, 0, 200, 200]


def helvetica() -> Any:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def sheets(*contents: Any, saving: dict[str, Any] | None = None, **page: Any) -> bytes:
    """A file with a page for each contents, made the same way; bytes, or what makes streams of the file."""
    return changed(lambda pdf: [add(pdf, content, **page) for content in contents], b"", **(saving or {}))


def add(pdf: Pdf, content: bytes | Callable[[Pdf], Any] = DRAWING, **page: Any) -> Any:
    contents = content(pdf) if callable(content) else Stream(pdf, content)
    fonts = Dictionary(Font=Dictionary(F1=helvetica()))
    made = Dictionary(Type=Name.Page)
    for key, value in (dict(MediaBox=SHEET, Resources=fonts, Contents=contents) | page).items():
        made[f"/{key}"] = value(pdf) if callable(value) else value
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))
    return pdf.pages[-1].obj


def changed(change: Callable[[Pdf], Any], content: bytes | None = None, **saving: Any) -> bytes:
    """The file with something done to it; an empty one when there is none yet."""
    with pikepdf.open(io.BytesIO(content)) if content else pikepdf.new() as pdf:
        change(pdf)
        out = io.BytesIO()
        if "encryption" not in saving:  # packed as it was made, and the same every time
            saving = dict(RAW, **saving)
        pdf.save(out, **saving)
    return out.getvalue()


def photo(kind: str = "JPEG", mode: str = "RGB", **saving: Any) -> bytes:
    image = Image.new(mode, (60, 40), 1 if mode == "1" else 200)
    ImageDraw.Draw(image).ellipse((10, 5, 50, 35), fill=0)
    out = io.BytesIO()
    image.save(out, kind, **saving)
    return out.getvalue()


def image(pdf: Pdf, data: bytes, codec: str | list[str] = "", **entries: Any) -> Any:
    stream = Stream(pdf, b"")
    names = [Name(f"/{each}") for each in ([codec] if isinstance(codec, str) else codec) if each]
    parms = entries.pop("DecodeParms", None)
    stream.write(
        data, filter=Array(names) if len(names) > 1 else names[0] if names else None, decode_parms=parms
    )
    given = dict(Type=Name.XObject, Subtype=Name.Image, Width=60, Height=40, BitsPerComponent=8) | entries
    for key, value in given.items():
        stream[f"/{key}"] = value
    return stream


def with_image(make: Callable[[Pdf], Any]) -> bytes:
    return sheets(
        b"q 150 0 0 100 20 20 cm /Im1 Do Q",
        Resources=lambda pdf: Dictionary(XObject=Dictionary(Im1=make(pdf))),
    )


def form(pdf: Pdf, content: bytes = b"1 0 0 rg 0 0 50 20 re f", **entries: Any) -> Any:
    given = dict(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 50, 20]) | entries
    return Stream(pdf, content, Dictionary({f"/{key}": value for key, value in given.items()}))


def note(pdf: Pdf, subtype: str = "Stamp", **entries: Any) -> Any:
    given = dict(Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=[100, 100, 180, 150], F=4) | entries
    given.setdefault("AP", Dictionary(N=form(pdf)))
    return pdf.make_indirect(Dictionary({f"/{key}": value for key, value in given.items()}))


def field(pdf: Pdf, **entries: Any) -> Any:
    """A text field on a new page."""
    drawn = form(
        pdf,
        b"/Tx BMC BT /F1 10 Tf 2 5 Td (Aigul) Tj ET EMC",
        Resources=Dictionary(Font=Dictionary(F1=helvetica())),
    )
    given = dict(FT=Name.Tx, T="name", V="Aigul", DA="/F1 10 Tf 0 g", AP=Dictionary(N=drawn)) | entries
    made = note(pdf, "Widget", **{key: value for key, value in given.items() if value is not None})
    if entries.get("AP", ...) is None:
        del made["/AP"]
    add(pdf, Annots=Array([made]))
    pdf.Root.AcroForm = Dictionary(Fields=Array([made]), DR=Dictionary(Font=Dictionary(F1=helvetica())))
    return made


def lzw(data: bytes) -> bytes:
    """Packed as old programs did: a code of nine bits for each byte, cleared before they would be wider."""
    codes = [code for at in range(0, len(data), 200) for code in (256, *data[at : at + 200])] + [257]
    bits = "".join(f"{code:09b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def stream(data: bytes, *names: str, **told: Any) -> Callable[[Pdf], Any]:
    """Contents packed by somebody else."""

    def make(pdf: Pdf) -> Any:
        made = Stream(pdf, b"")
        filters = [Name(f"/{name}") for name in names]
        parms = Array([Dictionary({f"/{key}": value for key, value in told.items()})]) if told else None
        made.write(data, filter=Array(filters), decode_parms=parms)
        return made

    return make


def put(holder: Any, key: str, value: Any) -> Any:
    holder[key] = value
    return holder
