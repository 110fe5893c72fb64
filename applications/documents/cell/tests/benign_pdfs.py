"""PDFs as people have them, one for each thing that a page can be made of; the same every time."""

import base64
import io
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pikepdf
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore
from weasyprint import HTML

from applications.documents.cell.tests.making import (
    DRAWING,
    SHEET,
    add,
    changed,
    field,
    form,
    helvetica,
    image,
    lzw,
    note,
    photo,
    sheets,
    stream,
    with_image,
)  # fmt: skip


def signer() -> Any:
    """Somebody's key, and a certificate that they made themselves."""
    key = ec.derive_private_key(2**200 + 7, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "eGov")])
    days = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    draft = x509.CertificateBuilder(name, name, key.public_key(), 1, *days)
    octets = draft.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(octets),
        signing_key=asn1_keys.PrivateKeyInfo.load(secret),
        cert_registry=SimpleCertificateStore(),
    )


def written() -> bytes:
    """As the portal's own papers are made: fonts, a gradient, a layer seen through, a link, two pages."""
    pdf: bytes = HTML(
        string="<h1>Туу туралы куәлік</h1><p>№ 12 <a href='https://example.kz/'>тексеру</a></p>"
        "<svg width=90 height=50><defs><linearGradient id=a><stop offset=0 stop-color=red />"
        "<stop offset=1 stop-color=blue stop-opacity=.3 /></linearGradient></defs>"
        "<rect width=90 height=50 fill='url(#a)'/></svg><p style='page-break-before:always;opacity:.5'>2"
    ).write_pdf()
    return pdf


def signed(content: bytes | None = None) -> bytes:
    """With a visible stamp, an update and a signature, as state services give them out."""
    out = IncrementalPdfFileWriter(io.BytesIO(content or sheets(DRAWING)))
    fields.append_signature_field(out, fields.SigFieldSpec("Sig", box=(20, 60, 180, 110)))
    metadata = signers.PdfSignatureMetadata(field_name="Sig", md_algorithm="sha256", reason="eGov")
    return signers.sign_pdf(out, metadata, signer=signer()).getvalue()


def _inherited(pdf: Pdf) -> None:
    for _ in range(2):
        page = add(pdf)
        del page["/MediaBox"], page["/Resources"]
    node = pdf.Root.Pages
    node.MediaBox, node.Rotate = Array([10, 0, 190, 160]), 90
    node.Resources = Dictionary(Font=Dictionary(F1=helvetica()))


def _layers(pdf: Pdf) -> None:
    shown, hidden = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=name)) for name in ("a", "b"))
    add(
        pdf,
        b"/OC /L1 BDC 1 0 0 rg 10 10 50 50 re f EMC /OC /L2 BDC 0 1 0 rg 90 90 50 50 re f EMC",
        Resources=Dictionary(Properties=Dictionary(L1=shown, L2=hidden)),
    )
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array([shown, hidden]), D=Dictionary(OFF=Array([hidden]), Order=Array([shown]))
    )


def _patterns(pdf: Pdf) -> None:
    tiles = Stream(
        pdf, b"1 0 0 rg 0 0 5 5 re f", Dictionary(
            Type=Name.Pattern, PatternType=1, PaintType=1, TilingType=1, BBox=[0, 0, 10, 10], XStep=10,
            YStep=10, Resources=Dictionary(),
        ),
    )  # fmt: skip
    fade = Dictionary(FunctionType=2, Domain=[0, 1], C0=[1, 0, 0], C1=[0, 0, 1], N=1)
    both = Dictionary(
        FunctionType=3, Domain=[0, 1], Functions=[fade, fade], Bounds=[0.5], Encode=[0, 1, 0, 1]
    )
    shading = Dictionary(
        ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=[0, 0, 200, 0], Extend=[True, True],
        Function=both,
    )  # fmt: skip
    spot = Array([Name.Separation, Name.Spot, Name.DeviceRGB, fade])
    add(
        pdf,
        b"/Pattern cs /P1 scn 10 10 80 80 re f /P2 scn 100 10 80 80 re f /Spot cs .5 scn 10 100 50 50 re f "
        b"q 100 100 80 80 re W n /Sh1 sh Q /G1 gs 0 g 30 30 100 100 re f",
        Resources=Dictionary(
            Pattern=Dictionary(P1=tiles, P2=Dictionary(PatternType=2, Shading=shading)),
            Shading=Dictionary(Sh1=shading),
            ColorSpace=Dictionary(Spot=spot),
            ExtGState=Dictionary(G1=Dictionary(ca=0.5, SMask=Dictionary(S=Name.Luminosity, G=_mask(pdf)))),
        ),
    )


def _mask(pdf: Pdf) -> Any:
    group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    return form(pdf, b".5 g 0 0 200 200 re f", BBox=SHEET, Group=group)


def _drawn_letters(pdf: Pdf) -> None:
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=[0, 0, 10, 10], FontMatrix=[0.1, 0, 0, 0.1, 0, 0],
        CharProcs=Dictionary(sq=Stream(pdf, b"10 0 0 0 10 10 d1 0 0 8 8 re f")), FirstChar=97,
        LastChar=97, Widths=[10], Encoding=Dictionary(Type=Name.Encoding, Differences=[97, Name.sq]),
        Resources=Dictionary(),
    )  # fmt: skip
    add(pdf, b"BT /F1 20 Tf 20 50 Td (aaa) Tj ET", Resources=Dictionary(Font=Dictionary(F1=font)))


def _old_names(pdf: Pdf) -> None:
    """Names in the encoding of a machine of 1998."""
    fonts = pikepdf.Object.parse(
        b"<< /#d8#f0#e8#f4#f2 << /Type /Font /Subtype /TrueType /BaseFont /#c0#f0#e8#e0#eb >> >>"
    )
    add(pdf, b"BT /\xd8\xf0\xe8\xf4\xf2 20 Tf 20 50 Td (1998) Tj ET", Resources=Dictionary(Font=fonts))


def _notes(pdf: Pdf) -> None:
    add(pdf, Rotate=90, Annots=lambda pdf: Array([
        note(pdf, Rect=[20, 100, 80, 180]),
        note(pdf, AP=Dictionary(N=form(pdf, Matrix=[0, 1, -1, 0, 20, 0]))),
        note(pdf, Rect=[0, 0, 40, 40], F=2),
        note(pdf, Rect=[0, 150, 40, 190], AS=Name.On, AP=Dictionary(N=Dictionary(On=form(pdf)))),
        note(pdf, "Link", A=Dictionary(S=Name.URI, URI="https://example.kz/"), Border=[0, 0, 0]),
    ]))  # fmt: skip


def _images() -> dict[str, bytes]:
    rgb: dict[str, Any] = {"ColorSpace": Name.DeviceRGB}
    fax = Image.open(io.BytesIO(photo("TIFF", "1", compression="group4", strip_size=10**6)))
    assert isinstance(fax, TiffImageFile)
    at, size = fax.tag_v2[273][0], fax.tag_v2[279][0]
    packed = photo("TIFF", "1", compression="group4", strip_size=10**6)[at : at + size]
    pixels = Image.open(io.BytesIO(photo("PNG"))).tobytes()
    grey = Image.open(io.BytesIO(photo("PNG", "L"))).tobytes()
    colors = Array([Name.Indexed, Name.DeviceRGB, 255, pikepdf.String(bytes(range(256)) * 3)])
    rows = b"".join(b"\0" + grey[at : at + 60] for at in range(0, len(grey), 60))
    told = Dictionary(Predictor=15, Columns=60)
    cases: dict[str, Callable[[Pdf], Any]] = {
        "a photo": lambda pdf: image(pdf, photo(), "DCTDecode", **rgb),
        "a progressive photo": lambda pdf: image(pdf, photo(progressive=True), "DCTDecode", **rgb),
        "a photo, deflated": lambda pdf: image(
            pdf, zlib.compress(photo()), ["FlateDecode", "DCTDecode"], **rgb
        ),
        "a photo without its end": lambda pdf: image(pdf, photo()[:-2], "DCTDecode", **rgb),
        "JPEG 2000": lambda pdf: image(pdf, photo("JPEG2000"), "JPXDecode"),
        "a fax": lambda pdf: image(
            pdf, packed, "CCITTFaxDecode", ImageMask=True, BitsPerComponent=1, Decode=[1, 0],
            DecodeParms=Dictionary(K=-1, Columns=60, Rows=40),
        ),
        "pixels": lambda pdf: image(pdf, zlib.compress(pixels), "FlateDecode", **rgb),
        "pixels in rows": lambda pdf: image(
            pdf, zlib.compress(rows), "FlateDecode", ColorSpace=Name.DeviceGray, DecodeParms=told
        ),
        "pixels of a table": lambda pdf: image(pdf, grey, ColorSpace=colors),
        "pixels seen through": lambda pdf: image(
            pdf, pixels, SMask=image(pdf, grey, ColorSpace=Name.DeviceGray), **rgb
        ),
        "pixels, one colour left out": lambda pdf: image(pdf, pixels, Mask=[0, 0, 0, 0, 0, 0], **rgb),
    }  # fmt: skip
    return {name: with_image(make) for name, make in cases.items()}


def _packed() -> dict[str, bytes]:
    deflated = zlib.compress(DRAWING)
    return {
        "letters": sheets(stream(DRAWING.hex().encode() + b">", "ASCIIHexDecode")),
        "letters of 85": sheets(stream(base64.a85encode(deflated) + b"~>", "ASCII85Decode", "FlateDecode")),
        "LZW": sheets(stream(lzw(DRAWING), "LZWDecode")),
        "LZW, late change": sheets(stream(lzw(DRAWING), "LZWDecode", EarlyChange=0)),
        "runs": sheets(stream(bytes([len(DRAWING) - 1]) + DRAWING + b"\x80", "RunLengthDecode")),
        "deflated twice": sheets(stream(zlib.compress(deflated), "FlateDecode", "FlateDecode")),
        "deflated, a line behind": sheets(stream(deflated + b"\r\n", "FlateDecode")),
        "deflated, cut short": sheets(stream(deflated[:-4], "FlateDecode")),
        "in two parts": sheets(lambda pdf: Array([Stream(pdf, DRAWING[:30]), Stream(pdf, DRAWING[30:])])),
        "a picture in line": sheets(b"q 90 0 0 90 9 9 cm BI /W 2 /H 2 /BPC 8 /CS /G ID \0\xff\xff\0 EI Q"),
        "nothing": sheets(b""),
    }


def _by_reference(pdf: Pdf) -> None:
    """Whatever may stand in a place of its own does so, names and numbers too."""
    for item in list(pdf.objects):
        if isinstance(item, Dictionary | Stream):
            for key in list(item.keys()):
                value: Any = item.get(key)
                if key != "/Length" and not (isinstance(value, pikepdf.Object) and value.is_indirect):
                    item[key] = pdf.make_indirect(value)


def corpus() -> dict[str, bytes]:
    """Each by its name."""
    plain, written_one = sheets(DRAWING), written()
    generate = pikepdf.ObjectStreamMode.generate
    old = pikepdf.Encryption(owner="a", user="", R=3, aes=False, metadata=False)
    far = [-(10**6), 0, 10**6, 200]
    return _images() | _packed() | {
        "plain": plain, "of our own kind": written_one, "fifty pages": sheets(*[DRAWING] * 50),
        "turned": sheets(DRAWING, Rotate=-90), "cut to a part": sheets(DRAWING, CropBox=[10, 10, 150, 180]),
        "corners the other way": sheets(DRAWING, MediaBox=[200, 200, 0, 0]),
        "in other units": sheets(DRAWING, UserUnit=2),
        "endless, with a part shown": sheets(DRAWING, MediaBox=far, CropBox=SHEET),
        "inherited": changed(_inherited), "layers": changed(_layers), "patterns": changed(_patterns),
        "letters that are drawn": changed(_drawn_letters), "old names": changed(_old_names),
        "notes": changed(_notes), "a field": changed(field),
        "a form": sheets(
            b"/Fm1 Do 1 0 0 1 60 60 cm /Fm1 Do",
            Resources=lambda pdf: Dictionary(XObject=Dictionary(Fm1=form(pdf))),
        ),
        "by reference": changed(_by_reference, changed(_patterns)),
        "a photo by reference": changed(_by_reference, _images()["a photo"]),
        "pixels by reference": changed(_by_reference, _images()["pixels in rows"]),
        "linear": changed(lambda pdf: None, written_one, linearize=True),
        "in object streams": changed(lambda pdf: None, written_one, object_stream_mode=generate),
        "locked by its owner": changed(
            lambda pdf: None, written_one, encryption=pikepdf.Encryption(owner="a", user="", R=6)
        ),
        "locked by its owner, long ago": changed(
            lambda pdf: None, written_one, encryption=old
        ),
        "signed": signed(), "signed, written by us": signed(written_one),
        "with an attachment": changed(
            lambda pdf: pdf.attachments.__setitem__("note.xml", b"<xml/>"), plain
        ),
        "a mark in front": b"\xef\xbb\xbf" + plain, "a line in front": b"\r\n" * 9 + plain,
        "zeros behind": plain + bytes(4096), "lines behind": plain + b"\r\n" * 2000,
    }  # fmt: skip
