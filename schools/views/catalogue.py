"""The public catalogue: every school of the country, found by place or by name, with what a parent, a
journalist or a neighbour may know of it (D62). Nothing here is of a person."""

from typing import Any

from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import throttle
from accounts.replica import may_lag
from accounts.visitors import everybodys
from schools import catalogue, periods
from schools.cascade import LEVELS, page_of, typed
from schools.models import FormerBin, Locality, School
from schools.offers import Offer, offers_of
from schools.served import microdistrict_of

ASKS = 120  # a minute and an address; each list that is changed asks as well
FRESH = 60  # seconds that a page may be old: free places change
FOLDED = 30  # streets; more of them are folded by their first letter


@require_safe
@everybodys(seconds=FRESH)
@throttle.limited("schools", per_minute=ASKS)
@may_lag()
def schools(request: HttpRequest) -> HttpResponse:
    """Every school that has not stopped, whether or not it has announced its seats, narrowed by place and by
    name, twenty on a page."""
    now = timezone.now()
    year = periods.current_year(now)
    levels = catalogue.levels([str(request.GET[name]) for name in LEVELS if name in request.GET], year=None)
    place, text = catalogue.chosen_place(levels), typed(request.GET)
    found = catalogue.search(text, year=None, under=place) if text else catalogue.in_area(place, year=None)
    page = page_of(found, request.GET)
    context = {"levels": levels, "text": text, "page": page, "found": _with_offers(page, year=year)}
    return render(request, "schools/catalogue/schools.html", context | _about(year))


def _with_offers(page: Page[School], *, year: int) -> list[tuple[Offer, Locality]]:
    listed = catalogue.with_regions(page.object_list)
    offers = offers_of((school for school, _ in listed), year=year)
    return [(offer, region) for offer, (_, region) in zip(offers, listed, strict=True)]


def _about(year: int) -> dict[str, Any]:
    return {"year": year, "next_year": year + 1, "now": timezone.now()}


@require_safe
@everybodys(seconds=FRESH)
@throttle.limited("schools", per_minute=ASKS)
@may_lag()
def school(request: HttpRequest, number: str) -> HttpResponseBase:
    """One school by its BIN; who comes by the number of before is led to the one of today, for now: a school
    may get its old number back (D57)."""
    former = FormerBin.objects.filter(number=number).select_related("school").first()
    if former is not None:
        return redirect("catalogue:school", former.school.bin)
    found = get_object_or_404(School.objects.select_related("locality", "successor"), bin=number)
    return render(request, "schools/catalogue/school.html", _of_school(found))


def _of_school(found: School) -> dict[str, Any]:
    now = timezone.now()
    year = periods.current_year(now)
    (offer,) = offers_of([found], year=year)
    path = catalogue.path(found.locality)
    context = {
        "school": found,
        "stopped": found.has_stopped(timezone.localdate(now)),
        "offer": offer,
        "path": path,
        "region": path[0],
        "window": periods.state(found.locality_id, year, now),
        "drafts_before_opening": settings.DRAFTS_BEFORE_OPENING,
        "microdistrict": microdistrict_of(found),
        "folded": FOLDED,
    }
    return context | _about(year)
