"""The cabinet's «Хабарламалар» (R103, R109, R128) and the gateway's delivery reports."""

import logging
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import kept, paths, security, seen
from accounts.access import DEPARTMENT, SCHOOL, SignedInRequest, signed_in, workplaces
from accounts.security import Event
from egov import gate
from egov.errors import Unreadable
from notifications import wishes
from notifications.forms import WishesForm
from notifications.models import Message, SmsReport
from notifications.sms import mobizon

PER_PAGE = 20
MAX_REPORT_BYTES = 64 * 1024  # a real one takes 1 KB
GATE = gate.Gate("sms_report")
MAX_ID = 2**63 - 1
WANTED = {"yes": True, "no": False}


@dataclass(frozen=True)
class Report:
    event: dict[str, Any]
    event_id: int
    message_id: str


@require_GET
@signed_in
def inbox(request: SignedInRequest) -> HttpResponse:
    """Newest first, one for each application (D58); what is shown here is read from now on."""
    page = Paginator(Message.objects.newest(request.user), PER_PAGE).get_page(request.GET.get("page"))
    letters = Message.objects.threads(request.user, page.object_list)
    shown = [one.message for letter in letters for one in (letter, *letter.earlier)]
    elsewhere = Q(read_at=None) & ~Q(pk__in=[message.pk for message in shown])
    counted = Message.objects.inbox(request.user).aggregate(
        unread_elsewhere=Count("pk", filter=elsewhere), until=Max("pk", filter=elsewhere)
    )
    context = {"page": page, "letters": letters, **counted}
    response = render(request, "notifications/inbox.html", context)
    Message.objects.mark_read(shown, now=timezone.now())
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def read_all(request: SignedInRequest) -> HttpResponse:
    """«Барлығы оқылды»: the person's own, of what there was when the button was drawn. That an SMS has
    reached them it does not say: what was never shown may be among them."""
    until = request.POST.get("until", "")
    if until.isascii() and until.isdecimal() and len(until) < len(str(MAX_ID)):
        unread = Message.objects.inbox(request.user).filter(read_at=None, pk__lte=int(until))
        unread.update(read_at=timezone.now())
        messages.success(request, _("Барлық хабарлама оқылды деп белгіленді."))
    return redirect("notifications:inbox")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings(request: SignedInRequest) -> HttpResponse:
    """Of who works for a school or a department (D58); nobody else is sent what is set here."""
    places = workplaces(request.user)
    if not places & {SCHOOL, DEPARTMENT}:
        raise Http404
    data = request.POST if request.method == "POST" else kept.restored(request, now=timezone.now())
    stored = wishes.as_facts(wishes.of(request.user))
    form = WishesForm(data, initial=stored, at_school=SCHOOL in places)
    stale, typed_at = False, data.get(seen.FIELD, "") if data else ""
    if request.method == "POST" and form.is_valid():
        try:
            wishes.save(request.user, form.cleaned_data, seen_at=typed_at)
        except seen.Stale:
            stale, typed_at, stored = True, "", wishes.as_facts(wishes.of(request.user))
        else:
            messages.success(request, _("Сақталды."))
            return redirect("notifications:inbox")
    context = {"form": form, "stale": stale, "stored": form.in_words(stored)}
    context["seen"] = typed_at or seen.mark(stored)
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "notifications/settings.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def opening(request: SignedInRequest) -> HttpResponse:
    """D76: whether to be reminded before a region opens. The button says what is wanted, so that an old page
    or a second press turns nothing round."""
    wanted = request.POST.get("wanted")
    if wanted in WANTED:
        wishes.remind_of_openings(request.user, wanted=WANTED[wanted])
        messages.success(request, _("Сақталды."))
    return redirect(paths.wanted(request) or "accounts:profile")


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
