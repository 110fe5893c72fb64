"""Signing by QR or by EDS key (R93-R96, R115, R188): start, choose the way, wait for the result."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, consented, signed_in
from applications import completion, documents, eligibility, lifecycle, qr, signing, wizard
from applications.eligibility import Blocked
from applications.models import Application, Decision, Method, Purpose, SigningRequest, SigningState
from applications.signing_texts import HEADINGS, advice
from applications.status import Status
from applications.views import blocked as obstacles
from applications.views.egov_mobile import same_device_link, scan_text, title_of
from applications.views.visit import load
from egov.eds import KeyUser, SignatureRefused
from schools.models import Role

QR, EDS = "qr", "eds"
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"  # of signing keys


def after(ticket: SigningRequest) -> str:
    """Where the result of a done request is shown."""
    name = {Purpose.APPLICATION: "parent:result", Purpose.DECISION: "review:decided"}.get(
        Purpose(ticket.purpose), "parent:application"
    )
    return reverse(name, args=[ticket.application.public_id])


def _origin(ticket: SigningRequest) -> str:
    """Where the person came from, to look again or to change their mind."""
    public_id = ticket.application.public_id
    if ticket.purpose == Purpose.APPLICATION:
        return reverse("parent:step", args=[public_id, wizard.REVIEW])
    return _home(ticket.application, ticket.purpose)


@require_http_methods(["GET", "POST"])
@signed_in
def start(request: SignedInRequest, public_id: object, purpose: str) -> HttpResponse:
    """A school's decision is signed at work; one's own application with the consent of R37, like all else."""
    if purpose not in Purpose.values:
        raise Http404
    guarded = _start if purpose == Purpose.DECISION else consented(_start)
    return guarded(request, _load(request, public_id, purpose), purpose)


def _start(request: SignedInRequest, application: Application, purpose: str) -> HttpResponse:
    """Open an invitation to sign; `fresh` asks for a new one («Жаңа QR»). Who comes here by an address,
    after signing in again, is led to where the button is."""
    now = timezone.now()
    if request.method == "GET":
        return redirect(_home(application, purpose))
    try:
        decision = _demand(application, purpose, now=now)
    except Blocked as found:
        return obstacles.explain(request, application, found)
    except lifecycle.NotAllowed:
        return _stale(request, application, purpose)
    if purpose == Purpose.APPLICATION and not wizard.may_open(application, wizard.REVIEW, now=now):
        # It leads to the step that is missing.
        return redirect("parent:step", application.public_id, wizard.REVIEW)
    ticket = signing.prepare(
        application,
        purpose=purpose,
        by=request.user,
        now=now,
        decision=decision,
        fresh="fresh" in request.POST,
    )
    return redirect(_address(ticket, request.POST.get("way", "")))


def _load(request: SignedInRequest, public_id: object, purpose: str) -> Application:
    """One's own application, or for a decision one of the school that one directs; else 404."""
    if purpose != Purpose.DECISION:
        return load(request.user, public_id)
    posts = request.user.posts.filter(role=Role.DIRECTOR)
    mine = Application.objects.for_staff(request.user).filter(intake__school__staff__in=posts)
    related = ("applicant", "child", "intake__school__locality", "intake__language")
    return get_object_or_404(mine.select_related(*related), public_id=public_id)


def _home(application: Application, purpose: str) -> str:
    name = "review:application" if purpose == Purpose.DECISION else "parent:application"
    return reverse(name, args=[application.public_id])


def _demand(application: Application, purpose: str, *, now: datetime) -> Decision | None:
    """What must hold before a document is drawn. Raises Blocked, lifecycle.NotAllowed."""
    if purpose == Purpose.DECISION:
        decision = lifecycle.open_decision(application)
        if decision is None:
            raise lifecycle.NotAllowed("no decision waits for a signature")
        return decision
    if purpose == Purpose.WITHDRAWAL:
        if not lifecycle.may_withdraw(application, now=now):
            raise lifecycle.NotAllowed("too late, or not in a status that can be withdrawn")
        return None
    if application.status != Status.DRAFT:
        raise lifecycle.NotAllowed("already filed")
    eligibility.check_all(application, now=now)
    return None


def _stale(request: HttpRequest, application: Application, purpose: str) -> HttpResponse:
    messages.warning(request, _("Өтінімнің жағдайы өзгерген, сондықтан бұл құжатқа енді қол қойылмайды."))
    return redirect(_home(application, purpose))


def _address(ticket: SigningRequest, way: str = "") -> str:
    url = reverse("signing:page", args=[ticket.token])
    return f"{url}?{urlencode({'way': way})}" if way in (QR, EDS) else url


def _ticket(request: SignedInRequest, token: str) -> SigningRequest:
    """The person's own invitation. A school's document is its directors' as long as they are that: who has
    left the school no longer reads it, whatever was opened before."""
    directs = Q(application__intake__school__staff__in=request.user.posts.filter(role=Role.DIRECTOR))
    mine = SigningRequest.objects.filter(~Q(purpose=Purpose.DECISION) | directs, user=request.user)
    return get_object_or_404(
        mine.select_related("user", "application__intake__school", "decision").distinct(), token=token
    )


@require_GET
@signed_in
def page(request: SignedInRequest, token: str) -> HttpResponse:
    """Choose the way (R94), then the page of that way; a request that is over says so."""
    ticket, now = _ticket(request, token), timezone.now()
    if ticket.state == SigningState.DONE:
        return redirect(after(ticket))
    if not signing.is_open(ticket, now=now):
        return _over(request, ticket, now=now)
    context: dict[str, Any] = {
        "ticket": ticket,
        "heading": HEADINGS[ticket.purpose],
        "title": title_of(ticket),
        "origin": _origin(ticket),
        "minutes": settings.SIGNING_SECONDS // 60,
        "passing": advice(ticket.error) if ticket.error else None,
        "on_phone": "Mobi" in request.headers.get("User-Agent", ""),
    }
    way = request.GET.get("way")
    if way == QR:
        context |= {"qr": qr.draw(scan_text(ticket)), "link": same_device_link(ticket)}
        return render(request, "signing/qr.html", context)
    if way == EDS:
        return render(request, "signing/eds.html", context | _ncalayer(ticket))
    return render(request, "signing/choose.html", context)


def _over(request: SignedInRequest, ticket: SigningRequest, *, now: datetime) -> HttpResponse:
    """Refused, cancelled, too late, or the application itself has met an obstacle."""
    found = completion.obstacle(ticket, now=now)
    if found:
        return obstacles.explain(request, ticket.application, found)
    expired = ticket.state == SigningState.OPEN
    context = {
        "ticket": ticket,
        "heading": HEADINGS[ticket.purpose],
        "origin": _origin(ticket),
        "advice": advice("CLOSED" if expired else ticket.error),
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
        "bin": ticket.application.intake.school.bin if decision and ticket.application.intake else "",
    }


@require_http_methods(["GET", "POST"])
@signed_in
def complete(request: SignedInRequest, token: str) -> HttpResponse:
    """The signature of NCALayer."""
    ticket = _ticket(request, token)
    if request.method == "GET":
        return redirect(_address(ticket, EDS))
    cms = request.POST.get("cms", "")
    if not cms:
        messages.warning(request, _("ЭЦҚ кілтімен қол қою үшін браузерде JavaScript қосулы болуы керек."))
        return redirect(_address(ticket, EDS))
    if completion.complete(ticket, cms=cms, method=Method.EDS, now=timezone.now()):
        return redirect(_address(ticket, EDS))
    return redirect(after(ticket))


@require_GET
@signed_in
def status(request: SignedInRequest, token: str) -> JsonResponse:
    """For the script of the page: is there anything new to show, and where."""
    ticket = _ticket(request, token)
    still_open = signing.is_open(ticket, now=timezone.now())
    return JsonResponse({"open": still_open, "url": _address(ticket, QR)})


@require_http_methods(["GET", "POST"])
@signed_in
def check(request: SignedInRequest, token: str) -> HttpResponse:
    """«Мен қол қойдым — тексеру»: the same without a script."""
    ticket = _ticket(request, token)
    if signing.is_open(ticket, now=timezone.now()):
        messages.info(request, _("Қолтаңба әлі келген жоқ. Телефонда қол қойып, қайта тексеріңіз."))
    return redirect(_address(ticket, QR))


@require_GET
@signed_in
def document(request: SignedInRequest, token: str) -> HttpResponse:
    """The very bytes to sign, for the person's eyes and for NCALayer."""
    ticket = _ticket(request, token)
    try:
        payload = signing.payload_of(ticket)
    except SignatureRefused:  # the store lost it
        raise Http404 from None
    response = HttpResponse(payload, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="oqu.pdf"'
    return documents.harden(response)
