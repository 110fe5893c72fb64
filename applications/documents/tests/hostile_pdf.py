"""Papers of ours with something done to them, and papers that others have sealed; the same every time."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from applications.papers import keys, seal

Files = Iterator[tuple[str, bytes]]
HEAD = b"%PDF-1.7\n"


def forgeries(sealed: bytes, plain: bytes, *, other: Any) -> Files:
    """Made of papers and seals. `other` is a signer with another platform's key."""
    yield from _updates(sealed)
    yield from _signatures(sealed, plain, other)
    yield from _contents(sealed, plain, other)
    yield from _ranges(sealed)


# --- appended to a sealed paper ------------------------------------------------------------------
def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    revision = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(revision)
    out = io.BytesIO()
    revision.write(out)
    return out.getvalue()


def _note(revision: IncrementalPdfFileWriter, text: str = "ҚАБЫЛДАНДЫ") -> None:
    revision.root["/Note"] = generic.pdf_string(text)
    revision.update_root()


def _page(revision: IncrementalPdfFileWriter) -> Any:
    return revision.root["/Pages"]["/Kids"][0]


def _annotation(revision: IncrementalPdfFileWriter) -> None:
    stamp = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Contents"): generic.pdf_string("ҚАБЫЛДАНДЫ"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 500))),
        }
    )
    page = _page(revision)
    page["/Annots"] = generic.ArrayObject([revision.add_object(stamp)])
    revision.update_container(page)


def _field(revision: IncrementalPdfFileWriter) -> None:
    fields.append_signature_field(revision, fields.SigFieldSpec("Second", on_page=0, box=(0, 0, 90, 90)))


def _content(revision: IncrementalPdfFileWriter) -> None:
    page = _page(revision)
    page["/Contents"] = revision.add_object(generic.StreamObject(stream_data=b"0 0 600 900 re f"))
    revision.update_container(page)


def _metadata(revision: IncrementalPdfFileWriter) -> None:
    revision.set_info(
        generic.DictionaryObject({generic.pdf_name("/Title"): generic.pdf_string("ҚАБЫЛДАНДЫ")})
    )


def _action(revision: IncrementalPdfFileWriter) -> None:
    script = generic.pdf_string("app.alert(1)")
    revision.root["/OpenAction"] = generic.DictionaryObject(
        {generic.pdf_name("/S"): generic.pdf_name("/JavaScript"), generic.pdf_name("/JS"): script}
    )
    revision.update_root()


def _layer(revision: IncrementalPdfFileWriter) -> None:
    """What lay under a cover is shown: the optional content is switched."""
    group = revision.add_object(
        generic.DictionaryObject({generic.pdf_name("/Type"): generic.pdf_name("/OCG")})
    )
    shown = generic.DictionaryObject({generic.pdf_name("/OFF"): generic.ArrayObject([group])})
    revision.root["/OCProperties"] = generic.DictionaryObject(
        {generic.pdf_name("/OCGs"): generic.ArrayObject([group]), generic.pdf_name("/D"): shown}
    )
    revision.update_root()


def _other_pages(revision: IncrementalPdfFileWriter) -> None:
    revision.root["/Pages"] = revision.add_object(generic.DictionaryObject({
        generic.pdf_name("/Type"): generic.pdf_name("/Pages"),
        generic.pdf_name("/Kids"): generic.ArrayObject(), generic.pdf_name("/Count"): generic.NumberObject(0),
    }))  # fmt: skip
    revision.update_root()


def _unban(revision: IncrementalPdfFileWriter) -> None:
    del revision.root["/Perms"]
    revision.update_root()


def _updates(sealed: bytes) -> Files:
    kinds = {
        "an annotation": _annotation, "a form field": _field, "page content": _content, "metadata": _metadata,
        "an action": _action, "a layer": _layer, "other pages": _other_pages, "no ban any more": _unban,
        "a note": _note, "a long note": lambda one: _note(one, "x" * 5000),
    }  # fmt: skip
    for name, change in kinds.items():
        yield f"update: {name}", updated(sealed, change)
    yield "update: two", updated(updated(sealed, _note), _annotation)
    previous = re.findall(rb"startxref\s+(\d+)", sealed)[-1]
    empty = b"xref\n0 0\ntrailer\n<</Prev %b/Size 1>>\nstartxref\n%d\n%%%%EOF\n"
    yield "update: empty", sealed + empty % (previous, len(sealed))
    yield "update: an end alone", sealed + b"startxref\n%b\n%%%%EOF\n" % previous
    root = b"1 0 obj\n<</Type/Catalog/Pages 1 0 R/Kids[]/Count 0>>\nendobj\n"
    table = b"xref\n1 1\n%010d 00000 n \ntrailer\n<</Root 1 0 R/Size 2/Prev %b>>\nstartxref\n%d\n%%%%EOF\n"
    yield (
        "update: a shadow of the first object",
        sealed + root + table % (len(sealed), previous, len(sealed) + len(root)),
    )


# --- other signatures ----------------------------------------------------------------------------
def signed(pdf: bytes, signer: Any, *, field: str = "Second", certify: bool = False) -> bytes:
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        certify=certify,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
        md_algorithm="sha256",
    )
    return _sign(pdf, metadata, signer)


def _sign(pdf: bytes, metadata: signers.PdfSignatureMetadata, signer: Any) -> bytes:
    """Whatever an earlier signature forbids: no attacker keeps to that."""
    with patch.object(signers.PdfSigner, "_enforce_certification_constraints", lambda *_: None):
        out = signers.PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
    return out.getvalue()


def _signatures(sealed: bytes, plain: bytes, other: Any) -> Files:
    ours = keys.seal_signer()
    stolen = signers.SimpleSigner(
        signing_cert=ours.signing_cert, signing_key=other.signing_key, cert_registry=ours.cert_registry
    )
    yield "seal of another platform", signed(plain, other, field="Seal", certify=True)
    yield "seal of another platform in our field", signed(plain, other, field=seal.FIELD, certify=True)
    yield "our certificate, another key", signed(plain, stolen, field=seal.FIELD, certify=True)
    yield "our key, not certified", signed(plain, ours, field=seal.FIELD)
    yield "our key, another field", signed(plain, ours, field="Seal", certify=True)
    yield "a second signature by another", signed(sealed, other)
    yield "a second signature by our key", signed(sealed, ours)
    first = signed(plain, other, field="First")
    yield "our key after another's", signed(first, ours, field=seal.FIELD)
    yield "sealed with changes allowed", signed_permissive(plain, ours)


def signed_permissive(pdf: bytes, signer: Any) -> bytes:
    metadata = signers.PdfSignatureMetadata(
        field_name=seal.FIELD, certify=True, docmdp_permissions=fields.MDPPerm.ANNOTATE,
        subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256",
    )  # fmt: skip
    return _sign(pdf, metadata, signer)


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the signature's own bytes stand, in hexadecimal."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return start, pdf.index(b">", start)


def _contents(sealed: bytes, plain: bytes, other: Any) -> Files:
    first, last = gap(sealed)
    theirs, ours = (
        signed(updated(plain, _note), one, field=seal.FIELD, certify=True)
        for one in (other, keys.seal_signer())
    )
    room = sealed[first:last]
    used = room.rstrip(b"0")
    for name, content in {
        "of another platform": theirs[slice(*gap(theirs))],
        "of another paper of ours": ours[slice(*gap(ours))],
        "of zeros": b"0" * len(room),
        "of noise": b"AB" * (len(room) // 2),
        "with an odd digit": b"F" + room[1:],
        "in small letters": room.lower(),
        "with a blank in it": b" " + room[1:],
        "with a text behind": used.ljust(len(room) - 40, b"0") + b"48656C6C6F" * 4,
        "of a tower": b"3080" * (len(room) // 4),
        "with a bit changed": used[:-20]
        + b"%X" % (int(used[-20:-19], 16) ^ 1)
        + used[-19:]
        + room[len(used) :],
        "not in hexadecimal": b"zz" * (len(room) // 2),
    }.items():
        assert len(content) == len(room) or name.startswith("of a"), name
        yield f"contents {name}", sealed[:first] + content[: len(room)].ljust(len(room), b"0") + sealed[last:]
    yield "no contents", sealed[:first] + sealed[last:]
    yield "contents in parentheses", sealed[: first - 1] + b"(" + room + b")" + sealed[last + 1 :]


# --- the range -----------------------------------------------------------------------------------
def _ranges(sealed: bytes) -> Files:
    found = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", sealed)
    assert found
    _zero, first, second, last = map(int, found.groups())
    size = len(sealed)
    numbers: dict[str, str] = {
        "of nothing": "0 0 0 0", "of the head": "0 9 0 0", "of all, no gap": f"0 {size} {size} 0",
        "moved gap": f"0 {first - 9} {second - 9} {last + 9}",
        "wider gap": f"0 {first - 9} {second + 9} {last - 9}",
        "narrower gap": f"0 {first + 2} {second - 2} {last + 2}", "gap at the end": f"0 {first} {size} 0",
        "overlapping": f"0 {second} {first} {size - first}", "backwards": f"{second} {last} 0 {first}",
        "from the second byte": f"1 {first - 1} {second} {last}", "short": f"0 {first} {second} {last - 1}",
        "beyond the end": f"0 {first} {second} {last + 1}", "negative": f"0 {first} {second} -{last}",
        "negative start": f"-1 {first + 1} {second} {last}", "huge": f"0 {first} {second} {10**30}",
        "hugest": "9" * 400, "three numbers": f"0 {first} {second}",
        "five numbers": f"0 {first} {second} {last} 0",
        "six numbers": f"0 {first} {second} {last} 0 0", "fractions": f"0.0 {first} {second} {last}",
        "signs": f"+0 +{first} +{second} +{last}", "names": f"/A /B {second} {last}", "empty": "",
        "references": f"0 {first} {second} 9 0 R", "arrays": f"[0 {first}] [{second} {last}]",
        "comments": f"0 % 1\n{first} {second} {last}", "other digits": "٠ ٩ ٩ ٩",
    }  # fmt: skip
    for name, text in numbers.items():
        yield f"range {name}", _with_range(sealed, found, b"/ByteRange [" + text.encode() + b"]")
    same = found.group()
    yield "range said twice", _with_range(sealed, found, same + same)
    yield "range in another spelling", _with_range(sealed, found, same.replace(b"Range", b"#52ange"))
    yield "range in a comment first", HEAD + b"% " + same + b"\n" + sealed[len(HEAD) :]


def _with_range(sealed: bytes, found: re.Match[bytes], text: bytes) -> bytes:
    """In the room that the real one takes with its blanks, as far as it fits."""
    end = sealed.index(b"\n", found.end())
    return sealed[: found.start()] + text.ljust(end - found.start()) + sealed[end:]
