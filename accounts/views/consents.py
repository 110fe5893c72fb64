"""All consents of a person, and the way to take each back (R37, R40, D11)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import consents as rules
from accounts.access import SignedInRequest, signed_in
from accounts.models import Consent, ConsentStatus, masked


def _row(consent: Consent, *, state: str) -> dict[str, object]:
    return {
        "consent": consent,
        "state": state,
        "child": consent.child,
        "masked_iin": masked(consent.child_iin) if consent.child_iin else "",
        "in_force": state == ConsentStatus.GRANTED,
    }


@never_cache
@require_GET
@signed_in
def listing(request: SignedInRequest) -> HttpResponse:
    """Whose data, for what, when, until when and what became of it; 1414 is asked about those in force."""
    now = timezone.now()
    sure = rules.confirm(request.user, now=now)
    rows = [_row(one, state=rules.state(one, now=now)) for one in rules.history(request.user)]
    return render(request, "accounts/consents.html", {"rows": rows, "silent": not sure})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def revoke(request: SignedInRequest, consent_id: int) -> HttpResponse:
    """What taking it back ends and what stays by law, and the button."""
    now = timezone.now()
    consent = get_object_or_404(rules.history(request.user), pk=consent_id)
    state = rules.state(consent, now=now)
    if state != ConsentStatus.GRANTED:
        return redirect("accounts:consents")
    if request.method == "POST":
        rules.revoke(consent, now=now)
        messages.success(request, _("Келісім қайтарып алынды. Енді ол бойынша деректер сұралмайды."))
        return redirect("accounts:consents")
    return render(request, "accounts/revoke_consent.html", _row(consent, state=state))
