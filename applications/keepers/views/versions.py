"""One version of a school's list, and putting it back (R69, D64)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import kept, seen
from accounts.access import SignedInRequest
from applications.keepers import effects
from applications.keepers.forms import SaveForm
from applications.keepers.guard import by_keepers
from schools import list_drafts, posts, versions
from schools.microdistricts import Microdistrict
from schools.models import AddressList
from schools.versions import Change, NoAddresses, Origin

PAGE = 200  # lines


@require_http_methods(["GET", "HEAD", "POST"])
@by_keepers
def one(request: SignedInRequest, version_id: int) -> HttpResponse:
    """Its lines and what putting it back would change; the button is the confirmation."""
    ours = AddressList.objects.filter(school__in=posts.kept_by(request.user)).select_related(
        "school__locality"
    )
    version = get_object_or_404(ours, pk=version_id)
    if version.ended is None and request.method == "POST":
        return redirect("keepers:version", version.pk)
    rows, aliases = versions.rows_of(version), versions.aliases_of(version)
    found = Microdistrict(version.school, rows=rows, aliases=aliases)
    change = versions.difference(version.school, found.rows, found.aliases)
    form, stale = _form(request, change), False
    if form.is_bound and form.is_valid():
        origin = Origin(posts.as_author(request.user), form.cleaned_data["reason"], version.source)
        try:
            versions.put_back(version, origin=origin, seen_at=request.POST.get(seen.FIELD, ""))
        except NoAddresses:
            return redirect("keepers:version", version.pk)
        except seen.Stale:
            stale = True
        else:
            messages.success(request, _("Бұрынғы нұсқа қайта күшіне енді."))
            return redirect("keepers:school", version.school_id)
    is_shown = version.ended and found.rows
    context = {
        "form": form,
        "version": version,
        "stale": stale,
        "standing": list_drafts.standing_of([version.school]),
        "seen": versions.mark(version.school),
        "effects": effects.of([(found, change)], reader=request.user) if is_shown else [],
        "page": Paginator(sorted(version.lines.items(), key=_number), PAGE).get_page(request.GET.get("page")),
    }
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "keepers/version.html", context, status=status)


def _form(request: SignedInRequest, change: Change) -> SaveForm:
    """With what was typed before the session ended."""
    back = kept.restored(request, now=timezone.now())
    initial = {"reason": back.get("reason", "")} if back else None
    return SaveForm(
        request.POST if request.method == "POST" else None, is_large=change.is_large, initial=initial
    )


def _number(line: tuple[str, str]) -> int:
    return int(line[0])
