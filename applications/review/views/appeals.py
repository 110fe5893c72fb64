"""Appeals before the school and the department (D73): the list, one of them, and what each may do with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import journal, kept, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications import appeals
from applications.documents import keeping
from applications.hands import Barred
from applications.models import Appeal, AppealQuerySet, Document, Outcome, Stage
from applications.review import looking
from applications.review.appeal_forms import AnswerForm, OpinionForm
from applications.review.views import files
from applications.rights import NotAllowed
from applications.signing.words import advice
from notifications import outbox
from schools import periods, posts

PAGE = 30


def _mine(request: SignedInRequest) -> AppealQuerySet:
    """Whoever works neither at a school nor for a department finds nothing."""
    areas = posts.areas_of(request.user)
    if not areas and not posts.schools_of(request.user):
        raise Http404
    running = periods.running(timezone.now())
    found = Appeal.objects.at_work_of(request.user, areas=areas, running=running)
    found = found.select_related(
        "application__intake__school", "application__child", "decision__ground", "by"
    )
    return found.prefetch_related("decision__corrections")


@require_GET
@signed_in
def listed(request: SignedInRequest) -> HttpResponse:
    """What waits for an answer, the most urgent first; on demand what has one, the newest first."""
    now, found = timezone.now(), _mine(request)
    ended = request.GET.get("view") == "ended"
    waits = Q(pk__in=found.open().values("pk"))
    rows = found.exclude(waits).order_by("-pk") if ended else found.filter(waits).order_by("answer_by", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [(one, stage := one.stage(now), _term(one, stage)) for one in page]
    return render(request, "review/appeals.html", {"now": now, "page": page, "lines": lines, "ended": ended})


def _term(appeal: Appeal, stage: Stage) -> Any:
    """By when whoever has it has to act."""
    if not stage.is_open:
        return None
    return appeal.pass_by if stage == Stage.AT_SCHOOL else appeal.answer_by


@require_GET
@signed_in
def appeal(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(_mine(request), public_id=public_id)
    now = timezone.now()
    outbox.seen(request.user, link=request.path, now=now)
    return _show(request, found, form=kept.restored(request, now=now))


def _show(request: SignedInRequest, found: Appeal, *, form: Any, status: int = 200) -> HttpResponse:
    """`form`: what was typed, or the form with its faults."""
    now = timezone.now()
    journal.seen(request, found, child=found.application.child, what=Shown.APPLICATION)
    stage = found.stage(now)
    signed = appeals.appealable(found.application)
    stop = appeals.barrier(signed, found.application, now=now) if signed else None
    context = {
        "now": now,
        "appeal": found,
        "application": found.application,
        "stage": stage,
        "term": _term(found, stage),
        "opinion_form": None,
        "answer_form": None,
        "looks": None,
        "may_correct": signed is not None and stop is None and _directs(request, found),
        "stopped": advice(stop) if stop and (stage.is_open or stage == Stage.UPHELD) else None,
    }
    if stage.is_open and not found.opinion and _directs(request, found):
        context["opinion_form"] = form if isinstance(form, OpinionForm) else OpinionForm(_of(form, "opinion"))
    if stage == Stage.AT_DEPARTMENT and _watches(request, found):
        papers, files = _documents(found), looking.of_department(found)
        at = reverse("review:appeal", args=[found.public_id])
        context["looks"] = looking.looks(papers, looking.looked_at(request), at=at, files=files)
        context["answer_form"] = form if isinstance(form, AnswerForm) else AnswerForm(_of(form, "answer"))
    context["form"] = form if isinstance(form, Form) else None
    return render(request, "review/appeal.html", context, status=status)


def _documents(found: Appeal) -> list[Document]:
    """Those that were filed, and behind them what the school has asked for (D55)."""
    added = files.handed_over(found.application).filter(added=True).order_by("added_at")
    return [*keeping.in_order(found.application), *added]


@require_GET
@signed_in
def document(request: SignedInRequest, public_id: UUID, document_id: UUID) -> HttpResponseBase:
    return files.whole(request, _judged(request, public_id).application, document_id)


@require_GET
@signed_in
@throttle.limited("picture", per_minute=files.PICTURES)
def picture(request: SignedInRequest, public_id: UUID, document_id: UUID, number: int) -> HttpResponseBase:
    return files.drawn(request, _judged(request, public_id).application, document_id, number)


def _judged(request: SignedInRequest, public_id: UUID) -> Appeal:
    """An officer looks into the case while the answer is theirs to give; nobody else does, and nobody
    afterwards (D43, D73)."""
    found = get_object_or_404(_mine(request), public_id=public_id)
    if found.stage(timezone.now()) != Stage.AT_DEPARTMENT or not _watches(request, found):
        raise Http404
    return found


def _of(typed: Any, field: str) -> Any:
    return typed if typed and field in typed else None


def _directs(request: SignedInRequest, found: Appeal) -> bool:
    return found.application.chosen_intake.school_id in posts.directed_by(request.user)


def _watches(request: SignedInRequest, found: Appeal) -> bool:
    school = found.application.chosen_intake.school
    return posts.officers_for(school).filter(user=request.user).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def pass_on(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The school's head leaves the decision as it is, and says why. Who comes by an address is led to the
    page."""
    found = get_object_or_404(_mine(request), public_id=public_id)
    if not _directs(request, found):
        raise Http404
    if request.method == "POST":
        form = OpinionForm(request.POST)
        if not form.is_valid():
            return _show(request, found, form=form, status=400)
        try:
            appeals.pass_on(found, by=request.user, opinion=form.cleaned_data["opinion"], now=timezone.now())
        except appeals.Ended:
            messages.warning(
                request, _("Бұл шағым бойынша пікір берілген не іс аяқталған: нәтижесі осы бетте.")
            )
        except (NotAllowed, Barred):
            raise Http404 from None
        else:
            messages.success(request, _("Пікір ата-анаға және білім басқармасына жіберілді."))
    return redirect("review:appeal", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def answer(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The department's answer. Who comes by an address is led to the page."""
    found = get_object_or_404(_mine(request), public_id=public_id)
    if not _watches(request, found):
        raise Http404
    if request.method == "POST":
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return _show(request, found, form=form, status=400)
        return _answer(request, found, form)
    return redirect("review:appeal", public_id)


def _answer(request: SignedInRequest, found: Appeal, form: AnswerForm) -> HttpResponse:
    typed = form.cleaned_data
    try:
        appeals.answer(
            found,
            by=request.user,
            outcome=Outcome(typed["outcome"]),
            words=typed["answer"],
            now=timezone.now(),
        )
    except appeals.NotYet:
        messages.warning(request, _("Шағым әлі мектепте: мерзімі өткенде не пікірі келгенде жауап бересіз."))
    except appeals.Ended:
        messages.warning(request, _("Бұл шағым бойынша іс аяқталған: нәтижесі осы бетте."))
    except (NotAllowed, Barred):
        raise Http404 from None
    else:
        messages.success(request, _("Жауап ата-анаға және мектепке жіберілді."))
    return redirect("review:appeal", found.public_id)
