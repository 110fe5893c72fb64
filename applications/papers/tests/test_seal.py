"""The seal: what we sealed and nobody touched is ours, also after the key is gone (hostile files:
test_hostile_pdf.py)."""

import io
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from applications.documents.tests.hostile_pdf import gap, signed
from applications.papers import keys, seal
from applications.papers.seal import Verdict
from applications.papers.tests.seal_cast import other_platform, plain, sealed

__all__ = ["sealed"]

pytestmark = pytest.mark.usefixtures("portal_keys")
NOW = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)


def appended(pdf: bytes, *, note: str = "changed") -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/Note"] = pdf_string(note)
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


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


def test_no_changed_byte_of_the_document_is_accepted(sealed: bytes) -> None:
    chance = random.Random(7)
    first, last = gap(sealed)
    places = [place for place in range(len(sealed)) if not first <= place < last]
    for place in chance.sample(places, 80):
        changed = bytearray(sealed)
        changed[place] ^= 1 << chance.randrange(8)
        assert seal.examine(bytes(changed)) != Verdict.GOOD, place


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

    assert seal.examine(signed(plain(), other, field=seal.FIELD, certify=True)) == Verdict.FOREIGN


def test_our_key_without_the_ban_on_changes_is_not_a_seal() -> None:
    assert seal.examine(signed(plain(), keys.seal_signer(), field=seal.FIELD)) == Verdict.CHANGED


def test_seal_is_what_viewers_call_certified(sealed: bytes) -> None:
    signatures = PdfFileReader(io.BytesIO(sealed)).embedded_signatures

    assert [one.field_name for one in signatures] == ["OQUSeal"]
    seal_object = signatures[0].sig_object
    assert (seal_object["/SubFilter"], seal_object["/Name"]) == ("/ETSI.CAdES.detached", "OQU")
    assert signatures[0].docmdp_level == MDPPerm.NO_CHANGES
    assert signatures[0].md_algorithm == "sha256"
    assert "/DocMDP" in signatures[0].reader.root["/Perms"]


@pytest.mark.parametrize(
    ("size", "verdict"), [(2 * 1024 * 1024, Verdict.CHANGED), (2 * 1024 * 1024 + 1, Verdict.NO_SEAL)]
)
def test_file_of_two_megabytes_is_still_looked_at(size: int, verdict: Verdict) -> None:
    named = b"%PDF-1.7 /OQUSeal"

    assert seal.examine(named.ljust(size)) == verdict


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
