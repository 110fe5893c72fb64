"""The education department's page: how the schools of its region keep their term (R121, D13)."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from applications.review import oversight
from schools import posts

PAGE = 50


@require_GET
@signed_in
def schools(request: SignedInRequest) -> HttpResponse:
    regions = posts.areas_of(request.user)
    if not regions:
        raise Http404
    now = timezone.now()
    every = oversight.schools_of(regions, now=now)
    late = [row for row in every if row.overdue]
    only_late = request.GET.get("view") == "overdue"
    context = {
        "now": now,
        "regions": regions,
        "only_late": only_late,
        "count": {"schools": len(every), "late": len(late)},
        "overdue": sum(row.overdue for row in every),
        "waiting": sum(row.waiting for row in every),
        "page": Paginator(late if only_late else every, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "review/department.html", context)
