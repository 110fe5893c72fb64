"""What is signed, by whom, and whether a signature is good enough to act on (R93-R95, R108, R115).

`open_batch` opens a batch of signing requests to drawn documents; `examine` judges what came back. What
follows a good signature is lifecycle's business.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from accounts import written
from accounts.models import User
from applications import facts, hands, stored
from applications.evidence import MAY_SIGN_FOR_SCHOOL, Evidence
from applications.models import (
    Application,
    Decision,
    Drawing,
    Method,
    Purpose,
    RevocationList,
    SigningBatch,
    SigningRequest,
    SigningState,
)
from applications.papers import drawing
from applications.signing import asked, originals
from applications.signing.reasons import Outcome
from egov import eds
from egov.eds import KeyUser, Refusal, SignatureRefused, Signer, Source
from schools.models import Role

# What was asked for in time may be answered a little late: people read before they type their PIN.
GRACE = timedelta(minutes=1)
# A batch that is about to end is no use to a person who has just arrived.
SHORTEST_LIFE = timedelta(minutes=1)

Key = tuple[int, str, int | None, str]  # what makes two documents the same


@dataclass(frozen=True)
class Wanted:
    """A document that is to be signed as it stands."""

    application: Application
    purpose: str
    decision: Decision | None
    content: str  # hash of the facts in it
    stated: dict[str, Any] = field(default_factory=dict[str, Any])  # see facts.stated

    @classmethod
    def of(
        cls,
        application: Application,
        purpose: str,
        decision: Decision | None = None,
        stated: dict[str, Any] | None = None,
        told: dict[str, Any] | None = None,
    ) -> "Wanted":
        content = facts.content_sha256(application, purpose, decision, stated, told=told)
        return cls(application, purpose, decision, content, stated or {})

    @property
    def key(self) -> Key:
        return self.application.pk, self.purpose, self.decision.pk if self.decision else None, self.content


def open_one(
    application: Application,
    *,
    purpose: str,
    by: User,
    now: datetime,
    decision: Decision | None = None,
    stated: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
    fresh: bool = False,
) -> SigningRequest:
    """The batch to sign one document as it stands: the open one, or a new one («Жаңа QR»: `fresh`). `told`:
    the application's own facts, where they are at hand. Raises Barred (D39), drawing.Changed."""
    batch = open_batch([Wanted.of(application, purpose, decision, stated, told)], by=by, now=now, fresh=fresh)
    (signing_request,) = asked.OF_BATCH(batch.pk)
    signing_request.batch, signing_request.application = batch, application
    return signing_request


def open_batch(wanted: Sequence[Wanted], *, by: User, now: datetime, fresh: bool = False) -> SigningBatch:
    """One batch to sign all these documents: the open one to the very same, or a new one.

    A document is drawn once for the same content, so that in the rush of an opening day most of the work is
    done before the signature. Here one is drawn at most, outside the transaction, for it takes its time;
    where more are wanting the worker draws them (originals.py), and the batch is open when they stand. A new
    batch that was asked for ends those before it at once: who has seen the old QR has no more use of it
    (D45).
    Raises Barred (D39), drawing.Changed.
    """
    decisions = [(one.application, one.decision) for one in wanted if one.purpose == Purpose.DECISION]
    if decisions and (barred := hands.bars(decisions, by)):
        raise hands.Barred(next(iter(barred.values())))
    if fresh:
        _end(wanted, by=by, now=now)
    found = None if fresh else _open(wanted, by=by, now=now)
    if found:
        return found
    batch = SigningBatch(
        user=by, created_at=now, expires_at=now + timedelta(seconds=settings.SIGNING_SECONDS)
    )
    requests = [_request(one, batch) for one in wanted]
    reused = originals.reuse(requests, user=by)
    while True:
        undrawn = [one for one in requests if not one.payload]
        if len(undrawn) == 1 and originals.is_drawn(undrawn[0], alone=len(requests) == 1):
            undrawn = []
        try:
            lost = _save(batch, requests, undrawn, reused, now=now)
        except drawing.Changed:
            originals.forget(one for one in requests if one.payload.name not in reused)
            raise
        if not lost:
            return batch
        for one in lost:
            one.payload, one.payload_sha256 = "", ""


def _request(wanted: Wanted, batch: SigningBatch) -> SigningRequest:
    return SigningRequest(
        batch=batch,
        application=wanted.application,
        purpose=wanted.purpose,
        decision=wanted.decision,
        stated=wanted.stated,
        content_sha256=wanted.content,
    )


def _save(
    batch: SigningBatch,
    requests: Sequence[SigningRequest],
    undrawn: Sequence[SigningRequest],
    reused: dict[str, int],
    *,
    now: datetime,
) -> list[SigningRequest]:
    """Write the batch, unless an original in it belongs to a request that was erased meanwhile, and its file
    with it: those, for another drawing. The requests are held, so that who erases one of them later sees that
    its file has a new owner; the applications before them, as whoever signs, erases or deletes holds both.
    Raises drawing.Changed where one of them was deleted meanwhile."""
    with transaction.atomic():
        _hold({one.application.pk for one in requests})
        held = {owner for (owner,) in asked.OWNERS(list(reused.values()))} if reused else set()
        gone = {name for name, owner in reused.items() if owner not in held}
        lost = [one for one in requests if one.payload.name in gone]
        if not lost:
            written.insert(batch)
            for one in requests:
                one.batch = batch  # has its key by now
            written.insert(*requests)
            if undrawn:
                written.insert(*(Drawing(signing_request=one, next_try_at=now) for one in undrawn))
    return lost


def _hold(applications: Collection[int]) -> None:
    if len(asked.HELD(list(applications))) < len(applications):
        raise drawing.Changed


def _open(wanted: Sequence[Wanted], *, by: User, now: datetime) -> SigningBatch | None:
    """A batch to sign exactly these documents, none of them answered yet, with time left."""
    keys = {one.key for one in wanted}
    for batch in asked.RECENT(by.pk, now + SHORTEST_LIFE, wanted[0].application.pk):
        requests = asked.OF_BATCH(batch.pk)
        unanswered = all(one.state == SigningState.OPEN for one in requests)
        if unanswered and {_key(one) for one in requests} == keys:
            return batch
    return None


def _end(wanted: Sequence[Wanted], *, by: User, now: datetime) -> None:
    """Statements of their own, so that no lock is held while documents are drawn. What is signed stays so;
    what is yet to be drawn of the others is drawn no more."""
    ended = SigningRequest.objects.filter(
        batch__user=by,
        application__in=[one.application for one in wanted],
        purpose__in={one.purpose for one in wanted},
    )
    ended.filter(state=SigningState.OPEN).update(
        state=SigningState.CANCELLED, error=Outcome.RENEWED, finished_at=now
    )
    Drawing.objects.filter(
        ahead=False, signing_request__in=ended.filter(state=SigningState.CANCELLED)
    ).delete()


def _key(signing_request: SigningRequest) -> Key:
    return (
        signing_request.application_id,
        signing_request.purpose,
        signing_request.decision_id,
        signing_request.content_sha256,
    )


def is_open(batch: SigningBatch, *, now: datetime) -> bool:
    """May still be shown, scanned and signed: a document of it waits for its signature, none to be drawn."""
    left = [one for one in asked.OF_BATCH(batch.pk) if one.state == SigningState.OPEN]
    return now < batch.expires_at and bool(left) and all(one.payload for one in left)


def examine(
    signing_request: SigningRequest, *, cms: bytes, method: Method, now: datetime, ask: Source = eds.ask
) -> Evidence:
    """Verify the signature over our own bytes, and that it is this person's to give. Asks the network, so
    never inside a transaction. Raises SignatureRefused, Unavailable."""
    batch = signing_request.batch
    if signing_request.state != SigningState.OPEN or batch.is_ahead or now >= batch.expires_at + GRACE:
        raise SignatureRefused(Refusal.TOO_LATE)
    application = _current(signing_request)
    payload = payload_of(signing_request)
    signer = eds.verify(cms, payload, now=now, ask=ask)
    if signer.iin != signing_request.user.iin:
        raise SignatureRefused(Refusal.OTHER_PERSON)
    if signing_request.purpose == Purpose.DECISION:
        _demand_authority(signing_request, application, signer)
    elif KeyUser.INDIVIDUAL not in signer.key_users:
        raise SignatureRefused(Refusal.ORGANISATION_KEY)
    crl = _keep_list(signer.proof.crl, now=now) if signer.proof.crl else None
    return Evidence(signing_request=signing_request, cms=cms, signer=signer, method=method, crl=crl)


def _keep_list(der: bytes, *, now: datetime) -> RevocationList:
    """The list as a row, once for all signatures that lean on it."""
    sha256 = hashlib.sha256(der).hexdigest()
    kept = RevocationList.objects.filter(sha256=sha256).first()
    if kept:
        return kept
    new = RevocationList()
    new.file.save("crl", ContentFile(der), save=False)
    kept, created = RevocationList.objects.get_or_create(
        sha256=sha256, defaults={"file": new.file.name, "kept_at": now}
    )
    if not created:  # another signature was faster
        new.file.delete(save=False)
    return kept


def _current(signing_request: SigningRequest) -> Application:
    """The application as it stands now, still saying what was to be signed. Raises SignatureRefused."""
    application = asked.APPLICATION.first(signing_request.application_id)
    if application is None:
        raise Application.DoesNotExist
    content = facts.content_sha256(
        application, signing_request.purpose, signing_request.decision, signing_request.stated
    )
    if content != signing_request.content_sha256:
        raise SignatureRefused(Refusal.CHANGED)
    return application


def payload_of(signing_request: SigningRequest) -> bytes:
    """The bytes to sign, as they were written. Raises SignatureRefused(CHANGED) when the store lost them."""
    try:
        return stored.read(signing_request.payload, signing_request.payload_sha256)
    except stored.Spoiled:
        raise SignatureRefused(Refusal.CHANGED) from None


def _demand_authority(signing_request: SigningRequest, application: Application, signer: Signer) -> None:
    """A school's decision is signed with the school's key, by its head or a holder of the right to sign
    (R108). A director who has left signs nothing, even with a batch opened before."""
    school = application.chosen_intake.school
    if not school.goes_by(signer.bin):  # a new certificate comes days after a new number
        raise SignatureRefused(Refusal.OTHER_ORGANISATION)
    if not signer.key_users & MAY_SIGN_FOR_SCHOOL:
        raise SignatureRefused(Refusal.NO_AUTHORITY)
    if not school.staff.filter(user=signing_request.user, role=Role.DIRECTOR).exists():
        raise SignatureRefused(Refusal.NO_POST)
