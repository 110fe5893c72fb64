"""The cabinet's «Хабарламалар» (R103, R109, R128) and the gateway's delivery reports."""

import logging
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts import security
from accounts.access import SignedInRequest, signed_in
from accounts.security import Event
from egov import gate
from egov.errors import Unreadable
from notifications.models import Message, SmsReport
from notifications.sms import mobizon

PER_PAGE = 20
MAX_REPORT_BYTES = 64 * 1024  # a real one takes 1 KB
GATE = gate.Gate("sms_report")
MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class Report:
    event: dict[str, Any]
    event_id: int
    message_id: str


@require_GET
@signed_in
def inbox(request: SignedInRequest) -> HttpResponse:
    """Newest first; what is shown here is read from now on."""
    page = Paginator(Message.objects.inbox(request.user), PER_PAGE).get_page(request.GET.get("page"))
    letters = Message.objects.letters(page.object_list)
    response = render(request, "notifications/inbox.html", {"page": page, "letters": letters})
    Message.objects.mark_read(page.object_list, now=timezone.now())
    return response


@csrf_exempt
@require_POST
def sms_report(request: HttpRequest) -> HttpResponse:
    """A report is only a hint: what it says is not signed, so the worker asks the gateway itself.
    The same event twice changes nothing."""
    raw = request.read(MAX_REPORT_BYTES + 1)
    if len(raw) > MAX_REPORT_BYTES:
        return HttpResponse(status=413)
    try:
        report = _report(raw)
    except (gate.NotJson, Unreadable):
        return HttpResponseBadRequest()
    if not mobizon.webhook_is_signed(report.event):
        security.happened(Event.FORGED, level=logging.WARNING, what="sms-report")
        return HttpResponseForbidden()
    now = timezone.now()
    with transaction.atomic():
        if SmsReport.objects.get_or_create(event_id=report.event_id, defaults={"received_at": now})[1]:
            Message.objects.report_arrived(report.message_id, now=now)
    return HttpResponse(status=204)


def _report(raw: bytes) -> Report:
    """Raises NotJson, Unreadable."""
    event = GATE.mapping(gate.loads(raw), "event")
    data = GATE.mapping(event.get("data"), "data")
    return Report(
        event,
        event_id=GATE.integer(event.get("eventId"), "eventId", low=0, high=MAX_ID),
        message_id=str(GATE.integer(data.get("messageId"), "messageId", low=0, high=MAX_ID)),
    )
