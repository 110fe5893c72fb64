"""What is signed, by whom, and whether a signature is good enough to act on (R93-R95, R108, R115).

`prepare` draws the document and opens an invitation to sign it; `examine` judges what came back. What
follows a good signature is lifecycle's business.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import QuerySet

from accounts.models import User
from applications import facts, papers
from applications.models import (
    Application,
    Decision,
    Method,
    Purpose,
    RevocationList,
    Signature,
    SigningRequest,
    SigningState,
)
from egov import eds
from egov.eds import KeyUser, Refusal, SignatureRefused, Signer
from schools.models import Role

MAY_SIGN_FOR_SCHOOL = frozenset({KeyUser.FIRST_HEAD, KeyUser.RIGHT_TO_SIGN})
# What was asked for in time may be answered a little late: people read before they type their PIN.
GRACE = timedelta(minutes=1)
# An invitation that is about to end is no use to a person who has just arrived.
SHORTEST_LIFE = timedelta(minutes=1)


@dataclass(frozen=True)
class Evidence:
    """A signature that verification has passed, ready to be kept."""

    request: SigningRequest
    cms: bytes
    signer: Signer
    method: Method
    crl: RevocationList | None = None  # kept already: it is no work for a transaction


def prepare(
    application: Application,
    *,
    purpose: str,
    by: User,
    now: datetime,
    decision: Decision | None = None,
    fresh: bool = False,
) -> SigningRequest:
    """The invitation to sign the document as it stands: the open one, or a new one («Жаңа QR»: `fresh`).

    The document is drawn once for the same content, so that in the rush of an opening day most of the
    work is done before the signature.
    """
    content = facts.content_sha256(application, purpose, decision)
    same = SigningRequest.objects.filter(
        application=application, purpose=purpose, decision=decision, user=by, content_sha256=content
    ).order_by("-pk")
    found = None if fresh else _open(same, now=now)
    if found:
        return found
    request = SigningRequest(
        application=application,
        purpose=purpose,
        decision=decision,
        user=by,
        content_sha256=content,
        created_at=now,
        expires_at=now + timedelta(seconds=settings.SIGNING_SECONDS),
    )
    _attach(request, drawn=same.first())
    request.save()
    return request


def _open(requests: QuerySet[SigningRequest], *, now: datetime) -> SigningRequest | None:
    return requests.filter(state=SigningState.OPEN, expires_at__gt=now + SHORTEST_LIFE).first()


def _attach(request: SigningRequest, *, drawn: SigningRequest | None) -> None:
    """The exact bytes to sign: those of an earlier invitation to the same content, or newly drawn ones."""
    if drawn:
        request.payload, request.payload_sha256 = drawn.payload.name, drawn.payload_sha256
        return
    payload = DRAW[Purpose(request.purpose)](request)
    request.payload_sha256 = hashlib.sha256(payload).hexdigest()
    request.payload.save("payload", ContentFile(payload), save=False)


def _draw_decision(request: SigningRequest) -> bytes:
    assert request.decision is not None
    return papers.decision_pdf(request.decision)


DRAW: dict[Purpose, Callable[[SigningRequest], bytes]] = {
    Purpose.APPLICATION: lambda request: papers.application_pdf(request.application),
    Purpose.WITHDRAWAL: lambda request: papers.withdrawal_pdf(request.application),
    Purpose.DECISION: _draw_decision,
}


def is_open(request: SigningRequest, *, now: datetime) -> bool:
    """May still be shown, scanned and signed."""
    return request.state == SigningState.OPEN and now < request.expires_at


def examine(request: SigningRequest, *, cms: bytes, method: Method, now: datetime) -> Evidence:
    """Verify the signature over our own bytes, and that it is this person's to give. Asks the network, so
    never inside a transaction. Raises SignatureRefused, Unavailable."""
    if request.state != SigningState.OPEN or now >= request.expires_at + GRACE:
        raise SignatureRefused(Refusal.CLOSED)
    application = _current(request)
    payload = payload_of(request)
    signer = eds.verify(cms, payload, now=now)
    if signer.iin != request.user.iin:
        raise SignatureRefused(Refusal.OTHER_PERSON)
    if request.purpose == Purpose.DECISION:
        _demand_authority(request, application, signer)
    elif KeyUser.INDIVIDUAL not in signer.key_users:
        raise SignatureRefused(Refusal.ORGANISATION_KEY)
    crl = _keep_list(signer.proof.crl, now=now) if signer.proof.crl else None
    return Evidence(request=request, cms=cms, signer=signer, method=method, crl=crl)


def _keep_list(der: bytes, *, now: datetime) -> RevocationList:
    """The list as a row, once for all signatures that lean on it."""
    sha256 = hashlib.sha256(der).hexdigest()
    kept = RevocationList.objects.filter(sha256=sha256).first()
    if kept:
        return kept
    new = RevocationList(sha256=sha256, kept_at=now)
    new.file.save("crl", ContentFile(der), save=False)
    kept, created = RevocationList.objects.get_or_create(
        sha256=sha256, defaults={"file": new.file.name, "kept_at": now}
    )
    if not created:  # another signature was faster
        new.file.delete(save=False)
    return kept


def _current(request: SigningRequest) -> Application:
    """The application as it stands now, still saying what was to be signed. Raises SignatureRefused."""
    application = Application.objects.select_related("intake__school").get(pk=request.application_id)
    if facts.content_sha256(application, request.purpose, request.decision) != request.content_sha256:
        raise SignatureRefused(Refusal.CHANGED)
    return application


def payload_of(request: SigningRequest) -> bytes:
    """The bytes to sign, as they were written. Raises SignatureRefused(CHANGED) when the store lost them."""
    try:
        with request.payload.open("rb") as file:
            payload = file.read()
    except OSError:
        raise SignatureRefused(Refusal.CHANGED) from None
    if hashlib.sha256(payload).hexdigest() != request.payload_sha256:
        raise SignatureRefused(Refusal.CHANGED)
    return payload


def _demand_authority(request: SigningRequest, application: Application, signer: Signer) -> None:
    """A school's decision is signed with the school's key, by its head or a holder of the right to sign
    (R108). A director who has left signs nothing, even with an invitation opened before."""
    assert application.intake is not None
    school = application.intake.school
    if signer.bin != school.bin:
        raise SignatureRefused(Refusal.OTHER_ORGANISATION)
    if not signer.key_users & MAY_SIGN_FOR_SCHOOL:
        raise SignatureRefused(Refusal.NO_AUTHORITY)
    if not school.staff.filter(user=request.user, role=Role.DIRECTOR).exists():
        raise SignatureRefused(Refusal.NO_AUTHORITY)


def keep(application: Application, evidence: Evidence, *, now: datetime) -> Signature:
    """The evidence of a signature, enough to prove it years later."""
    request, signer = evidence.request, evidence.signer
    return Signature.objects.create(
        application=application,
        decision=request.decision,
        purpose=request.purpose,
        method=evidence.method,
        payload=request.payload.name,
        payload_sha256=request.payload_sha256,
        cms=evidence.cms,
        certificate=signer.certificate,
        ocsp=signer.proof.ocsp,
        crl=evidence.crl,
        signer=request.user,
        signer_iin=signer.iin,
        signer_bin=signer.bin,
        signer_name=signer.name,
        serial=signer.serial,
        valid_from=signer.valid_from,
        valid_to=signer.valid_to,
        algorithm=signer.algorithm,
        signed_at=now,
    )
