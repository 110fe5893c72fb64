"""Are the sealed papers of an application still the ones that were handed out (R95, D14)?

The hash on record proves the file, the seal that we have made it, and the signed original inside that it is
this application's. A paper that is still being made is the business of `manage.py papers`.
"""

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime

import pikepdf

from applications import stored
from applications.models import Application, Channel, Decision, Paper, PaperKind, Purpose, Signature
from applications.papers import coherence, drawing, seal

NO_PAPER = "NO_PAPER"  # nobody has ordered it, or its row is gone: the check page does not know it
PAPER_LOST = "PAPER_LOST"
PAPER_CHANGED = "PAPER_CHANGED"  # another file than the hash on record
PAPER_NOT_SEALED = "PAPER_NOT_SEALED"  # the file and its hash were replaced by what no key of ours has sealed
PAPER_DIFFERS = "PAPER_DIFFERS"  # a sealed paper of ours, over another signature than this one

FAULTS = {stored.LOST: PAPER_LOST, stored.CHANGED: PAPER_CHANGED}
SIGNED_BY = {PaperKind.RECEIPT: Purpose.APPLICATION, PaperKind.NOTICE: Purpose.DECISION}


def due(application: Application) -> list[tuple[PaperKind, Decision | None]]:
    """The papers that a filed application must have: its own, and one of each signed decision (D54)."""
    notices: list[tuple[PaperKind, Decision | None]] = [
        (PaperKind.NOTICE, one) for one in reversed(coherence.signed(application))
    ]
    return [(PaperKind.RECEIPT, None), *notices]


def fault(
    application: Application, kind: PaperKind, decision: Decision | None, signatures: list[Signature]
) -> str:
    """The first thing that is wrong with the paper, or ""."""
    paper = _find(application, kind, decision, signatures)
    if paper is None:
        return NO_PAPER
    if paper.superseded_at != _corrected_at(application, decision):
        return PAPER_DIFFERS
    signature = next((one for one in signatures if one.pk == paper.signature_id), None)
    if not _is_over(paper, signature, application):
        return PAPER_DIFFERS
    return _fault_of_file(paper, signature) if paper.rendered_at else ""


def _find(
    application: Application, kind: PaperKind, decision: Decision | None, signatures: list[Signature]
) -> Paper | None:
    """Of one decision there is one to find, whatever it is over; of several the one over its signature."""
    papers = [one for one in application.papers.all() if one.kind == kind]
    if len(papers) > 1 and decision:
        over = {one.pk for one in signatures if one.decision_id == decision.pk}
        papers = [one for one in papers if one.signature_id in over]
    return papers[0] if papers else None


def _corrected_at(application: Application, decision: Decision | None) -> datetime | None:
    later = (one for one in coherence.signed(application) if decision and one.corrects_id == decision.pk)
    return next((one.signed_at for one in later), None)


def _is_over(paper: Paper, signature: Signature | None, application: Application) -> bool:
    """Only the receipt of an in-person application goes without a signature (D15)."""
    if signature is None:
        by_hand = paper.kind == PaperKind.RECEIPT and application.channel == Channel.IN_PERSON
        return by_hand and paper.signature_id is None
    return signature.purpose == SIGNED_BY[PaperKind(paper.kind)]


def _fault_of_file(paper: Paper, signature: Signature | None) -> str:
    try:
        pdf = stored.read(paper.file, paper.sha256)
    except stored.Spoiled as spoiled:
        return FAULTS[spoiled.fault]
    if seal.examine(pdf) != seal.Verdict.GOOD:
        return PAPER_NOT_SEALED
    # What bears our seal was made by us, so the parser may open it.
    enclosed = set(_hashes_of_originals(pdf))
    return "" if enclosed == ({signature.payload_sha256} if signature else set()) else PAPER_DIFFERS


def _hashes_of_originals(pdf: bytes) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for name, attachment in opened.attachments.items():
            if name == drawing.ORIGINAL:
                yield hashlib.sha256(attachment.get_file().read_bytes()).hexdigest()
