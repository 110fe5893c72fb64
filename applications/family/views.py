"""«Менің деректерім»: a person orders all that the portal holds about them, and fetches it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import consents, freshness, journal, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Child, Shown
from applications import stored
from applications.family import exports
from applications.models import FamilyExport
from egov.errors import EgovError

ORDERS = 10  # a minute and a person
FETCHES = 3  # the same; the whole file is opened in memory
FILE_NAME = "OQU-menin-derekterim.zip"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@throttle.limited("family export", per_minute=ORDERS)
def data(request: SignedInRequest) -> HttpResponse:
    """Also without a consent: the right to know what is held does not end with it."""
    now = timezone.now()
    if request.method == "POST":
        _ask_registers(request)
        exports.order(request.user, now=now)
        messages.success(request, _("Тапсырыс қабылданды: файл бірнеше минутта дайын болады."))
        return redirect("family:data")
    context: dict[str, Any] = {
        "latest": exports.latest(request.user),
        "may_order": exports.may_order(request.user, now=now),
        "ready": exports.ready(request.user, now=now),
        "hours": settings.FAMILY_EXPORT_HOURS,
    }
    return render(request, "family/data.html", context)


def _ask_registers(request: SignedInRequest) -> None:
    """Whose children they are is asked anew while the consent allows it; silent registers leave out children
    of whom nobody has been sure for too long."""
    if not consents.valid(request.user, None, timezone.now()):
        return
    try:
        freshness.renew(request.user, now=timezone.now())
    except EgovError:
        messages.warning(request, _("Тізілім жауап бермеді: файлда соңғы расталған деректер болады."))


@require_GET
@signed_in
@throttle.limited("family file", per_minute=FETCHES)
def file(request: SignedInRequest, public_id: object) -> HttpResponseBase:
    """The file, for that person alone, until it ends; each child in it has been looked at."""
    export = exports.ready(request.user, now=timezone.now())
    if export is None or export.public_id != public_id:
        raise Http404
    for child in [None, *Child.objects.filter(pk__in=export.children)]:
        journal.seen(request, export, child=child, what=Shown.EXPORT)
    return _serve(request, export)


def _serve(request: SignedInRequest, export: FamilyExport) -> HttpResponseBase:
    try:
        content = stored.read(export.file, export.sha256)
    except stored.Spoiled:
        return render(request, "spoiled.html", status=503)
    return stored.download(content, name=FILE_NAME, mime="application/zip")
