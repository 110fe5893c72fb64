"""Ready-made evidence for tests of what follows a signature; signatures themselves are proven elsewhere."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import User
from applications import facts
from applications.evidence import Evidence
from applications.filing import wizard
from applications.models import (
    Application,
    Decision,
    Document,
    DocumentKind,
    DocumentSource,
    Method,
    Purpose,
    SigningBatch,
    SigningRequest,
)
from applications.signing import originals
from egov.eds import KeyUser, Signer, Unrevoked


def signer_of(user: User, *, now: datetime, **changes: Any) -> Signer:
    values: dict[str, Any] = {
        "iin": user.iin, "bin": "", "name": user.full_name, "serial": "0a1b",
        "valid_from": now - timedelta(days=100), "valid_to": now + timedelta(days=200),
        "key_users": frozenset({KeyUser.INDIVIDUAL}), "algorithm": "sha256_rsa",
        "certificate": b"certificate", "proof": Unrevoked(ocsp=b"ocsp"),
    }  # fmt: skip
    return Signer(**(values | changes))


def as_read(application: Application) -> dict[str, str]:
    """What the button of a draft posts: the mark of what its page has shown."""
    stands = Application.objects.with_facts().get(pk=application.pk)
    return {"shown": facts.content_sha256(stands, Purpose.APPLICATION, None)}


def evidence_of(
    application: Application,
    purpose: str,
    *,
    by: User,
    now: datetime,
    decision: Decision | None = None,
    stated: dict[str, Any] | None = None,
) -> Evidence:
    """A signing request of the content as it stands, and a signature that verification has passed."""
    payload = f"%PDF {purpose} {application.pk}".encode()
    batch = SigningBatch.objects.create(user=by, created_at=now, expires_at=now + timedelta(minutes=5))
    signing_request = SigningRequest(
        batch=batch,
        application=application,
        purpose=purpose,
        decision=decision,
        payload_sha256=hashlib.sha256(payload).hexdigest(),
        stated=stated or {},
        content_sha256=facts.content_sha256(application, purpose, decision, stated),
    )
    signing_request.payload.save("payload", ContentFile(payload), save=True)
    return Evidence(
        signing_request=signing_request, cms=b"cms", signer=signer_of(by, now=now), method=Method.QR
    )


def complete(application: Application, *, now: datetime) -> Application:
    """The draft with all its papers and ticks: ready to sign."""
    for kind in (DocumentKind.PHOTO, DocumentKind.F065, DocumentKind.F052_2):
        content = f"%PDF-1.7 {kind}\n".encode()
        document = Document(
            application=application, kind=kind, source=DocumentSource.MANUAL, mime="application/pdf",
            size=len(content), sha256=hashlib.sha256(content).hexdigest(), added_at=now,
        )  # fmt: skip
        document.file.save("file", ContentFile(content), save=False)
        document.save()
    application.data_correct_at = application.external_data_at = application.step3_at = now
    application.ticks_version = wizard.TICKS_VERSION
    application.save(update_fields=["data_correct_at", "external_data_at", "step3_at", "ticks_version"])
    return application


def drawn(batch: SigningBatch, *, now: datetime) -> SigningBatch:
    """After the worker has drawn the originals."""
    while originals.draw_next(now=now) is not None:
        pass
    batch.refresh_from_db()
    return batch
