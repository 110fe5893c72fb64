"""Signatures made by hand, so that papers can be drawn without the signing pages."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from django.core.files.base import ContentFile

from accounts.models import User
from applications.models import (
    Application,
    Decision,
    Document,
    DocumentKind,
    DocumentSource,
    Method,
    Purpose,
    Result,
    Signature,
)
from applications.papers import drawing
from applications.status import Status

FROM = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def citizen_key() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ҰКО (RSA) 2022")])
    builder = x509.CertificateBuilder(issuer, x509.Name([]), key.public_key(), 0x1A2B3C4D5E6F)
    builder = builder.not_valid_before(FROM).not_valid_after(FROM + timedelta(days=365))
    return key, builder.sign(key, hashes.SHA256())


def sign(
    application: Application,
    purpose: Purpose,
    *,
    by: User,
    now: datetime,
    decision: Decision | None = None,
    payload: bytes = b"",
) -> Signature:
    """The row that a good signature leaves behind, with a real CMS over the real paper (or over `payload`,
    where what was signed does not matter)."""
    payload = payload or _payload(application, purpose, decision)
    key, certificate = citizen_key()
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(payload).add_signer(certificate, key, hashes.SHA256())
    signature = Signature(
        application=application,
        decision=decision,
        purpose=purpose,
        method=Method.QR,
        payload_sha256=hashlib.sha256(payload).hexdigest(),
        cms=builder.sign(Encoding.DER, options),
        certificate=certificate.public_bytes(Encoding.DER),
        signer=by,
        signer_iin=by.iin,
        signer_bin="990540099902" if purpose == Purpose.DECISION else "",
        signer_name=by.full_name.upper(),
        serial=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        algorithm="RSA, SHA-256",
        signed_at=now,
    )
    signature.payload.save("payload", ContentFile(payload), save=False)
    signature.save()
    return signature


def _payload(application: Application, purpose: Purpose, decision: Decision | None) -> bytes:
    if purpose == Purpose.APPLICATION:
        return drawing.application_pdf(application)
    if purpose == Purpose.WITHDRAWAL:
        return drawing.withdrawal_pdf(application)
    assert decision is not None
    return drawing.decision_pdf(decision)


def add_documents(application: Application, *, now: datetime, special: bool = False) -> None:
    kinds = [DocumentKind.PHOTO, DocumentKind.F065, DocumentKind.F052_2]
    for kind in [*kinds, DocumentKind.PMPC] if special else kinds:
        automatic = kind in (DocumentKind.F065, DocumentKind.F052_2)
        Document.objects.create(
            application=application,
            kind=kind,
            source=DocumentSource.AUTO if automatic else DocumentSource.MANUAL,
            origin="Медициналық ақпараттық жүйе" if automatic else "",
            file=f"00/{kind}",
            mime="application/pdf",
            size=1000,
            sha256=hashlib.sha256(kind.encode()).hexdigest(),
            valid_until=date(2027, 9, 1) if kind == DocumentKind.PMPC else None,
            added_at=now,
        )


def decided(application: Application, *, by: User, now: datetime, **changes: Any) -> Decision:
    """A decision that the director has signed."""
    values = {"result": Result.ACCEPT, "prepared_by": by, "prepared_at": now} | changes
    decision = Decision.objects.create(application=application, signed_by=by, signed_at=now, **values)
    application.status = Status.ACCEPTED if decision.result == Result.ACCEPT else Status.REFUSED
    application.decided_at = now
    application.save(update_fields=["status", "decided_at"])
    return decision
