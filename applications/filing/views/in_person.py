"""«Қағаз өтінімді тіркеу»: the school files for a parent who came with paper (R129, R130, R201, D15).

The numbers of people travel in bodies of requests only, never in addresses.
"""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import journal, seen, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown, User
from applications import drafts, eligibility, facts, holding, lifecycle, registers, steps
from applications.documents import keeping, prints
from applications.eligibility import Blocked, Code
from applications.filing import answers, in_person, wizard
from applications.filing.forms.in_person import DetailsForm
from applications.filing.views import conclusion, deleting, documents, school_choice, summary
from applications.filing.views.visit import Visit, open_page
from applications.hands import Barred
from applications.models import Application, Channel, Purpose
from applications.papers import making
from applications.signing.words import in_full
from schools import posts
from schools.models import Intake, School


class DeskVisit(Visit):
    """A school's person at a page of an in-person application."""

    own_templates: ClassVar[dict[str, str]] = {
        "filing/documents.html": "filing/in_person/documents.html",
        "filing/transport.html": "filing/in_person/transport.html",
        "filing/review.html": "filing/in_person/review.html",
    }

    def address(self, page: str, *, back: bool = False) -> str:
        url = reverse("in_person:page", args=[self.application.public_id, page])
        return f"{url}?back=review" if back and page != steps.REVIEW else url

    def home(self) -> str:
        return reverse("in_person:start")


def _load(request: SignedInRequest, public_id: UUID) -> Application:
    """A draft of one of the person's schools; a stranger gets 404."""
    ours = Application.objects.in_person_drafts(request.user).with_facts()
    return get_object_or_404(ours, public_id=public_id)


def schools_of(request: SignedInRequest) -> list[School]:
    schools = posts.schools_of(request.user)
    if not schools:
        raise Http404
    return schools


def intakes_of(schools: list[School], *, year: int) -> list[Intake]:
    found = Intake.objects.filter(school__in=schools, year=year).select_related(
        "school__locality", "language"
    )
    return list(found.order_by("school__sort_kk", "language__position"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: SignedInRequest, public_id: UUID, page: str) -> HttpResponse:
    """A finished page or the first unfinished one; any other leads to the latter."""
    if page not in PAGES:
        raise Http404
    filed = _filed(request, public_id).first()
    if filed:  # registered meanwhile: in another tab, by a colleague, or by the first of two clicks
        return redirect("in_person:done", public_id)
    visit = DeskVisit(request, _load(request, public_id), page)
    journal.seen(request, visit.application, child=visit.application.child, what=Shown.APPLICATION)
    if not visit.is_leaving and not wizard.may_open(visit.application, page, now=visit.now):
        messages.warning(request, _("Алдымен осы бетті толтырыңыз: алдыңғы беттер аяқталмаған."))
        return redirect(visit.address(wizard.first_unfinished(visit.application, now=visit.now)))
    try:
        return open_page(visit, PAGES[page])
    except (drafts.NotADraft, lifecycle.NotAllowed):
        return redirect("in_person:done", public_id)
    except holding.Busy:
        return throttle.busy(request)
    except Barred as barred:
        messages.error(request, in_full(barred.bar))
        return redirect("in_person:start")
    except Blocked as blocked:
        return explain(request, visit, blocked)


def details(visit: Visit) -> HttpResponse:
    """What the registers say of both, and what only the paper says. The way of admission follows from the
    address (D5); a full school and a closed region are said at once (R75, D8)."""
    application = visit.application
    schools = posts.schools_of(cast(User, visit.request.user))
    intakes = intakes_of(schools, year=application.year)
    initial = {
        name: getattr(application, name) for name in ("applicant_phone", "extra_phone", "special_needs")
    }
    initial["intake"] = str(application.intake_id)
    form = DetailsForm(visit.data, application=application, intakes=intakes, initial=initial)
    if visit.is_leaving:
        return visit.leave(form, lambda: _save_typed(visit, form))
    if visit.is_post and form.is_valid():
        _save_details(visit, form)
        return visit.onward()
    route = in_person.route_to(application, application.chosen_intake.school)
    context: dict[str, Any] = {"route": route, "intakes": intakes, "several_schools": len(schools) > 1}
    return visit.show("filing/in_person/details.html", form=form, **context)


def _save_details(visit: Visit, form: DetailsForm) -> None:
    """Without a route the page is not finished, so a full school stops here. Raises Blocked."""
    application, intake = visit.application, form.intake()
    visit.compare(answers.wanted(visit.page, form.cleaned_data | {"intake": intake}))  # which is stored last
    _save_typed(visit, form, applicant_phone=form.cleaned_data.get("applicant_phone", ""), route="")
    eligibility.check_active(application.child, year=application.year)
    school_choice.choose(visit, intake, route=in_person.route_to(application, intake.school))


def _save_typed(visit: Visit, form: DetailsForm, **more: Any) -> bool:
    """What is good of it; another school is chosen with its route, when the page is finished."""
    typed = {name: value for name, value in form.cleaned_data.items() if name != "intake"}
    was = visit.application.special_needs
    visit.save(**(typed | more))
    conclusion.follow_mark(visit, was=was)
    return "intake" in form.cleaned_data and form.intake() == visit.application.intake


def review(visit: Visit) -> HttpResponse:
    """All of it once more beside the paper, then «Тіркеу». What is registered is what was shown."""
    application = visit.application
    registers.before_signature(application, user=application.applicant, now=visit.now)
    shown = facts.content_sha256(application, Purpose.APPLICATION, None)
    if visit.is_post and visit.request.POST.get("shown") == shown:
        try:
            in_person.register(application, by=cast(User, visit.request.user), now=visit.now, shown=shown)
            return redirect("in_person:done", application.public_id)
        except seen.Stale:  # a colleague has changed it while the registers were asked
            application = _load(cast(SignedInRequest, visit.request), application.public_id)
            shown = facts.content_sha256(application, Purpose.APPLICATION, None)
    school = application.chosen_intake.school
    return visit.show(
        "filing/review.html",
        status=409 if visit.is_post else 200,
        changed=visit.is_post,
        shown=shown,
        sections=summary.sections(facts.snapshot(application), has_transport=school.has_transport),
        obstacle=_obstacle(visit),
    )


def _obstacle(visit: Visit) -> Blocked | None:
    try:
        eligibility.check_stored(visit.application, now=visit.now)
    except Blocked as blocked:
        return blocked
    return None


PAGES = {
    steps.DETAILS: details,
    steps.TRANSPORT: school_choice.transport,
    steps.DOCUMENTS: documents.page,
    steps.REVIEW: review,
}


def explain(request: SignedInRequest, visit: Visit | None, blocked: Blocked) -> HttpResponse:
    """An obstacle is a page of its own."""
    context: dict[str, Any] = {"code": blocked.code, "facts": blocked.facts}
    if visit:
        context |= {"application": visit.application, "step_url": visit.address(_owner(visit, blocked))}
    if blocked.code == Code.ACTIVE:
        ours = Application.objects.for_staff(request.user, now=timezone.now()).filter(
            pk=blocked.facts["application"].pk
        )
        context["ours"] = ours.first()
    status = 503 if blocked.code in (Code.REGISTER_SILENT, Code.PERSONS_SILENT) else 409
    return render(request, "filing/in_person/blocked.html", context, status=status)


def _owner(visit: Visit, blocked: Blocked) -> str:
    """The page of an in-person application where the obstacle is put right."""
    return blocked.step if blocked.step in wizard.path(visit.application) else steps.DETAILS


def _filed(request: SignedInRequest, public_id: UUID) -> QuerySet[Application]:
    filed = Application.objects.for_staff(request.user, now=timezone.now()).filter(channel=Channel.IN_PERSON)
    return filed.filter(public_id=public_id)


@require_GET
@signed_in
def done(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The number, the term, and the receipt to print; may be opened again."""
    found = get_object_or_404(
        _filed(request, public_id).select_related("child", "applicant", "filed_by"), public_id=public_id
    )
    if not found.is_whole_to_school:
        return redirect("review:application", public_id)
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    context = {"application": found, "papers": making.papers_of(found)}
    return render(request, "filing/in_person/done.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    if _filed(request, public_id).exists():
        return redirect("in_person:done", public_id)
    try:
        draft = _load(request, public_id)
    except Http404:
        if deleting.is_done(request, public_id):
            return _deleted(request)
        raise
    if request.method != "POST":
        return render(request, "filing/in_person/delete.html", {"application": draft})
    try:
        deleting.delete(request, draft)
    except drafts.NotADraft:
        return redirect("in_person:delete", public_id)  # registered or deleted meanwhile: it is told there
    return _deleted(request)


def _deleted(request: SignedInRequest) -> HttpResponse:
    messages.success(request, _("Тіркелмеген қағаз өтінім жойылды."))
    return redirect("in_person:start")


@require_POST
@signed_in
@throttle.limited("upload", per_minute=documents.UPLOADS, weighed=documents.files_in)
def upload(request: SignedInRequest, public_id: UUID, slot: str) -> HttpResponse:
    """One file, sent by the page's script."""
    if _filed(request, public_id).exists():
        return JsonResponse({"closed": True}, status=409)
    visit = DeskVisit(request, _load(request, public_id), steps.DOCUMENTS)
    return documents.receive(visit, slot)


@require_GET
@signed_in
def document(request: SignedInRequest, public_id: UUID, document_id: UUID) -> HttpResponseBase:
    return keeping.show(request, _load(request, public_id), document_id)


@require_GET
@signed_in
@throttle.limited("print", per_minute=prints.A_MINUTE)
def small(request: SignedInRequest, public_id: UUID, document_id: UUID) -> HttpResponseBase:
    return prints.show(request, _load(request, public_id), document_id)
