"""The cabinet's «Хабарламалар» (R103, R109, R128) and the gateway's delivery reports."""

import json
import logging

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.access import SignedInRequest, signed_in
from notifications.models import Message, SmsReport
from notifications.sms import mobizon

logger = logging.getLogger(__name__)

PER_PAGE = 20


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
    try:
        event = json.loads(request.body)
        event_id, message_id = int(event["eventId"]), str(event["data"]["messageId"])
    except (ValueError, KeyError, TypeError):
        return HttpResponseBadRequest()
    if not mobizon.webhook_is_signed(event):
        logger.warning("SMS report with a wrong signature")
        return HttpResponseForbidden()
    now = timezone.now()
    with transaction.atomic():
        if SmsReport.objects.get_or_create(event_id=event_id, defaults={"received_at": now})[1]:
            Message.objects.report_arrived(message_id, now=now)
    return HttpResponse(status=204)
