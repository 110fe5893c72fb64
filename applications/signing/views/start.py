"""From a button of a room to the pages of the signature."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.access import SignedInRequest
from accounts.prepared import Prepared
from applications import steps
from applications.models import Application, Decision, Purpose, Signature
from applications.papers import drawing
from applications.signing import batches
from applications.signing.views.batch import EDS, QR, address, home, is_phone
from applications.signing.words import advice
from egov.eds import Refusal

STALE = _("Өтінімнің жағдайы өзгерген, сондықтан бұл құжатқа енді қол қойылмайды.")
_LAST = Prepared(lambda signer: _methods(signer).exclude(purpose=Purpose.DECISION)[:1], int)
_LAST_OF_DECISIONS = Prepared(lambda signer: _methods(signer).filter(purpose=Purpose.DECISION)[:1], int)


def sign(
    request: SignedInRequest,
    application: Application,
    *,
    purpose: str,
    now: datetime,
    decision: Decision | None = None,
    stated: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
) -> HttpResponse:
    """Open a batch of one document, or find the open one; `fresh` asks for a new one («Жаңа QR»). The caller
    has checked access, that the document may be signed, and that it is what the page of the button has
    shown (D82). `told`: the application's own facts, where they are at hand."""
    try:
        signing_request = batches.open_one(
            application,
            purpose=purpose,
            by=request.user,
            now=now,
            decision=decision,
            stated=stated,
            told=told,
            fresh="fresh" in request.POST,
        )
    except drawing.Changed:
        if not Application.objects.filter(pk=application.pk).exists():  # deleted in another window
            messages.warning(request, str(STALE))
            return redirect("cabinet:applications")
        return read_again(request, application, purpose)
    way = request.POST.get("way") or _remembered_way(request, purpose)
    return redirect(address(signing_request.batch, way))


def read_again(request: HttpRequest, application: Application, purpose: str) -> HttpResponse:
    """Nobody signs what another window has changed since they have read it: to the page that shows it."""
    messages.warning(request, str(advice(Refusal.CHANGED).remedy))
    if purpose == Purpose.APPLICATION:
        return redirect("filing:step", application.public_id, steps.REVIEW)
    if purpose == Purpose.SUPPLEMENT:
        return redirect("cabinet:supplement", application.public_id)
    return redirect(home(application, purpose))


def _methods(signer: int) -> QuerySet[Signature, tuple[str]]:
    return Signature.objects.filter(signer=signer).order_by("-pk").values_list("method")


def _remembered_way(request: SignedInRequest, purpose: str) -> str:
    """QR or key, as the person has signed the last time, decisions apart from what is their own; its page
    offers the other. On a phone, where there is no NCALayer, it is QR (D70)."""
    last = (_LAST_OF_DECISIONS if purpose == Purpose.DECISION else _LAST).first(request.user.pk)
    way = last[0].lower() if last else ""
    return QR if way == EDS and is_phone(request) else way


def stale(request: HttpRequest, application: Application, purpose: str) -> HttpResponse:
    messages.warning(request, str(STALE))
    return redirect(home(application, purpose))
