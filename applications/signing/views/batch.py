"""A batch to sign as its pages meet it: whose it is, where its pages are, where they lead."""

from datetime import date, datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.access import SignedInRequest
from accounts.models import User
from accounts.prepared import Prepared
from applications import steps
from applications.models import Application, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import batches, completion, overtaken
from applications.signing.reasons import Reason

QR, EDS = "qr", "eds"
GUESSES, MISSES = "sign", 30  # addresses that lead nowhere, a minute and a person or an address
_OWN = Prepared(
    lambda user, iin, today, token: SigningBatch.objects.for_user(User(pk=user, iin=iin), today=today).filter(
        token=token
    ),
    int,
    str,
    date,
    str,
)


def load(request: SignedInRequest, token: str) -> tuple[SigningBatch, list[SigningRequest]]:
    """One's own batch with its documents; a stranger gets 404."""
    batch = _OWN.first(request.user.pk, request.user.iin, timezone.localdate(), token)
    if batch is None:
        raise Http404
    if batch.user_id == request.user.pk:
        batch.user = request.user
    signing_requests = completion.requests_of(batch)
    if not signing_requests:  # the draft was deleted
        raise Http404
    return batch, signing_requests


def is_open(
    batch: SigningBatch,
    signing_requests: list[SigningRequest],
    *,
    now: datetime,
    past: dict[int, Reason] | None = None,
) -> bool:
    """There is something to sign: what was overtaken (withdrawn, decided, filed meanwhile) is worth no PIN.
    `past`: what is known of that already."""
    if not batches.is_open(batch, now=now):
        return False
    if past is None:
        past = overtaken.reasons(signing_requests, now=now)
    return any(one.state == SigningState.OPEN and one.pk not in past for one in signing_requests)


def address(batch: SigningBatch, way: str = "") -> str:
    url = reverse("signing:page", args=[batch.token])
    return f"{url}?{urlencode({'way': way})}" if way in (QR, EDS) else url


def is_phone(request: HttpRequest) -> bool:
    """Of any kind: eGov Mobile is at hand there, NCALayer is not."""
    return "Mobi" in request.headers.get("User-Agent", "")


def selection(batch: SigningBatch) -> str:
    """The page where the director looks again through what is not signed of the batch."""
    return f"{reverse('review:bulk')}?{urlencode({'batch': batch.token})}"


def home(application: Application, purpose: str) -> str:
    name = "review:application" if purpose == Purpose.DECISION else "cabinet:application"
    return reverse(name, args=[application.public_id])


def origin(signing_requests: list[SigningRequest]) -> str:
    """Where the person came from, to look again or to change their mind."""
    first = signing_requests[0]
    if len(signing_requests) > 1:
        return selection(first.batch)
    if first.purpose == Purpose.APPLICATION:
        return reverse("filing:step", args=[first.application.public_id, steps.REVIEW])
    return home(first.application, first.purpose)


def after(batch: SigningBatch, signing_requests: list[SigningRequest]) -> str:
    """Where the result is shown: of several documents row by row, of one where its life goes on."""
    if len(signing_requests) > 1:
        return reverse("signing:result", args=[batch.token])
    name = {Purpose.APPLICATION: "cabinet:result", Purpose.DECISION: "review:decided"}.get(
        Purpose(signing_requests[0].purpose), "cabinet:application"
    )
    return reverse(name, args=[signing_requests[0].application.public_id])
