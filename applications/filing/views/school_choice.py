"""Step 2: the way of admission, the school with its language, transport (R65-R83, D3, D5, D8, D31)."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse

from accounts import freshness
from applications import eligibility
from applications.eligibility import Blocked, Code
from applications.filing.forms.school import SchoolForm, WayForm
from applications.filing.forms.transport import TransportForm
from applications.filing.views.visit import Visit
from applications.models import Application, Route
from schools import address_requests, catalogue, periods, residence, seats
from schools.cascade import LEVELS, Cascade, is_asked, named_school, read_cascade
from schools.models import Intake, School
from schools.offers import Offer, elsewhere, offers_of

CONTACTS = 5


def way(visit: Visit) -> HttpResponse:
    """By microdistrict, with the schools of the address and the only one chosen already (D70), or outside."""
    application = visit.application
    if not visit.is_leaving:
        _learn_address(visit)
    offers = offers_of(eligibility.local_schools(application), year=application.year)
    if not offers:
        return visit.leave() if visit.is_leaving else _no_school(visit)
    refused = application.copied_from_id is not None and application.intake is None  # for its school (D20)
    form = WayForm(visit.data, offers=offers, anew=refused, initial=_chosen(application, offers))
    if visit.is_leaving:
        return visit.leave(form, lambda: _go_way(visit, form))
    if visit.is_post and form.is_valid():
        _go_way(visit, form)
        return visit.onward()
    window = _window(visit, offers[0])
    return visit.show(
        "filing/way.html", form=form, offers=offers, window=window, ratio=settings.OUTSIDE_RATIO
    )


def _go_way(visit: Visit, form: WayForm) -> bool:
    """Of a form without faults. Raises Blocked."""
    if form.errors:
        return False
    if form.cleaned_data["route"] == Route.OUTSIDE:
        _go_outside(visit)
    else:
        choose(visit, form.intake(), route=Route.LOCAL)
    return True


def _no_school(visit: Visit) -> HttpResponse:
    """For an address in no microdistrict: the message of R68 and both ways."""
    if visit.is_post and visit.request.POST.get("route") == Route.OUTSIDE:
        _go_outside(visit)
        return visit.onward()
    attached = eligibility.attached_schools(visit.application)
    context: dict[str, Any] = {"attached": attached, "contacts": attached or _contacts(visit.application)}
    if not attached:
        context |= _request(visit.application)
    return visit.show("filing/no_school.html", **context, ratio=settings.OUTSIDE_RATIO)


def _learn_address(visit: Visit) -> None:
    """The register may have been silent at the sign-in: an address that nobody told us is asked for now, for
    R68 may be said of a known one only. Raises Blocked(ADDRESS_SILENT)."""
    if eligibility.addresses_that_count(visit.application):
        return
    if not freshness.renew_person(visit.application.applicant, now=visit.now):
        raise Blocked(Code.ADDRESS_SILENT)


def _request(application: Application) -> dict[str, Any]:
    """What has been asked of the department about the address (D63)."""
    registered = next(iter(eligibility.addresses_that_count(application)), {})
    if not address_requests.may_be_asked(registered):
        return {}
    return {"may_ask": True, "asked": address_requests.last_of(application.applicant, registered)}


def _go_outside(visit: Visit) -> None:
    """Another way asks for the school anew."""
    if visit.application.route != Route.OUTSIDE:
        visit.save(route=Route.OUTSIDE, intake=None, transport=False, transport_address={}, step2_at=None)


def _contacts(application: Application) -> list[School]:
    """Schools near the registered address, whose administration may add it to the microdistrict (R68)."""
    addresses = eligibility.addresses_that_count(application)
    code = addresses[0].get("kato", "") if addresses else ""
    return catalogue.around(code, year=application.year, limit=CONTACTS)


def school(visit: Visit) -> HttpResponse:
    """A school outside the microdistrict and its language. A full one is explained on a page of its own."""
    cascade = _cascade(visit)
    offers = offers_of([cascade.school] if cascade.school else [], year=visit.application.year)
    form = SchoolForm(visit.data, offers=offers, initial=_chosen(visit.application, offers))
    if visit.is_leaving:
        return visit.leave(form, lambda: _go_there(visit, form, cascade))
    if visit.is_post and form.is_valid():
        return visit.onward() if _go_there(visit, form, cascade) else visit.stay()
    around = _around(visit, offers)
    return visit.show("filing/school.html", form=form, offers=offers, cascade=cascade, **around)


def _go_there(visit: Visit, form: SchoolForm, cascade: Cascade) -> bool:
    """Of a form without faults, and not to the school of the address, where it would take another child's
    place. Raises Blocked."""
    if form.errors or cascade.own:
        return False
    choose(visit, form.intake(), route=Route.OUTSIDE)
    return True


def _chosen(application: Application, offers: list[Offer]) -> dict[str, str]:
    intake = application.intake
    way = {"route": application.route} if application.route else {}
    if intake is None or intake.school_id not in [one.school.pk for one in offers]:
        return way
    return way | {"school": str(intake.school_id), "language": intake.language_id}


def _around(visit: Visit, offers: list[Offer]) -> dict[str, Any]:
    """The region's window, and other schools when this one has no place outside its microdistrict."""
    if not offers:
        return {}
    around: dict[str, Any] = {"window": _window(visit, offers[0])}
    if full := offers[0].full_outside:
        around |= {"full": full} | elsewhere(*(one.intake for one in full))
    return around


def _window(visit: Visit, offer: Offer) -> periods.Window:
    return periods.state(offer.school.locality_id, visit.application.year, visit.now)


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


def _cascade(visit: Visit) -> Cascade:
    found = read_cascade(visit.request.GET, school=_asked_school(visit), year=visit.application.year)
    if found.school:
        found.own = found.school in eligibility.local_schools(visit.application)
    return found


def _asked_school(visit: Visit) -> School | None:
    """The school posted, asked for in the address, or chosen before."""
    typed = visit.data.get("school", "") if visit.data is not None else ""
    given = typed or visit.request.GET.get("school", "")
    if not given and not is_asked(visit.request.GET) and visit.application.intake:
        given = str(visit.application.intake.school_id)
    return named_school(given, year=visit.application.year)


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
    if visit.is_leaving:
        return visit.leave(form, lambda: _ride(visit, form, registered))
    if visit.is_post and "refresh" not in visit.request.POST and form.is_valid():
        _ride(visit, form, registered, step2_at=visit.now)
        return visit.onward()
    return visit.show("filing/transport.html", form=form, registered=registered)


def _ride(visit: Visit, form: TransportForm, registered: dict[str, str], **more: Any) -> bool:
    """Of a form without faults."""
    if form.errors:
        return False
    wanted, address = form.cleaned_data["transport"], form.address(registered)
    visit.save(transport=wanted, transport_address=address, **more)
    return True
