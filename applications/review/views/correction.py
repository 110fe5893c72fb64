"""A decision that was signed by mistake, corrected by a new one that the director signs (D54)."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import journal, kept, seen
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications import correcting, hands, lifecycle
from applications.hands import Barred
from applications.models import Application, Decision, Purpose
from applications.review.forms import CorrectionForm
from applications.review.views import place
from applications.review.views.decision import stale
from applications.review.views.desk import is_director, load
from applications.signing.views import start
from applications.signing.words import advice
from applications.stops import Stop, Stopped


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def correct(request: SignedInRequest, public_id: object) -> HttpResponse:
    """What stands, what was corrected before, and the form; or why it is not corrected any more."""
    found, now = load(request, public_id), timezone.now()
    if not is_director(request, found):
        raise Http404
    signed = correcting.standing(found)
    if signed is None:
        return stale(request, found)
    posted = request.method == "POST"
    typed = request.POST if posted else kept.restored(request, now=now)
    form = CorrectionForm(typed, application=found, corrects=signed)
    if posted and form.is_valid():
        return _write(request, found, signed, form, now=now)
    return _show(request, found, signed, form, now=now, status=400 if form.errors else 200)


def _write(
    request: SignedInRequest, found: Application, signed: Decision, form: CorrectionForm, *, now: datetime
) -> HttpResponse:
    """To the signature. What stands against it is said above the form as it was typed."""
    try:
        wanted = Decision(result=form.cleaned_data["result"])
        correcting.demand_at_no_other_school(wanted, found, now=now)
        correction = lifecycle.prepare(
            found, by=request.user, now=now, check=lambda locked: _unread(request, locked), **form.decision()
        )
    except Stopped as stopped:
        return _show(request, found, signed, form, now=now, status=409, stop=stopped.stop)
    except Barred:  # who it is for is said in place of the form
        return _show(request, found, signed, form, now=now, status=409)
    except (seen.Stale, lifecycle.NotAllowed):
        found = load(request, found.public_id)
        standing = correcting.standing(found)
        if standing is None:
            return stale(request, found)
        return _show(request, found, standing, form, now=now, status=409, is_stale=True)
    return start.sign(request, found, purpose=Purpose.DECISION, now=now, decision=correction)


def _answers(application: Application) -> dict[str, object]:
    """What a correction must not be written over unread."""
    signed, waiting = correcting.standing(application), lifecycle.open_decision(application)
    return {"signed": signed and signed.pk, "waiting": waiting and waiting.pk}


def _unread(request: SignedInRequest, locked: Application) -> None:
    wanted = {"signed": "another", "waiting": "another"}
    seen.demand(request.POST.get(seen.FIELD, ""), stored=_answers(locked), wanted=wanted)


def _show(
    request: SignedInRequest,
    found: Application,
    signed: Decision,
    form: CorrectionForm,
    *,
    now: datetime,
    status: int,
    stop: Stop | None = None,
    is_stale: bool = False,
) -> HttpResponse:
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    bar = hands.bar(found, request.user, Decision(prepared_by=request.user))
    over = bar or correcting.stop(signed, found, now=now)
    typed_at = "" if is_stale or not form.is_bound else str(form.data.get(seen.FIELD, ""))
    context = {
        "application": found,
        "signed": signed,
        "corrections": correcting.made(found),
        "waiting": lifecycle.open_decision(found),
        "ends": correcting.ends(signed),
        "over": advice(over) if over else None,
        "stopped": advice(stop) if stop else None,
        "stale": is_stale,
        "form": form,
        "seen": typed_at or seen.mark(_answers(found)),
        "place": place.read(request),
        "back": place.of_application(request, found.public_id),
    }
    return render(request, "review/correct.html", context, status=status)
