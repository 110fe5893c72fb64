"""Whatever NCANode, OCSP and the lists answer, nothing is signed on nonsense, and nonsense is nobody's fault
but its author's."""

from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509

from egov import eds, http
from egov.eds import Refusal, SignatureRefused, crl, ocsp
from egov.errors import EgovError, Unavailable
from egov.http import Answer
from egov.tests.bender import BODIES, bent_bytes, bent_json
from egov.tests.eds_cast import DATA, NOW, PARENT, Pki
from egov.tests.test_eds_ncanode import Node, good, gost, node

__all__ = ["good", "gost", "node"]

URL = "http://crl.test/issuing.crl"
# What of NCANode's answer decides nothing: the certificate itself says it, or nobody asks.
UNASKED = {
    "message", "notBefore", "notAfter", "signAlg", "keyUser", "commonName", "country", "revocationTime",
}  # fmt: skip
# Bends that happen to be words of the protocol.
WORDS = {"revoked true": Refusal.REVOKED, "0 missing": Refusal.NO_SIGNER}
# The authority's answer could not be believed: said so of the service, never of the person's key.
OF_THE_SERVICE = {
    Refusal.OCSP_FOREIGN,
    Refusal.OCSP_NONCE,
    Refusal.OCSP_STALE,
    Refusal.OCSP_UNKNOWN,
}


def outcome(cms: bytes) -> Refusal | str:
    try:
        return eds.verify(cms, DATA, now=NOW).iin
    except SignatureRefused as refused:
        return refused.code
    except Unavailable:
        return "unavailable"


def test_bent_verdict_of_ncanode_signs_nothing_and_blames_nobody(node: Node, gost: Any, good: Any) -> None:
    cms, right = gost(), good()
    node.answer = right
    assert outcome(cms) == PARENT.iin
    seen: set[str] = set()
    for how, body in bent_json(right):
        node.answer = body
        field, _, bend = how.partition(" ")
        parts, told = field.split("."), outcome(cms)
        if told == PARENT.iin:
            no_bin = parts[-1] == "bin" and bend in ("null", "missing", "empty")
            assert set(parts) & UNASKED or no_bin or bend == "true", how
        elif told != "unavailable":
            assert WORDS.get(f"{parts[-1]} {bend}") == told, (how, told)
        seen.add(str(told))
    assert {"unavailable", Refusal.REVOKED} <= seen


class Bent:
    """The authority's answer, bent on its way."""

    def __init__(self, pki: Pki, monkeypatch: pytest.MonkeyPatch, *, system: str = "ocsp") -> None:
        self.pki, self.body, self.system = pki, b"", system
        monkeypatch.setattr(http, "call", self.call)

    def call(self, *given: Any, system: str, **named: Any) -> Answer:
        if system == self.system:
            return Answer(system, 200, self.body)
        return self.pki.call(*given, system=system, **named)


@pytest.fixture
def answered(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A good answer, whose nonce is the one that will be sent again."""
    # Of that module alone: the certificates of the tests draw their numbers from the same source.
    monkeypatch.setattr("egov.eds.ocsp.os", SimpleNamespace(urandom=lambda count: b"n" * count))
    proof = eds.verify(pki.sign(), DATA, now=NOW).proof
    return proof.ocsp


def test_bent_answer_of_ocsp_signs_nothing_and_blames_no_key(
    pki: Pki, answered: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cms, bent = pki.sign(), Bent(pki, monkeypatch)
    bent.body = answered
    assert outcome(cms) == PARENT.iin
    for how, body in bent_bytes(answered):
        bent.body = body
        told = outcome(cms)
        assert told == "unavailable" or told in OF_THE_SERVICE, (how, told)


def test_list_serves_where_ocsp_talks_nonsense(
    pki: Pki, answered: bytes, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EDS_CRL_URLS = [URL]
    good, revoked = pki.sign(), pki.sign(kind="revoked")
    crl.fetch(URL, now=NOW)
    bent = Bent(pki, monkeypatch)
    unreadable = [body for _how, body in bent_bytes(answered) if not _is_readable(body)]
    assert len(unreadable) > len(BODIES)
    for body in unreadable:
        bent.body = body
        assert outcome(good) == PARENT.iin
    assert outcome(revoked) == Refusal.REVOKED


def _is_readable(body: bytes) -> bool:
    try:
        ocsp._load(body)
    except Unavailable:
        return False
    return True


def test_bent_list_replaces_no_good_one(pki: Pki, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EDS_CRL_URLS = [URL]
    kept = crl.fetch(URL, now=NOW).der
    pki.lie = "down"
    cms, bent = pki.sign(), Bent(pki, monkeypatch, system="crl")
    # How many bits of the signature's last octet count: of it all do, whatever is said there.
    unused = len(kept) - len(x509.load_der_x509_crl(kept).signature) - 1
    for how, body in bent_bytes(kept):
        if how.startswith(f"bit {unused} "):
            continue
        bent.body = body
        with pytest.raises(EgovError):
            crl.fetch(URL, now=NOW)
        assert crl.path_of(URL).read_bytes() == kept, how
    assert outcome(cms) == PARENT.iin


def test_bent_list_in_the_store_decides_nothing(pki: Pki, settings: Any) -> None:
    settings.EDS_CRL_URLS = [URL]
    kept = crl.fetch(URL, now=NOW).der
    pki.lie = "down"
    cms = pki.sign()
    for how, body in bent_bytes(kept, places=20):
        crl._write(crl.path_of(URL), body)
        crl._cached.cache_clear()  # two writes may fall into one tick of the clock
        assert outcome(cms) == "unavailable", how
