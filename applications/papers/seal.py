"""The seal on a paper: PAdES, certified, no change allowed after it; and whether a PDF bears ours.

A viewer's "valid" is not enough: a certified PDF with something appended still shows it. A paper is ours
when the signature is good, covers the whole file, forbids changes, and the key is one of ours.
"""

import asyncio
import io
import warnings
from enum import StrEnum
from typing import Any

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from applications.papers import byte_range, keys
from egov.eds import SignatureRefused
from egov.eds.container import Container, read

FIELD = "OQUSeal"
MAX_BYTES = 2 * 1024 * 1024  # ours are a tenth of it


class Verdict(StrEnum):
    GOOD = "GOOD"
    NO_SEAL = "NO_SEAL"  # no PDF, or one without a seal
    FOREIGN = "FOREIGN"  # sealed, but not by us
    CHANGED = "CHANGED"  # sealed by us and changed afterwards


def put(pdf: bytes) -> bytes:
    """The sealed PDF. The time in it is a claim of ours; it needs no timestamp authority to be checked."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # slow import
    from pyhanko.sign import fields, signers

    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=fields.SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        name="OQU",
    )
    out = signers.PdfSigner(metadata, signer=keys.seal_signer()).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf))
    )
    answer: bytes = out.getvalue()
    return answer


def examine(pdf: bytes) -> Verdict:
    """What a PDF from outside is. Never raises, whatever the bytes are.

    Only what a key of ours has signed from the first byte to the last reaches the parser of PDF, and that
    is what we have made; everything else is judged by its bytes alone."""
    if len(pdf) > MAX_BYTES or not pdf.startswith(b"%PDF-"):
        return Verdict.NO_SEAL
    try:
        found = byte_range.find(pdf)
        container = read(found.cms) if found else None
    except SignatureRefused:
        found = container = None
    if found is None or container is None:
        return Verdict.CHANGED if FIELD.encode() in pdf else Verdict.NO_SEAL
    ours = _ours(container.certificate.dump())
    if ours is None:
        return Verdict.FOREIGN
    if not found.whole or not _bare(container) or not _signed(container, found.digest):
        return Verdict.CHANGED
    return Verdict.GOOD if _is_seal(pdf, ours) else Verdict.CHANGED


def _bare(container: Container) -> bool:
    """Ours holds one certificate and nothing unsigned: that, too, would be outside what is signed."""
    signed = cms.ContentInfo.load(container.der)["content"]
    unsigned = container.signer["unsigned_attrs"], signed["crls"]
    return len(signed["certificates"]) == 1 and all(isinstance(part, core.Void) for part in unsigned)


def _signed(container: Container, digest: bytes) -> bool:
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity  # slow import

    try:
        intact, valid = validate_sig_integrity(
            container.signer, container.certificate, expected_content_type="data", actual_digest=digest
        )
    except Exception:  # whatever a library throws at a signature it cannot read
        return False
    return intact and valid


def _is_seal(pdf: bytes, ours: x509.Certificate) -> bool:
    """The same once more by the rules of PDF: one signature in our field, certified, no change allowed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _check_rules(pdf, ours)
    except Exception:  # signed by our key, and yet no paper
        return False


def _check_rules(pdf: bytes, ours: x509.Certificate) -> bool:
    from pyhanko.pdf_utils.reader import PdfFileReader  # slow import
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    if len(signatures) != 1:
        return False
    seal = signatures[0]
    status = asyncio.run(_validate(seal, ours))
    return bool(
        seal.field_name == FIELD
        and seal.docmdp_level == MDPPerm.NO_CHANGES
        and status.intact
        and status.valid
        and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        and status.modification_level == ModificationLevel.NONE
    )


def _ours(der: bytes) -> x509.Certificate | None:
    """The certificate among ours with exactly these bytes: a name proves nothing."""
    return next((one for one in keys.seal_certificates() if one.public_bytes(Encoding.DER) == der), None)


async def _validate(signature: Any, certificate: x509.Certificate) -> Any:
    from asn1crypto import x509 as asn1
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    # The key is pinned by its bytes, so its own dates only say when it may seal, not when it may be checked.
    root = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
    context = ValidationContext(
        trust_roots=[root],
        allow_fetching=False,
        moment=certificate.not_valid_before_utc,
        best_signature_time=certificate.not_valid_before_utc,
    )
    return await async_validate_pdf_signature(signature, signer_validation_context=context)
