"""An invitation to sign as its pages meet it: whose it is, where its pages are, where they lead."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.access import SignedInRequest
from applications import bulk, completion, signing, wizard
from applications.models import Application, Purpose, SigningBatch, SigningRequest, SigningState

QR, EDS = "qr", "eds"


def load(request: SignedInRequest, token: str) -> tuple[SigningBatch, list[SigningRequest]]:
    """One's own invitation with its documents; a stranger gets 404."""
    batch = get_object_or_404(SigningBatch.objects.for_user(request.user), token=token)
    tickets = completion.requests_of(batch)
    if not tickets:  # the draft was deleted
        raise Http404
    return batch, tickets


def is_open(batch: SigningBatch, tickets: list[SigningRequest], *, now: datetime) -> bool:
    """There is something to sign: a school's decision that was withdrawn from under the director's hands, or
    replaced, is not worth a PIN."""
    if not signing.is_open(batch, now=now):
        return False
    if tickets[0].purpose != Purpose.DECISION:
        return True
    return any(one.state == SigningState.OPEN for one in bulk.standing(tickets))


def address(batch: SigningBatch, way: str = "") -> str:
    url = reverse("signing:page", args=[batch.token])
    return f"{url}?{urlencode({'way': way})}" if way in (QR, EDS) else url


def selection(applications: Iterable[Application]) -> str:
    """The page where the director looks through these applications before signing them."""
    ticked = [("one", str(application.public_id)) for application in applications]
    return f"{reverse('review:bulk')}?{urlencode(ticked)}"


def home(application: Application, purpose: str) -> str:
    name = "review:application" if purpose == Purpose.DECISION else "parent:application"
    return reverse(name, args=[application.public_id])


def origin(tickets: list[SigningRequest]) -> str:
    """Where the person came from, to look again or to change their mind."""
    first = tickets[0]
    if len(tickets) > 1:
        return selection(ticket.application for ticket in tickets)
    if first.purpose == Purpose.APPLICATION:
        return reverse("parent:step", args=[first.application.public_id, wizard.REVIEW])
    return home(first.application, first.purpose)


def after(batch: SigningBatch, tickets: list[SigningRequest]) -> str:
    """Where the result is shown: of several documents row by row, of one where its life goes on."""
    if len(tickets) > 1:
        return reverse("signing:result", args=[batch.token])
    name = {Purpose.APPLICATION: "parent:result", Purpose.DECISION: "review:decided"}.get(
        Purpose(tickets[0].purpose), "parent:application"
    )
    return reverse(name, args=[tickets[0].application.public_id])
