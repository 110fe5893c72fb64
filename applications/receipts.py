"""The papers a parent takes away: the signed application and the notice of its result (R95, R100, R101, D14).

`enqueue` writes the row in the transaction of its cause; the worker renders, seals and stores. Doing it
twice changes nothing: a paper is stored once.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from django.core.files.base import ContentFile
from django.db import connection
from django.http import FileResponse, Http404
from django.utils import timezone

from applications import documents, files, papers, seal
from applications.models import Application, PaperKind, Receipt, Signature
from notifications import outbox

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than the worker's hard time limit
RUN_SECONDS = 10.0
FILE_NAMES = {PaperKind.RECEIPT: "OQU-{}-otinim.pdf", PaperKind.NOTICE: "OQU-{}-habarlama.pdf"}


def enqueue(application: Application, kind: str, signature: Signature | None, *, now: datetime) -> Receipt:
    """Order a paper; only a receipt of a paper application goes without a signature (D15). Raises outside a
    transaction, like a message."""
    if not connection.in_atomic_block:
        raise RuntimeError("a paper is ordered in the transaction of its cause")
    receipt, _ = Receipt.objects.get_or_create(
        application=application,
        kind=kind,
        defaults={"signature": signature, "created_at": now, "next_try_at": now},
    )
    return receipt


def papers_of(application: Application) -> list[Receipt]:
    """In the order they came to be."""
    return list(application.receipts.order_by("created_at", "pk"))


def serve(receipt: Receipt) -> FileResponse:
    """The sealed PDF for download; 404 while it is being made. The caller has checked access. Raises
    files.Spoiled: what is not the file that was sealed never leaves as ours."""
    if not receipt.rendered_at:
        raise Http404
    try:
        content = files.read(receipt.file, receipt.sha256)
    except files.Spoiled as spoiled:
        logger.error("paper %s is %s in the store", receipt.pk, spoiled.fault)
        raise
    name = FILE_NAMES[PaperKind(receipt.kind)].format(receipt.application.number)
    return documents.download(content, name=name, mime="application/pdf")


def spoiled() -> Iterator[tuple[Receipt, str]]:
    """Every paper whose file is lost or changed; reads them all."""
    made = Receipt.objects.filter(rendered_at__isnull=False).select_related("application").order_by("pk")
    for receipt in made.iterator(chunk_size=500):
        if fault := files.fault_of(receipt.file, receipt.sha256):
            yield receipt, fault


def order_again(receipt: Receipt, *, now: datetime) -> None:
    """Have the worker draw and seal it anew, under the same address in its QR code. The hash is another one
    then, so a copy taken before reads as changed on the check page: the backup comes first."""
    Receipt.objects.filter(pk=receipt.pk).update(
        file="", sha256="", rendered_at=None, dead=False, attempts=0, next_try_at=now, lease_until=None
    )


def run() -> int:
    """Make the papers that are due; how many were made."""
    ends, made = monotonic() + RUN_SECONDS, 0
    while monotonic() < ends:
        outcome = render_next(now=timezone.now())
        if outcome is None:
            break
        made += outcome
    return made


def render_next(*, now: datetime) -> bool | None:
    """Make the oldest due paper: whether it was made, None when nothing is due."""
    due = Receipt.objects.filter(rendered_at=None, dead=False)
    claimed = outbox.claim(due, now=now, lease=LEASE, limit=1)
    if not claimed:
        return None
    receipt = claimed[0]
    if outbox.spent(receipt):
        _bury(receipt)
        return False
    try:
        render(receipt, now=now)
    except Exception as error:  # whatever went wrong, the row tells and the next try may do better
        logger.error("paper %s, try %s: %s", receipt.pk, receipt.attempts, type(error).__name__)
        if outbox.last_try(receipt):
            _bury(receipt)
        else:
            outbox.postpone(receipt, now=now)
        return False
    return True


def render(receipt: Receipt, *, now: datetime) -> None:
    """Render, seal, store. Nothing happens when the paper is there already."""
    receipt = Receipt.objects.select_related(
        "application__child",
        "application__applicant",
        "application__intake__school",
        "application__intake__language",
        "application__filed_by",
        "signature__decision__application",
    ).get(pk=receipt.pk)
    if receipt.rendered_at:
        return
    pdf = seal.put(papers.receipt_pdf(receipt))
    receipt.file.save("paper", ContentFile(pdf), save=False)
    kept = Receipt.objects.filter(pk=receipt.pk, rendered_at=None).update(
        file=receipt.file.name,
        sha256=hashlib.sha256(pdf).hexdigest(),
        rendered_at=now,
        lease_until=None,
    )
    if not kept:  # another worker was faster: its file is the paper
        receipt.file.delete(save=False)


def _bury(receipt: Receipt) -> None:
    logger.error("paper %s is dead", receipt.pk)
    receipt.dead, receipt.lease_until = True, None
    receipt.save(update_fields=["dead", "lease_until"])


def revive(*, now: datetime) -> int:
    """Give dead papers all their tries again."""
    dead = Receipt.objects.filter(rendered_at=None, dead=True)
    return dead.update(dead=False, attempts=0, next_try_at=now, lease_until=None)
