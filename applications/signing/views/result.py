"""What became of each document of a batch (R108)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import throttle
from accounts.access import SignedInRequest, signed_in
from applications.models import SigningState
from applications.signing import originals, overtaken
from applications.signing.reasons import Outcome
from applications.signing.views.batch import GUESSES, MISSES, address, load, selection
from applications.signing.views.batch import is_open as batch_is_open
from applications.signing.words import advice_on


@require_GET
@signed_in
@throttle.guessed(GUESSES, per_minute=MISSES)
def result(request: SignedInRequest, token: str) -> HttpResponse:
    """What became of each of several documents; of a single one its own page tells."""
    batch, signing_requests = load(request, token)
    now = timezone.now()
    if len(signing_requests) == 1 or originals.progress(signing_requests, now=now):
        return redirect(address(batch))
    left = [one for one in signing_requests if one.state != SigningState.DONE]
    past = overtaken.reasons(left, now=now)
    again = [one.application for one in left if past.get(one.pk, Outcome.REPLACED) == Outcome.REPLACED]
    is_open = batch_is_open(batch, signing_requests, now=now, past=past)
    context = {
        "batch": batch,
        "rows": [(one, advice_on(one, is_open=is_open, past=past.get(one.pk))) for one in signing_requests],
        "signed": len(signing_requests) - len(left),
        "total": len(signing_requests),
        "is_open": is_open,
        "again": selection(batch) if again else "",
    }
    return render(request, "signing/result.html", context)
