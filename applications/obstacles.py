"""An obstacle is a page of its own: why, in words with the facts, and what to do next (ux: U16)."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Child
from applications.eligibility import Blocked, Code
from applications.models import Application
from schools.offers import elsewhere

Sentence = str | Promise

PAGES = {
    Code.PROTECTED: "obstacles/protected.html",
    Code.ACTIVE: "obstacles/active.html",
    Code.ENROLLED: "obstacles/enrolled.html",
    Code.AGE: "obstacles/age.html",
    Code.NAMELESS: "obstacles/nameless.html",
    Code.NOT_THEIRS: "obstacles/not_theirs.html",
    Code.PERSONS_SILENT: "obstacles/persons_silent.html",
    Code.FACTS_CHANGED: "obstacles/facts_changed.html",
    Code.REGISTER_SILENT: "obstacles/register_silent.html",
    Code.ADDRESS_SILENT: "obstacles/address_silent.html",
    Code.CONSENT: "obstacles/consent.html",
    Code.NOT_ANNOUNCED: "obstacles/not_announced.html",
    Code.NOT_OPEN: "obstacles/not_open.html",
    Code.CLOSED: "obstacles/closed.html",
    Code.SCHOOL_STOPPED: "obstacles/school_stopped.html",
    Code.NO_LANGUAGE: "obstacles/no_language.html",
    Code.NOT_LOCAL: "obstacles/not_local.html",
    Code.OUTSIDE_FULL: "obstacles/outside_full.html",
    Code.SCHOOL_FULL: "obstacles/school_full.html",
    Code.DOCUMENTS: "obstacles/documents.html",
    Code.PMPC_EXPIRED: "obstacles/pmpc_expired.html",
    Code.TICKS: "obstacles/ticks.html",
}
# Also what a signature is refused with, wherever that is told.
HEADINGS: dict[Code, Sentence] = {
    Code.ACTIVE: _("Белсенді өтінім бар"),
    Code.ENROLLED: _("Бала мектепке қабылданған"),
    Code.AGE: _("Баланың жасы әзірге сәйкес келмейді"),
    Code.NAMELESS: _("Аты-жөні белгісіз"),
    Code.REGISTER_SILENT: _("Білім беру дерекқоры жауап бермей тұр"),
    Code.ADDRESS_SILENT: _("Мекенжай тізілімі жауап бермей тұр"),
    Code.PERSONS_SILENT: _("Мемлекеттік тізілімдер жауап бермей тұр"),
    Code.NOT_THEIRS: _("Тізілім бойынша сіз бұл баланың заңды өкілі емессіз"),
    Code.FACTS_CHANGED: _("Тізілімдегі деректер өзгерді"),
    Code.PROTECTED: _("Бұл бала бойынша өтінім порталда берілмейді"),
    Code.CONSENT: _("Баланың дербес деректерін өңдеуге келісім қажет"),
    Code.NOT_ANNOUNCED: _("Қабылдау мерзімі жарияланбаған"),
    Code.NOT_OPEN: _("Қабылдау әлі ашылған жоқ"),
    Code.CLOSED: _("Қабылдау аяқталды"),
    Code.SCHOOL_STOPPED: _("Мектеп өтінім қабылдауды тоқтатты"),
    Code.NO_LANGUAGE: _("Мектеп пен оқу тілін қайта таңдаңыз"),
    Code.NOT_LOCAL: _("Мекенжайыңыз бұл мектептің шағын ауданына кірмейді"),
    Code.OUTSIDE_FULL: _("Бұл мектепте шағын ауданнан тыс орындар бітті"),
    Code.SCHOOL_FULL: _("Бұл мектепте орын бітті"),
    Code.DOCUMENTS: _("Құжаттар толық емес"),
    Code.PMPC_EXPIRED: _("ПМПК анықтамасының мерзімі өткен"),
    Code.TICKS: _("Екі белгіні қойыңыз"),
}
# What the page is answered with, where it is not a conflict.
STATUS = {
    Code.REGISTER_SILENT: 503,
    Code.ADDRESS_SILENT: 503,
    Code.PERSONS_SILENT: 503,
    Code.NOT_THEIRS: 403,
}


def explain(
    request: HttpRequest, application: Application | None, blocked: Blocked, *, child: Child | None = None
) -> HttpResponse:
    """The page of one obstacle, for the wizard and for the signature alike."""
    context = blocked.facts | {
        "application": application,
        "child": application.child if application else child,
        "step_url": _step(request, application, blocked),
        "facts": blocked.facts,
        "heading": HEADINGS[blocked.code],
    }
    if blocked.code == Code.ACTIVE:
        context |= _active(request, blocked)
    if "intake" in blocked.facts:
        context |= elsewhere(blocked.facts["intake"])
    return render(request, PAGES[blocked.code], context, status=STATUS.get(blocked.code, 409))


def _step(request: HttpRequest, application: Application | None, blocked: Blocked) -> str:
    """The page of the wizard that owns the obstacle. Silence is no page's: what was wanted is tried again
    where it was wanted, and what only a button sends leads from its address to where the button is."""
    if blocked.code == Code.PERSONS_SILENT:
        return request.get_full_path()
    if application is None:
        return reverse("filing:start")
    return reverse("filing:step", args=[application.public_id, blocked.step])


def _active(request: HttpRequest, blocked: Blocked) -> dict[str, Any]:
    """One's own application is named by its number. How another's stands is told on a page of its own, to who
    is the child's by the register (D80), who may withdraw it there if it was left behind (D36); here only
    the school that has accepted it (D4)."""
    active = blocked.facts["application"]
    if active.applicant == request.user:
        return {"active": active}
    if not request.user.is_authenticated:
        return {"active": None, "told": False, "left_behind": False}
    fresh = timezone.now() - timedelta(seconds=settings.REGISTER_FRESH_SHOWN)
    told = Application.objects.filed_for_children_of(request.user, since=fresh).filter(pk=active.pk)
    return {"active": None, "told": told.exists(), "left_behind": told.without_representative().exists()}
