"""Files that are no papers, or that another program has had in hand; made the same way every time."""

import io
import random
import zlib
from typing import Any

import pikepdf

from applications.documents.tests.hostile_pdf import HEAD, Files, forgeries, gap
from applications.papers import seal

LIMIT = seal.MAX_BYTES
FREE = b"0000000000 65535 f \n"
# What a parser would go after.
CLAIM = b"<</Type/Sig/FT/Sig/T(OQUSeal)/ByteRange[0 9 99 9]/Contents<00>>>"


def corpus(sealed: bytes, plain: bytes, *, other: Any) -> dict[str, bytes]:
    """Every attack by its name. `other` is a signer with another platform's key."""
    found: dict[str, bytes] = {}
    for name, content in (
        *forgeries(sealed, plain, other=other), *_edges(sealed, plain), *_rewritten(sealed, plain),
        *_loops(), *_bombs(), *_noise(),
    ):  # fmt: skip
        assert name not in found, name
        found[name] = content
    return found


# --- ends, heads, other programs -----------------------------------------------------------------
def _edges(sealed: bytes, plain: bytes) -> Files:
    for share in (1, 10, 50, 90, 99):
        yield f"cut at {share} %", sealed[: len(sealed) * share // 100]
    yield "without its end", sealed[: sealed.rindex(b"%%EOF")]
    yield "last byte missing", sealed[:-1]
    tails = {
        "a line end": b"\n", "a comment": b"% a comment\n", "zeros": bytes(512), "a page": plain,
        "itself": sealed, "a second end": b"%%EOF\n", "a zip": b"PK\5\6" + bytes(18),
        "a script": b"<script>alert(1)</script>",
    }  # fmt: skip
    for name, tail in tails.items():
        yield f"after the end: {name}", sealed + tail
    for name, head in {
        "a line end": b"\n",
        "a mark": b"\xef\xbb\xbf",
        "a page": plain,
        "a head": HEAD,
    }.items():
        yield f"before the head: {name}", head + sealed
    chance = random.Random(7)
    first, last = gap(sealed)
    places = [place for place in range(len(sealed)) if not first <= place < last]
    for place in chance.sample(places, 12):
        changed = bytearray(sealed)
        changed[place] ^= 1 << chance.randrange(8)
        yield f"bit of byte {place}", bytes(changed)


def _rewritten(sealed: bytes, plain: bytes) -> Files:
    def saved(**how: Any) -> bytes:
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(sealed)) as opened:
            opened.save(out, **how)
        return out.getvalue()

    yield "rewritten", saved()
    yield "rewritten, linear", saved(linearize=True)
    yield "encrypted", saved(encryption=pikepdf.Encryption(owner="a", user=""))
    yield "encrypted with a password", saved(encryption=pikepdf.Encryption(owner="a", user="b"))
    yield "other line ends", sealed.replace(b"\n", b"\r\n")
    yield "another field name", sealed.replace(seal.FIELD.encode(), b"OQUSeaI")
    yield "our signature in a foreign catalog", _grafted(sealed, plain)
    yield "no seal", plain
    yield "our field's name in a comment", plain + b"% OQUSeal\n"


def _grafted(sealed: bytes, plain: bytes) -> bytes:
    """Another document, into which the sealed one's signature dictionary is carried over."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as opened, pikepdf.open(io.BytesIO(sealed)) as donor:
        opened.Root.AcroForm = opened.copy_foreign(donor.make_indirect(donor.Root.AcroForm))
        opened.Root.Perms = opened.copy_foreign(donor.make_indirect(donor.Root.Perms))
        opened.save(out)
    return out.getvalue()


# --- hostile to parsers --------------------------------------------------------------------------
def _loops() -> Files:
    body = b"1 0 obj\n<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/AcroForm 1 0 R/Fields[1 0 R]>>\nendobj\n"
    table = (
        b"xref\n0 2\n"
        + FREE
        + b"0000000009 00000 n \ntrailer<</Root 1 0 R/Size 2%b>>\nstartxref\n%d\n%%%%EOF"
    )
    at = len(HEAD + body + CLAIM)
    yield "loop: a catalog of itself", HEAD + body + CLAIM + table % (b"", at)
    yield "loop: a table before itself", HEAD + body + CLAIM + table % (b"/Prev %d" % at, at)
    yield (
        "loop: two tables before each other",
        HEAD + CLAIM + table % (b"/Prev 200", 100) + table % (b"/Prev 100", 200),
    )
    yield (
        "loop: a length that is its own stream",
        HEAD + CLAIM + b"1 0 obj<</Length 1 0 R>>stream\nx\nendstream endobj",
    )
    yield "table far away", HEAD + CLAIM + b"startxref\n99999999999999\n%%EOF"
    yield "table before the head", HEAD + CLAIM + b"startxref\n-5\n%%EOF"
    yield (
        "table of a billion",
        HEAD + CLAIM + b"xref\n0 999999999\n" + FREE + b"trailer<<>>\nstartxref\n9\n%%EOF",
    )


def _bombs() -> Files:
    small = zlib.compress(bytes(10_000_000), 9)
    twice = zlib.compress(zlib.compress(bytes(100_000_000), 9) * 3, 9)
    stream = b"5 0 obj<</Type/%b/N 9/First 9/Filter%b/Length %d>>stream\n%b\nendstream endobj\n"
    for name, kind, packed, filters in (
        ("objects", b"ObjStm", small, b"/FlateDecode"),
        ("objects packed twice", b"ObjStm", twice, b"[/FlateDecode/FlateDecode]"),
        ("a table", b"XRef/W[1 8 2]/Size 99999999/Root 1 0 R", small, b"/FlateDecode"),
        ("metadata", b"Metadata", small, b"/FlateDecode"),
    ):
        body = stream % (kind, filters, len(packed), packed)
        end = b"startxref\n%d\n%%%%EOF" % len(HEAD + CLAIM)
        yield f"bomb: {name}", HEAD + CLAIM + body + end
    for name, part, count in (
        ("arrays", b"[", 500_000), ("dictionaries", b"<</A", 250_000), ("strings", b"(", 900_000),
        ("comments", b"%\n", 500_000), ("names", b"/A", 500_000), ("open hexadecimal", b"<", 900_000),
        ("ranges", b"/ByteRange[", 90_000),
        ("our names", b"/OQUSeal", 200_000), ("signatures", CLAIM, 20_000),
        ("blanks in a range", b" ", 900_000),
    ):  # fmt: skip
        yield (
            f"deep: {name}",
            HEAD + b"1 0 obj\n" + CLAIM + b"/ByteRange[" + part * count + b"\nendobj\n%%EOF",
        )
    pages = b"".join(b"%d 0 obj<</Type/Pages/Kids[%d 0 R]>>endobj\n" % (n, n + 1) for n in range(1, 20_000))
    yield "deep: pages", HEAD + CLAIM + pages + b"trailer<</Root 1 0 R>>\n%%EOF"
    yield (
        "many objects",
        HEAD + CLAIM + b"".join(b"%d 0 obj 1 endobj\n" % n for n in range(60_000)) + b"%%EOF",
    )


def _noise() -> Files:
    noise = random.Random(3).randbytes(LIMIT - 200)
    yield "garbage", HEAD + noise
    yield "garbage that claims a seal", HEAD + CLAIM + noise
    yield "garbage as a signature", HEAD + b"/OQUSeal/ByteRange [0 50 120000 9]<" + b"30" * 60_000
    yield "zeros", HEAD + bytes(LIMIT - 9)
    yield "too long", HEAD + bytes(LIMIT)
    for content in (
        b"",
        b"%PDF-",
        HEAD,
        b"hello",
        b"PK\3\4",
        b"\xff\xd8\xff\xe0JFIF",
        b"<html>%PDF-1.7",
        HEAD + CLAIM,
    ):
        yield f"only {content[:12]!r}", content
