"""Was the certificate good: asked once for a whole answer, and proven later by what was kept."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from egov import eds
from egov.eds import AskOnce, Refusal, SignatureRefused, Unrevoked
from egov.errors import Misconfigured, Unavailable
from egov.tests.eds_cast import DATA, NOW, PARENT, STRANGER, Pki

DAY = timedelta(days=1)
YEARS = timedelta(days=4000)


def outcome(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except SignatureRefused as refused:
        return refused.code
    except Unavailable as error:
        return error.detail


@pytest.mark.parametrize(
    ("kind", "lie", "code"),
    [
        ("sign", "", ""),
        ("revoked", "", Refusal.REVOKED),
        ("sign", "nonce", Refusal.OCSP_NONCE),
    ],
)
def test_what_the_authority_has_said_it_says_for_the_rest(pki: Pki, kind: str, lie: str, code: str) -> None:
    certificate, issuer = pki.key(kind=kind).certificate, pki.authority.issuing.certificate
    once, pki.lie = AskOnce(), lie

    first, second = (outcome(lambda: once(certificate, issuer, NOW)) for _ in range(2))

    assert pki.asked == 1
    assert first == second
    assert first == code if code else first.ocsp

    outcome(lambda: AskOnce()(certificate, issuer, NOW))  # of the next answer
    assert pki.asked == 2


def test_silence_is_asked_about_again(pki: Pki) -> None:
    certificate, issuer = pki.key().certificate, pki.authority.issuing.certificate
    once, pki.lie = AskOnce(), "down"
    assert outcome(lambda: once(certificate, issuer, NOW)) == "ConnectionError"

    pki.lie = ""

    assert once(certificate, issuer, NOW).ocsp
    assert pki.asked == 2


def test_each_certificate_and_each_issuer_is_a_question_of_its_own(
    pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = pki.key().certificate, pki.key(STRANGER).certificate
    issuing, root = pki.authority.issuing.certificate, pki.authority.root.certificate
    pairs = [(mine, issuing), (theirs, issuing), (mine, root)]
    asked: list[tuple[x509.Certificate, x509.Certificate]] = []

    def ask(certificate: x509.Certificate, issuer: x509.Certificate, now: Any) -> Unrevoked:
        asked.append((certificate, issuer))
        return Unrevoked(ocsp=str(len(asked)).encode())

    monkeypatch.setattr("egov.eds.revocation.ask", ask)
    once = AskOnce()
    proofs = [once(*pair, NOW).ocsp for pair in pairs * 2]

    assert asked == pairs
    assert proofs == [b"1", b"2", b"3"] * 2


def again(cms: bytes, proof: Unrevoked, *, at: Any = NOW) -> Any:
    return outcome(lambda: eds.reverify(cms, DATA, proof=proof, at=at, now=NOW + YEARS).iin)


def test_kept_answer_proves_years_later_and_asks_nobody(pki: Pki) -> None:
    cms = pki.sign()
    signer = eds.verify(cms, DATA, now=NOW)
    stranger = eds.verify(pki.sign(STRANGER), DATA, now=NOW)
    pki.lie, asked = "down", pki.asked

    assert again(cms, signer.proof) == PARENT.iin
    assert again(cms, signer.proof, at=NOW + DAY) == Refusal.OCSP_STALE
    assert again(cms, stranger.proof) == Refusal.OCSP_FOREIGN
    assert again(cms, Unrevoked(ocsp=signer.proof.ocsp[:-1] + b"\0")) == Refusal.OCSP_FOREIGN
    assert again(cms, Unrevoked()) == Refusal.NO_PROOF
    assert pki.asked == asked


def test_kept_proof_comes_back_with_the_signer(pki: Pki) -> None:
    cms = pki.sign()
    signer = eds.verify(cms, DATA, now=NOW)

    assert eds.reverify(cms, DATA, proof=signer.proof, at=NOW, now=NOW + YEARS) == signer


def test_old_signature_is_judged_as_of_its_day(pki: Pki) -> None:
    cms = pki.sign()
    proof = eds.verify(cms, DATA, now=NOW).proof

    assert again(cms, proof, at=NOW - 2 * DAY) == Refusal.EXPIRED
    assert again(cms, proof, at=NOW + YEARS) == Refusal.EXPIRED
    assert outcome(lambda: eds.reverify(cms, DATA + b" ", proof=proof, at=NOW, now=NOW)) == Refusal.OTHER_DATA


def test_authority_of_before_serves_old_signatures_only(pki: Pki, settings: Any, tmp_path: Path) -> None:
    """All that there were are retired, so nobody can sign, and what was signed stays so."""
    cms = pki.sign()
    proof = eds.verify(cms, DATA, now=NOW).proof
    folder = tmp_path / "ca"
    (folder / "retired").mkdir(parents=True)
    for file in pki.authority.folder.iterdir():
        (folder / "retired" / file.name).write_bytes(file.read_bytes())
    settings.EDS_CA_DIR = folder

    with pytest.raises(Misconfigured):
        eds.verify(cms, DATA, now=NOW)
    assert again(cms, proof) == PARENT.iin
