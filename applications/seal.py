"""The seal on a paper: PAdES, certified, no change allowed after it; and whether a PDF bears ours.

A viewer's "valid" is not enough: a certified PDF with something appended still shows it. A paper is ours
when the signature is good, covers the whole file, forbids changes, and the key is one of ours.
"""

import asyncio
import io
import warnings
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from applications import keys

FIELD = "OQUSeal"
MAX_BYTES = 2 * 1024 * 1024  # ours are a tenth of it


class Verdict(StrEnum):
    GOOD = "GOOD"
    NO_SEAL = "NO_SEAL"  # no PDF, or one without a seal
    FOREIGN = "FOREIGN"  # sealed, but not by us
    CHANGED = "CHANGED"  # sealed by us and changed afterwards


def put(pdf: bytes, *, at: datetime) -> bytes:
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
    return out.getvalue()


def examine(pdf: bytes) -> Verdict:
    """What a PDF from outside is. Never raises, whatever the bytes are."""
    if len(pdf) > MAX_BYTES or not pdf.startswith(b"%PDF-"):
        return Verdict.NO_SEAL
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _examine(pdf)
    except Exception:  # a parser of hostile files may raise anything, and all of it means the same
        return Verdict.CHANGED if b"/" + FIELD.encode() in pdf or FIELD.encode() in pdf else Verdict.NO_SEAL


def _examine(pdf: bytes) -> Verdict:
    from pyhanko.pdf_utils.reader import PdfFileReader  # slow import
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    if not signatures:
        return Verdict.NO_SEAL
    first = signatures[0]
    ours = _ours(first.signer_cert.dump())
    if ours is None:
        return Verdict.FOREIGN
    status = asyncio.run(_validate(first, ours))
    whole = (
        len(signatures) == 1
        and first.field_name == FIELD
        and first.docmdp_level == MDPPerm.NO_CHANGES
        and status.intact
        and status.valid
        and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        and status.modification_level == ModificationLevel.NONE
        and _nothing_beside(first.pkcs7_content)
    )
    return Verdict.GOOD if whole else Verdict.CHANGED


def _nothing_beside(contents: bytes) -> bool:
    """The room that a seal leaves unused is outside what it signs: it must be empty."""
    from asn1crypto import parser

    return not contents[parser.peek(contents) :].strip(b"\x00")


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
