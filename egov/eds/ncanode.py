"""GOST signatures through NCANode v3, which holds the certified library. Its "valid": true is where our
questions begin: it says so of a CMS without signers, ignores `data` of an attached one, and asks nobody
about revocation unless told to. One signer, detached, with its certificate: `container.read` has seen to it.
"""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from asn1crypto import core
from django.conf import settings

from egov import http
from egov import iin as numbers
from egov.eds import stamp, trust
from egov.eds.container import GOST, Container, check_dates_and_usage, refusing, signer_of
from egov.eds.verdict import NotRechecked, Refusal, SignatureRefused, Signer
from egov.errors import EgovError, Misconfigured, Unavailable

logger = logging.getLogger(__name__)

OCSP, CRL = "OCSP", "CRL"
MAX_ANSWER_BYTES = 1024 * 1024
UNREADABLE = 400
# Newer versions (3.5) name the reason; whatever is not here is a bad signature.
REASONS = {
    "CERT_REVOKED": Refusal.REVOKED,
    "REVOKED": Refusal.REVOKED,
    "CHAIN_INCOMPLETE": Refusal.UNKNOWN_CA,
    "NO_CERTIFICATE_CHAIN_FOUND": Refusal.UNKNOWN_CA,
    "OUT_OF_BOUNDS_NO_POE": Refusal.EXPIRED,
    "EXPIRED": Refusal.EXPIRED,
    "HASH_FAILURE": Refusal.OTHER_DATA,
}
STATUSES = ("VALID", "INVALID", "INDETERMINATE")
USAGES = ("SIGN", "AUTH", "UNKNOWN")
UNASKED = "REVOCATION_DATA_MISSING"  # it could not ask: theirs, and no word against the certificate


# What is wrong with the bytes themselves is wrong for ever; the other doubts of NCANode may be of today.
LASTING = {"HASH_FAILURE", "SIG_CRYPTO_FAILURE", "FORMAT_FAILURE"}


def verify(container: Container, data: bytes, *, now: datetime) -> Signer:
    """Its lists of revoked certificates decide where OCSP does not answer it, if EDS_GOST_CRL allows that:
    they are NCANode's own, which keeps them fresh."""
    signer = _read(container, at=now)
    stamped_at = _stamped_at(container, now=now)
    try:
        _judge(container, data, signer, source=OCSP)
    except Unasked:
        if not settings.EDS_GOST_CRL:
            raise
        logger.warning("eds: no answer of OCSP to NCANode, its list decides")
        _judge(container, data, signer, source=CRL)
    return replace(signer, stamped_at=stamped_at)


def _judge(container: Container, data: bytes, signer: Signer, *, source: str) -> None:
    answer = _ask(container, data, source=source)
    with _understanding():
        node_signer = _only(answer.get("signers"))
        certificate = _own(node_signer, container)
        _check_verdict(answer, node_signer, certificate, source=source)
        _check_same(certificate, signer)


def _stamped_at(container: Container, *, now: datetime) -> datetime | None:
    """D44. Only for this are the authorities of EDS_CA_DIR needed: NCANode has its own."""
    if isinstance(container.signer["unsigned_attrs"], core.Void):
        return None
    try:
        known = trust.authorities()
    except Misconfigured:
        known = trust.Authorities((), ())
    return stamp.time_of(container, now=now, known=known)


class Unasked(Unavailable):
    """NCANode could not learn whether the certificate is revoked."""


@contextmanager
def _understanding() -> Iterator[None]:
    """An answer that is no verdict in NCANode's own words is its fault; no signature is bad by it."""
    try:
        yield
    except EgovError:
        raise
    except Exception:
        raise _nonsense() from None


def _nonsense() -> Unavailable:
    return Unavailable("ncanode", "no verdict in the answer")


def _said(value: Any) -> bool:
    """Yes or no, in words of the protocol."""
    if not isinstance(value, bool):
        raise _nonsense()
    return value


def reverify(container: Container, data: bytes, *, at: datetime, now: datetime) -> Signer:
    """An old signature: what we can read ourselves as of `at`, the rest asked today. NCANode judges by its
    own clock, so its "no" counts only where it is about the bytes; a good answer proves the past as well,
    for what is revoked stays revoked. Raises SignatureRefused, NotRechecked."""
    signer = _read(container, at=at)
    if not settings.NCANODE_URL:
        raise NotRechecked(signer)
    try:
        answer = _ask(container, data)
        with _understanding():
            node_signer = _only(answer.get("signers"))
            certificate = _own(node_signer, container)
            _check_same(certificate, signer)
            if node_signer.get("subIndication") in LASTING:
                raise SignatureRefused(REASONS.get(node_signer["subIndication"], Refusal.BAD_SIGNATURE))
            _check_not_yet_revoked(certificate, at=at)
    except Unavailable:
        raise NotRechecked(signer) from None
    try:
        with _understanding():
            _check_verdict(answer, node_signer, certificate)
    except Unavailable:
        raise NotRechecked(signer) from None
    except SignatureRefused as refused:
        if refused.code == Refusal.BAD_SIGNATURE and now <= signer.valid_to and not _revoked(certificate):
            raise
        raise NotRechecked(signer) from None
    return signer


def _read(container: Container, *, at: datetime) -> Signer:
    with refusing(Refusal.MALFORMED):
        _check_certificate(container, now=at)
        return signer_of(container)


def _check_certificate(container: Container, *, now: datetime) -> None:
    """What we can read ourselves is not left to another program."""
    key = container.certificate.public_key["algorithm"]["algorithm"].dotted
    if not key.startswith(GOST):
        raise SignatureRefused(Refusal.BAD_SIGNATURE)
    check_dates_and_usage(container.certificate, now=now)


def _ask(container: Container, data: bytes, *, source: str = OCSP) -> dict[str, Any]:
    if not settings.NCANODE_URL:
        raise SignatureRefused(Refusal.GOST_OFF)
    question = {
        "cms": base64.b64encode(container.der).decode(),
        "data": base64.b64encode(data).decode(),
        "revocationCheck": [source],
    }
    answer = http.call(
        "POST",
        settings.NCANODE_URL + "/cms/verify",
        system="ncanode",
        json=question,
        max_bytes=MAX_ANSWER_BYTES,
        repeat=True,
        accept=(UNREADABLE,),
    )
    if answer.status == UNREADABLE:
        raise _unreadable(answer)
    body = answer.json()
    if not isinstance(body, dict) or body.get("status") != http.OK:
        raise _nonsense()
    return body


def _unreadable(answer: http.Answer) -> EgovError:
    """NCANode could not read the CMS, in its own words; a 400 of whatever stands before it is no verdict."""
    with suppress(Unavailable):
        body = answer.json()
        if isinstance(body, dict) and body.get("status") == UNREADABLE:
            return SignatureRefused(Refusal.MALFORMED)
    return Misconfigured("ncanode", f"HTTP {answer.status}")


def _only(signers: Any) -> dict[str, Any]:
    if not isinstance(signers, list) or not all(isinstance(one, dict) for one in signers):
        raise _nonsense()
    if not signers:
        raise SignatureRefused(Refusal.NO_SIGNER)
    if len(signers) > 1:
        raise SignatureRefused(Refusal.MANY_SIGNERS)
    answer: dict[str, Any] = signers[0]
    return answer


def _own(node_signer: dict[str, Any], container: Container) -> dict[str, Any]:
    """What NCANode says about the very certificate that we have read in the CMS: it can be about no other."""
    for certificate in node_signer["certificates"]:
        if int(certificate["serialNumber"], 16) == container.certificate.serial_number:
            answer: dict[str, Any] = certificate
            return answer
    raise _nonsense()


def _check_verdict(
    answer: dict[str, Any], node_signer: dict[str, Any], certificate: dict[str, Any], *, source: str = OCSP
) -> None:
    """3.5 and newer give each signer a status of its own: then that one is the verdict, too."""
    status = node_signer.get("status", "VALID")
    if status not in STATUSES:
        raise _nonsense()
    if status != "VALID":
        if node_signer.get("subIndication") == UNASKED:
            raise Unasked("ncanode", UNASKED)
        raise SignatureRefused(REASONS.get(str(node_signer.get("subIndication")), Refusal.BAD_SIGNATURE))
    _check_revocation(certificate, source=source)
    if not _said(certificate.get("valid")):
        raise SignatureRefused(Refusal.UNKNOWN_CA)
    if not _said(answer.get("valid")):
        raise SignatureRefused(Refusal.BAD_SIGNATURE)


def _check_revocation(certificate: dict[str, Any], *, source: str) -> None:
    """The source we asked for has answered, and plainly: silence and a failed question are neither "good" nor
    "bad"."""
    answers = [entry for entry in certificate.get("revocations") or [] if entry.get("by") == source]
    if any(_said(entry.get("revoked")) for entry in answers):
        raise SignatureRefused(Refusal.REVOKED)
    plain = ("OK",) if source == OCSP else ("OK", None)  # of a list it gives no reason
    if not answers or any(entry.get("reason", "") not in plain for entry in answers):
        raise Unasked("ncanode", "revocation not answered")


def _revoked(certificate: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in certificate.get("revocations") or [] if _said(entry.get("revoked"))]


def _check_not_yet_revoked(certificate: dict[str, Any], *, at: datetime) -> None:
    for entry in _revoked(certificate):
        if entry.get("revocationTime") and datetime.fromisoformat(entry["revocationTime"]) <= at:
            raise SignatureRefused(Refusal.REVOKED)


def _check_same(certificate: dict[str, Any], signer: Signer) -> None:
    """NCANode has looked at the certificate that we have read."""
    iin, bin_ = certificate["subject"]["iin"], certificate["subject"].get("bin") or ""
    if not numbers.valid_iin(iin) or (bin_ and not numbers.valid_bin(bin_)):
        raise _nonsense()
    if (iin, bin_) != (signer.iin, signer.bin):
        raise SignatureRefused(Refusal.NO_IIN)
    if certificate.get("keyUsage") not in USAGES:
        raise _nonsense()
    if certificate["keyUsage"] != "SIGN":
        raise SignatureRefused(Refusal.NOT_SIGNING_KEY)
