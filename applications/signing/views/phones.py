"""Which phone has read the QR of a batch (D45). Whoever sees a screen can read the QR on it, so the person is
told that a phone has, and another one than the first ends nothing."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, Func, Value
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts import throttle
from applications.models import Method, SigningBatch, SigningRequest, SigningState
from applications.signing import authority, batches
from applications.signing.doubts import Doubt
from applications.signing.reasons import Outcome
from egov import eds
from egov.eds import SignatureRefused, login_proof
from egov.eds.login_proof import LoginRefused
from egov.errors import Unavailable

SHORT = 16  # hex digits


class Doubted(Exception):
    """The phone has not shown that it is the person's, and why; `passing`: it may try again."""

    def __init__(self, code: str, *, passing: bool = False) -> None:
        super().__init__(code)
        self.code, self.passing = code, passing


def note(request: HttpRequest, batch: SigningBatch, *, now: datetime) -> None:
    """A phone has read the QR: the first one is remembered, and when one of another network came."""
    here = network(request, batch)
    found = SigningBatch.objects.filter(pk=batch.pk)
    if not batch.opened_at and found.filter(opened_at=None).update(opened_at=now, opened_from=here):
        return
    if batch.opened_from != here and not batch.opened_elsewhere_at:
        others = found.filter(opened_elsewhere_at=None).exclude(opened_from=here)
        others.update(opened_elsewhere_at=now)


def network(request: HttpRequest, batch: SigningBatch) -> str:
    """As it is kept: nobody reads an address out of it, and no two batches can be laid side by side."""
    told = throttle.network(throttle.address(request))
    return salted_hmac(f"phone-of-{batch.token}", told).hexdigest()[:SHORT]


def is_first(request: HttpRequest, batch: SigningBatch) -> bool:
    return batch.opened_from in ("", network(request, batch))


def prove(request: HttpRequest, batch: SigningBatch, xml: object, *, url: str, now: datetime) -> None:
    """By a login signed with the person's authentication key the phone shows whose it is (D45). Asks the
    network, so never inside a transaction. Raises Doubted."""
    if not isinstance(xml, str):
        raise Doubted(Doubt.NOT_PROVEN)
    source = authority.Watched(eds.ask)
    try:
        proof = login_proof.prove(xml, url=url, iin=batch.user.iin, now=now, source=source)
        authority.note_success(source)
    except (SignatureRefused, LoginRefused) as refused:
        raise Doubted(refused.code) from None
    except Unavailable as error:
        authority.note_failure(error, now=now)
        raise Doubted(Outcome.UNAVAILABLE, passing=True) from None
    fresh = SigningBatch.objects.filter(pk=batch.pk).exclude(proofs__contains=[proof.sha256])
    added = Func(
        F("proofs"), Value(proof.sha256), function="array_append", output_field=ArrayField(CharField())
    )
    if not fresh.update(proven_at=now, proven_from=network(request, batch), proofs=added):
        raise Doubted(Doubt.REPLAYED)


def is_proven(request: HttpRequest, batch: SigningBatch) -> bool:
    """The same network as that of the phone that has shown whose it is."""
    return batch.proven_from == network(request, batch)


def demand_signature(
    signing_requests: list[SigningRequest], answers: Mapping[int, str], *, now: datetime
) -> None:
    """Of an answer from another network: one of its signatures is this person's over a document that waits
    for it, which shows whose phone it is. Nothing is changed here: a stranger who has seen the QR would end
    the request by a wrong signature, or by leaving it out. Raises Doubted."""
    ask, found = eds.AskOnce(), None
    waiting = [one for one in signing_requests if one.state == SigningState.OPEN]
    for one in waiting:
        try:
            if one.pk in answers:
                batches.examine(one, cms=eds.decode(answers[one.pk]), method=Method.QR, now=now, ask=ask)
                return
        except SignatureRefused as refused:
            found = found or refused.code
        except Unavailable:
            raise Doubted(Outcome.UNAVAILABLE, passing=True) from None
    if waiting:
        raise Doubted(found or Outcome.MISSING)
