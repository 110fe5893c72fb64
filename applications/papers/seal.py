"""The seal on a paper: PAdES, certified, no change allowed after it; and whether a PDF bears ours.

A viewer's "valid" is not enough: a certified PDF with something appended still shows it. A paper is ours
when the signature is good, covers the whole file, forbids changes, and the key is one of ours.
"""

import asyncio
import warnings
from datetime import datetime
from enum import StrEnum
from typing import Any

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from applications.papers import byte_range, keys
from egov.eds import SignatureRefused, lasting, stamp, trust
from egov.eds.container import Container, read
from egov.errors import EgovError

FIELD, FIELD_NAME = "OQUSeal", "OQU мөрі / Печать OQU"
STAMP = "OQUStamp"  # and a number: the stamps of the document, the last one covers all
DIGEST = "sha256"
SIGNATURE_BYTES = 2048  # all of it but the certificates: half of that with a key of 3072 bits
MAX_BYTES = 2 * 1024 * 1024  # ours are a tenth of it


class Verdict(StrEnum):
    GOOD = "GOOD"
    NO_SEAL = "NO_SEAL"  # no PDF, or one without a seal
    FOREIGN = "FOREIGN"  # sealed, but not by us
    CHANGED = "CHANGED"  # sealed by us and changed afterwards


def put(pdf: bytes, tools: lasting.Kit | None = None) -> bytes:
    """The sealed PDF. Without `tools` the time in it is a claim of ours (PAdES-B-B); with them it holds a
    time stamp, what proves it and, over all that, one of the document (PAdES-B-LTA). Raises Unavailable."""
    from pyhanko.sign import fields, signers  # slow import

    from applications.papers.reader import writer_of

    signer = keys.seal_signer()
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=fields.SigSeedSubFilter.PADES,
        md_algorithm=DIGEST,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        name="OQU",
        **(_lasting(signer, tools) if tools else {}),
    )
    field = fields.SigFieldSpec(FIELD, readable_field_name=FIELD_NAME)
    stamper = tools.stamper if tools else None
    out = signers.PdfSigner(metadata, signer=signer, timestamper=stamper, new_field_spec=field).sign_pdf(
        writer_of(pdf), bytes_reserved=None if tools else _room(signer)
    )
    answer: bytes = out.getvalue()
    return answer


def _room(signer: Any) -> int:
    """For a signature with its certificates and without stamps, in hexadecimal. Left to itself, pyHanko makes
    a signature to learn how long one will be."""
    return 2 * (
        SIGNATURE_BYTES + sum(len(one.dump()) for one in [signer.signing_cert, *signer.cert_registry])
    )


def _lasting(signer: Any, tools: lasting.Kit) -> dict[str, Any]:
    issuer = tools.prove(signer.signing_cert)
    return {
        "embed_validation_info": True,
        "use_pades_lta": True,
        # A certificate that we have given ourselves is its own root.
        "validation_context": tools.context(*([] if issuer else [signer.signing_cert])),
        "dss_settings": _settings(),
        "timestamp_field_name": f"{STAMP}1",
    }


def _settings() -> Any:
    """One revision behind the seal, so that its stamp covers the file to the last byte."""
    from pyhanko.sign.signers import pdf_signer

    behind = pdf_signer.TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
    return pdf_signer.DSSContentSettings(include_vri=False, next_ts_settings=behind)


def extend(pdf: bytes, tools: lasting.Kit) -> bytes:
    """A sealed PDF with one more stamp over all of it, and behind the last one what proves that: before the
    certificate of that one ends, and before its algorithms age. Raises Unavailable."""
    from pyhanko.sign.signers import pdf_signer  # slow import

    from applications.papers.reader import writer_of

    writer = writer_of(pdf)
    stamps = writer.prev.embedded_timestamp_signatures
    for one in stamps[-1:]:
        tools.prove(one.signer_cert)
    stamper = pdf_signer.PdfTimeStamper(tools.stamper, field_name=f"{STAMP}{len(stamps) + 1}")
    behind = _settings().get_settings_for_ts()
    out = stamper.timestamp_pdf(writer, DIGEST, tools.context(), dss_settings=behind)
    answer: bytes = out.getvalue()
    return answer


def examine(pdf: bytes) -> Verdict:
    """What a PDF from outside is. Never raises, whatever the bytes are.

    Only what a key of ours has signed from the first byte to the last reaches the parser of PDF, and that is
    what we have made; of what stands behind a seal, only what an authority that we know has stamped, to the
    last byte. Everything else is judged by its bytes alone."""
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
    if not (found.whole or _stamped_to_the_end(pdf)) or not _bare(container):
        return Verdict.CHANGED
    if not _signed(container, found.digest):
        return Verdict.CHANGED
    return Verdict.GOOD if _is_seal(pdf, ours) else Verdict.CHANGED


def stamped_at(pdf: bytes) -> datetime | None:
    """When the last stamp of the document was made; None where nothing stands behind the seal."""
    stamps = _stamps(pdf)
    return stamps[-1].at if stamps else None


def _stamped_to_the_end(pdf: bytes) -> bool:
    return bool(_stamps(pdf))


def _stamps(pdf: bytes) -> list[stamp.Stamp]:
    """The stamps behind the seal, each over all that was there, the last one over every byte; none when one
    is missing or bad."""
    found = byte_range.find_all(pdf)
    ends = [one.end for one in found]
    if len(found) < 2 or not all(one.clean for one in found) or ends != sorted(ends) or ends[-1] != len(pdf):
        return []
    try:
        known = trust.authorities(retired=True)
        return [stamp.of_digest(one.cms, one.digest, known=known) for one in found[1:]]
    except EgovError:
        return []


def _bare(container: Container) -> bool:
    """Ours holds its certificate, with those above it, and nothing unsigned but one time stamp: all else
    would be outside of what is signed."""
    signed = cms.ContentInfo.load(container.der)["content"]
    if not isinstance(signed["crls"], core.Void) or not _all_known(signed["certificates"]):
        return False
    unsigned = container.signer["unsigned_attrs"]
    if isinstance(unsigned, core.Void):
        return True
    try:
        tokens = stamp.tokens(container)
        known = trust.authorities(retired=True)
        stamps = [stamp.read(one, container.signer["signature"].native, known=known) for one in tokens]
    except EgovError:
        return False
    return len(unsigned) == len(stamps) == 1


def _all_known(certificates: cms.CertificateSet) -> bool:
    """The seal's own, and such as stand beside it in the folder of keys."""
    ours = {one.public_bytes(Encoding.DER) for one in keys.seal_chains()}
    return all(one.chosen.dump() in ours for one in certificates)


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
    """Behind the seal there may be stamps and what proves them, and nothing that anybody could see."""
    from pyhanko.sign.diff_analysis import ModificationLevel  # slow import
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    from applications.papers.reader import PaperReader

    reader = PaperReader(pdf)
    if len(reader.embedded_regular_signatures) != 1:
        return False
    seal, stamps = reader.embedded_regular_signatures[0], len(reader.embedded_timestamp_signatures)
    level = ModificationLevel.LTA_UPDATES if stamps else ModificationLevel.NONE
    whole = SignatureCoverageLevel.ENTIRE_REVISION if stamps else SignatureCoverageLevel.ENTIRE_FILE
    status = asyncio.run(_validate(seal, ours))
    return bool(
        seal.field_name == FIELD
        and len(reader.embedded_signatures) == stamps + 1
        and seal.docmdp_level == MDPPerm.NO_CHANGES
        and status.intact
        and status.valid
        and status.coverage == whole
        and status.modification_level == level
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
