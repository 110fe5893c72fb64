"""The department's page of children whom a court hides from a person: set it, lift it (D35). Numbers travel
in bodies of requests only; no parent learns of it here, and the journal keeps who looked and who changed.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import journal, kept, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications import protecting
from applications.review.forms import LiftForm, ProtectionForm
from egov.errors import Refused, Unavailable
from schools import posts
from schools.models import Locality

PAGE = 50
ASKS = 20  # of the registers, a minute and a person


def _regions(request: SignedInRequest) -> list[Locality]:
    """Of the officer; anybody else finds nothing."""
    regions = posts.areas_of(request.user)
    if not regions:
        raise Http404
    return regions


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def protections(request: SignedInRequest) -> HttpResponse:
    """Those in force in the officer's area, and the form to set one."""
    regions, now = _regions(request), timezone.now()
    posted = request.method == "POST"
    form = ProtectionForm(request.POST if posted else kept.restored(request, now=now))
    if not posted or not form.is_valid():
        return _show(request, regions, form, status=400 if form.errors else 200)
    if not throttle.allowed(request, what="registers", per_minute=ASKS):
        return throttle.too_often(request)
    return _protect(request, regions, form)


def _protect(request: SignedInRequest, regions: list[Locality], form: ProtectionForm) -> HttpResponse:
    now, typed = timezone.now(), form.cleaned_data
    journal.read(regions[0], child=None, what=Shown.LOOK_UP)
    try:
        protecting.demand_area(regions, typed["child_iin"], now=now)
    except Unavailable:
        return _show(request, regions, form, status=503, silent=True)
    except Refused:
        form.add_error("child_iin", _("Мемлекеттік тізілімде мұндай ЖСН жоқ. Цифрларын тексеріңіз."))
    except protecting.NotTheirArea:
        form.add_error(
            "child_iin",
            _("Бұл бала өңіріңізде тіркелмеген. Ол тіркелген өңірдің білім басқармасына хабарласыңыз."),
        )
    else:
        protecting.protect(by=request.user, now=now, **typed)
        messages.success(
            request, _("Қорғау қойылды: ол адамға баланың мектебі мен мекенжайы енді көрсетілмейді.")
        )
        return redirect("review:protections")
    return _show(request, regions, form, status=400)


def _show(
    request: SignedInRequest,
    regions: list[Locality],
    form: ProtectionForm,
    *,
    status: int,
    silent: bool = False,
) -> HttpResponse:
    for region in regions:
        journal.seen(request, region, child=None, what=Shown.LIST)
    context = {
        "form": form,
        "silent": silent,
        "regions": regions,
        "page": Paginator(protecting.in_area(regions, by=request.user), PAGE).get_page(
            request.GET.get("page")
        ),
        "today": timezone.localdate(),
    }
    return render(request, "review/protections.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def lift(request: SignedInRequest, protection_id: int) -> HttpResponse:
    """The end of one, with the reason; of another region there is none."""
    regions, now = _regions(request), timezone.now()
    found = get_object_or_404(protecting.in_area(regions, by=request.user), pk=protection_id)
    posted = request.method == "POST"
    form = LiftForm(request.POST if posted else kept.restored(request, now=now))
    if posted and form.is_valid():
        protecting.lift(found, by=request.user, why=form.cleaned_data["why"], now=now)
        messages.success(request, _("Қорғау алып тасталды."))
        return redirect("review:protections")
    journal.seen(request, found, child=None, what=Shown.LIST)
    context = {"form": form, "row": found}
    return render(request, "review/lift_protection.html", context, status=400 if form.errors else 200)
