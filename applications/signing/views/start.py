"""From a button of a room to the pages of the signature."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import SignedInRequest
from accounts.prepared import Prepared
from applications.models import Application, Decision, Signature
from applications.papers import drawing
from applications.signing import batches
from applications.signing.views.batch import address, home
from applications.signing.words import advice
from egov.eds import Refusal

_LAST = Prepared(
    lambda signer: Signature.objects.filter(signer=signer).order_by("-pk").values_list("method")[:1], int
)


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
    way = request.POST.get("way") or _remembered_way(request)
    return redirect(address(signing_request.batch, way))


def _remembered_way(request: SignedInRequest) -> str:
    """QR or key, as the person has signed the last time; its page offers the other (D70)."""
    last = _LAST.first(request.user.pk)
    return last[0].lower() if last else ""


def stale(request: HttpRequest, application: Application, purpose: str) -> HttpResponse:
    messages.warning(request, _("Өтінімнің жағдайы өзгерген, сондықтан бұл құжатқа енді қол қойылмайды."))
    return redirect(home(application, purpose))
