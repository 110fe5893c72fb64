"""The pages of an invitation to sign, by QR or by EDS key (R94, R96): choose the way, wait for the result."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, signed_in
from applications import bulk, completion, documents, qr, signing
from applications.models import Method, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing_texts import HEADING_OF_MANY, HEADINGS, advice, advice_on
from applications.views import blocked as obstacles
from applications.views.egov_mobile import same_device_link, scan_text, title_of
from applications.views.invitation import EDS, QR, address, after, is_open, load, origin
from egov.eds import KeyUser, SignatureRefused

EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"  # of signing keys


@require_GET
@signed_in
def page(request: SignedInRequest, token: str) -> HttpResponse:
    """Choose the way (R94), then the page of that way; an invitation that is over says so."""
    batch, tickets = load(request, token)
    now, ticket, many = timezone.now(), tickets[0], len(tickets) > 1
    if not is_open(batch, tickets, now=now):
        return _over(request, batch, tickets, now=now)
    error = next((one.error for one in tickets if one.state == SigningState.OPEN and one.error), "")
    context: dict[str, Any] = {
        "batch": batch,
        "tickets": tickets,
        "ticket": ticket,
        "many": many,
        "seen": bulk.seen((one.application, one.decision) for one in tickets if one.decision),
        "some_signed": any(one.state != SigningState.OPEN for one in tickets),
        "heading": HEADING_OF_MANY if many else HEADINGS[ticket.purpose],
        "title": title_of(tickets),
        "origin": origin(tickets),
        "minutes": settings.SIGNING_SECONDS // 60,
        "passing": advice(error) if error else None,
        "on_phone": "Mobi" in request.headers.get("User-Agent", ""),
    }
    way = request.GET.get("way")
    if way == QR:
        context |= {"qr": qr.draw(scan_text(batch)), "link": same_device_link(batch)}
        return render(request, "signing/qr.html", context)
    if way == EDS:
        return render(request, "signing/eds.html", context | _ncalayer(ticket))
    return render(request, "signing/choose.html", context)


def _over(
    request: SignedInRequest, batch: SigningBatch, tickets: list[SigningRequest], *, now: datetime
) -> HttpResponse:
    """Signed, refused, cancelled, too late, overtaken, or the application itself has met an obstacle."""
    ticket = tickets[0]
    if len(tickets) > 1 or ticket.state == SigningState.DONE:
        return redirect(after(batch, tickets))
    found = completion.obstacle(ticket, now=now)
    if found:
        return obstacles.explain(request, ticket.application, found)
    context = {
        "ticket": ticket,
        "heading": HEADINGS[ticket.purpose],
        "origin": origin(tickets),
        "advice": advice_on(
            ticket, stands=ticket.purpose != Purpose.DECISION or bool(bulk.standing(tickets))
        ),
        "way": request.GET.get("way", ""),
    }
    return render(request, "signing/over.html", context)


def _ncalayer(ticket: SigningRequest) -> dict[str, object]:
    """Whose key NCALayer is to offer: the wrong ones do not even show."""
    decision = ticket.purpose == Purpose.DECISION
    user = KeyUser.ORGANISATION if decision else KeyUser.INDIVIDUAL
    return {
        "ncalayer_url": settings.NCALAYER_URL,
        "any_ca": settings.NCALAYER_ANY_CA,
        "oids": f"{EMAIL_PROTECTION} {user.value}",
        "bin": ticket.application.chosen_intake.school.bin if decision else "",
    }


@require_http_methods(["GET", "POST"])
@signed_in
def complete(request: SignedInRequest, token: str) -> HttpResponse:
    """The signatures of NCALayer, in the order of the documents."""
    batch, tickets = load(request, token)
    if request.method == "GET":
        return redirect(address(batch, EDS))
    given = request.POST.getlist("cms")
    if not any(given):
        messages.warning(request, _("ЭЦҚ кілтімен қол қою үшін браузерде JavaScript қосулы болуы керек."))
        return redirect(address(batch, EDS))
    answers = {ticket.pk: cms for ticket, cms in zip(tickets, given, strict=False)}
    tickets = completion.complete_all(batch, answers, method=Method.EDS, now=timezone.now())
    if len(tickets) > 1 or all(ticket.state == SigningState.DONE for ticket in tickets):
        return redirect(after(batch, tickets))
    return redirect(address(batch, EDS))


@require_GET
@signed_in
def status(request: SignedInRequest, token: str) -> JsonResponse:
    """For the script of the page: is there anything new to show, and where."""
    batch, tickets = load(request, token)
    return JsonResponse({"open": is_open(batch, tickets, now=timezone.now()), "url": address(batch, QR)})


@require_http_methods(["GET", "POST"])
@signed_in
def check(request: SignedInRequest, token: str) -> HttpResponse:
    """«Мен қол қойдым — тексеру»: the same without a script."""
    batch, tickets = load(request, token)
    if is_open(batch, tickets, now=timezone.now()):
        messages.info(request, _("Қолтаңба әлі келген жоқ. Телефонда қол қойып, қайта тексеріңіз."))
    return redirect(address(batch, QR))


@require_GET
@signed_in
def document(request: SignedInRequest, token: str, number: int) -> HttpResponse:
    """The very bytes to sign, for the person's eyes and for NCALayer."""
    _found, tickets = load(request, token)
    try:
        payload = signing.payload_of(dict(enumerate(tickets, start=1))[number])
    except (KeyError, SignatureRefused):  # the store lost it
        raise Http404 from None
    response = HttpResponse(payload, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="oqu.pdf"'
    return documents.harden(response)
