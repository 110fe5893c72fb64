"""«Мекенжайымды қосу»: a parent whose address no school has asks for it (D63)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import throttle
from accounts.access import SignedInRequest, consented
from applications import eligibility, steps
from applications.filing.views.visit import address, load
from applications.status import Status
from schools import address_requests

ASKS = 10  # a minute and a person


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def ask(request: SignedInRequest, public_id: object) -> HttpResponse:
    """To the department of the address; the draft waits, and goes on by itself when the address is added."""
    draft = load(request.user, public_id)
    if draft.status != Status.DRAFT:
        return redirect("cabinet:application", draft.public_id)
    registered = next(iter(eligibility.addresses_that_count(draft)), {})
    alone = address_requests.may_be_asked(registered) and not eligibility.attached_schools(draft)
    if request.method == "POST" and alone:
        if not throttle.allowed(request, what="address-requests", per_minute=ASKS):
            return throttle.too_often(request)
        address_requests.ask(request.user, registered, now=timezone.now())
        sent = _("Сұрауыңыз білім басқармасына жіберілді.")
        messages.success(request, f"{sent} {_answered_by(request)}")
    return redirect(address(draft, steps.WAY))


def _answered_by(request: SignedInRequest) -> str:
    """No SMS is promised to who gets none."""
    if request.user.phone:
        return _("Жауабын SMS пен хабарламадан білесіз.")
    return _("Жауабын хабарламадан білесіз.")
