"""Public pages: home, the service page, the schedule and the questions (R1-R28, R106-R121, R180-R218)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.replica import may_lag
from accounts.visitors import everybodys
from applications import supplements
from applications.models import Application
from applications.public import waves
from applications.public.hurdles import HURDLES
from applications.status import Status
from schools import kato, periods

SHOWN_ON_HOME = 3
FRESH = 300  # seconds for which a page that knows no dates may be kept


@require_GET
@may_lag()
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = _schedule(request, now) | {
        "applications": _applications(request, year=periods.current_year(now), now=now)
    }
    return render(request, "public/home.html", context)


@require_GET
@may_lag()
def about(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    mine = _applications(request, year=periods.current_year(now), now=now)
    drafts = [application for application in mine if application.status == Status.DRAFT]
    return render(request, "public/service.html", _schedule(request, now) | {"drafts": drafts})


@require_GET
@may_lag()
def schedule(request: HttpRequest) -> HttpResponse:
    return render(request, "public/schedule.html", _schedule(request, timezone.now()))


@require_GET
@may_lag()
def questions(request: HttpRequest) -> HttpResponse:
    return render(request, "public/questions.html", _schedule(request, timezone.now()))


@require_GET
@everybodys(seconds=FRESH)
def help_(request: HttpRequest) -> HttpResponse:
    """The ten commonest hurdles (D75)."""
    return render(request, "public/help.html", {"hurdles": HURDLES})


def _schedule(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The current intake by the server's clock, with the reader's own region marked (D8)."""
    year = periods.current_year(now)
    rows = periods.schedule(year, now)
    own = _own_region(request)
    return {
        "year": year,
        "next_year": year + 1,
        "waves": waves.group(rows),
        "open_regions": [row.region for row in rows if row.window.is_open],
        "next_opening": waves.next_opening(rows),
        "drafts_before_opening": settings.DRAFTS_BEFORE_OPENING,
        "own": next((row for row in rows if row.region.kato == own), None),
    }


def _own_region(request: HttpRequest) -> str:
    address = request.user.registered_address if request.user.is_authenticated else {}
    return kato.region_of(address["kato"]) if address.get("kato") else ""


def _applications(request: HttpRequest, *, year: int, now: datetime) -> list[Application]:
    """What the home page offers to go on with, newest first."""
    if not request.user.is_authenticated:
        return []
    mine = Application.objects.for_parent(request.user).filter(year=year).select_related("child")
    return list(supplements.dated(mine, now=now).order_by("-created_at")[:SHOWN_ON_HOME])
