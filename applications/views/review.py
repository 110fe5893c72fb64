"""The school's cabinet: the queue, one application, its decision (R97, R98, R108-R111, R119-R121, R213)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import signed_in
from applications import documents, lifecycle, queue as queues, receipts, signing
from applications.forms.decision import DecisionForm, ReturnForm
from applications.models import Application, PaperKind, Purpose
from schools.models import Role

PAGE = 50


def _load(request: HttpRequest, public_id: object) -> Application:
    """The application if it belongs to a school of this person; a stranger gets 404."""
    mine = Application.objects.for_staff(request.user).select_related(
        "child", "applicant", "intake__school__locality", "intake__language"
    )
    return get_object_or_404(mine, public_id=public_id)


def _is_director(request: HttpRequest, application: Application) -> bool:
    return application.intake.school.staff.filter(user=request.user, role=Role.DIRECTOR).exists()


@require_GET
@signed_in
def queue(request: HttpRequest) -> HttpResponse:
    """The school's applications, the most urgent first (R97, R121)."""
    schools = queues.schools_of(request.user)
    if not schools:
        raise Http404
    now = timezone.now()
    chosen = queues.Filter.read(request.GET)
    mine = Application.objects.for_staff(request.user)
    rows = chosen.apply(mine, now=now).select_related("child", "intake__language", "intake__school")
    context = {
        "now": now,
        "filter": chosen,
        "counters": queues.counters(mine, now=now),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "intakes": queues.intakes_of(schools, now=now),
        "languages": queues.languages_of(schools),
        "several_schools": len(schools) > 1,
        "schools": schools,
    }
    return render(request, "review/queue.html", context)


@require_GET
@signed_in
def application(request: HttpRequest, public_id: object) -> HttpResponse:
    return _page(request, _load(request, public_id))


def _page(request: HttpRequest, found: Application, **forms: object) -> HttpResponse:
    now = timezone.now()
    context = {
        "now": now,
        "application": found,
        "facts": found.snapshot,
        "documents": documents.in_order(found),
        "changes": found.changes.select_related("by"),
        "is_director": _is_director(request, found),
        "waiting": lifecycle.open_decision(found),
        "signed": found.decisions.filter(signed_at__isnull=False).first(),
        "returned": found.decisions.filter(returned_at__isnull=False).order_by("-pk").first(),
        "over_plan": found.intake.held_local + found.intake.held_outside > found.intake.seats,
        "papers": receipts.papers_of(found),
        "next": queues.next_after(Application.objects.for_staff(request.user), found),
        "form": DecisionForm(application=found),
        "return_form": ReturnForm(),
    }
    status = 400 if forms else 200
    return render(request, "review/application.html", context | forms, status=status)


@require_POST
@signed_in
def decide(request: HttpRequest, public_id: object) -> HttpResponse:
    """The executor prepares (D1), the director prepares and goes on to sign at once."""
    found = _load(request, public_id)
    form = DecisionForm(request.POST, application=found)
    if not form.is_valid():
        return _page(request, found, form=form)
    now = timezone.now()
    try:
        if not _is_director(request, found):
            lifecycle.propose(found, by=request.user, now=now, **form.decision())
            messages.success(request, _("Шешім дайын. Директордың қолы күтілуде."))
            return redirect("review:application", public_id)
        decision = lifecycle.prepare(found, by=request.user, now=now, **form.decision())
    except lifecycle.NotAllowed:
        return _stale(request, public_id)
    ticket = signing.prepare(found, purpose=Purpose.DECISION, by=request.user, now=now, decision=decision)
    return redirect("signing:page", ticket.token)


@require_POST
@signed_in
def sign(request: HttpRequest, public_id: object) -> HttpResponse:
    """The director goes to sign the decision that the executor prepared."""
    found = _load(request, public_id)
    decision = lifecycle.open_decision(found)
    if decision is None or not _is_director(request, found):
        return _stale(request, public_id)
    ticket = signing.prepare(
        found, purpose=Purpose.DECISION, by=request.user, now=timezone.now(), decision=decision
    )
    return redirect("signing:page", ticket.token)


@require_POST
@signed_in
def send_back(request: HttpRequest, public_id: object) -> HttpResponse:
    """The director does not sign and says why."""
    found = _load(request, public_id)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _page(request, found, return_form=form)
    try:
        lifecycle.return_to_executor(
            found, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now()
        )
    except lifecycle.NotAllowed:
        return _stale(request, public_id)
    messages.success(request, _("Шешім орындаушыға қайтарылды."))
    return redirect("review:application", public_id)


def _stale(request: HttpRequest, public_id: object) -> HttpResponse:
    """Somebody was first, or the parent withdrew: the page shows who and when."""
    messages.warning(
        request, _("Өтінімнің жағдайы өзгеріп кеткен, сондықтан бұл әрекет орындалмады. Тарихты қараңыз.")
    )
    return redirect("review:application", public_id)


@require_GET
@signed_in
def document(request: HttpRequest, public_id: object, document_id: object) -> HttpResponse:
    found = _load(request, public_id)
    return documents.serve(get_object_or_404(found.documents, public_id=document_id))


@require_http_methods(["GET", "HEAD"])
@signed_in
def paper(request: HttpRequest, public_id: object, kind: str) -> HttpResponse:
    if kind.upper() not in PaperKind.values:
        raise Http404
    found = _load(request, public_id)
    return receipts.serve(get_object_or_404(found.receipts, kind=kind.upper()))
