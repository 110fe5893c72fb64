"""Verification of a person's signature: RSA natively, GOST through NCANode, one verdict."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from egov.errors import EgovError


class KeyUser(StrEnum):
    """Whom a certificate is issued to (extended key usage of the National Certification Authority)."""

    INDIVIDUAL = "1.2.398.3.3.4.1.1"
    ORGANISATION = "1.2.398.3.3.4.1.2"
    FIRST_HEAD = "1.2.398.3.3.4.1.2.1"
    RIGHT_TO_SIGN = "1.2.398.3.3.4.1.2.2"


class Refusal(StrEnum):
    """Why a signature is refused; the person's sentence for each is in applications/signing.py."""

    MALFORMED = "MALFORMED"
    NO_SIGNER = "NO_SIGNER"
    MANY_SIGNERS = "MANY_SIGNERS"
    ATTACHED = "ATTACHED"
    OTHER_DATA = "OTHER_DATA"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    WEAK_ALGORITHM = "WEAK_ALGORITHM"
    UNKNOWN_CA = "UNKNOWN_CA"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    NOT_SIGNING_KEY = "NOT_SIGNING_KEY"
    NO_IIN = "NO_IIN"
    # found by applications/signing.py
    OTHER_PERSON = "OTHER_PERSON"
    OTHER_ORGANISATION = "OTHER_ORGANISATION"
    NO_AUTHORITY = "NO_AUTHORITY"


class SignatureRefused(EgovError):
    def __init__(self, code: Refusal) -> None:
        super().__init__("eds", code)
        self.code = code


@dataclass(frozen=True)
class Signer:
    """The facts of the signing certificate, and the proof that it was good."""

    iin: str
    bin: str  # "" for an individual's key
    name: str  # common name
    serial: str  # hex
    valid_from: datetime
    valid_to: datetime
    key_users: frozenset[str]  # OIDs, see KeyUser
    algorithm: str
    certificate: bytes  # DER
    ocsp: bytes  # DER, b"" when the verdict came from a CRL or NCANode


def decode(text: str) -> bytes:
    """DER of a CMS given as PEM-like text or bare base64. Raises SignatureRefused(MALFORMED)."""
    raise NotImplementedError


def verify(cms: bytes, data: bytes, *, now: datetime) -> Signer:
    """The one signer of these bytes. Raises SignatureRefused, or Unavailable when nobody answers whether
    the certificate is revoked (revocation is always required)."""
    raise NotImplementedError
