"""The parent adds the document that the school has asked for: uploads it, then signs the addition (D55)."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import journal, kept, throttle
from accounts.access import SignedInRequest, consented, signed_in
from accounts.models import Shown
from applications import facts, lifecycle, obstacles, registers, stored, supplements
from applications.documents import added, cards
from applications.documents.faults import Rejected
from applications.documents.forms import SupplementForm, in_words
from applications.eligibility import Blocked
from applications.filing.views.documents import UPLOADS, files_in
from applications.filing.views.visit import load
from applications.models import Application, DocumentKind, Purpose, Supplement
from applications.signing.views import start
from applications.signing.words import in_full
from applications.status import UNDER_REVIEW
from applications.stops import Stop, Stopped


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def supplement(request: SignedInRequest, public_id: object) -> HttpResponse:
    """What is asked for and why; the file; and, when it is there, the way to its signature."""
    found, now = load(request.user, public_id), timezone.now()
    asked = supplements.waited_for(found, now=now)
    if asked is None:
        return _closed(request, found)
    if request.method != "POST":
        return _show(request, found, asked, _form(request, found, asked))
    if "turn" in request.POST:
        return _turn(request, found, asked)
    if "bring_back" in request.POST:
        return _bring_back(request, found)
    if not throttle.allowed(request, what="upload", per_minute=UPLOADS, times=max(1, files_in(request))):
        return throttle.too_often(request)
    form = _form(request, found, asked)
    if form.is_valid():
        [(_slot, [first, *more])] = form.chosen()
        try:
            added.add(
                found,
                kind=DocumentKind(asked.kind),
                upload=first,
                more=more,
                valid_until=form.cleaned_data.get("valid_until"),
                now=now,
            )
            messages.success(request, _("Файл жүктелді. Енді оны тексеріп, қол қойыңыз."))
            return redirect("cabinet:supplement", found.public_id)
        except Rejected as rejected:
            form.refuse(form.slot, rejected)
        except (lifecycle.NotAllowed, Stopped):
            return _closed(request, found)
    return _show(request, found, asked, form, status=400)


def _turn(request: SignedInRequest, found: Application, asked: Supplement) -> HttpResponse:
    """The photo of this page, for whom no script turns it before it is sent (D71)."""
    if not throttle.allowed(request, what="upload", per_minute=UPLOADS):
        return throttle.too_often(request)
    document = asked.document
    if document and document.can_be_turned and str(document.public_id) == request.POST["turn"]:
        try:
            added.turn(document, now=timezone.now())
            messages.success(request, _("Сурет бұрылды."))
        except Rejected as rejected:
            messages.error(request, in_words(rejected))
        except stored.Spoiled:
            messages.error(request, _("Суретті ашу мүмкін болмады. Оны қайта жүктеңіз."))
        except added.Replaced:
            pass  # the page shows the file that has come meanwhile
        except (lifecycle.NotAllowed, Stopped):
            return _closed(request, found)
    return redirect("cabinet:supplement", found.public_id)


def _bring_back(request: SignedInRequest, found: Application) -> HttpResponse:
    """What the last upload has replaced (D72)."""
    try:
        if added.bring_back(found, key=request.POST["bring_back"], now=timezone.now()):
            messages.success(request, _("Файл орнына қайтарылды."))
    except (lifecycle.NotAllowed, Stopped):
        return _closed(request, found)
    return redirect("cabinet:supplement", found.public_id)


def _form(request: SignedInRequest, found: Application, asked: Supplement) -> SupplementForm:
    """With the term that was typed before a new sign-in; the file is to be chosen again."""
    posted, back = request.method == "POST", kept.restored(request, now=timezone.now())
    return SupplementForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial={"valid_until": back.get("valid_until")} if back else None,
        application=found,
        today=timezone.localdate(),
        kind=asked.kind,
    )


def _show(
    request: SignedInRequest, found: Application, asked: Supplement, form: SupplementForm, status: int = 200
) -> HttpResponse:
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    now = timezone.now()
    ended = asked.document and asked.document.has_ended(timezone.localdate(now))
    replaced = added.replaced(asked, now=now)
    context = {
        "application": found,
        "asked": asked,
        "form": form,
        "warnings": [] if ended else cards.warnings(found, asked.document),
        "ended": ended,
        "replaced": replaced,
        "replaced_until": added.replaced_until(asked, replaced) if replaced else None,
        "photo": asked.kind == DocumentKind.PHOTO,
        "file_field": form[form.slot.name],
        "shown": asked.document
        and facts.content_sha256(found, Purpose.SUPPLEMENT, None, facts.stated_supplement(found, asked)),
        "term_field": form["valid_until"] if "valid_until" in form.fields else None,
    }
    return render(request, "cabinet/supplement.html", context, status=status)


def _closed(request: SignedInRequest, found: Application) -> HttpResponse:
    """Nothing is waited for: it was added, the term has passed, the school has decided."""
    last = found.supplements.last() if found.status in UNDER_REVIEW else None
    late = last is not None and last.answered_at is None and timezone.now() > last.until
    said = in_full(Stop.SUPPLEMENT_LATE) if late else _("Мектеп қазір бұл өтінім бойынша құжат күтпейді.")
    messages.warning(request, said)
    return redirect("cabinet:application", found.public_id)


@require_http_methods(["GET", "POST"])
@signed_in
def sign(request: SignedInRequest, public_id: object) -> HttpResponseBase:
    """A stranger finds nothing, with or without a consent."""
    return consented(_sign)(request, load(request.user, public_id))


def _sign(request: SignedInRequest, found: Application) -> HttpResponse:
    now = timezone.now()
    if request.method == "GET":
        return redirect("cabinet:application", found.public_id)
    asked = supplements.waited_for(found, now=now)
    if asked is None:
        return _closed(request, found)
    if asked.document is None:
        return redirect("cabinet:supplement", found.public_id)
    try:
        supplements.demand_in_force(asked, now=now)
    except Stopped as stopped:
        messages.warning(request, in_full(stopped.stop))
        return redirect("cabinet:supplement", found.public_id)
    try:
        registers.before_signature(found, user=request.user, now=now)
    except Blocked as blocked:
        return obstacles.explain(request, found, blocked)
    stated = facts.stated_supplement(found, asked)
    shown = request.POST.get("shown", "")
    if shown and shown != facts.content_sha256(found, Purpose.SUPPLEMENT, None, stated):
        return start.read_again(request, found, Purpose.SUPPLEMENT)
    return start.sign(request, found, purpose=Purpose.SUPPLEMENT, stated=stated, now=now)
