"""The button that leads from the last step to the signature of the application (R93, R188)."""

from datetime import datetime

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import throttle
from accounts.access import SignedInRequest, consented, signed_in
from applications import drafts, eligibility, obstacles, registers, steps
from applications.eligibility import Blocked
from applications.filing import wizard
from applications.filing.views.visit import REGISTERS, load_to_ask
from applications.models import Application, Purpose
from applications.signing.views import start
from applications.status import Status


@require_http_methods(["GET", "POST"])
@signed_in
def application(request: SignedInRequest, public_id: object) -> HttpResponseBase:
    """A stranger finds nothing; the applicant signs with the consent of R37, like all else."""
    return consented(_application)(request, load_to_ask(request.user, public_id))


def _application(request: SignedInRequest, found: Application) -> HttpResponse:
    """Every check before the document is drawn, and the wizard walked to its end. Who comes here
    by an address, after signing in again, is led to where the button is."""
    now = timezone.now()
    if request.method == "GET":
        return redirect("cabinet:application", found.public_id)
    if not throttle.allowed(request, what="registers", per_minute=REGISTERS):
        return throttle.too_often(request)
    if found.status != Status.DRAFT:
        return start.stale(request, found, Purpose.APPLICATION)
    try:
        _check(found, now=now)
    except Blocked as blocked:
        return obstacles.explain(request, found, blocked)
    except drafts.NotADraft:
        return start.stale(request, found, Purpose.APPLICATION)
    if not wizard.may_open(found, steps.REVIEW, now=now):  # it leads to the step that is missing
        return redirect("filing:step", found.public_id, steps.REVIEW)
    return start.sign(request, found, purpose=Purpose.APPLICATION, now=now)


def _check(found: Application, *, now: datetime) -> None:
    """The registers first, asked at the last step as a rule; what they have changed breaks a rule, or is
    looked at once more (D34). Raises Blocked, drafts.NotADraft."""
    rush = registers.is_rush(found, now=now)
    with registers.enrolment_beside(found, now=now, in_rush=rush) as answer:
        registers.before_signature(found, user=found.applicant, now=now, in_rush=rush)
        try:
            eligibility.check_stored(found, now=now)
            registers.check_enrolment(found, now=now, answer=answer, in_rush=rush)
        except Blocked as blocked:
            raise registers.explained(blocked, found) from None
    registers.demand_seen(found)
