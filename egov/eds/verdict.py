"""What a verification answers: the signer, or the reason of the refusal."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from egov.errors import EgovError, Unavailable


class KeyUser(StrEnum):
    """Whom a certificate is issued to (extended key usage of the National Certification Authority)."""

    INDIVIDUAL = "1.2.398.3.3.4.1.1"
    ORGANISATION = "1.2.398.3.3.4.1.2"
    FIRST_HEAD = "1.2.398.3.3.4.1.2.1"
    RIGHT_TO_SIGN = "1.2.398.3.3.4.1.2.2"


class Refusal(StrEnum):
    """Why a signature is refused; the person's sentence for each is in applications/signing/words.py."""

    MALFORMED = "MALFORMED"
    NO_SIGNER = "NO_SIGNER"
    MANY_SIGNERS = "MANY_SIGNERS"
    ATTACHED = "ATTACHED"
    OTHER_DATA = "OTHER_DATA"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    WEAK_ALGORITHM = "WEAK_ALGORITHM"
    GOST_OFF = "GOST_OFF"  # this portal has no NCANode, so it cannot judge the country's own algorithm
    UNKNOWN_CA = "UNKNOWN_CA"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    NOT_SIGNING_KEY = "NOT_SIGNING_KEY"
    NO_IIN = "NO_IIN"
    BAD_NAME = "BAD_NAME"  # of the certificate: too long, or not a line that a paper can show
    # the certificate's status could not be believed
    OCSP_STALE = "OCSP_STALE"
    OCSP_FOREIGN = "OCSP_FOREIGN"  # another responder, another certificate, a bad signature
    OCSP_NONCE = "OCSP_NONCE"
    OCSP_UNKNOWN = "OCSP_UNKNOWN"  # the authority does not know the certificate
    CRL_STALE = "CRL_STALE"  # of an old signature: the list that was kept is of another time
    CRL_FOREIGN = "CRL_FOREIGN"  # of another authority, not a whole list, a bad signature
    STAMP_WRONG = "STAMP_WRONG"  # D44: the time stamp inside is over other bytes, broken or unreadable
    STAMP_TIME = "STAMP_TIME"  # …or of another time than the signature's
    NO_PROOF = "NO_PROOF"  # of an old signature: nothing was kept that says it was good
    # found by applications/signing/batches.py
    OTHER_PERSON = "OTHER_PERSON"
    OTHER_ORGANISATION = "OTHER_ORGANISATION"
    NO_AUTHORITY = "NO_AUTHORITY"
    NO_POST = "NO_POST"  # the director is no longer on the school's list
    ORGANISATION_KEY = "ORGANISATION_KEY"  # a parent signs as an individual
    CHANGED = "CHANGED"  # the facts of the document are no longer what was to be signed
    TOO_LATE = "TOO_LATE"  # the signing request is used, refused or too old


@dataclass(frozen=True)
class Unrevoked:
    """The proof that a certificate was not revoked at a moment; empty when NCANode has vouched for it."""

    ocsp: bytes = b""  # DER of the authority's answer
    crl: bytes = b""  # DER of the authority's list, when there was no answer
    silence: Unavailable | None = field(default=None, compare=False)  # why there was none


class SignatureRefused(EgovError):
    def __init__(self, code: Refusal) -> None:
        super().__init__("eds", code)
        self.code = code


@dataclass(frozen=True)
class Signer:
    """The facts of the signing certificate, and the proof that it was not revoked."""

    iin: str
    bin: str  # "" for an individual's key
    name: str  # common name
    serial: str  # hex
    valid_from: datetime
    valid_to: datetime
    key_users: frozenset[str]  # OIDs, see KeyUser
    algorithm: str  # OID of the signature algorithm
    certificate: bytes  # DER
    proof: Unrevoked
    stamped_at: datetime | None = None  # by the time stamp that the signature brought and that was believed


class NotRechecked(EgovError):
    """Nobody can say today whether an old signature was good; that is neither a yes nor a no. `signer` is
    what its certificate says."""

    def __init__(self, signer: Signer) -> None:
        super().__init__("ncanode", "not re-checked")
        self.signer = signer
