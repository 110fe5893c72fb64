"""«Алдын ала тексеру»: what a parent can know before signing in (R22-R28, R54, R66, R68, R75, D3, D7, D8).

Nothing is kept. A birth date and an address come in the body of a request and leave with its answer: no
cookie, no row, no address of a page and no line of the log knows them. A region alone may stand in an
address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts import throttle
from accounts.replica import may_lag
from applications import eligibility
from applications.eligibility import Blocked
from applications.public.forms import AddressForm, AgeForm, RegionForm
from schools import catalogue, kato, periods, residence
from schools.cascade import LEVELS, named_school, read_cascade
from schools.models import Locality, School
from schools.offers import elsewhere, offers_of

ASKS = 120  # a minute and an address; each list that is changed asks as well
CONTACTS = 5


@dataclass(frozen=True)
class Question:
    """One question of the page, and its answer once it was asked well."""

    form: forms.Form
    answer: dict[str, Any] | None = None


@csrf_exempt  # changes nothing and knows nobody; and a token would need a cookie
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@may_lag()
def page(request: HttpRequest) -> HttpResponse:
    """Three short questions, each answered where it stands."""
    asked = request.POST.get("ask", "") if request.method == "POST" else ""
    if request.method == "POST":
        if not throttle.allowed(request, what="before", per_minute=ASKS):
            return throttle.too_often(request)
        if asked not in QUESTIONS:
            return render(request, "400.html", status=400)
    now = timezone.now()
    given: dict[str, QueryDict] = {asked: request.POST} if asked else _shared(request)
    questions = {name: ask(given.get(name), now=now) for name, ask in QUESTIONS.items()}
    has_errors = any(question.form.errors for question in questions.values())
    context = _about(now) | questions | {"has_errors": has_errors}
    response = render(request, "public/before/page.html", context, status=400 if has_errors else 200)
    if asked:
        add_never_cache_headers(response)  # it holds what was typed
    return response


def _about(now: datetime) -> dict[str, Any]:
    year = periods.current_year(now)
    return {
        "year": year,
        "next_year": year + 1,
        "now": now,
        "usual_ratio": settings.OUTSIDE_RATIO,
        "whose_address": settings.MICRODISTRICT_ADDRESS,
        "drafts_before_opening": settings.DRAFTS_BEFORE_OPENING,
    }


def _shared(request: HttpRequest) -> dict[str, QueryDict]:
    """What the link that is passed on to the other parent asks: a region, which says nothing of a person. One
    that cannot be is as good as none."""
    where = request.GET.get("where", "")
    known = where.isascii() and where.isdecimal() and kato.region_of(where) == where
    return {"opening": request.GET} if known and Locality.objects.filter(kato=where).exists() else {}


def _age(data: QueryDict | None, *, now: datetime) -> Question:
    """R54, D7."""
    form = AgeForm(data, today=timezone.localdate(now))
    if not form.is_valid():
        return Question(form)
    year, born = periods.current_year(now), form.cleaned_data["birth_date"]
    try:
        eligibility.check_age(born, year=year)
    except Blocked as blocked:
        return Question(form, {"fits": False, "facts": blocked.facts})
    return Question(form, {"fits": True, "facts": eligibility.age_facts(born, year=year)})


def _opening(data: QueryDict | None, *, now: datetime) -> Question:
    """R22-R28, D8."""
    rows = periods.schedule(periods.current_year(now), now)
    form = RegionForm(data, regions=sorted((row.region for row in rows), key=lambda one: one.sort_kk))
    if not form.is_valid():
        return Question(form)
    chosen = next(row for row in rows if row.region.kato == form.cleaned_data["where"])
    share = f"{settings.PUBLIC_URL}{reverse('public:before')}?where={chosen.region.kato}#opening"
    return Question(form, {"region": chosen.region, "window": chosen.window, "share": share})


def _address(data: QueryDict | None, *, now: datetime) -> Question:
    """R66, R68, D3, D5, D32."""
    chosen = [str(data[name]) for name in LEVELS if name in data] if data else []
    levels = residence.levels_to_settlement(chosen)
    if data and "refresh" in data:  # only the next list was asked for
        return Question(AddressForm(levels=levels, initial={name: data.get(name) for name in TYPED}))
    form = AddressForm(data, levels=levels)
    if not form.is_valid() or form.place is None:
        return Question(form)
    return Question(form, {"line": form.line} | _schools_of(form, form.place, now=now))


def _schools_of(form: AddressForm, place: Locality, *, now: datetime) -> dict[str, Any]:
    year = periods.current_year(now)
    street, house = form.cleaned_data["street"], form.cleaned_data["house"]
    schools = catalogue.schools_for(kato=place.kato, street=street, house=house, year=year)
    if not schools and (attached := catalogue.attached_to(kato=place.kato, street=street, house=house)):
        return {"attached": attached, "contacts": attached}
    if not schools:
        return {"contacts": catalogue.around(place.kato, year=year, limit=CONTACTS)}
    return {"offers": offers_of(schools, year=year)} | _window_of(schools[0], now=now)


TYPED = ("street", "house")
QUESTIONS: dict[str, Callable[..., Question]] = {"age": _age, "opening": _opening, "address": _address}


@require_GET
@may_lag()
def school(request: HttpRequest) -> HttpResponse:
    """Any school, found by place or by name, with its seats on both routes and its region's dates. What is
    asked here says nothing of a person, so it may stand in the address."""
    if not throttle.allowed(request, what="before", per_minute=ASKS):
        return throttle.too_often(request)
    now = timezone.now()
    context = _about(now)
    named = named_school(request.GET.get("school", ""), year=context["year"])
    context["cascade"] = cascade = read_cascade(request.GET, school=named, year=context["year"])
    if cascade.school:
        context |= _offer_of(cascade.school, now=now)
    return render(request, "public/before/school.html", context)


def _offer_of(school: School, *, now: datetime) -> dict[str, Any]:
    (offer,) = offers_of([school], year=periods.current_year(now))
    shown = {"offer": offer} | _window_of(school, now=now)
    full = offer.full_outside
    return shown | {"full": full} | elsewhere(*(one.intake for one in full)) if full else shown


def _window_of(school: School, *, now: datetime) -> dict[str, Any]:
    """The dates that count are those of the school's own region (D8)."""
    region = Locality.objects.get(pk=kato.region_of(school.locality_id))
    return {"region": region, "window": periods.state(region.kato, periods.current_year(now), now)}
