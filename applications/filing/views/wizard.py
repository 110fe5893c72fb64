"""Filing an application: choosing the child, then the pages of the four steps (R41-R96)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import children, consents, kept, seen, throttle
from accounts.access import SignedInRequest, consented
from accounts.models import ConsentStatus, User, masked
from accounts.prepared import Prepared
from accounts.waiting.room import room
from applications import beginning, drafts, eligibility, enrolment, facts, registers, steps
from applications.documents import cards, medical
from applications.eligibility import AGE_YEARS, Blocked, Code
from applications.filing import answers, wizard
from applications.filing.forms.child import Candidate, ChildForm, StartForm
from applications.filing.views import conclusion, school_choice, summary
from applications.filing.views import consents as consent_pages
from applications.filing.views import documents as document_pages
from applications.filing.views.visit import (
    REGISTERS,
    Visit,
    address,
    is_leaving,
    load,
    load_to_ask,
    open_page,
)
from applications.models import Application, Purpose, Route
from applications.obstacles import explain
from applications.signing import ahead
from applications.status import Status
from schools import periods, seats

_WITH_DRAFT = Prepared(
    lambda user, iin, year: (
        Application.objects.for_parent(User(pk=user, iin=iin))
        .filter(status=Status.DRAFT, year=year)
        .values_list("child", "public_id", *answers.NAMES[steps.CHILD])
    ),
    int,
    str,
    int,
)
AHEAD = 12  # drawings an hour
UNDONE_BY_REGISTERS = (Code.AGE, Code.NOT_LOCAL, Code.NAMELESS)


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def start(request: SignedInRequest) -> HttpResponse:
    """«Онлайн қызметке тапсырыс беру»: step 1 of a new application, the only child chosen already (D70). An
    open draft is taken up, never doubled."""
    now = timezone.now()
    year = periods.current_year(now)
    ready, waiting = _children(request.user, year=year, now=now)
    listed = bool(ready or waiting)
    if request.method == "GET" and consent_pages.follow(request, listed=listed, year=year, now=now):
        return redirect("filing:consents")
    data = request.POST if request.method == "POST" else kept.restored(request, now=now)
    form = StartForm(data, candidates=ready)
    if request.method == "POST" and form.is_valid():
        return _open(request, form, year=year, now=now)
    context = {"form": form, "ready": ready, "waiting": waiting, "year": year, "seen": form.seen()}
    context |= {"several": len(ready) > 1, "next_year": year + 1}
    context |= {"applicant": request.user, "masked_iin": masked(request.user.iin)}
    return render(request, "filing/start.html", context, status=400 if form.errors else 200)


def _open(request: SignedInRequest, form: StartForm, *, year: int, now: datetime) -> HttpResponse:
    """The draft for the child, unless what we know already speaks against it (R52, R54). The answers of one
    that has none yet are judged as on its own page. What another window has answered since is not undone."""
    child = form.chosen()
    try:
        eligibility.check_protection(child_iin=child.iin, applicant_iin=request.user.iin)
        registers.before_draft(request.user, child, now=now)
        child.refresh_from_db()
        eligibility.check_active(child, year=year)
        eligibility.check_age(child.birth_date, year=year)
    except Blocked as blocked:
        return explain(request, None, blocked, child=child)
    draft = beginning.open_draft(request.user, child, year=year)
    visit = Visit(request, draft, steps.CHILD, mark=form.seen_of_chosen())
    try:
        return _take_up(visit, form) if _is_begun(draft) else people(visit)
    except seen.Stale:
        messages.warning(request, _("Бұл бет басқа терезеде өзгертілді."))
        return redirect(address(draft, steps.CHILD))
    except drafts.NotADraft:
        return already_filed(request, load(request.user, draft.public_id))
    except Blocked as blocked:
        return explain(request, draft, blocked)


def _is_begun(draft: Application) -> bool:
    """Answered by hand, or copied from an earlier application (D20); of another what the start has asked is
    its first page."""
    return bool(draft.left_at or draft.copied_from_id or draft.step1_at)


def _take_up(visit: Visit, form: StartForm) -> HttpResponse:
    """Nothing that was typed is lost; what was left empty was answered in the draft, unless the page has
    shown the answer and it was taken away there. Raises seen.Stale."""
    draft = visit.application
    shown = not form.of_several and form.seen_of_chosen() == answers.mark(draft, steps.CHILD)
    given = {name: form.cleaned_data[name] for name in answers.NAMES[steps.CHILD]}
    if changes := given if shown else form.typed():
        _save(visit, **changes)
    return redirect(address(draft, wizard.resume_page(draft, now=visit.now)))


def _children(user: User, *, year: int, now: datetime) -> tuple[list[Candidate], list[dict[str, Any]]]:
    """The person's children: those with a consent in force, and those that still need one (R57)."""
    given = consents.of_children(user, now=now)
    answered = {
        child: (dict(zip(answers.NAMES[steps.CHILD], told, strict=True)), draft)
        for child, draft, *told in _WITH_DRAFT(user.pk, user.iin, year)
    }
    ready, waiting = [], []
    for child in children.listed(user):
        state = consents.state(given.get(child.iin), now=now)
        if state == ConsentStatus.GRANTED:
            age = year - child.birth_date.year
            ready.append(Candidate(child, age, *answered.get(child.pk, (None, None))))
        else:
            waiting.append({"child": child, "state": state})
    return ready, waiting


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def step(request: SignedInRequest, public_id: object, page: str) -> HttpResponse:
    """A page of a step: a finished one or the first unfinished; any other leads to the latter."""
    find = load if is_leaving(request, page) else load_to_ask  # who leaves is not asked about
    application = find(request.user, public_id)
    if page not in wizard.PAGES and page not in wizard.INSTEAD:
        raise Http404
    if application.status != Status.DRAFT:
        return already_filed(request, application)
    visit = Visit(request, application, page)
    try:
        if not visit.is_leaving:
            _ask_registers(visit)
        if not wizard.may_open(application, page, now=visit.now):
            return visit.leave() if visit.is_leaving else _to_unfinished(visit)
        return open_page(visit, PAGES[page])
    except drafts.NotADraft:
        return already_filed(request, load(request.user, public_id))
    except Blocked as blocked:
        return explain(request, application, blocked)


def already_filed(request: SignedInRequest, application: Application) -> HttpResponse:
    """The draft was signed, perhaps in another tab: what was typed here can no longer change it."""
    if request.method != "POST":
        return redirect("cabinet:application", application.public_id)
    return render(request, "filing/already_filed.html", {"application": application}, status=409)


def _ask_registers(visit: Visit) -> None:
    """What the last step asks is fresh enough for the signature, which then waits for nobody (D34)."""
    ask: Callable[..., object] = registers.before_page
    if visit.page == steps.REVIEW:
        rush = registers.is_rush(visit.window, now=visit.now)
        ask = partial(registers.prepare_signature, in_rush=rush)
    ask(visit.application, user=visit.application.applicant, now=visit.now)


def _to_unfinished(visit: Visit) -> HttpResponse:
    """Where the registers have undone a step, the page says with what. Raises Blocked."""
    instead = wizard.instead(visit.application, visit.page)
    if instead and wizard.may_open(visit.application, instead, now=visit.now):
        if visit.is_post:
            unsaved = _("Жауабыңыз сақталмады: бұл бет өзгерген. Төмендегіні тексеріңіз.")
            messages.warning(visit.request, unsaved)
        return redirect(address(visit.application, instead, back=visit.back))
    _explain_undone(visit)
    to = wizard.first_unfinished(visit.application, now=visit.now)
    messages.warning(visit.request, _("Алдымен осы бетті толтырыңыз: алдыңғы қадамдар аяқталмаған."))
    return redirect(address(visit.application, to))


def _explain_undone(visit: Visit) -> None:
    if not registers.changes(visit.application):
        return
    try:
        eligibility.check_stored(visit.application, now=visit.now)
    except Blocked as blocked:
        if blocked.code in UNDONE_BY_REGISTERS:
            raise registers.explained(blocked, visit.application) from None


def people(visit: Visit) -> HttpResponse:
    """The applicant, from the profile and not to be edited, and the child (R49, R50, R60-R63); the three
    checks on «Келесі қадамға өту» (R51-R54, R64)."""
    application = visit.application
    initial = {"extra_phone": application.extra_phone, "special_needs": application.special_needs}
    form = ChildForm(visit.data, initial=initial)
    if visit.is_leaving:
        return visit.leave(form, lambda: _save_typed(visit, form))
    if visit.is_post and form.is_valid():
        if not throttle.allowed(visit.request, what="registers", per_minute=REGISTERS):
            return throttle.too_often(visit.request)
        _save_typed(visit, form)
        if _check_child(visit):  # else the time of the last real answer stays, and with it its thirty days
            visit.save(step1_at=visit.now)
        medical.request(application, now=visit.now)  # so that step 3 need not wait for its papers
        return visit.onward()
    return visit.show(
        "filing/child.html",
        form=form,
        applicant=application.applicant,
        masked_iin=masked(application.applicant.iin),
        child=application.child,
        age=application.year - application.child.birth_date.year,
        age_years=AGE_YEARS,
    )


def _save_typed(visit: Visit, form: ChildForm) -> bool:
    _save(visit, **form.cleaned_data)
    return True


def _save(visit: Visit, **changes: Any) -> None:
    was = visit.application.special_needs
    visit.save(**changes)
    conclusion.follow_mark(visit, was=was)


def _check_child(visit: Visit) -> bool:
    """The three checks, the register asked outside any transaction: whether it answered. Raises Blocked."""
    application, now = visit.application, visit.now
    eligibility.check_active(application.child, year=application.year)
    asked = enrolment.ask(application, now=now)
    eligibility.check_child(application.child, year=application.year, enrolment=asked.enrolment)
    return asked.answered


def review(visit: Visit) -> HttpResponse:
    """Everything as it will be signed, each line with its way back (R92, R93)."""
    application = visit.application
    obstacle = None
    if changes := registers.changes(application):
        _explain_undone(visit)
    try:
        eligibility.check_stored(application, now=visit.now)
    except Blocked as blocked:
        obstacle = blocked
    registers.mark_seen(application)
    told = facts.snapshot(application)
    shown = facts.content_sha256(application, Purpose.APPLICATION, None, told=told)
    if (obstacle is None or obstacle.code == Code.NOT_OPEN) and visit.request.method == "GET":
        _have_drawn(visit, shown, obstacle)
    intake = application.chosen_intake  # else the page is not open yet
    school = intake.school
    window = visit.window
    return visit.show(
        "filing/review.html",
        sections=summary.sections(told, has_transport=school.has_transport),
        shown=shown,
        obstacle=obstacle,
        changes=changes,
        warnings=cards.warnings_of(application),
        in_rush=registers.is_rush(window, now=visit.now),
        is_over_plan=application.route == Route.LOCAL and not seats.free(intake).local,  # D3a
        window=window,
        may_line_up=room.has_turns(window.opens_at, now=visit.now),
        turns_from=room.turns_from(window.opens_at),
    )


def _have_drawn(visit: Visit, content: str, obstacle: Blocked | None) -> None:
    """Ahead of the signature (D67), also of a region that is still to open; who changes and looks for ever
    waits at the button. Raises NotADraft."""
    if ahead.is_ordered(visit.application, content):
        return
    if obstacle and not ahead.is_worth_it(visit.application, now=visit.now):
        return
    if throttle.allowed_in_hour(visit.request, what="ahead", per_hour=AHEAD):
        ahead.order(visit.application, content=content, now=visit.now)


PAGES = {
    steps.CHILD: people,
    steps.WAY: school_choice.way,
    steps.SCHOOL: school_choice.school,
    steps.TRANSPORT: school_choice.transport,
    steps.DOCUMENTS: document_pages.page,
    steps.REVIEW: review,
}
