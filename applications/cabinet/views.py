"""«Менің өтінімдерім»: the list, one application, its papers, withdrawal, applying again (R99-R118, D14)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import journal
from accounts.access import SignedInRequest, consented, signed_in
from accounts.models import Shown, User
from applications import contesting, correcting, drafts, facts, lifecycle, obstacles, registers, supplements
from applications.cabinet import listed, refused, shared, timeline
from applications.cabinet.readers import asked_about, children_of, looks
from applications.documents import keeping
from applications.eligibility import Blocked
from applications.filing import reapplication, wizard
from applications.filing.views import deleting, summary
from applications.filing.views.visit import address, load, load_to_ask
from applications.models import Application, Purpose
from applications.papers import making
from applications.signing.views import start
from applications.status import ACTIVE, UNDER_REVIEW, Status
from applications.told import told_of_overdue
from notifications import outbox

PAGE = 50
RENEWED = gettext_lazy(
    "Құжаттар түзетілген аты-жөнімен қайта дайындалуда. "
    "Бұрын жүктелген көшірмелердің орнына жаңасын жүктеңіз."
)


@require_GET
@consented
def applications(request: SignedInRequest) -> HttpResponse:
    """Every application of the person: drafts first, then the newest (R105)."""
    now = timezone.now()
    user, papers = request.user, listed.standing_papers(request.user)
    found = sorted(
        listed.told_to(user, now=now),
        key=lambda one: (one.status == Status.DRAFT, one.updated_at),
        reverse=True,
    )
    rows = [
        {
            "application": one,
            "overdue": one.is_overdue(now),
            "mine": one.applicant_id == user.pk,
            "told": one.applicant_id != user.pk and not listed.is_left_behind(one),
            "papers": papers.get(one.pk, []),
            "ended": reapplication.ended(one, now=now),
        }
        for one in found
    ]
    context = {"rows": rows, "unreached": outbox.is_unreached(user)}
    return render(request, "cabinet/applications.html", context)


@require_GET
@consented
def application(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """What it is, what happened to it, what to do next. A draft is taken up where it was left."""
    now = timezone.now()
    try:
        found = load_to_ask(request.user, public_id)
    except Http404:
        return shared.show(request, public_id, now=now)
    if found.status == Status.DRAFT:
        return redirect(address(found, wizard.resume_page(found, now=now)))
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    outbox.seen(request.user, link=request.path, now=now)
    asked = list(found.supplements.select_related("document"))
    waited_for = supplements.waited_for(found, now=now)
    found.document_awaited_until = waited_for.until if waited_for else None
    signed, may_reapply = correcting.standing(found), reapplication.allowed(found, now=now)
    context = timeline.context(found, asked, now=now) | {
        "application": found,
        "sections": summary.sections(facts.of(found), has_transport=False),
        "overdue": found.is_overdue(now),
        "told": told_of_overdue(found),
        "decision": signed,
        "corrections": correcting.made(found),
        "documents": keeping.in_order(found),
        "papers": making.papers_of(found),
        "supplements": asked,
        "waited_for": waited_for,
        "corrected": registers.corrected_names(found),
        "withdrawal": shared.withdrawal_of(found),
        "may_withdraw": lifecycle.may_withdraw(found, now=now),
        "may_contest": contesting.may_contest(found),
        "may_reapply": may_reapply,
        **reapplication.ended(found, now=now),
        "readers_shown": shared.may_ask_who_looked(request, found),
    }
    if found.status == Status.REFUSED:
        context |= refused.options(found, signed, may_reapply=may_reapply, now=now)
    return render(request, "cabinet/application.html", context)


@require_GET
@consented
def readers(request: SignedInRequest, child_id: int) -> HttpResponse:
    """«Кім қарады»: who was shown the child's data, and how to object."""
    child = get_object_or_404(children_of(request.user), pk=child_id)
    entries = journal.readers_of(child, but=request.user, also=asked_about(child))
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    context = {"child": child, "page": page, "looks": looks(page.object_list, child=child)}
    return render(request, "cabinet/readers.html", context)


@require_GET
@consented
def result(request: SignedInRequest, public_id: object) -> HttpResponse:
    """The page after a signature; it may be bookmarked and opened again (R96, R98), and tells what comes next
    for as long as something does."""
    found, now = load(request.user, public_id), timezone.now()
    if found.status not in UNDER_REVIEW:
        return redirect("cabinet:application", found.public_id)
    papers = [one for one in making.papers_of(found) if not one.superseded_at]
    context = {
        "application": found,
        "papers": papers,
        "calendar": not found.is_overdue(now),
        "may_withdraw": lifecycle.may_withdraw(found, now=now),
    }
    return render(request, "cabinet/result.html", context)


@require_GET
@consented
def paper(request: SignedInRequest, public_id: object, kind: str) -> HttpResponseBase:
    """The sealed application, or the notice of its result (R101, D14)."""
    found = load(request.user, public_id)
    return making.download(request, found, kind)


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def renew_papers(request: SignedInRequest, public_id: object) -> HttpResponse:
    """The papers anew with the names that the register has corrected after the signature (D34)."""
    now, found = timezone.now(), load(request.user, public_id)
    if request.method == "POST" and found.status != Status.DRAFT and registers.corrected_names(found):
        try:
            standing = registers.before_page(found, user=request.user, now=now)
        except Blocked as blocked:
            return obstacles.explain(request, None, blocked, child=found.child)
        making.renew(found, told_at=standing.at, now=now)
        messages.success(request, RENEWED)
    return redirect("cabinet:application", found.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def delete_draft(request: SignedInRequest, public_id: object) -> HttpResponse:
    try:
        found = load(request.user, public_id)
    except Http404:
        if deleting.is_done(request, public_id):
            return _deleted(request)
        raise
    if found.status != Status.DRAFT:
        return redirect("cabinet:application", found.public_id)
    if request.method != "POST":
        return render(request, "cabinet/delete_draft.html", {"application": found})
    try:
        deleting.delete(request, found)
    except drafts.NotADraft:
        return redirect("cabinet:delete_draft", found.public_id)  # what came between is told there
    return _deleted(request)


def _deleted(request: SignedInRequest) -> HttpResponse:
    messages.success(request, _("Толтырылып жатқан өтінім жойылды."))
    return redirect("cabinet:applications")


@require_GET
@consented
def withdraw(request: SignedInRequest, public_id: object) -> HttpResponse:
    """The warning before the withdrawal is signed (R114, R115); out of time, why it cannot be (R117, D12)."""
    found, now = _load_withdrawable(request.user, public_id), timezone.now()
    context: dict[str, Any] = {
        "application": found,
        "allowed": lifecycle.may_withdraw(found, now=now),
        "too_late": found.status in ACTIVE,
        "left_behind": found.applicant_id != request.user.pk,
    }
    if context["allowed"]:
        try:
            # Fresh enough for the signature that comes next.
            standing = registers.before_signature(found, user=request.user, now=now)
        except Blocked as blocked:
            return _explain_filed(request, found, blocked)
        context["as_of"] = standing.older_than_wanted
    return render(request, "cabinet/withdraw.html", context, status=200 if context["allowed"] else 409)


@require_http_methods(["GET", "POST"])
@signed_in
def sign_withdrawal(request: SignedInRequest, public_id: object) -> HttpResponseBase:
    """From the warning to the signature (R115). A stranger finds nothing, with or without a consent."""
    return consented(_sign_withdrawal)(request, _load_withdrawable(request.user, public_id))


def _sign_withdrawal(request: SignedInRequest, found: Application) -> HttpResponse:
    """Who comes here by an address, after signing in again, is led to where the button is."""
    now = timezone.now()
    if request.method == "GET":
        return redirect("cabinet:application", found.public_id)
    if not lifecycle.may_withdraw(found, now=now):
        return start.stale(request, found, Purpose.WITHDRAWAL)
    try:
        standing = registers.before_signature(found, user=request.user, now=now)
    except Blocked as blocked:
        return _explain_filed(request, found, blocked)
    stated = facts.stated(found, by=request.user, as_of=standing.older_than_wanted)
    return start.sign(request, found, purpose=Purpose.WITHDRAWAL, stated=stated, now=now)


def _load_withdrawable(user: User, public_id: object) -> Application:
    """One's own, or one that its applicant has left behind (D36); a stranger gets 404."""
    shown = Application.objects.shown_to(user).exclude(status=Status.DRAFT)
    return get_object_or_404(shown.with_facts(), public_id=public_id)


def _explain_filed(request: SignedInRequest, found: Application, blocked: Blocked) -> HttpResponse:
    """Another's application leads to no page of the wizard."""
    if found.applicant_id == request.user.pk:
        return obstacles.explain(request, found, blocked)
    return obstacles.explain(request, None, blocked, child=found.child)
