"""OCSP: is the certificate still good, asked by us, at the configured address only, answered just now.

The authority's answers carry no nextUpdate, so they are fresh by thisUpdate alone.
"""

import hashlib
import os
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings

from egov import http
from egov.eds.container import refusing
from egov.eds.verdict import Refusal, SignatureRefused
from egov.errors import Misconfigured, Unavailable

FRESH = timedelta(minutes=10)  # an answer to our own nonce is made on the spot; the rest is clock drift
AHEAD = timedelta(minutes=5)  # how far the responder's clock may be ahead of ours
NONCE_BYTES = 16
MAX_ANSWER_BYTES = 64 * 1024
NOBODY = 1  # the number of a certificate that no authority gives out
OUR_FAULT = (ocsp.OCSPResponseStatus.MALFORMED_REQUEST, ocsp.OCSPResponseStatus.SIG_REQUIRED)


def ask(certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime) -> bytes:
    """DER of the answer "good". Raises SignatureRefused for any other, Unavailable when there is none."""
    nonce = os.urandom(NONCE_BYTES)
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
    question = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build()
    der = _post(question.public_bytes(Encoding.DER))
    answer = _load(der)
    with refusing(Refusal.OCSP_FOREIGN):
        _check_answered(answer.response_status)
        _check_about(answer, question)
        _check_responder(answer, issuer, now=now)
        _check_nonce(answer, nonce)
        _check_fresh(answer, now=now)
        _check_good(answer)
    return der


def clock(issuer: x509.Certificate, *, now: datetime) -> bytes:
    """DER of an answer about a certificate of nobody, for its time alone, however far that is from ours.
    Raises as `ask`, whatever the authority says of that number."""
    nonce = os.urandom(NONCE_BYTES)
    name, key = (hashlib.sha256(each).digest() for each in (issuer.subject.public_bytes(), _key_bits(issuer)))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, key, NOBODY, hashes.SHA256())
    question = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build()
    der = _post(question.public_bytes(Encoding.DER))
    answer = _load(der)
    with refusing(Refusal.OCSP_FOREIGN):
        _check_answered(answer.response_status)
        _check_about(answer, question)
        _check_responder(answer, issuer, now=now)
        _check_nonce(answer, nonce)
    return der


def check_kept(der: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, at: datetime) -> None:
    """An answer given at `at`, once more: all but its nonce, which has done its work. Raises as `ask`."""
    question = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256()).build()
    with refusing(Refusal.OCSP_FOREIGN):
        answer = ocsp.load_der_ocsp_response(der)
        _check_answered(answer.response_status)
        _check_about(answer, question)
        _check_responder(answer, issuer, now=at)
        _check_fresh(answer, now=at)
        _check_good(answer)


def _post(question: bytes) -> bytes:
    return http.call(
        "POST",
        settings.OCSP_URL + "/",
        system="ocsp",
        data=question,
        headers={"Content-Type": "application/ocsp-request"},
        max_bytes=MAX_ANSWER_BYTES,
        repeat=True,
    ).content


def _load(der: bytes) -> ocsp.OCSPResponse:
    """A page of a proxy, or nothing at all, is no answer of the authority, whatever its status: as good as
    silence, for whoever can put it there can also keep the answer back."""
    try:
        return ocsp.load_der_ocsp_response(der)
    except Exception:  # the library's ValueError, and whatever else hostile bytes make it raise
        raise Unavailable("ocsp", "not an OCSP answer") from None


def produced_at(der: bytes) -> datetime:
    """The authority's clock when it answered; of an answer that has been believed."""
    return ocsp.load_der_ocsp_response(der).produced_at_utc


def _check_answered(status: ocsp.OCSPResponseStatus) -> None:
    if status is ocsp.OCSPResponseStatus.UNAUTHORIZED:  # not a certificate of an authority it answers for
        raise SignatureRefused(Refusal.OCSP_UNKNOWN)
    if status in OUR_FAULT:
        raise Misconfigured("ocsp", status.name)
    if status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise Unavailable("ocsp", status.name)


def _check_about(answer: ocsp.OCSPResponse, question: ocsp.OCSPRequest) -> None:
    """One answer, about the very certificate we asked about."""
    same = (
        isinstance(answer.hash_algorithm, hashes.SHA256)
        and answer.serial_number == question.serial_number
        and answer.issuer_name_hash == question.issuer_name_hash
        and answer.issuer_key_hash == question.issuer_key_hash
    )
    if not same:
        raise SignatureRefused(Refusal.OCSP_FOREIGN)


def _check_responder(answer: ocsp.OCSPResponse, issuer: x509.Certificate, *, now: datetime) -> None:
    """Signed by the issuing authority, or by one that it has authorised to answer (RFC 6960, 4.2.2.2)."""
    responder = next((c for c in (issuer, *answer.certificates) if _is(c, answer)), None)
    if responder is None:
        raise SignatureRefused(Refusal.OCSP_FOREIGN)
    if responder != issuer:
        responder.verify_directly_issued_by(issuer)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if ExtendedKeyUsageOID.OCSP_SIGNING not in usage:
            raise SignatureRefused(Refusal.OCSP_FOREIGN)
        if not responder.not_valid_before_utc <= now <= responder.not_valid_after_utc:
            raise SignatureRefused(Refusal.OCSP_FOREIGN)
    key, digest = responder.public_key(), answer.signature_hash_algorithm
    if not isinstance(key, RSAPublicKey) or not isinstance(
        digest, hashes.SHA256 | hashes.SHA384 | hashes.SHA512
    ):
        raise SignatureRefused(Refusal.OCSP_FOREIGN)
    key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), digest)


def _is(certificate: x509.Certificate, answer: ocsp.OCSPResponse) -> bool:
    if answer.responder_name is not None:
        return certificate.subject == answer.responder_name
    return hashlib.sha1(_key_bits(certificate), usedforsecurity=False).digest() == answer.responder_key_hash


def _key_bits(certificate: x509.Certificate) -> bytes:
    """As RFC 6960 hashes them: of RSA alone."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def _check_nonce(answer: ocsp.OCSPResponse, nonce: bytes) -> None:
    try:
        echoed = answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        echoed = b""
    if echoed != nonce:
        raise SignatureRefused(Refusal.OCSP_NONCE)


def _check_fresh(answer: ocsp.OCSPResponse, *, now: datetime) -> None:
    until = answer.next_update_utc
    if not now - FRESH <= answer.this_update_utc <= now + AHEAD or (until is not None and until < now):
        raise SignatureRefused(Refusal.OCSP_STALE)


def _check_good(answer: ocsp.OCSPResponse) -> None:
    if answer.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        raise SignatureRefused(Refusal.REVOKED)
    if answer.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise SignatureRefused(Refusal.OCSP_UNKNOWN)
