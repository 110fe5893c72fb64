"""eGov Mobile's way of signing: the app comes to us. API №1 tells what is asked, API №2 gives the document
and takes the signature (docs/signatures.md). Nobody signs in here: the addresses are unguessable and live
for minutes, and the second one asks for the Bearer token that the first one gives out.
"""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from applications import completion, signing
from applications.models import Method, Purpose, SigningRequest, SigningState
from applications.signing_texts import advice
from egov.eds import SignatureRefused

MAX_BODY_BYTES = 256 * 1024  # a signature takes 3-8 KB
APP = {"isi": "1476128386", "ibi": "kz.egov.mobile", "apn": "kz.mobile.mgov"}
DOCUMENT_ID = 1
ORGANISATION = {
    "nameKz": "OQU ұлттық білім беру платформасы",
    "nameRu": "Национальная образовательная платформа OQU",
    "nameEn": "OQU national education platform",
}
TITLES = {
    Purpose.APPLICATION: {
        "nameKz": "1-сыныпқа қабылдау туралы өтінім",
        "nameRu": "Заявление о приёме в 1 класс",
        "nameEn": "Application for grade 1",
    },
    Purpose.WITHDRAWAL: {
        "nameKz": "Өтінімді кері қайтарып алу",
        "nameRu": "Отзыв заявления",
        "nameEn": "Withdrawal of the application",
    },
    Purpose.DECISION: {
        "nameKz": "1-сыныпқа қабылдау туралы шешім",
        "nameRu": "Решение о приёме в 1 класс",
        "nameEn": "Decision on admission to grade 1",
    },
}


def _public(name: str, ticket: SigningRequest) -> str:
    """As the phone will reach us: never by the Host header."""
    return settings.PUBLIC_URL + reverse(name, args=[ticket.token])


def scan_text(ticket: SigningRequest) -> str:
    """What the QR says."""
    return "mobileSign:" + _public("signing:mobile", ticket)


def same_device_link(ticket: SigningRequest) -> str:
    """Opens the app on the phone that shows the page: it cannot scan its own screen."""
    return f"{settings.EGOV_MOBILE_LINK}?{urlencode({'link': _public('signing:mobile', ticket)} | APP)}"


def title_of(ticket: SigningRequest) -> str:
    """What the document is called, in the language of whoever asks."""
    return TITLES[Purpose(ticket.purpose)]["nameRu" if translation.get_language() == "ru" else "nameKz"]


def _answer(status: int, message: str) -> JsonResponse:
    body = {"code": str(status), "message": message}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def _ticket(token: str) -> SigningRequest:
    related = ("user", "application__intake__school", "decision")
    return get_object_or_404(SigningRequest.objects.select_related(*related), token=token)


@require_GET
def mobile(request: HttpRequest, token: str) -> JsonResponse:
    """API №1: who asks for a signature, under what, until when."""
    ticket = _ticket(token)
    if not signing.is_open(ticket, now=timezone.now()):
        return _answer(403, str(advice("CLOSED").reason))
    expires = timezone.localtime(ticket.expires_at).isoformat(timespec="milliseconds")
    return JsonResponse(
        {
            "description": f"{title_of(ticket)} № {ticket.application.number}",
            "expiry_date": expires,
            "organisation": ORGANISATION | {"bin": settings.PORTAL_BIN},
            "document": {
                "uri": _public("signing:mobile_documents", ticket),
                "auth_type": "Token",
                "auth_token": ticket.auth_token,
            },
        },
        json_dumps_params={"ensure_ascii": False},
    )


@csrf_exempt
@require_http_methods(["GET", "PUT"])
def documents(request: HttpRequest, token: str) -> JsonResponse:
    """API №2: the document, and its signature back."""
    ticket = _ticket(token)
    expected = f"Bearer {ticket.auth_token}"
    if not constant_time_compare(request.headers.get("Authorization", ""), expected):
        return _answer(403, _("Рұқсат жоқ."))
    return _take(request, ticket) if request.method == "PUT" else _give(ticket)


def _give(ticket: SigningRequest) -> JsonResponse:
    if not signing.is_open(ticket, now=timezone.now()):
        return _answer(403, str(advice("CLOSED").reason))
    try:
        payload = signing.payload_of(ticket)
    except SignatureRefused as refused:
        return _answer(403, _told(refused.code))
    file = {"mime": settings.EGOV_MOBILE_MIME, "data": base64.b64encode(payload).decode()}
    facts = [{"name": _("Өтінім №"), "value": ticket.application.number or ""}]
    item = {"id": DOCUMENT_ID, **TITLES[Purpose(ticket.purpose)], "meta": facts, "document": {"file": file}}
    return JsonResponse(
        {"signMethod": "CMS_SIGN_ONLY", "version": 1, "documentsToSign": [item]},
        json_dumps_params={"ensure_ascii": False},
    )


def _take(request: HttpRequest, ticket: SigningRequest) -> JsonResponse:
    """Of what comes back only the signature is taken: the rest is an echo that anybody may have changed.

    The phone may send the same answer again: a done request stays done."""
    if ticket.state == SigningState.DONE:
        return _answer(200, "success")
    raw = request.read(MAX_BODY_BYTES + 1)
    if len(raw) > MAX_BODY_BYTES:
        return _answer(413, _("Жауап тым үлкен."))
    try:
        body = json.loads(raw)
        if body.get("status") == "CANCELED":
            completion.cancel(ticket, now=timezone.now())
            return _answer(200, "success")
        cms = _signature(body)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError):
        return _answer(400, str(advice("MALFORMED").reason))
    code = completion.complete(ticket, cms=cms, method=Method.QR, now=timezone.now())
    if not code:
        return _answer(200, "success")
    return _answer(503 if code in completion.PASSING else 403, _told(code))


def _signature(body: dict[str, Any]) -> str:
    item = next(one for one in body["documentsToSign"] if one["id"] == DOCUMENT_ID)
    data = item["document"]["file"]["data"]
    if not isinstance(data, str):
        raise TypeError
    return data


def _told(code: str) -> str:
    found = advice(code)
    return f"{found.reason} {found.remedy}"
