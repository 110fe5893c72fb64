"""PDFs that cost more than they weigh: a few kilobytes that unpack to gigabytes, or are drawn without end."""

import zlib
from collections.abc import Callable
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf

from applications.documents.cell.tests.making import (
    add,
    changed,
    form,
    helvetica,
    image,
    note,
    photo,
    sheets,
    stream,
    with_image,
)  # fmt: skip

MEGABYTE = 1024 * 1024
Change = Callable[[Pdf], Any]


def blanks(megabytes: int, head: bytes = b"") -> bytes:
    """So many megabytes of blanks, deflated: one of them, packed so that it can be said again and again."""
    blank = b" " * MEGABYTE
    packing, again = zlib.compressobj(9), zlib.compressobj(9)
    first = packing.compress(head) + packing.flush(zlib.Z_FULL_FLUSH)
    part = again.compress(blank) + again.flush(zlib.Z_FULL_FLUSH)
    check = zlib.adler32(head)
    for _ in range(megabytes if megabytes < 100 else 0):  # beyond, nobody comes to the end
        check = zlib.adler32(blank, check)
    return first + part[2:] * megabytes + b"\3\0" + check.to_bytes(4, "big")


def _calling(name: bytes, times: int, depth: int, hang: Callable[[Pdf, Any, bytes], Any]) -> Change:
    """Streams that call one another, each the next one so many times."""

    def change(pdf: Pdf) -> None:
        inner = form(pdf, b"0 0 1 1 re f " * 20)
        resources = None
        for _level in range(depth):
            resources = hang(pdf, inner, b"X")
            inner = form(pdf, name * times, Resources=resources)
        add(pdf, name * times, Resources=resources)

    return change


def _tile(pdf: Pdf, inner: Any, name: bytes) -> Any:
    for key, value in dict(PatternType=1, PaintType=1, TilingType=1, XStep=5, YStep=5).items():
        inner[f"/{key}"] = value
    return Dictionary(Pattern=Dictionary(X=inner))


def _letter(pdf: Pdf, inner: Any, name: bytes) -> Any:
    letters = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, CharProcs=Dictionary(a=inner), FontMatrix=[1, 0, 0, 1, 0, 0],
        Resources=inner.get("/Resources", Dictionary()), Encoding=Dictionary(Differences=[97, Name.a]),
    )  # fmt: skip
    return Dictionary(Font=Dictionary(X=pdf.make_indirect(letters)))


def _cheap_at_first(pdf: Pdf) -> None:
    """A form without resources means by a name what its caller means."""
    common = form(pdf, b"/X Do " * 1000)
    cheap, dear = form(pdf, b"0 g"), form(pdf, b"0 0 1 1 re f " * 25_000)
    callers = [
        form(pdf, b"/F Do", Resources=Dictionary(XObject=Dictionary(F=common, X=inner)))
        for inner in (cheap, dear)
    ]
    add(pdf, b"/A Do /B Do", Resources=Dictionary(XObject=Dictionary(A=callers[0], B=callers[1])))


def _itself(pdf: Pdf) -> None:
    loop = form(pdf, b"/X Do")
    loop.Resources = Dictionary(XObject=Dictionary(X=loop))
    add(pdf, b"/X Do", Resources=loop.Resources)


def _nested(depth: int) -> Change:
    def change(pdf: Pdf) -> None:
        function = pdf.make_indirect(Dictionary(FunctionType=2, N=1, Domain=[0, 1]))
        for _ in range(depth):
            function = pdf.make_indirect(
                Dictionary(FunctionType=3, Domain=[0, 1], Functions=Array([function]))
            )
        shading = Dictionary(ShadingType=2, ColorSpace=Name.DeviceGray, Function=function)
        add(pdf, b"/X sh", Resources=Dictionary(Shading=Dictionary(X=shading)))

    return change


def _photo_with(middle: bytes) -> bytes:
    whole = photo(progressive=True)
    return whole[:-2] + middle + whole[-2:]


def _jpx(width: int, tile: int) -> bytes:
    whole = photo("JPEG2000")
    at = whole.index(b"\xff\x4f\xff\x51") + 8
    sizes = (width, width, 0, 0, tile, tile)
    return whole[:at] + b"".join(size.to_bytes(4, "big") for size in sizes) + whole[at + 24 :]


def _jbig2(width: int, kind: int = 38) -> bytes:
    body = width.to_bytes(4, "big") * 2 + bytes(10)
    return bytes([0, 0, 0, 0, kind, 0, 1]) + len(body).to_bytes(4, "big") + body


def _object_streams(count: int, megabytes: int) -> bytes:
    """Fonts, each alone in an object stream that is deflated twice and is nearly all blanks."""
    fonts = b" ".join(b"/F%d %d 0 R" % (n, 1000 + n) for n in range(count))
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << %b >> >> >>" % fonts,
    }
    rows = [b"\0" + bytes(5)] * (1000 + count)
    for n in range(count):
        packed = zlib.compress(blanks(megabytes, b"%d 0 << /Type /Font /Subtype /Type1 >>" % (1000 + n)), 9)
        bodies[10 + n] = _packed_stream(b"/Type /ObjStm /N 1 /First 7", packed, b"/FlateDecode /FlateDecode")
        rows[1000 + n] = b"\2" + (10 + n).to_bytes(4, "big") + b"\0"
    out = b"%PDF-1.5\n"
    for number, body in bodies.items():
        rows[number] = b"\1" + len(out).to_bytes(4, "big") + b"\0"
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    said = b"/Type /XRef /Size %d /W [1 4 1] /Root 1 0 R" % len(rows)
    table = _packed_stream(said, zlib.compress(b"".join(rows)), b"/FlateDecode")
    return out + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(rows), table, len(out))


def _packed_stream(said: bytes, data: bytes, filters: bytes) -> bytes:
    head = b"<< %b /Filter [%b] /Length %d >>\nstream\n" % (said, filters, len(data))
    return head + data + b"\nendstream"


def _shared(megabytes: int, uses: int, *, in_one: bool) -> Change:
    """One contents stream, on many pages or many times on one."""

    def change(pdf: Pdf) -> None:
        common = stream(blanks(megabytes), "FlateDecode")(pdf)
        for _ in range(1 if in_one else uses):
            add(pdf, lambda _: Array([common] * uses) if in_one else common)

    return change


def _bits(*codes: int) -> bytes:
    """LZW of codes that grow as wide as they may."""
    bits = "".join(f"{code:0{width}b}" for code, width in zip(codes, _widths(), strict=False))
    return int(bits + "0" * (-len(bits) % 8), 2).to_bytes((len(bits) + 7) // 8, "big")


def _widths() -> Any:
    yield 9  # the code that clears the table
    size = 257
    while True:
        size += 1
        yield min(12, max(9, size.bit_length()))


LZW_RUN = _bits(256, 32, *range(258, 4094))  # each code the longest that there is: 8 MB
SIDE = 100_000


def heavy() -> dict[str, Callable[[], bytes]]:
    """Each is refused as HEAVY, most from inside and some by the limits of the process."""
    do, scn, tf, gs = (
        b"/X Do\n",
        b"/Pattern cs /X scn 0 0 9 9 re f\n",
        b"BT /X 1 Tf (aaaaaaaaaa) Tj ET\n",
        b"/X gs\n",
    )
    called: dict[str, tuple[bytes, Callable[[Pdf, Any, bytes], Any]]] = {
        "forms": (do, lambda pdf, inner, _: Dictionary(XObject=Dictionary(X=inner))),
        "forms, a comment between": (
            b"/X %x\nDo\n", lambda pdf, inner, _: Dictionary(XObject=Dictionary(X=inner))
        ),
        "forms, a letter escaped": (
            b"/#58 Do\n", lambda pdf, inner, _: Dictionary(XObject=Dictionary(X=inner))
        ),
        "tiles": (scn, _tile), "letters": (tf, _letter),
        "masks": (gs, lambda pdf, inner, _: Dictionary(
            ExtGState=Dictionary(X=Dictionary(SMask=Dictionary(S=Name.Alpha, G=inner)))
        )),
    }  # fmt: skip
    return {
        f"{name} that call {name}": lambda word=word, hang=hang: changed(_calling(word, 20, 8, hang))
        for name, (word, hang) in called.items()
    } | {
        "a form that is cheap at first": lambda: changed(_cheap_at_first),
        "a form that calls itself": lambda: changed(_itself),
        "forms in depth": lambda: changed(_calling(do, 1, 40, called["forms"][1])),
        "contents of 2 GB": lambda: sheets(stream(blanks(2048), "FlateDecode")),
        "contents of 80 MB, deflated twice": lambda: sheets(
            stream(zlib.compress(blanks(80)), "FlateDecode", "FlateDecode")
        ),
        "contents on all pages": lambda: changed(_shared(8, 50, in_one=False)),
        "contents many times on a page": lambda: changed(_shared(8, 50, in_one=True)),
        "contents many times, little": lambda: changed(_shared(1, 5000, in_one=True)),
        "contents in LZW": lambda: sheets(stream(LZW_RUN * 8, "LZWDecode")),
        "contents in long LZW": lambda: sheets(stream(bytes(range(256)) * 60_000, "LZWDecode")),
        "contents in runs": lambda: sheets(stream(b"\x81 " * MEGABYTE, "RunLengthDecode")),
        "contents in runs, deflated": lambda: sheets(
            stream(zlib.compress(b"\x81 " * MEGABYTE), "FlateDecode", "RunLengthDecode")
        ),
        "contents in zeros of 85, deflated": lambda: sheets(
            stream(zlib.compress(b"z" * 15 * MEGABYTE + b"~>"), "FlateDecode", "ASCII85Decode")
        ),
        "contents in many packings": lambda: sheets(stream(b"41>", *["ASCIIHexDecode"] * 20)),
        "pictures, many": lambda: changed(_many_pictures),
        "a picture drawn often": lambda: changed(_often),
        "a picture in line": lambda: sheets(b"BI /W 30000 /H 30000 /BPC 8 /CS /G /F /Fl ID x EI"),
        "a picture's sides": lambda: with_image(
            lambda pdf: image(pdf, b"x", Width=SIDE, Height=SIDE, ColorSpace=Name.DeviceGray)
        ),
        "JPEG 2000, its own sides": lambda: with_image(lambda pdf: image(pdf, _jpx(SIDE, SIDE), "JPXDecode")),
        "JPEG 2000, tiles": lambda: with_image(lambda pdf: image(pdf, _jpx(4000, 1), "JPXDecode")),
        "JBIG2, a region": lambda: with_image(lambda pdf: image(pdf, _jbig2(SIDE), "JBIG2Decode")),
        "JBIG2, a page": lambda: with_image(lambda pdf: image(pdf, _jbig2(SIDE, 48), "JBIG2Decode")),
        "JBIG2, many regions": lambda: with_image(lambda pdf: image(pdf, _jbig2(6000) * 50, "JBIG2Decode")),
        "a fax, wide": lambda: with_image(
            lambda pdf: image(
                pdf, b"x", "CCITTFaxDecode", DecodeParms=Dictionary(K=-1, Columns=SIDE, Rows=SIDE)
            )
        ),
        "a photo of many scans": lambda: with_image(
            lambda pdf: image(pdf, _photo_with(b"\xff\xda\0\x08\1\1\0\1\5\0" * 70_000), "DCTDecode")
        ),
        "a photo of many segments": lambda: with_image(
            lambda pdf: image(pdf, _photo_with(b"\xff\xfe\0\2" * 100_000), "DCTDecode")
        ),
        "a photo that grows": lambda: with_image(
            lambda pdf: image(
                pdf, zlib.compress(_photo_with(bytes(2 * MEGABYTE))), ["FlateDecode", "DCTDecode"]
            )
        ),
        "rows without end": lambda: with_image(
            lambda pdf: image(
                pdf, zlib.compress(b"x"), "FlateDecode", DecodeParms=Dictionary(Predictor=15, Columns=10**9)
            )
        ),
        "functions of functions": lambda: changed(_nested(80)),
        "numbers": lambda: changed(_numbers),
        "notes": lambda: changed(
            lambda pdf: add(pdf, Annots=lambda pdf: Array([note(pdf) for _ in range(6000)]))
        ),
        "objects in streams of blanks": lambda: _object_streams(60, 30),
    }  # fmt: skip


def _many_pictures(pdf: Pdf) -> None:
    data = blanks(10)
    pictures = {f"/X{n}": image(pdf, data, "FlateDecode", ColorSpace=Name.DeviceGray) for n in range(80)}
    add(pdf, Resources=Dictionary(XObject=Dictionary(pictures)))


def _often(pdf: Pdf) -> None:
    picture = image(pdf, b"x", Width=5000, Height=5000, ColorSpace=Name.DeviceGray)
    add(pdf, b"/X Do " * 100, Resources=Dictionary(XObject=Dictionary(X=picture)))


def _numbers(pdf: Pdf) -> None:
    font = helvetica()
    font.Widths = Array([500] * 190_000)
    add(pdf, Resources=Dictionary(Font=Dictionary(F1=font, F2=font, F3=font)))
