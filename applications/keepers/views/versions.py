"""One version of a school's list, and putting it back (R69, D64)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import seen
from accounts.access import SignedInRequest
from applications.keepers.forms import ReasonForm
from applications.keepers.guard import by_keepers
from schools import list_drafts, posts, versions
from schools.models import AddressList
from schools.versions import Origin

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
    form = ReasonForm(request.POST if request.method == "POST" else None)
    stale = False
    if form.is_bound and form.is_valid():
        origin = Origin(posts.as_author(request.user), form.cleaned_data["reason"], version.source)
        try:
            versions.put_back(version, origin=origin, seen_at=request.POST.get(seen.FIELD, ""))
        except seen.Stale:
            stale = True
        else:
            messages.success(request, _("Бұрынғы нұсқа қайта күшіне енді."))
            return redirect("keepers:school", version.school_id)
    context = {
        "form": form,
        "version": version,
        "stale": stale,
        "standing": list_drafts.standing_of([version.school]),
        "seen": versions.mark(version.school),
        "change": versions.difference(
            version.school, versions.rows_of(version), versions.aliases_of(version)
        ),
        "page": Paginator(sorted(version.lines.items(), key=_number), PAGE).get_page(request.GET.get("page")),
    }
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "keepers/version.html", context, status=status)


def _number(line: tuple[str, str]) -> int:
    return int(line[0])
