"""eGov Mobile's way of signing: the app comes to us. API №1 tells what is asked, API №2 gives the documents
and takes their signatures (docs/signatures.md). Nobody signs in here: the addresses are unguessable and live
for minutes, and the second one asks for the Bearer token that the first one gives out, or, where the operator
allows it (EGOV_MOBILE_AUTH=Eds), for a login signed with the person's own key.
"""

import base64
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from accounts import journal, security, throttle
from accounts.models import Shown
from accounts.security import Event
from applications.models import Method, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import batches, completion, doubts, overtaken
from applications.signing.doubts import Doubt
from applications.signing.reasons import Outcome
from applications.signing.titles import TITLES, title_of
from applications.signing.views import phones
from applications.signing.views.batch import GUESSES, MISSES, is_open
from applications.signing.views.phones import Doubted
from applications.signing.words import Advice, advice, advice_on
from egov import gate
from egov.eds import Refusal, SignatureRefused

EDS = "Eds"
MOST_OF_LOGIN = 64 * 1024
MOST_BYTES = 128 * 1024  # of an answer, for each document: a signature takes 3-8 KB
APP = {"isi": "1476128386", "ibi": "kz.egov.mobile", "apn": "kz.mobile.mgov"}
ORGANISATION = {
    "nameKz": "OQU ұлттық білім беру платформасы",
    "nameRu": "Национальная образовательная платформа OQU",
    "nameEn": "OQU national education platform",
}


def _public(name: str, batch: SigningBatch) -> str:
    """As the phone will reach us: never by the Host header."""
    return str(settings.PUBLIC_URL + reverse(name, args=[batch.token]))


def scan_text(batch: SigningBatch) -> str:
    """What the QR says."""
    return "mobileSign:" + _public("signing:mobile", batch)


def same_device_link(batch: SigningBatch) -> str:
    """Opens the app on the phone that shows the page: it cannot scan its own screen."""
    return f"{settings.EGOV_MOBILE_LINK}?{urlencode({'link': _public('signing:mobile', batch)} | APP)}"


def _answer(status: int, message: str) -> JsonResponse:
    body = {"code": str(status), "message": message}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def _of_batch(view: Callable[[HttpRequest, SigningBatch], HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of the batch at this address. The phone brings no cookie, and what its system speaks is not what
    the person reads: it hears the language that they have chosen on the portal, like their SMS."""

    @wraps(view)
    def spoken(request: HttpRequest, token: str) -> HttpResponse:
        found = SigningBatch.objects.filter(signing_requests__isnull=False).select_related("user")
        batch = get_object_or_404(found.distinct(), token=token)
        with override(batch.user.lang):
            response = view(request, batch)
        response.headers["Content-Language"] = batch.user.lang
        return response

    return spoken


@require_GET
@throttle.guessed(GUESSES, per_minute=MISSES, refusal=throttle.too_often_for_a_program)
@_of_batch
def mobile(request: HttpRequest, batch: SigningBatch) -> HttpResponse:
    """API №1: who asks for a signature, under what, until when."""
    now = timezone.now()
    signing_requests = completion.requests_of(batch)
    if not is_open(batch, signing_requests, now=now):
        return _closed(signing_requests)
    phones.note(request, batch, now=now)
    number = f" № {signing_requests[0].application.number}" if len(signing_requests) == 1 else ""
    expires = timezone.localtime(batch.expires_at).isoformat(timespec="milliseconds")
    return JsonResponse(
        {
            "description": title_of(signing_requests) + number,
            "expiry_date": expires,
            "organisation": ORGANISATION | {"bin": settings.PORTAL_BIN},
            "document": {
                "uri": _public("signing:mobile_documents", batch),
                "auth_type": settings.EGOV_MOBILE_AUTH,
                "auth_token": "" if _proves() else batch.auth_token,
            },
        },
        json_dumps_params={"ensure_ascii": False},
    )


@csrf_exempt
@require_http_methods(["GET", "PUT", "POST"])
@throttle.guessed(GUESSES, per_minute=MISSES, refusal=throttle.too_often_for_a_program)
@_of_batch
def documents(request: HttpRequest, batch: SigningBatch) -> HttpResponse:
    """API №2: the documents, and their signatures back."""
    if _proves():
        return {"POST": _login, "PUT": _take}.get(request.method or "", _nothing)(request, batch)
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET", "PUT"])
    expected = f"Bearer {batch.auth_token}"
    if not constant_time_compare(request.headers.get("Authorization", ""), expected):
        throttle.missed(request, what=GUESSES)
        return _answer(403, _("Рұқсат жоқ."))
    return _take(request, batch) if request.method == "PUT" else _give(request, batch)


def _proves() -> bool:
    """Must a phone say whose it is (D45)?"""
    return bool(settings.EGOV_MOBILE_AUTH == EDS)


def _nothing(request: HttpRequest, batch: SigningBatch) -> JsonResponse:
    return _doubt(Doubted(Doubt.NOT_PROVEN))


def _login(request: HttpRequest, batch: SigningBatch) -> JsonResponse:
    """The person's login for the documents. What is over asks nobody's key."""
    now = timezone.now()
    signing_requests = completion.requests_of(batch)
    if not is_open(batch, signing_requests, now=now):
        return _closed(signing_requests)
    raw = request.read(MOST_OF_LOGIN + 1)
    try:
        if len(raw) > MOST_OF_LOGIN:
            raise Doubted(Refusal.MALFORMED)
        xml = gate.loads(raw)["xml"]
        phones.prove(request, batch, xml, url=_public("signing:mobile_documents", batch), now=now)
    except (ValueError, KeyError, TypeError, RecursionError):
        return _missed(request, Doubted(Refusal.MALFORMED))
    except Doubted as doubted:
        return _missed(request, doubted)
    return _give(request, batch)


def _missed(request: HttpRequest, doubted: Doubted) -> JsonResponse:
    """Each costs a verification and perhaps a question to the authority: who guesses is stopped."""
    if not doubted.passing:
        throttle.missed(request, what=GUESSES)
    return _doubt(doubted)


def _doubt(doubted: Doubted) -> JsonResponse:
    security.happened(Event.PHONE_REFUSED, reason=doubted.code)
    return _answer(503 if doubted.passing else 403, _in_words(doubts.advice(doubted.code)))


def _give(request: HttpRequest, batch: SigningBatch) -> JsonResponse:
    now, signing_requests = timezone.now(), completion.requests_of(batch)
    if not is_open(batch, signing_requests, now=now):
        return _closed(signing_requests)
    phones.note(request, batch, now=now)
    items = [_item(number, one) for number, one in enumerate(signing_requests, start=1)]
    found = [item for item in items if item]
    if not found:
        return _answer(403, _in_words(advice(Refusal.CHANGED)))
    for one in signing_requests:
        journal.seen(request, one.application, child=one.application.child, what=Shown.DOCUMENT)
    return JsonResponse(
        {"signMethod": "CMS_SIGN_ONLY", "version": 1, "documentsToSign": found},
        json_dumps_params={"ensure_ascii": False},
    )


def _closed(signing_requests: list[SigningRequest]) -> JsonResponse:
    """Before the PIN is asked for: the time is over, or all that was to be signed is signed, refused or
    overtaken; the page says the same."""
    past = overtaken.reasons(signing_requests, now=timezone.now())
    told = [found for one in signing_requests if (found := advice_on(one, past=past.get(one.pk)))]
    return _answer(403, _in_words(told[0] if told else advice(Outcome.SIGNED)))


def _item(number: int, signing_request: SigningRequest) -> dict[str, Any] | None:
    """One document; its id is its place in the batch. None when the store has lost it: the others need not
    wait for it."""
    try:
        payload = batches.payload_of(signing_request)
    except SignatureRefused:
        return None
    meta = [{"name": _("Өтінім №"), "value": signing_request.application.number or ""}]
    if signing_request.decision:
        meta.append({"name": _("Бала"), "value": signing_request.application.child.full_name})
        meta.append({"name": _("Шешім"), "value": signing_request.decision.get_result_display()})
    file = {"mime": settings.EGOV_MOBILE_MIME, "data": base64.b64encode(payload).decode()}
    return {
        "id": number,
        **TITLES[Purpose(signing_request.purpose)],
        "meta": meta,
        "document": {"file": file},
    }


def _take(request: HttpRequest, batch: SigningBatch) -> JsonResponse:
    """Of what comes back only the signatures are taken: the rest is an echo that anybody may have changed.

    The phone may send the same answer again: what is done stays done, and it hears the same as before. Who
    is not the phone of before refuses nothing, and only the person's own signature counts from them (D45)."""
    now, signing_requests = timezone.now(), completion.requests_of(batch)
    if all(signing_request.state == SigningState.DONE for signing_request in signing_requests):
        return _answer(200, "success")
    most = MOST_BYTES * len(signing_requests)
    raw = request.read(most + 1)
    if len(raw) > most:
        return _answer(413, _("Жауап тым үлкен."))
    try:
        body = gate.loads(raw)
        is_theirs = _is_theirs(request, batch, body, now=now)
        if body.get("status") == "CANCELED":
            if not is_theirs:
                raise Doubted(Doubt.OTHER_PHONE)
            completion.cancel(batch, now=now)
            return _answer(200, "success")
        answers = _signatures(body, signing_requests)
        if not is_theirs:
            phones.demand_signature(signing_requests, answers, now=now)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _answer(400, str(advice(Refusal.MALFORMED).reason))
    except Doubted as doubted:
        return _missed(request, doubted)
    judged = completion.complete_all(batch, answers, method=Method.QR, now=now)
    if not judged:  # the draft was deleted in the meantime
        raise Http404
    return _judged(judged, now=now)


def _is_theirs(request: HttpRequest, batch: SigningBatch, body: dict[str, Any], *, now: datetime) -> bool:
    """By the network it has come from, or by a login of its own in the answer. Raises Doubted."""
    if not _proves():
        return phones.is_first(request, batch)
    if phones.is_proven(request, batch):
        return True
    if "xml" not in body:
        return False
    phones.prove(request, batch, body["xml"], url=_public("signing:mobile_documents", batch), now=now)
    return True


def _signatures(body: dict[str, Any], signing_requests: list[SigningRequest]) -> dict[int, str]:
    """By the request's key. Documents that we have not asked for are passed over; an answer that names one
    of ours twice, or none, is no answer. Raises ValueError and its like."""
    ours = dict(enumerate(signing_requests, start=1))
    found: dict[int, str] = {}
    for item in body["documentsToSign"]:
        signing_request = ours.get(item["id"])
        if signing_request is None or type(item["id"]) is not int:
            continue
        data = item["document"]["file"]["data"]
        if not isinstance(data, str) or signing_request.pk in found:
            raise ValueError("not one signature for one document")
        found[signing_request.pk] = data
    if not found:
        raise ValueError("none of our documents")
    return found


def _judged(signing_requests: list[SigningRequest], *, now: datetime) -> JsonResponse:
    """200 when all is signed, 503 when the same answer may be sent again, else 403; with the first reason."""
    open_ones = [one for one in signing_requests if one.state == SigningState.OPEN]
    failed = [one for one in signing_requests if one.state != SigningState.DONE]
    if not failed:
        return _answer(200, "success")
    first = (open_ones or failed)[0]
    told = _in_words(advice_on(first, past=overtaken.reason(first, now=now)) or advice(first.error))
    if len(signing_requests) > 1:
        count = {"signed": len(signing_requests) - len(failed), "total": len(signing_requests)}
        told = _("Қол қойылғаны: %(signed)s, барлығы: %(total)s.") % count + " " + told
    return _answer(503 if open_ones else 403, told)


def _in_words(found: Advice) -> str:
    """The heading of an obstacle's page is no sentence."""
    return f"{str(found.reason).rstrip('.')}. {found.remedy}"
