"""A signature that verification has passed: the plain type the core is handed, and the row it becomes."""

from dataclasses import dataclass
from datetime import datetime

from accounts import written
from applications.models import Application, Method, RevocationList, Signature, SigningRequest
from egov.eds import KeyUser, Signer

# Whose key signs for a school: its first head, or who holds the right to sign (R108).
MAY_SIGN_FOR_SCHOOL = frozenset({KeyUser.FIRST_HEAD, KeyUser.RIGHT_TO_SIGN})


@dataclass(frozen=True)
class Evidence:
    """A signature that verification has passed, ready to be kept."""

    signing_request: SigningRequest
    cms: bytes
    signer: Signer
    method: Method
    crl: RevocationList | None = None  # kept already: it is no work for a transaction


def keep(application: Application, evidence: Evidence, *, now: datetime) -> Signature:
    """The evidence of a signature, enough to prove it years later."""
    signing_request, signer = evidence.signing_request, evidence.signer
    signature = Signature(
        application=application,
        decision=signing_request.decision,
        purpose=signing_request.purpose,
        method=evidence.method,
        payload=signing_request.payload.name,
        payload_sha256=signing_request.payload_sha256,
        stated=signing_request.stated,
        cms=evidence.cms,
        certificate=signer.certificate,
        ocsp=signer.proof.ocsp,
        crl=evidence.crl,
        signer=signing_request.user,
        signer_iin=signer.iin,
        signer_bin=signer.bin,
        signer_name=signer.name,
        serial=signer.serial,
        valid_from=signer.valid_from,
        valid_to=signer.valid_to,
        algorithm=signer.algorithm,
        signed_at=now,
        stamped_at=signer.stamped_at,
    )
    written.insert(signature)
    return signature
