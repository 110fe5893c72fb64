"""The button that opens an invitation to sign one document (R93, R115, R188)."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, consented, signed_in
from applications import eligibility, lifecycle, signing, wizard
from applications.eligibility import Blocked
from applications.models import Application, Decision, Purpose
from applications.status import Status
from applications.views import blocked as obstacles
from applications.views.invitation import address, home
from applications.views.visit import load


@require_http_methods(["GET", "POST"])
@signed_in
def start(request: SignedInRequest, public_id: object, purpose: str) -> HttpResponseBase:
    """A school's decision is signed at work; one's own application with the consent of R37, like all else."""
    if purpose not in Purpose.values:
        raise Http404
    guarded = _start if purpose == Purpose.DECISION else consented(_start)
    return guarded(request, _filed(request, public_id, purpose), purpose)


def _start(request: SignedInRequest, application: Application, purpose: str) -> HttpResponse:
    """Open an invitation to sign; `fresh` asks for a new one («Жаңа QR»). Who comes here by an address,
    after signing in again, is led to where the button is."""
    now = timezone.now()
    if request.method == "GET":
        return redirect(home(application, purpose))
    try:
        decision = _demand(application, purpose, now=now)
    except Blocked as found:
        return obstacles.explain(request, application, found)
    except lifecycle.NotAllowed:
        return _stale(request, application, purpose)
    if purpose == Purpose.APPLICATION and not wizard.may_open(application, wizard.REVIEW, now=now):
        # It leads to the step that is missing.
        return redirect("parent:step", application.public_id, wizard.REVIEW)
    ticket = signing.prepare(
        application,
        purpose=purpose,
        by=request.user,
        now=now,
        decision=decision,
        fresh="fresh" in request.POST,
    )
    return redirect(address(ticket.batch, request.POST.get("way", "")))


def _filed(request: SignedInRequest, public_id: object, purpose: str) -> Application:
    """One's own application, or for a decision one of the school that one directs; else 404."""
    if purpose != Purpose.DECISION:
        return load(request.user, public_id)
    mine = Application.objects.for_director(request.user)
    related = ("applicant", "child", "intake__school__locality", "intake__language")
    return get_object_or_404(mine.select_related(*related), public_id=public_id)


def _demand(application: Application, purpose: str, *, now: datetime) -> Decision | None:
    """What must hold before a document is drawn. Raises Blocked, lifecycle.NotAllowed."""
    if purpose == Purpose.DECISION:
        decision = lifecycle.open_decision(application)
        if decision is None:
            raise lifecycle.NotAllowed("no decision waits for a signature")
        return decision
    if purpose == Purpose.WITHDRAWAL:
        if not lifecycle.may_withdraw(application, now=now):
            raise lifecycle.NotAllowed("too late, or not in a status that can be withdrawn")
        return None
    if application.status != Status.DRAFT:
        raise lifecycle.NotAllowed("already filed")
    eligibility.check_all(application, now=now)
    return None


def _stale(request: HttpRequest, application: Application, purpose: str) -> HttpResponse:
    messages.warning(request, _("Өтінімнің жағдайы өзгерген, сондықтан бұл құжатқа енді қол қойылмайды."))
    return redirect(home(application, purpose))
