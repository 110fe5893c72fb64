"""From a button of a room to the pages of the signature."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import SignedInRequest
from applications.models import Application, Decision
from applications.papers import drawing
from applications.signing import batches
from applications.signing.views.batch import address, home
from applications.signing.words import advice
from egov.eds import Refusal


def sign(
    request: SignedInRequest,
    application: Application,
    *,
    purpose: str,
    now: datetime,
    decision: Decision | None = None,
    stated: dict[str, Any] | None = None,
) -> HttpResponse:
    """Open a batch of one document, or find the open one; `fresh` asks for a new one («Жаңа QR»). The caller
    has checked access and that the document may be signed."""
    try:
        signing_request = batches.open_one(
            application,
            purpose=purpose,
            by=request.user,
            now=now,
            decision=decision,
            stated=stated,
            fresh="fresh" in request.POST,
        )
    except drawing.Changed:
        messages.warning(request, str(advice(Refusal.CHANGED).remedy))
        return redirect(home(application, purpose))
    return redirect(address(signing_request.batch, request.POST.get("way", "")))


def stale(request: HttpRequest, application: Application, purpose: str) -> HttpResponse:
    messages.warning(request, _("Өтінімнің жағдайы өзгерген, сондықтан бұл құжатқа енді қол қойылмайды."))
    return redirect(home(application, purpose))
