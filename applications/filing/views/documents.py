"""Step 3, the papers: the page, one file at a time, the files themselves (R84-R91, D6, D9-D11)."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import seen, throttle
from accounts.access import SignedInRequest, consented
from applications import drafts, steps, stored
from applications.documents import aside, cards, keeping, medical, prints
from applications.documents.faults import Fault, Rejected
from applications.documents.forms import PMPC, SLOTS, DocumentsForm
from applications.filing import answers, wizard
from applications.filing.views.visit import Visit, load
from applications.models import Application
from applications.status import Status

UPLOADS = settings.DATA_UPLOAD_MAX_NUMBER_FILES  # a minute and a person; one form may bring so many shots
ADJUSTMENTS = ("turn", "crop")  # each costs as much as a file
TICKS = ("data_correct", "external_data")
REFRESH_SECONDS = "2"  # while the medical system is asked, for medical.PATIENCE at most


def page(visit: Visit) -> HttpResponse:
    """The cards of the papers. «Келесі» also uploads what was chosen, so that no file is forgotten."""
    if visit.is_post:
        work = files_in(visit.request) + bool(set(ADJUSTMENTS) & set(visit.request.POST))
        if work and not throttle.allowed(visit.request, what="upload", per_minute=UPLOADS, times=work):
            return throttle.too_often(visit.request)
        return _submit(visit)
    medical.request(visit.application, now=visit.now)
    if medical.worth_waiting(visit.application, now=visit.now) and not (
        visit.stale or {"nowait", "remove"} & set(visit.request.GET)
    ):
        response = visit.show("filing/documents_waiting.html")
        response.headers["Refresh"] = REFRESH_SECONDS
        return response
    return _show(visit, _form(visit))


def files_in(request: HttpRequest) -> int:
    """Each shot of a document is one."""
    return sum(len(files) for _name, files in request.FILES.lists())


def _submit(visit: Visit) -> HttpResponse:
    """Good files are kept whatever else is wrong; nothing that was uploaded is asked for twice."""
    form = _form(visit)
    if visit.is_leaving:
        return visit.leave(form, lambda: _store_and_tell(form, visit))
    form.is_valid()
    _store(form, visit)
    acted = _remove(visit) or _bring_back(visit, form) or _adjust(visit, form) or _fetch_again(visit)
    only_save = acted or bool({"remove", "save"} & set(visit.request.POST))
    if not only_save:
        form.demand_complete()
    if form.errors:
        return _show(visit, form)
    if "remove" in visit.request.POST:
        return _ask_whether_to_remove(visit, form)
    if only_save:
        return visit.stay()
    visit.save(step3_at=visit.now)
    return visit.onward()


def _store(form: DocumentsForm, visit: Visit) -> None:
    """Raises NotADraft, seen.Stale."""
    visit.compare(_wanted(form))
    _store_chosen(form, visit.application, visit)
    _save_term_and_ticks(form, visit)


def _store_and_tell(form: DocumentsForm, visit: Visit) -> bool:
    """Which files could not be stored is said where the person goes."""
    _store(form, visit)
    lost = {*SLOTS, *(["valid_until"] if PMPC.name in visit.request.FILES else [])}  # no file without a term
    for name in lost & form.errors.keys():
        for fault in form.errors[name]:
            messages.warning(visit.request, f"{form.fields[name].label}: {fault}")
    return not form.errors


def _ask_whether_to_remove(visit: Visit, form: DocumentsForm) -> HttpResponse:
    """No press takes a file away by itself: its card asks first. Everything else on the page is kept."""
    asked = visit.request.POST["remove"]
    for card in cards.build(visit.application, form, now=visit.now):
        if card.document and str(card.document.public_id) == asked:
            address = visit.address(visit.page, back=visit.back)
            return redirect(f"{address}{'&' if '?' in address else '?'}remove={asked}#{card.id}-title")
    return visit.stay()


def _remove(visit: Visit) -> bool:
    """Said a second time: the file is taken away."""
    if "remove_yes" not in visit.request.POST:
        return False
    for document in visit.application.documents.all():
        if str(document.public_id) == visit.request.POST["remove_yes"]:
            keeping.remove(document, now=visit.now)
            messages.success(visit.request, _("Файл алып тасталды. Оны осы бетте қайтаруға болады."))
    return True


def _bring_back(visit: Visit, form: DocumentsForm) -> bool:
    """What was removed or replaced, as the page has named it (D72); another that waits there since stays."""
    key, application = visit.request.POST.get("bring_back"), visit.application
    if key is None:
        return False
    waiting = aside.of(application, now=visit.now)
    slots = [slot for name, slot in SLOTS.items() if name in form.fields and slot.place in waiting]
    named = next((slot.place for slot in slots if str(waiting[slot.place].pk) == key), None)
    if named and aside.bring_back(application, named, key=key, now=visit.now):
        messages.success(visit.request, _("Файл орнына қайтарылды."))
    return True


def _adjust(visit: Visit, form: DocumentsForm) -> bool:
    """A photo turned or cut to 3×4 by the server (D71), for whom no script does it."""
    press = next((one for one in ADJUSTMENTS if one in visit.request.POST), None)
    if press is None:
        return False
    for document in visit.application.documents.all():
        if str(document.public_id) == visit.request.POST[press] and document.can_be_turned:
            try:
                if keeping.adjust(document, turn=int(press == "turn"), crop=press == "crop", now=visit.now):
                    messages.success(visit.request, _adjusted(press))
            except Rejected as rejected:
                slot = next(one for one in SLOTS.values() if one.place == (document.kind, document.position))
                form.refuse(slot, rejected)
            except stored.Spoiled:
                messages.error(visit.request, _("Суретті ашу мүмкін болмады. Оны қайта жүктеңіз."))
    return True


def _adjusted(press: str) -> str:
    if press == "turn":
        return _("Сурет бұрылды.")
    return _("Сурет 3×4 пішініне келтірілді. Бұрынғысын осы бетте қайтаруға болады.")


def _fetch_again(visit: Visit) -> bool:
    """What came by itself and was taken away comes once more, whenever the person wants it."""
    kind = visit.request.POST.get("fetch")
    if kind is not None and medical.ask_anew(visit.application, kind=kind, now=visit.now):
        messages.success(visit.request, _("Құжат медициналық жүйеден қайта сұратылды."))
    return kind is not None


def _form(visit: Visit) -> DocumentsForm:
    application = visit.application
    conclusion = keeping.conclusion(application)
    initial = {
        "valid_until": conclusion.valid_until if conclusion else None,
        "data_correct": bool(application.data_correct_at),
        "external_data": bool(application.external_data_at),
    }
    return DocumentsForm(
        visit.data,
        visit.request.FILES or None,
        application=application,
        today=timezone.localdate(visit.now),
        initial=initial,
    )


def _show(visit: Visit, form: DocumentsForm) -> HttpResponse:
    removing = "" if visit.is_post else visit.request.GET.get("remove", "")
    built = cards.build(visit.application, form, now=visit.now, removing=removing)
    return visit.show("filing/documents.html", form=form, cards=built)


def _store_chosen(form: DocumentsForm, application: Application, visit: Visit) -> None:
    """Each file into its place; what is wrong with one is said at its field. Raises NotADraft."""
    for slot, [first, *more] in form.chosen():
        term = form.cleaned_data.get("valid_until") if slot == PMPC else None
        if slot == PMPC and term is None:
            if not form.has_error("valid_until"):
                form.add_error("valid_until", _("Алдымен мерзімін көрсетіп, файлды қайта таңдаңыз."))
            continue
        try:
            keeping.store(
                application,
                kind=slot.kind,
                position=slot.position,
                upload=first,
                more=more,
                valid_until=term,
                now=visit.now,
            )
        except Rejected as rejected:
            form.refuse(slot, rejected)


def _ticked(form: DocumentsForm) -> dict[str, Any]:
    return {f"{name}_at": form.cleaned_data.get(name) for name in TICKS if name in form.fields}


def _wanted(form: DocumentsForm) -> dict[str, object]:
    term = form.cleaned_data.get("valid_until")
    return answers.wanted(steps.DOCUMENTS, _ticked(form) | ({answers.TERM: term} if term else {}))


def _save_term_and_ticks(form: DocumentsForm, visit: Visit) -> None:
    """The term of a conclusion that is there already, and the ticks with their time and text (D11)."""
    term = form.cleaned_data.get("valid_until")
    ticked = _ticked(form)
    version = wizard.ticks_version(visit.application)
    current = visit.application.ticks_version == version
    visit.save(
        also={answers.TERM: term} if term else {},
        ticks_version=version,
        **{
            name: ((current and getattr(visit.application, name)) or visit.now) if on else None
            for name, on in ticked.items()
        },
    )
    if term:
        keeping.set_term(visit.application, term)


@require_POST
@consented
@throttle.limited("upload", per_minute=UPLOADS, weighed=files_in)
def upload(request: SignedInRequest, public_id: object, slot: str) -> HttpResponse:
    """One file, sent by the page's script while the others are being chosen: its card comes back."""
    application = load(request.user, public_id)
    if application.status != Status.DRAFT:
        return JsonResponse({"closed": True}, status=409)
    return receive(Visit(request, application, steps.DOCUMENTS), slot)


def receive(visit: Visit, slot: str) -> HttpResponse:
    """Store the file of one card."""
    application, form = visit.application, _form(visit)
    was = answers.mark(application, visit.page)
    if slot not in SLOTS or slot not in form.fields:
        raise Http404
    form.is_valid()
    try:
        _store_chosen(form, application, visit)
    except drafts.NotADraft:
        return JsonResponse({"closed": True}, status=409)
    if not form.chosen():
        form.refuse(SLOTS[slot], Rejected(Fault.NONE))
    card = next(one for one in cards.build(application, form, now=visit.now) if one.slot.name == slot)
    html = render_to_string(
        "filing/_document.html", {"card": card, "application": application}, visit.request
    )
    bad = card.field.errors or (card.term_field and card.term_field.errors)
    told: dict[str, object] = {"html": html, "stored": not bad}
    if visit.request.POST.get(seen.FIELD) == was:  # the page goes on as this window's own
        told["seen"] = answers.mark(application, visit.page)
    return JsonResponse(told, status=400 if bad else 200)


@require_GET
@consented
def view(request: SignedInRequest, public_id: object, document_id: object) -> HttpResponseBase:
    return keeping.show(request, load(request.user, public_id), document_id)


@require_GET
@consented
@throttle.limited("print", per_minute=prints.A_MINUTE)
def small(request: SignedInRequest, public_id: object, document_id: object) -> HttpResponseBase:
    return prints.show(request, load(request.user, public_id), document_id)
