"""One application before its school (R97, R98, R119, R121, R213)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import journal, kept, protection, seen, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications import correcting, hands, lifecycle, supplements, told
from applications.documents import keeping
from applications.models import Application, Decision, Document, Purpose, Supplement
from applications.papers import making
from applications.review import asked, looking, notes
from applications.review import queue as queues
from applications.review.ask_forms import AskForm
from applications.review.dues import Due, Dues
from applications.review.flags import addresses_differ, flags_of
from applications.review.forms import DecisionForm, NoteForm, ReturnForm
from applications.review.queue import Filter
from applications.review.views import files, place
from applications.signing.words import Advice, advice
from applications.status import DECIDED, UNDER_REVIEW, Status
from notifications import outbox
from schools import posts

BESIDE = (5, 12)  # rows of the list beside an application: before it, behind it
NEIGHBOUR = (
    "public_id", "number", "status", "due_at", "decided_at",
    "child__surname", "child__name", "child__patronymic",
)  # fmt: skip


def load(request: SignedInRequest, public_id: object) -> Application:
    """The application if a school of this person is shown anything of it (D43); a stranger gets 404."""
    found = asked.one(request.user, UUID(str(public_id)), now=timezone.now())
    if found is None:
        raise Http404
    return found


def is_director(request: SignedInRequest, application: Application) -> bool:
    return application.chosen_intake.school_id in posts.directed_by(request.user)


def onward(request: SignedInRequest, application: Application) -> HttpResponse:
    """To the next of the same filter and order; the last one stays before the eyes."""
    chosen = place.read(request)
    rows, director = place.rows(request, chosen), is_director(request, application)
    goal = queues.next_after(chosen, rows, application, for_director=director) or application
    return redirect(place.at(goal, chosen.at_page(chosen.page_of(rows, goal))))


@require_GET
@signed_in
def application(request: SignedInRequest, public_id: object) -> HttpResponse:
    found = load(request, public_id)
    return show(request, found, **_kept(request, found))


def _kept(request: SignedInRequest, found: Application) -> dict[str, BaseForm]:
    """The form that was typed before the session ended, if it is still asked for."""
    data = kept.restored(request, now=timezone.now())
    if not data:
        return {}
    if "note" in data:
        return {"note_form": NoteForm(data)}
    if "why" in data and _may_ask(found, now=timezone.now()):
        return {"ask_form": AskForm(data, application=found)}
    director = is_director(request, found)
    if "reason_code" not in data and takes_return(found, director=director):
        return {"return_form": ReturnForm(data)}
    if "reason_code" in data and takes_decision(found, director=director):
        return {"form": DecisionForm(data, application=found)}
    return {}


def show(request: SignedInRequest, found: Application, **forms: object) -> HttpResponse:
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    if not found.is_whole_to_school:
        return _outcome(request, found)
    now, chosen = timezone.now(), place.read(request)
    rows = place.rows(request, chosen)
    chosen = chosen.at_page(chosen.page_of(rows, found))
    place.keep(request, chosen)
    added = asked.supplements_of(found)
    waited_for = supplements.waited_for(found, now=now) if added else None
    found.document_awaited = waited_for is not None
    papers, intake, director = keeping.in_order(found), found.chosen_intake, is_director(request, found)
    waiting, returned = _waiting(found, director=director), asked.returned(found)
    may_ask, dues = _may_ask(found, now=now), Dues(now)
    context = {
        "now": now,
        "due": dues.of_application(found),
        "application": found,
        "facts": found.snapshot,
        "not_represented": asked.is_left_behind(found),
        "looks": looking.looks(
            papers, looking.looked_at(request), at=place.at(found, chosen), files=looking.of_school(found)
        ),
        "old": [one.pk for one in papers if _is_old(one, found)],
        "changes": asked.changes(found),
        "is_director": director,
        "waiting": waiting,
        "barred": _barred(request, found, waiting, director=director),
        "signed": correcting.standing(found),
        "corrections": correcting.made(found),
        "may_correct": director and found.status in DECIDED,
        "returned": returned,
        "over_plan": intake.held_local + intake.held_outside > intake.seats,
        "papers": making.papers_of(found),
        "protected": protection.is_protected(found.child),
        "unreached": told.unreached(found).order_by("created_at"),
        "place": chosen,
        "back": place.of_queue(chosen, found),
        "beside": _beside(request, found, chosen, rows, dues),
        "flags": flags_of(found, to_call=()),
        "addresses_differ": addresses_differ(found),
        "next": queues.next_after(chosen, rows, found, for_director=director),
        "form": DecisionForm(application=found),
        "return_form": ReturnForm(),
        "notes": notes.of(found, request.user, now=timezone.now()),
        "note_form": NoteForm(),
        "supplements": added,
        "waited_for": waited_for,
        "may_ask": may_ask,
        "ask_form": AskForm(application=found) if may_ask else None,
        "seen": _seen(forms) or seen.mark(_word(waiting, returned, added)),
        "own_address": place.of_application(request, found.public_id),  # also of a refused form
    }
    status = 400 if request.method == "POST" and "filled" not in forms else 200
    if "stale" in forms:
        status = 409
    return render(request, "review/application.html", context | forms, status=status)


def _outcome(request: SignedInRequest, found: Application) -> HttpResponse:
    """What is left to the school of a refused or a withdrawn application (D43). While no message has told the
    applicant of a refusal, the school has to, so that it is shown whom to call."""
    refused = found.status == Status.REFUSED
    context = {
        "application": found,
        "changes": found.changes.all(),
        "withdrawal": found.signatures.filter(purpose=Purpose.WITHDRAWAL).first(),
        "signed": correcting.standing(found),
        "corrections": correcting.made(found),
        "may_correct": may_correct(request, found),
        "unreached": told.unreached(found).order_by("created_at") if refused else None,
        "own_address": place.of_application(request, found.public_id),
        "back": place.of_queue(place.read(request), found),
    }
    return render(request, "review/outcome.html", context)


def _beside(
    request: SignedInRequest,
    found: Application,
    chosen: Filter,
    rows: QuerySet[Application],
    dues: Dues,
) -> list[tuple[Application, str, Due | None]]:
    """The list around the application, for a wide screen: each with its address and its term."""
    journal.seen(request, found.chosen_intake.school, child=None, what=Shown.LIST)
    others = rows.select_related("child").only(*NEIGHBOUR).exclude(pk=found.pk)
    before, behind = chosen.place(found)
    earlier = list(others.filter(before).reverse()[: BESIDE[0]])
    around = [*reversed(earlier), found, *others.filter(behind)[: BESIDE[1]]]
    address = place.pages_of_rows(chosen)
    return [(one, address(str(one.public_id)), dues.of_open(one)) for one in around]


def _seen(forms: dict[str, object]) -> str:
    """A form shown again, with its faults or after a new sign-in, was read when it was first shown."""
    bound = next((form for form in forms.values() if isinstance(form, BaseForm) and form.is_bound), None)
    return str(bound.data.get(seen.FIELD, "")) if bound is not None and "stale" not in forms else ""


def last_word(found: Application, *, director: bool) -> dict[str, object]:
    """What this person is shown of others' decisions, and of documents that were added (D55): a form must not
    replace it unread, nor judge without it."""
    return _word(_waiting(found, director=director), asked.returned(found), asked.supplements_of(found))


def _word(
    waiting: Decision | None, returned: Decision | None, added: Iterable[Supplement]
) -> dict[str, object]:
    last = max((one.pk for one in added if one.answered_at), default=None)
    return {"waiting": waiting and waiting.pk, "returned": returned and returned.pk, "added": last}


def _waiting(found: Application, *, director: bool) -> Decision | None:
    """The decision to sign. One that the director has begun in «Тексеруде» is theirs to sign or to write
    anew; it does not keep the executor from proposing."""
    return lifecycle.open_decision(found) if director or found.status == Status.SIGNING else None


def _barred(
    request: SignedInRequest, found: Application, waiting: Decision | None, *, director: bool
) -> Advice | None:
    """Why this person finds no button to decide or sign (D39)."""
    if found.status not in UNDER_REVIEW:
        return None
    to_sign = waiting or Decision(prepared_by=request.user)
    bar = hands.bar(found, request.user, to_sign if director else None)
    return advice(bar) if bar else None


def _may_ask(found: Application, *, now: datetime) -> bool:
    """The button is there only where it would do something (D55)."""
    return found.status == Status.IN_REVIEW and supplements.hindrance(found, now=now) is None


def may_correct(request: SignedInRequest, found: Application) -> bool:
    """The director is led to the page that corrects the answer, or says why it is too late (D54)."""
    return found.status in DECIDED and is_director(request, found)


def _is_old(document: Document, application: Application) -> bool:
    return keeping.is_old(document, on=timezone.localdate(application.submitted_at))


@require_http_methods(["GET", "POST"])
@signed_in
def called(request: SignedInRequest, public_id: object) -> HttpResponse:
    """Somebody of the school has told the applicant what no SMS could (R103)."""
    found = load(request, public_id)
    if request.method == "POST" and outbox.told_by_hand(
        told.unreached(found), by=request.user, now=timezone.now()
    ):
        messages.success(request, _("Өтініш берушіге хабарланды деп белгіленді."))
    return place.to_application(request, found.public_id)


def takes_decision(found: Application, *, director: bool) -> bool:
    """The executor writes one in «Тексеруде», the director until the signature (D1)."""
    return found.status in (UNDER_REVIEW if director else {Status.IN_REVIEW})


def takes_return(found: Application, *, director: bool) -> bool:
    return director and found.status == Status.SIGNING


@require_GET
@signed_in
def document(request: SignedInRequest, public_id: object, document_id: UUID) -> HttpResponseBase:
    found = load(request, public_id)
    if not found.is_whole_to_school:
        return place.to_application(request, public_id)
    return files.whole(request, found, document_id)


@require_GET
@signed_in
@throttle.limited("picture", per_minute=files.PICTURES)
def picture(request: SignedInRequest, public_id: object, document_id: UUID, number: int) -> HttpResponseBase:
    found = load(request, public_id)
    if not found.is_whole_to_school:
        raise Http404
    return files.drawn(request, found, document_id, number)


@require_http_methods(["GET", "HEAD"])
@signed_in
def paper(request: SignedInRequest, public_id: object, kind: str) -> HttpResponseBase:
    found = load(request, public_id)
    if not found.is_whole_to_school:
        return place.to_application(request, public_id)
    return making.download(request, found, kind)
