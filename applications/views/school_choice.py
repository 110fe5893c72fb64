"""Step 2: the way of admission, the school with its language, transport (R65-R83, D3, D5, D8, D31)."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from accounts import login
from applications import eligibility, residence
from applications.eligibility import Blocked, Code
from applications.forms.school import Offer, Place, SchoolForm, WayForm, offer
from applications.forms.transport import TransportForm
from applications.models import Application, Route
from applications.views.visit import Visit
from schools import catalogue, kato, periods, seats
from schools.catalogue import Level
from schools.models import Intake, School

LEVELS = ("region", "district", "okrug", "village")
CONTACTS = 5


def way(visit: Visit) -> HttpResponse:
    """By microdistrict or outside; for an address in no microdistrict, the message of R68 and both ways."""
    application = visit.application
    _learn_address(visit)
    local = eligibility.local_schools(application)
    form = WayForm(visit.data, initial={"route": application.route})
    if visit.is_post and form.is_valid():
        route = form.cleaned_data["route"]
        if route == Route.OUTSIDE or local:
            _change_way(visit, route)
            return visit.onward()
    context = {"form": form, "local": local, "ratio": settings.OUTSIDE_RATIO}
    if not local:
        context["contacts"] = _contacts(application)
    return visit.show("way", **context)


def _learn_address(visit: Visit) -> None:
    """The register may have been silent at the sign-in: an address that nobody told us is asked for now, for
    R68 may be said of a known one only. Raises Blocked(ADDRESS_SILENT)."""
    if eligibility.addresses_that_count(visit.application):
        return
    if not login.refresh_address(visit.application.applicant, now=visit.now):
        raise Blocked(Code.ADDRESS_SILENT)


def _change_way(visit: Visit, route: str) -> None:
    """Another way asks for the school anew."""
    if route != visit.application.route:
        visit.save(route=route, intake=None, transport=False, transport_address={}, step2_at=None)


def _contacts(application: Application) -> list[School]:
    """Schools near the registered address, whose administration may add it to the microdistrict (R68)."""
    addresses = eligibility.addresses_that_count(application)
    code = addresses[0].get("kato", "") if addresses else ""
    for place in [code, *kato.ancestors(code)] if code else []:
        found = catalogue.offering(application.year).filter(locality__kato__startswith=kato.prefix(place))
        if found:
            return list(found[:CONTACTS])
    return []


def school(visit: Visit) -> HttpResponse:
    """The school and its language. A full one is explained on a page of its own."""
    cascade = None
    if visit.application.route == Route.OUTSIDE:
        cascade = _cascade(visit)
        offers = [offer(cascade.school, year=visit.application.year)] if cascade.school else []
    else:
        local = eligibility.local_schools(visit.application)
        offers = [offer(one, year=visit.application.year) for one in local]
    form = SchoolForm(visit.data, offers=offers, initial=_chosen(visit.application, offers))
    if visit.is_post and form.is_valid():
        if cascade and cascade.own:  # it would take another child's place
            return visit.stay()
        choose(visit, form.intake(), route=visit.application.route)
        return visit.onward()
    around = _around(visit, offers)
    return visit.show("school", form=form, offers=offers, cascade=cascade, **around)


def _chosen(application: Application, offers: list[Offer]) -> dict[str, str]:
    intake = application.intake
    if intake is None or intake.school_id not in [one.school.pk for one in offers]:
        return {}
    return {"school": str(intake.school_id), "language": intake.language_id}


def _around(visit: Visit, offers: list[Offer]) -> dict[str, Any]:
    """The region's window, and other schools when this one has no place on the way chosen."""
    if not offers:
        return {}
    application, first = visit.application, offers[0]
    around: dict[str, Any] = {"window": periods.state(first.school.locality_id, application.year, visit.now)}
    full = [one for one in first.places if one.left(application.route) <= 0]
    if application.route == Route.OUTSIDE and full:
        around |= {"full": full} | elsewhere(full[0].intake)
    return around


def elsewhere(intake: Intake) -> dict:
    """Why it is full, and the nearest schools with a place left for a child from outside."""
    found = catalogue.nearest_with_seats(
        intake.school, language=intake.language_id, outside=True, year=intake.year
    )
    nearest = [Place(one, seats.free(one)) for one in found]
    return {"ratio": seats.ratio_of(intake), "nearest": nearest}


def choose(visit: Visit, intake: Intake, *, route: str) -> None:
    """Raises Blocked when the region is over, or the way chosen has no place left (R75, D8)."""
    application = visit.application
    _check_window(visit, intake)
    if route == Route.OUTSIDE:
        free = seats.free(intake)
        if free.outside <= 0:
            raise Blocked(Code.OUTSIDE_FULL if free.total > 0 else Code.SCHOOL_FULL, {"intake": intake})
    changes: dict[str, Any] = {"intake": intake, "route": route}
    if application.intake is None or application.intake.school_id != intake.school_id:
        changes |= {"transport": False, "transport_address": {}, "step2_at": None}
    if not intake.school.has_transport:
        changes |= {"transport": False, "transport_address": {}, "step2_at": visit.now}
    visit.save(**changes)


def _check_window(visit: Visit, intake: Intake) -> None:
    """A draft may be prepared before the region opens, if the setting allows it; not after it is over."""
    try:
        eligibility.check_window(intake.school, year=visit.application.year, now=visit.now)
    except Blocked as blocked:
        if blocked.code == Code.CLOSED or not settings.DRAFTS_BEFORE_OPENING:
            raise


@dataclass
class Cascade:
    """«Облыс / Қала → … → Мектеп» as the address of the page holds it (R76, D31), and the search above it."""

    levels: list[Level]
    schools: list[School]
    school: School | None
    own: bool = False  # of the applicant's own microdistrict
    text: str = ""
    found: list[School] = field(default_factory=list)
    searched: bool = False


def _cascade(visit: Visit) -> Cascade:
    query, year = visit.request.GET, visit.application.year
    school = _asked_school(visit)
    chosen = [query[name] for name in LEVELS if name in query]
    if school and not chosen:
        chosen = [place.kato for place in catalogue.path(school.locality)]
    levels = catalogue.levels(chosen, year=year)
    place = catalogue.chosen_place(levels)
    schools = catalogue.schools_in(place, year=year) if place else []
    if school is None or school not in schools:
        school = schools[0] if len(schools) == 1 else None
    own = school is not None and school in eligibility.local_schools(visit.application)
    text = query.get("q", "").strip()[:100]
    found = catalogue.search(text, year=year) if text else []
    return Cascade(levels, schools, school, own, text, found, searched=bool(text))


def _asked_school(visit: Visit) -> School | None:
    """The school posted, asked for in the address, or chosen before; only one that takes first-graders."""
    given = visit.request.POST.get("school") or visit.request.GET.get("school", "")
    asked_otherwise = any(name in visit.request.GET for name in (*LEVELS, "q"))
    if not given and not asked_otherwise and visit.application.intake:
        given = str(visit.application.intake.school_id)
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        return None
    return catalogue.offering(visit.application.year).filter(pk=int(given)).first()


def transport(visit: Visit) -> HttpResponse:
    """Free transport, where the school has it; the registered address fills itself in (R78-R83)."""
    application = visit.application
    registered = application.applicant.registered_address
    stored = application.transport_address if not application.transport_address.get("same") else {}
    data = visit.data
    chosen = (
        [str(data[name]) for name in LEVELS if name in data]
        if data is not None
        else residence.codes_down_to(stored.get("kato", ""))
    )
    initial = {"transport": application.transport, "other": bool(stored), "line": stored.get("line", "")}
    form = TransportForm(
        data, levels=residence.levels(chosen), has_registered=bool(registered.get("text_kk")), initial=initial
    )
    if visit.is_post and "refresh" not in visit.request.POST and form.is_valid():
        wanted, address = form.cleaned_data["transport"], form.address(registered)
        visit.save(transport=wanted, transport_address=address, step2_at=visit.now)
        return visit.onward()
    return visit.show("transport", form=form, registered=registered)
