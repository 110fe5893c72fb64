"""The pages of a batch to sign, by QR or by EDS key (R94, R96): choose the way, wait for the result."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import journal, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications import obstacles, stored
from applications.models import Method, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import batches, completion, originals, overtaken, qr
from applications.signing import many as bulk
from applications.signing.titles import title_of
from applications.signing.views.batch import (
    EDS,
    GUESSES,
    MISSES,
    QR,
    address,
    after,
    is_open,
    is_phone,
    load,
    origin,
)
from applications.signing.views.egov_mobile import same_device_link, scan_text
from applications.signing.words import HEADING_OF_MANY, HEADINGS, advice, advice_on
from egov.eds import KeyUser, SignatureRefused

EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"  # of signing keys


@require_GET
@signed_in
@throttle.guessed(GUESSES, per_minute=MISSES)
def page(request: SignedInRequest, token: str) -> HttpResponse:
    """Choose the way (R94), then the page of that way; a batch that is over says so."""
    batch, signing_requests = load(request, token)
    now, signing_request, many = timezone.now(), signing_requests[0], len(signing_requests) > 1
    if drawing := originals.progress(signing_requests, now=now):
        return _drawing(request, batch, signing_requests, drawing)
    past = overtaken.reasons(signing_requests, now=now)
    if not is_open(batch, signing_requests, now=now, past=past):
        return _over(request, batch, signing_requests, now=now)
    error = next((one.error for one in signing_requests if one.state == SigningState.OPEN and one.error), "")
    request.__dict__["at_work"] = signing_request.purpose == Purpose.DECISION  # for the header
    context: dict[str, Any] = {
        "batch": batch,
        "signing_requests": signing_requests,
        "signing_request": signing_request,
        "many": many,
        "seen": bulk.seen((one.application, one.decision) for one in signing_requests if one.decision),
        # Of the others there is no document to fetch, and one that is missing would stop them all.
        "to_sign": {one.pk for one in signing_requests if one.state == SigningState.OPEN} - past.keys(),
        "some_signed": any(one.state != SigningState.OPEN for one in signing_requests),
        "heading": HEADING_OF_MANY if many else HEADINGS[signing_request.purpose],
        "title": title_of(signing_requests),
        "origin": origin(signing_requests),
        "minutes": settings.SIGNING_SECONDS // 60,
        "passing": advice(error) if error else None,
        "on_phone": is_phone(request),
    }
    way = request.GET.get("way")
    if way == QR:
        context |= {"qr": qr.draw(scan_text(batch)), "link": same_device_link(batch)}
        return render(request, "signing/qr.html", context)
    if way == EDS:
        return render(request, "signing/eds.html", context | _ncalayer(signing_request))
    return render(request, "signing/choose.html", context)


def _drawing(
    request: SignedInRequest,
    batch: SigningBatch,
    signing_requests: list[SigningRequest],
    drawing: originals.Progress,
) -> HttpResponse:
    """The worker still draws the documents: how far it is, and what to do when it is not there."""
    request.__dict__["at_work"] = True
    context = {
        "batch": batch,
        "signing_requests": signing_requests,
        "heading": HEADING_OF_MANY,
        "drawing": drawing,
        "origin": origin(signing_requests),
    }
    return render(request, "signing/drawing.html", context)


def _over(
    request: SignedInRequest, batch: SigningBatch, signing_requests: list[SigningRequest], *, now: datetime
) -> HttpResponse:
    """Signed, refused, cancelled, too late, overtaken, or the application itself has met an obstacle."""
    signing_request = signing_requests[0]
    if len(signing_requests) > 1 or signing_request.state == SigningState.DONE:
        return redirect(after(batch, signing_requests))
    found = completion.obstacle(signing_request, now=now)
    if found:
        return obstacles.explain(request, signing_request.application, found)
    context = {
        "signing_request": signing_request,
        "heading": HEADINGS[signing_request.purpose],
        "origin": origin(signing_requests),
        "advice": advice_on(signing_request, past=overtaken.reason(signing_request, now=now)),
        "way": request.GET.get("way", ""),
    }
    return render(request, "signing/over.html", context)


def _ncalayer(signing_request: SigningRequest) -> dict[str, object]:
    """Whose key NCALayer is to offer: the wrong ones do not even show. A new certificate comes days after a
    school's new number (D57): then each organisation's shows, and the signature is judged as ever."""
    decision = signing_request.purpose == Purpose.DECISION
    school = signing_request.application.chosen_intake.school
    user = KeyUser.ORGANISATION if decision else KeyUser.INDIVIDUAL
    return {
        "ncalayer_url": settings.NCALAYER_URL,
        "any_ca": settings.NCALAYER_ANY_CA,
        "oids": f"{EMAIL_PROTECTION} {user.value}",
        "bin": school.bin if decision and not school.former_bins.exists() else "",
    }


@require_http_methods(["GET", "POST"])
@signed_in
@throttle.guessed(GUESSES, per_minute=MISSES)
def complete(request: SignedInRequest, token: str) -> HttpResponse:
    """The signatures of NCALayer, in the order of the documents."""
    batch, signing_requests = load(request, token)
    if request.method == "GET" or originals.progress(signing_requests, now=timezone.now()):
        return redirect(address(batch, EDS))
    given = request.POST.getlist("cms")
    if not any(given):
        messages.warning(request, _("ЭЦҚ кілтімен қол қою үшін браузерде JavaScript қосулы болуы керек."))
        return redirect(address(batch, EDS))
    answers = {signing_request.pk: cms for signing_request, cms in zip(signing_requests, given, strict=False)}
    signing_requests = completion.complete_all(batch, answers, method=Method.EDS, now=timezone.now())
    if not signing_requests:  # the draft was deleted in the meantime
        raise Http404
    if len(signing_requests) > 1 or all(
        signing_request.state == SigningState.DONE for signing_request in signing_requests
    ):
        return redirect(after(batch, signing_requests))
    return redirect(address(batch, EDS))


@require_GET
@signed_in
@throttle.guessed(GUESSES, per_minute=MISSES)
def status(request: SignedInRequest, token: str) -> JsonResponse:
    """For the script of the page: is there anything new to show, and where."""
    batch, signing_requests = load(request, token)
    now = timezone.now()
    drawing = originals.progress(signing_requests, now=now)
    return JsonResponse(
        {
            "drawing": drawing and asdict(drawing),
            "open": is_open(batch, signing_requests, now=now),
            "url": address(batch, QR),
            "opened": _hour(batch.opened_at),
            "elsewhere": _hour(batch.opened_elsewhere_at),
            "proven": _hour(batch.proven_at),
        }
    )


def _hour(moment: datetime | None) -> str:
    """As the page writes it."""
    return date_format(timezone.localtime(moment), "TIME_FORMAT") if moment else ""


@require_http_methods(["GET", "POST"])
@signed_in
@throttle.guessed(GUESSES, per_minute=MISSES)
def check(request: SignedInRequest, token: str) -> HttpResponse:
    """«Мен қол қойдым — тексеру»: the same without a script."""
    batch, signing_requests = load(request, token)
    if is_open(batch, signing_requests, now=timezone.now()):
        messages.info(request, _("Қолтаңба әлі келген жоқ. Телефонда қол қойып, қайта тексеріңіз."))
    return redirect(address(batch, QR))


def _is_corrected_now(batch: SigningBatch, signing_request: SigningRequest) -> bool:
    """Of a refused child (D43) the school reads the correction that it is about to sign (D54)."""
    return signing_request.is_correction and is_open(batch, [signing_request], now=timezone.now())


@require_GET
@signed_in
@throttle.guessed(GUESSES, per_minute=MISSES)
def document(request: SignedInRequest, token: str, number: int) -> HttpResponse:
    """The very bytes to sign, for the person's eyes and for NCALayer."""
    batch, signing_requests = load(request, token)
    signing_request = dict(enumerate(signing_requests, start=1)).get(number)
    if signing_request is None or not signing_request.is_theirs:
        raise Http404
    application = signing_request.application
    of_school = signing_request.purpose == Purpose.DECISION
    if of_school and not application.is_whole_to_school and not _is_corrected_now(batch, signing_request):
        raise Http404
    try:
        payload = batches.payload_of(signing_request)
    except SignatureRefused:  # the store lost it
        raise Http404 from None
    journal.seen(request, application, child=application.child, what=Shown.DOCUMENT)
    response = HttpResponse(payload, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="oqu.pdf"'
    return stored.harden(response)
