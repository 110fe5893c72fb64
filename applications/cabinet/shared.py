"""An application for the child that somebody else has filed. From whom the child was taken since: the child's
representative of today is shown it (D34, D36). Who represents the child too: the other is told (D80)."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts import journal
from accounts.access import SignedInRequest
from accounts.models import Shown
from applications import correcting, facts, lifecycle, obstacles, registers
from applications.cabinet import listed, timeline
from applications.cabinet.readers import children_of
from applications.eligibility import Blocked, Code
from applications.filing import reapplication
from applications.filing.views import summary
from applications.models import Application, Purpose, Signature
from applications.told import told_of_overdue
from notifications import outbox


def show(request: SignedInRequest, public_id: UUID, *, now: datetime) -> HttpResponse:
    """A stranger gets 404."""
    if found := listed.of_another(request.user, public_id):
        outbox.seen(request.user, link=request.path, now=now)
        return _whole(request, found, now=now)
    if found := listed.of_other_representative(request.user, public_id):
        return _told(request, found, now=now)
    raise Http404


def _whole(request: SignedInRequest, found: Application, *, now: datetime) -> HttpResponse:
    """Where it stands, and the withdrawal; nothing of who filed it (D34)."""
    if stopped := stop_at_registers(request, found, now=now):
        return stopped
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    context = timeline.context(found, found.supplements.all(), now=now) | {
        "application": found,
        "sections": summary.sections_of_child(facts.of(found)),
        "withdrawal": withdrawal_of(found),
        "may_withdraw": lifecycle.may_withdraw(found, now=now),
        "overdue": found.is_overdue(now),
        "told": told_of_overdue(found),
        "decision": correcting.standing(found),
        "corrections": correcting.made(found),
        **reapplication.ended(found, now=now),
        "left_behind": True,
        "readers_shown": may_ask_who_looked(request, found),
    }
    return render(request, "cabinet/application.html", context)


def stop_at_registers(request: SignedInRequest, found: Application, *, now: datetime) -> HttpResponse | None:
    """The obstacle where the registers no longer name the reader of somebody else's application (D34)."""
    try:
        registers.before_page(found, user=request.user, now=now)
    except Blocked as blocked:
        return obstacles.explain(request, None, blocked, child=found.child)
    return None


def _told(request: SignedInRequest, found: Application, *, now: datetime) -> HttpResponse:
    """School, status, term, line of time, decision and its reason; nothing of the applicant, no document, no
    paper, nothing to press. It leans on an answer of the registers as fresh as a signature's, and while they
    keep silent on none: who represents the child no more has nothing to read here (D80)."""
    try:
        if registers.before_signature(found, user=request.user, now=now).silent:
            raise Blocked(Code.PERSONS_SILENT)
    except Blocked as blocked:
        told = Blocked(blocked.code, blocked.facts | {"is_told": True})
        return obstacles.explain(request, None, told, child=found.child)
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    context = {
        "application": found,
        "steps": timeline.context(found, found.supplements.all(), now=now)["steps"],
        "sections": [summary.section_of_school(facts.of(found))],
        "overdue": found.is_overdue(now),
        "told": told_of_overdue(found),
        "decision": correcting.standing(found),
        "left_behind": True,  # in the words of one who is not the applicant
    }
    return render(request, "cabinet/shared.html", context)


def withdrawal_of(found: Application) -> Signature | None:
    return found.signatures.filter(purpose=Purpose.WITHDRAWAL).first()


def may_ask_who_looked(request: SignedInRequest, found: Application) -> bool:
    return children_of(request.user).filter(pk=found.child_id).exists()
