"""The decision on one application, at the school: prepared, returned, signed (R108-R111, R120, D1)."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import kept, seen
from accounts.access import SignedInRequest, View, signed_in
from applications import correcting, lifecycle
from applications.hands import Barred
from applications.models import Application, Decision, Purpose
from applications.review.forms import DecisionForm, ReturnForm, with_pattern
from applications.review.views import place
from applications.review.views.desk import (
    is_director,
    last_word,
    load,
    onward,
    show,
    takes_decision,
    takes_return,
)
from applications.signing.views import start
from applications.signing.words import in_full
from applications.status import DECIDED
from applications.stops import Stopped


def button(view: Callable[[SignedInRequest, Application], HttpResponse]) -> View:
    """The address of a button on the application's page. Whoever opens it (after signing in again, in the
    other language) is led to that page, and so is what they had typed."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @signed_in
    @wraps(view)
    def pressed(request: SignedInRequest, public_id: object) -> HttpResponse:
        found = load(request, public_id)
        if request.method == "POST":
            return _within_hands(view, request, found)
        kept.carry(request, to=reverse("review:application", args=[public_id]))
        return place.to_application(request, public_id)

    return pressed


def _within_hands(
    view: Callable[[SignedInRequest, Application], HttpResponse], request: SignedInRequest, found: Application
) -> HttpResponse:
    """What is not for this person's hands changes nothing (D39); the page says whose it is."""
    try:
        return view(request, found)
    except Barred as barred:
        messages.error(request, in_full(barred.bar))
        return place.to_application(request, found.public_id)


@button
def decide(request: SignedInRequest, found: Application) -> HttpResponse:
    """The executor prepares (D1), the director prepares and goes on to sign at once."""
    director = is_director(request, found)
    if not takes_decision(found, director=director):
        return stale(request, found)
    if "pattern" in request.POST:
        form = with_pattern(request.POST, application=found)
        return show(request, found, form=form, seen=request.POST.get(seen.FIELD, ""), filled=True)
    form = DecisionForm(request.POST, application=found)
    if not form.is_valid():
        return show(request, found, form=form)
    now = timezone.now()
    try:
        if not director:
            lifecycle.propose(
                found, by=request.user, now=now, check=_unread(request, found), **form.decision()
            )
            said = _("№ %(number)s өтінім бойынша шешім дайын. Директордың қолы күтілуде.")
            messages.success(request, said % {"number": found.number})
            return onward(request, found)
        decision = lifecycle.prepare(
            found, by=request.user, now=now, check=_unread(request, found), **form.decision()
        )
    except lifecycle.NotAllowed:
        return stale(request, found)
    except Stopped as stopped:
        messages.error(request, in_full(stopped.stop))
        return show(request, found, form=form, filled=True)
    except seen.Stale:
        return _changed(request, found.public_id, form=form)
    return start.sign(request, found, purpose=Purpose.DECISION, now=now, decision=decision)


@button
def sign(request: SignedInRequest, found: Application) -> HttpResponse:
    """The director goes to sign the decision that is prepared, by the executor or by themselves, and that
    the page has shown: nobody signs another one unread."""
    decision = _shown(request, found)
    if decision is None or not is_director(request, found):
        return stale(request, found)
    return _to_signature(request, found, decision)


def _shown(request: SignedInRequest, found: Application) -> Decision | None:
    """The decision that waits, if it is the one whose button was pressed. A button that names none is from
    before they did."""
    decision = lifecycle.open_decision(found)
    if decision is None or request.POST.get("decision", str(decision.pk)) != str(decision.pk):
        return None
    return decision


def _to_signature(request: SignedInRequest, found: Application, decision: Decision) -> HttpResponse:
    """What was written waits without a term: the child may have gone to another school since (D54)."""
    now = timezone.now()
    try:
        correcting.demand_at_no_other_school(decision, found, now=now)
    except Stopped as stopped:
        messages.error(request, in_full(stopped.stop))
        return place.to_application(request, found.public_id)
    return start.sign(request, found, purpose=Purpose.DECISION, now=now, decision=decision)


@require_http_methods(["GET", "POST"])
@signed_in
def sign_decision(request: SignedInRequest, public_id: object) -> HttpResponse:
    """The same from the pages of a signature, by the director alone; a new code when it is asked for."""
    mine = Application.objects.for_director(request.user)
    found = get_object_or_404(mine.with_facts(), public_id=public_id)
    if request.method == "GET":
        return place.to_application(request, found.public_id)
    decision = _shown(request, found)
    if decision is None:
        return start.stale(request, found, Purpose.DECISION)
    return _within_hands(
        lambda request, found: _to_signature(request, found, decision),
        request,
        found,
    )


@require_GET
@signed_in
def decided(request: SignedInRequest, public_id: object) -> HttpResponse:
    """Where the director's signature leads: a word on this application, and the next one."""
    found = load(request, public_id)
    if found.status not in DECIDED:
        return place.to_application(request, public_id)
    facts = {"number": found.number, "status": found.get_status_display()}
    if correcting.made(found).exists():
        messages.success(request, _("№ %(number)s өтінім: шешім түзетілді, енді — «%(status)s».") % facts)
        return place.to_application(request, public_id)
    messages.success(request, _("№ %(number)s өтінім: «%(status)s». Шешімге қол қойылды.") % facts)
    return onward(request, found)


@button
def send_back(request: SignedInRequest, found: Application) -> HttpResponse:
    """The director does not sign and says why."""
    if not takes_return(found, director=is_director(request, found)):
        return stale(request, found)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return show(request, found, return_form=form)
    try:
        lifecycle.return_to_executor(
            found,
            by=request.user,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
            check=_unread(request, found),
        )
    except lifecycle.NotAllowed:
        return stale(request, found)
    except seen.Stale:
        return _changed(request, found.public_id, return_form=form)
    messages.success(request, _("Шешім орындаушыға қайтарылды."))
    return place.to_application(request, found.public_id)


def stale(request: SignedInRequest, found: Application) -> HttpResponse:
    """Somebody was first, or the parent withdrew: who and when."""
    last = found.changes.select_related("by").last()
    said = _("Өтінімнің жағдайы өзгеріп кеткен, сондықтан бұл әрекет орындалмады.")
    if last:
        at = date_format(timezone.localtime(last.at), "DATETIME_FORMAT")
        by = last.by.full_name if last.by and found.is_whole_to_school else ""  # a withdrawal is the parent's
        facts = [last.get_new_display(), by, at]
        said += " " + _("Соңғы өзгеріс: %(change)s.") % {"change": ", ".join(filter(None, facts))}
    messages.warning(request, said)
    return place.to_application(request, found.public_id)


def _unread(request: SignedInRequest, found: Application) -> Callable[[Application], None]:
    typed_at, director = request.POST.get(seen.FIELD, ""), is_director(request, found)
    return lambda locked: seen.demand(
        typed_at, stored=last_word(locked, director=director), wanted={"waiting": "another"}
    )


def _changed(request: SignedInRequest, public_id: object, **forms: object) -> HttpResponse:
    """Somebody has written another decision since: it is shown, and so is what was typed."""
    return show(request, load(request, public_id), stale=True, **forms)
