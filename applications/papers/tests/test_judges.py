"""Judges from outside: what openssl, poppler, qpdf and pyHanko's own validator say of a paper, today and
when the certificate of the seal has ended (R95). None of them asks the portal or a network."""

import asyncio
import io
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import OCSPContainer

from applications.papers import byte_range, keys, seal
from applications.papers.tests.seal_cast import plain
from egov.eds import lasting, revocation, trust
from egov.tests.eds_cast import NOW, Pki

TWO_YEARS, SEAL_ENDED = NOW + timedelta(days=2 * 365), NOW + timedelta(days=4 * 365)


@pytest.fixture(scope="module")
def key_of_then(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seal's key made when the stamps are, so that it ends three years later."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("then")
    with override_settings(KEYS_DIR=folder, SEAL_PASSWORD="test"):
        keys.ensure(now=NOW)
    return folder


@pytest.fixture
def paper(pki: Pki, key_of_then: Path, settings: Any) -> Iterator[bytes]:
    settings.KEYS_DIR, settings.SEAL_PASSWORD = key_of_then, "test"
    yield seal.put(plain(), lasting.kit(now=NOW))


def said(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def judge(pdf: bytes, at: datetime, pki: Pki) -> Any:
    """pyHanko's AdES validation of long-term signatures, by EN 319 102-1. Of the last stamp any judge asks
    its authority today; everything behind it is proven by what the paper holds."""
    roots = [
        asn1.Certificate.load(keys.seal_certificates()[0].public_bytes(Encoding.DER)),
        *trust.asn1_of(trust.authorities().roots),
    ]
    leaf = RevocationCheckingPolicy(
        RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.NO_CHECK
    )
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=roots),
        revinfo_policy=CertRevTrustPolicy(leaf),
        time_tolerance=timedelta(minutes=5),
    )
    local = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    today = LocalKnowledge(known_ocsps=[OCSPContainer(said_today(pki, at))])
    spec = SignatureValidationSpec(policy, local, local_knowledge=today)
    found = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    moment = ValidationTimingInfo(at, at, point_in_time_validation=False)
    return asyncio.run(ades_lta_validation(found, PdfSignatureValidationSpec(spec), moment))


def said_today(pki: Pki, at: datetime) -> asn1_ocsp.OCSPResponse:
    with pytest.MonkeyPatch.context() as moved:
        moved.setattr(pki.world, "time", at.timestamp)
        tsa, issuer = pki.authority.tsa().certificate, pki.authority.issuing.certificate
        return asn1_ocsp.OCSPResponse.load(revocation.ask(tsa, issuer, at).ocsp)


@pytest.mark.rule("R95")
@pytest.mark.parametrize("at", [NOW + timedelta(minutes=1), TWO_YEARS, SEAL_ENDED])
def test_validator_of_long_term_signatures_passes_it_after_the_seal_has_ended(
    paper: bytes, at: datetime, pki: Pki
) -> None:
    verdict = judge(paper, at, pki)

    assert verdict.ades_subindic == AdESPassed.OK, verdict.ades_subindic


@pytest.mark.rule("R95")
def test_the_same_validator_does_not_pass_a_paper_without_stamps_after_the_seal_has_ended(
    paper: bytes, pki: Pki
) -> None:
    assert judge(seal.put(plain()), SEAL_ENDED, pki).ades_subindic != AdESPassed.OK


@pytest.mark.rule("R95")
def test_paper_that_was_stamped_again_passes(paper: bytes, pki: Pki) -> None:
    assert judge(seal.extend(paper, lasting.kit(now=NOW)), SEAL_ENDED, pki).ades_subindic == AdESPassed.OK


@pytest.mark.rule("R95")
@pytest.mark.parametrize(
    ("at", "good"), [(NOW + timedelta(minutes=1), True), (TWO_YEARS, True), (SEAL_ENDED, False)]
)
def test_openssl_reads_the_seal_until_its_certificate_ends(
    paper: bytes, tmp_path: Path, at: datetime, good: bool
) -> None:
    found = byte_range.find(paper)
    assert found is not None
    start = paper.index(b"<" + found.cms.hex().upper().encode()[:64])
    end = paper.index(b">", start) + 1
    (tmp_path / "signed").write_bytes(paper[:start] + paper[end : found.end])
    (tmp_path / "seal.p7s").write_bytes(found.cms)
    (tmp_path / "seal.pem").write_bytes(keys.seal_certificates()[0].public_bytes(Encoding.PEM))

    code, words = said(
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "seal.p7s",
        "-content", tmp_path / "signed", "-out", tmp_path / "out", "-CAfile", tmp_path / "seal.pem",
        "-partial_chain", "-purpose", "any", "-attime", str(int(at.timestamp())),
    )  # fmt: skip

    assert (code == 0) is good, words
    assert good or "expired" in words


def test_pdfsig_and_qpdf_find_a_whole_document(paper: bytes, tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(paper)

    code, words = said("pdfsig", "-nocert", tmp_path / "paper.pdf")
    first, _, second = words.partition("Signature #2")
    assert code == 0
    assert "Signature is Valid" in first
    assert "Total document signed" in second
    assert "Signature Field Name: OQUStamp1" in second

    code, words = said("qpdf", "--check", tmp_path / "paper.pdf")
    assert code == 0, words
    assert "No syntax or stream encoding errors" in words


def test_pdfsig_calls_a_changed_paper_changed(paper: bytes, tmp_path: Path) -> None:
    place = paper.index(b"stream") + 20
    (tmp_path / "paper.pdf").write_bytes(paper[:place] + bytes([paper[place] ^ 1]) + paper[place + 1 :])

    assert "Digest Mismatch" in said("pdfsig", "-nocert", tmp_path / "paper.pdf")[1]


def test_viewer_finds_a_field_with_a_name_for_people(paper: bytes) -> None:
    found = PdfFileReader(io.BytesIO(paper)).embedded_regular_signatures[0]

    assert found.sig_field["/TU"] == "OQU мөрі / Печать OQU"
