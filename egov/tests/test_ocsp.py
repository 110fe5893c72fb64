"""An answer of the authority, held to the second, to the certificate and to the key."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as x509_ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponderEncoding, OCSPResponseStatus
from cryptography.x509.oid import ExtendedKeyUsageOID

from egov.eds import ocsp
from egov.eds.verdict import SignatureRefused
from egov.errors import EgovError, Misconfigured, Unavailable
from egov.http import Answer
from egov.tests.eds_cast import NOW, PARENT, STRANGER, Pki
from sandbox import certificates
from sandbox.kalkan import Key

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class Reply:
    """What the responder says; every field as it should be until a test changes it."""

    pki: Pki
    about: x509.Certificate = field(init=False)
    issuer: x509.Certificate = field(init=False)
    by: Key = field(init=False)
    with_it: list[x509.Certificate] = field(init=False)
    named: OCSPResponderEncoding = OCSPResponderEncoding.NAME
    status: OCSPCertStatus = OCSPCertStatus.GOOD
    this_update: datetime = NOW
    next_update: datetime | None = None
    names: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    digest: hashes.HashAlgorithm | None = field(default_factory=hashes.SHA256)

    def __post_init__(self) -> None:
        self.about, self.issuer = self.pki.key().certificate, self.pki.authority.issuing.certificate
        self.by = self.pki.authority.responder
        self.with_it = [self.by.certificate]

    def der(self, nonce: bytes = b"") -> bytes:
        revoked = self.status is OCSPCertStatus.REVOKED
        builder = x509_ocsp.OCSPResponseBuilder().add_response(
            cert=self.about, issuer=self.issuer, algorithm=self.names, cert_status=self.status,
            this_update=self.this_update, next_update=self.next_update,
            revocation_time=NOW if revoked else None, revocation_reason=None,
        ).responder_id(self.named, self.by.certificate)  # fmt: skip
        if self.with_it:
            builder = builder.certificates(self.with_it)
        if nonce:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        return builder.sign(self.by.private, self.digest).public_bytes(Encoding.DER)

    def verdict(self, *, at: datetime = NOW) -> str:
        """Of an answer that was kept: "" when it is good."""
        key, issuer = self.pki.key().certificate, self.pki.authority.issuing.certificate
        return said(lambda: ocsp.check_kept(self.der(), key, issuer, at=at))


def said(check: Callable[[], Any]) -> str:
    try:
        check()
    except SignatureRefused as refused:
        return refused.code
    except EgovError as error:
        return f"{type(error).__name__}: {error.detail}"
    return ""


@pytest.fixture
def reply(pki: Pki) -> Reply:
    return Reply(pki)


@pytest.mark.parametrize(
    ("late", "until", "code"),
    [
        (timedelta(), None, ""),
        (10 * MINUTE, None, ""),
        (10 * MINUTE + SECOND, None, "OCSP_STALE"),
        (-5 * MINUTE, None, ""),
        (-5 * MINUTE - SECOND, None, "OCSP_STALE"),
        (MINUTE, NOW + MINUTE, ""),
        (MINUTE + SECOND, NOW + MINUTE, "OCSP_STALE"),
    ],
)
def test_answer_is_of_the_last_ten_minutes(
    reply: Reply, late: timedelta, until: datetime | None, code: str
) -> None:
    reply.next_update = until

    assert reply.verdict(at=NOW + late) == code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (OCSPCertStatus.GOOD, ""),
        (OCSPCertStatus.REVOKED, "REVOKED"),
        (OCSPCertStatus.UNKNOWN, "OCSP_UNKNOWN"),
    ],
)
def test_only_good_is_good(reply: Reply, status: OCSPCertStatus, code: str) -> None:
    reply.status = status

    assert reply.verdict() == code


def test_answer_is_about_the_certificate_that_was_asked_about(reply: Reply) -> None:
    other = reply.pki.authority.foreign().certificate  # of the same name, with another key
    changes: list[dict[str, Any]] = [
        {"about": reply.pki.key(STRANGER).certificate},
        {"issuer": other},
        {"issuer": reply.pki.authority.root.certificate},
        {"names": hashes.SHA1()},
        {"names": hashes.SHA384()},
    ]
    for change in changes:
        wrong = Reply(reply.pki)
        for name, value in change.items():
            setattr(wrong, name, value)
        assert wrong.verdict() == "OCSP_FOREIGN", change


@pytest.mark.parametrize(
    ("digest", "code"),
    [
        (hashes.SHA256(), ""),
        (hashes.SHA384(), ""),
        (hashes.SHA512(), ""),
        (hashes.SHA224(), "OCSP_FOREIGN"),
    ],
)
def test_answer_is_signed_with_a_strong_digest(reply: Reply, digest: hashes.HashAlgorithm, code: str) -> None:
    reply.digest = digest

    assert reply.verdict() == code


@pytest.mark.parametrize("named", list(OCSPResponderEncoding))
def test_authority_itself_or_its_responder_may_answer(reply: Reply, named: OCSPResponderEncoding) -> None:
    reply.named = named
    assert reply.verdict() == ""

    reply.with_it = []
    assert reply.verdict() == "OCSP_FOREIGN"  # nobody knows the responder

    reply.by = reply.pki.authority.issuing
    assert reply.verdict() == ""  # it needs no certificate, and its own usage is another


def delegate(reply: Reply, *, begins: datetime, ends: datetime, usage: bool = True, key: Any = None) -> Key:
    """A responder that the authority has appointed for a time."""
    issuer, private = reply.pki.authority.issuing, key or reply.pki.key(STRANGER).private
    name = certificates._name((x509.NameOID.COMMON_NAME, "another responder"))
    builder = certificates._builder(name, private, issuer.certificate.subject, (begins, ends))
    purposes = [ExtendedKeyUsageOID.OCSP_SIGNING] if usage else [ExtendedKeyUsageOID.EMAIL_PROTECTION]
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return Key(private, builder.sign(issuer.private, hashes.SHA256()))


@pytest.mark.parametrize(
    ("begins", "ends", "usage", "code"),
    [
        (NOW, NOW + SECOND, True, ""),
        (NOW - SECOND, NOW, True, ""),
        (NOW + SECOND, NOW + MINUTE, True, "OCSP_FOREIGN"),
        (NOW - MINUTE, NOW - SECOND, True, "OCSP_FOREIGN"),
        (NOW - MINUTE, NOW + MINUTE, False, "OCSP_FOREIGN"),
    ],
)
def test_responder_is_appointed_and_in_its_time(
    reply: Reply, begins: datetime, ends: datetime, usage: bool, code: str
) -> None:
    reply.by = delegate(reply, begins=begins, ends=ends, usage=usage)
    reply.with_it = [reply.pki.key(PARENT).certificate, reply.by.certificate]

    assert reply.verdict() == code


def test_responder_of_another_authority_and_another_kind_of_key_are_refused(reply: Reply) -> None:
    reply.by = reply.pki.authority.foreign()
    reply.with_it = [reply.by.certificate]
    assert reply.verdict() == "OCSP_FOREIGN"

    key = ec.generate_private_key(ec.SECP256R1())
    reply.by = delegate(reply, begins=NOW, ends=NOW + MINUTE, key=key)
    reply.with_it = [reply.by.certificate]
    assert reply.verdict() == "OCSP_FOREIGN"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (OCSPResponseStatus.UNAUTHORIZED, "OCSP_UNKNOWN"),
        (OCSPResponseStatus.MALFORMED_REQUEST, "Misconfigured: MALFORMED_REQUEST"),
        (OCSPResponseStatus.SIG_REQUIRED, "Misconfigured: SIG_REQUIRED"),
        (OCSPResponseStatus.TRY_LATER, "Unavailable: TRY_LATER"),
        (OCSPResponseStatus.INTERNAL_ERROR, "Unavailable: INTERNAL_ERROR"),
    ],
)
def test_no_answer_says_whose_fault_it_is(
    reply: Reply, monkeypatch: pytest.MonkeyPatch, status: OCSPResponseStatus, outcome: str
) -> None:
    der = x509_ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
    monkeypatch.setattr("egov.http.call", lambda *_args, **_more: Answer("ocsp", 200, der))

    assert ask(reply) == outcome
    assert issubclass(Misconfigured, Unavailable)


def ask(reply: Reply, *, at: datetime = NOW) -> str:
    key, issuer = reply.pki.key().certificate, reply.pki.authority.issuing.certificate
    return said(lambda: ocsp.ask(key, issuer, now=at))


@pytest.fixture
def asked(reply: Reply, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was sent, with the nonces that came; the reply gives them back."""
    sent: list[dict[str, Any]] = []

    def call(method: str, url: str, *, data: bytes, **more: Any) -> Answer:
        question = x509_ocsp.load_der_ocsp_request(data)
        found = question.extensions.get_extension_for_class(x509.OCSPNonce)
        assert not found.critical  # a responder that does not know it may answer all the same
        sent.append({"method": method, "url": url, "nonce": found.value.nonce, **more})
        return Answer("ocsp", 200, reply.der(found.value.nonce))

    monkeypatch.setattr("egov.http.call", call)
    return sent


def test_question_goes_to_the_configured_address_with_a_nonce_of_its_own(
    reply: Reply, asked: list[dict[str, Any]]
) -> None:
    assert (ask(reply), ask(reply)) == ("", "")

    nonces = [one.pop("nonce") for one in asked]
    assert [len(nonce) for nonce in nonces] == [16, 16] and len(set(nonces)) == 2
    headers = {"Content-Type": "application/ocsp-request"}
    assert asked[0] == {
        "method": "POST", "url": "http://ocsp.test/", "system": "ocsp", "headers": headers,
        "max_bytes": 65_536, "repeat": True,
    }  # fmt: skip


def test_every_doubt_about_a_kept_answer_is_one_about_a_fresh_one(
    reply: Reply, asked: list[dict[str, Any]]
) -> None:
    reply.status = OCSPCertStatus.REVOKED
    assert ask(reply) == "REVOKED"
    reply.status = OCSPCertStatus.GOOD
    assert ask(reply, at=NOW + 11 * MINUTE) == "OCSP_STALE"
    reply.about = reply.pki.key(STRANGER).certificate
    assert ask(reply) == "OCSP_FOREIGN"
    reply.about = reply.pki.key().certificate
    reply.with_it = []
    assert ask(reply) == "OCSP_FOREIGN"


def test_clock_of_the_authority_is_read_from_its_answer(reply: Reply) -> None:
    der = reply.der()

    response = asn1_ocsp.OCSPResponse.load(der).basic_ocsp_response["tbs_response_data"]
    assert ocsp.produced_at(der) == response["produced_at"].native
