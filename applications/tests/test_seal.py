"""The seal against changes, other keys and hostile files: only what we sealed and nobody touched is ours."""

import io
import random
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.management import call_command
from django.test import override_settings
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from applications import keys, printing, seal
from applications.seal import Verdict

pytestmark = pytest.mark.usefixtures("portal_keys")
NOW = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)


@cache
def plain() -> bytes:
    return printing._print(
        '<html lang="kk"><head><title>Қағаз</title></head><body><p>Қағаз</p></body></html>'
    )


@pytest.fixture(scope="module")
def sealed(keys_folder: Path) -> bytes:
    with override_settings(KEYS_DIR=keys_folder, SEAL_PASSWORD="test"):
        return seal.put(plain(), at=NOW)


def other_platform(tmp_path: Path) -> Any:
    """Another platform's key, under our own name."""
    with override_settings(KEYS_DIR=tmp_path / "other", SEAL_PASSWORD="test"):
        keys.make(keys.SEAL, now=datetime.now(UTC))
        return keys.seal_signer()


def appended(pdf: bytes, *, note: str = "changed") -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/Note"] = pdf_string(note)
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def signed_again(pdf: bytes, signer: Any, *, field: str = "Second", certify: bool = False) -> bytes:
    metadata = signers.PdfSignatureMetadata(
        field_name=field, certify=certify, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    return signers.PdfSigner(metadata, signer=signer).sign_pdf(writer).getvalue()


def test_sealed_paper_is_ours(sealed: bytes) -> None:
    assert seal.examine(sealed) == Verdict.GOOD


def test_paper_stays_ours_after_the_key_is_rotated_and_ended(
    sealed: bytes, tmp_path: Path, settings: Any
) -> None:
    for path in Path(settings.KEYS_DIR).glob("*"):
        if path.suffix != ".p12":  # the private part may be destroyed
            (tmp_path / path.name).write_bytes(path.read_bytes())
    settings.KEYS_DIR = tmp_path
    keys.make(keys.SEAL, now=datetime(2031, 1, 1, tzinfo=UTC))

    assert len(keys.seal_certificates()) == 2
    assert seal.examine(sealed) == Verdict.GOOD


def container(pdf: bytes) -> tuple[int, int]:
    """Where the signature's own bytes stand, in hexadecimal: the only part that no signature can cover."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return start, pdf.index(b">", start)


def test_no_changed_byte_of_the_document_is_accepted(sealed: bytes) -> None:
    chance = random.Random(7)
    first, last = container(sealed)
    places = [place for place in range(len(sealed)) if not first <= place < last]
    for place in chance.sample(places, 80):
        changed = bytearray(sealed)
        changed[place] ^= 1 << chance.randrange(8)
        assert seal.examine(bytes(changed)) != Verdict.GOOD, place


def test_nothing_is_hidden_beside_the_signature(sealed: bytes) -> None:
    last = container(sealed)[1]

    hidden = sealed[: last - 40] + b"48656c6c6f" * 4 + sealed[last:]

    assert len(hidden) == len(sealed)
    assert seal.examine(hidden) == Verdict.CHANGED


def test_paper_without_a_seal_and_other_things_are_not_ours(tmp_path: Path) -> None:
    for content in (
        plain(),
        b"",
        b"%PDF-",
        b"%PDF-1.7\n",
        b"\x00" * 1000,
        b"hello",
        b"%PDF-1.7\n" + b"x" * 5000,
    ):
        assert seal.examine(content) == Verdict.NO_SEAL


def test_seal_of_another_platform_under_our_name_is_foreign(tmp_path: Path) -> None:
    other = other_platform(tmp_path)

    assert seal.examine(signed_again(plain(), other, field=seal.FIELD, certify=True)) == Verdict.FOREIGN


def test_our_key_without_the_ban_on_changes_is_not_a_seal() -> None:
    assert seal.examine(signed_again(plain(), keys.seal_signer(), field=seal.FIELD)) == Verdict.CHANGED


def attacks(sealed: bytes, tmp_path: Path) -> dict[str, bytes]:
    other = other_platform(tmp_path)
    end = sealed.rindex(b"%%EOF")
    start = sealed.rindex(b"/ByteRange")
    length = sealed.index(b"]", start)
    first, last = container(sealed)
    swapped = signed_again(plain(), other, field=seal.FIELD, certify=True)
    theirs = swapped[slice(*container(swapped))]
    return {
        "incremental update": appended(sealed),
        "two updates": appended(appended(sealed)),
        "a long update": appended(sealed, note="x" * 3000),
        "bytes after the end": sealed + b"\n% a comment",
        "zeros after the end": sealed + b"\x00" * 512,
        "a page after the end": sealed + plain(),
        "cut end": sealed[:end],
        "cut in half": sealed[: len(sealed) // 2],
        "no contents": sealed[:first] + b"0" * (last - first) + sealed[last:],
        "contents of another seal": sealed[:first] + theirs + sealed[last:],
        "garbage contents": sealed[:first] + b"ab" * ((last - first) // 2) + sealed[last:],
        "odd contents": sealed[:first] + b"f" + sealed[first + 1 :],
        "byte range of nothing": sealed[:start] + b"/ByteRange [0 0 0 0" + sealed[length:],
        "byte range of the head": sealed[:start] + b"/ByteRange [0 9 0 0" + sealed[length:],
        "negative byte range": sealed[:start] + b"/ByteRange [0 -1 1 1" + sealed[length:],
        "huge byte range": sealed[:start] + b"/ByteRange [0 999999999999 9 9" + sealed[length:],
        "text in the byte range": sealed[:start] + b"/ByteRange [/A (b) 1 1" + sealed[length:],
        "rewritten by another program": rewritten(sealed),
        "another field": sealed.replace(seal.FIELD.encode(), b"OQUSeaI"),
        "prefix before the head": b"\n" + sealed,
        "crossed line ends": sealed.replace(b"\n", b"\r\n"),
    }


def rewritten(pdf: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(out)
    return out.getvalue()


def test_changed_papers_are_refused(sealed: bytes, tmp_path: Path) -> None:
    for name, content in attacks(sealed, tmp_path).items():
        assert seal.examine(content) != Verdict.GOOD, name


FREE = b"0000000000 65535 f \n"
SELF = (
    b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 1 0 R/AcroForm 1 0 R/Fields[1 0 R]>>\nendobj\n"
    b"xref\n0 2\n" + FREE + b"0000000009 00000 n \ntrailer<</Root 1 0 R/Size 2>>\nstartxref\n83\n%%EOF"
)


def hostile() -> dict[str, bytes]:
    nested = b"[" * 20000
    return {
        "deep arrays": b"%PDF-1.7\n1 0 obj\n" + nested + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        "deep dictionaries": b"%PDF-1.7\n1 0 obj\n" + b"<</A " * 20000 + b"\nendobj\nstartxref\n9\n%%EOF",
        "self reference": SELF,
        "xref of itself": b"%PDF-1.7\nxref\n0 1\n" + FREE + b"trailer<</Size 1/Prev 9>>\nstartxref\n9\n%%EOF",
        "far xref": b"%PDF-1.7\nstartxref\n99999999999999\n%%EOF",
        "negative xref": b"%PDF-1.7\nstartxref\n-5\n%%EOF",
        "many objects": b"%PDF-1.7\n" + b"".join(b"%d 0 obj 1 endobj\n" % n for n in range(3000)) + b"%%EOF",
        "null bytes": b"%PDF-1.7\n" + b"\x00" * 100000,
        "percents": b"%PDF-1.7\n" + b"%" * 100000,
        "letters": b"%PDF-1.7\n" + bytes(range(256)) * 400,
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_file_ends_in_a_verdict_and_in_time(name: str) -> None:
    started = time.process_time()

    assert seal.examine(hostile()[name]) in (Verdict.NO_SEAL, Verdict.CHANGED)

    assert time.process_time() - started < 1.0


def test_too_large_a_file_is_not_opened() -> None:
    assert seal.examine(b"%PDF-1.7\n" + b"OQUSeal" * 400_000) == Verdict.NO_SEAL


def test_verify_paper_says_so_offline(
    sealed: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    """With the public keys alone, and without a database."""
    keys.export(tmp_path / "public")
    assert not list((tmp_path / "public").glob("*.p12")) + list((tmp_path / "public").glob("*.key"))
    settings.KEYS_DIR = tmp_path / "none"
    (tmp_path / "good.pdf").write_bytes(sealed)
    (tmp_path / "bad.pdf").write_bytes(appended(sealed))

    call_command("verify_paper", str(tmp_path / "good.pdf"), "--keys", str(tmp_path / "public"))
    assert "the seal is ours" in capsys.readouterr().out
    for name in ("bad.pdf", "missing.pdf"):
        with pytest.raises(SystemExit):
            call_command("verify_paper", str(tmp_path / name), "--keys", str(tmp_path / "public"))
