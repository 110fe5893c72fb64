"""A list read line by line beside its text: what is asked is answered by writing the line differently; what
changes is shown; saved with a reason (D64)."""

import re
from dataclasses import dataclass, replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import kept, seen, throttle
from accounts.access import SignedInRequest
from accounts.typed import visible
from applications.keepers import effects
from applications.keepers.forms import SaveForm, told
from applications.keepers.guard import by_keepers
from schools import list_drafts, posts, reading_words
from schools.files import BadFile
from schools.list_drafts import Crossed, NotMeant, NotSaved, Read, Typed
from schools.models import ListDraft, School
from schools.versions import Origin

PAGE = 50  # lines
LOOKS = 60  # a minute and a person
LINE = "line-"
MARKS = re.compile(r"\b([0-9]{1,9}):([0-9a-f]{8})\b")


@dataclass
class Shown:
    """A line beside its reading."""

    number: int
    text: str
    school: School
    readings: list[str]
    errors: list[str]
    notes: list[str]

    @property
    def order(self) -> int:
        return 0 if self.errors else 1 if self.notes else 2


@require_http_methods(["GET", "HEAD", "POST"])
@by_keepers
@throttle.limited("list-drafts", per_minute=LOOKS)
def one(request: SignedInRequest, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(ListDraft.objects.select_related("school"), pk=draft_id, author=request.user)
    schools = set(list_drafts.schools_of(draft).values_list("pk", flat=True))
    if schools - set(posts.kept_by(request.user).filter(pk__in=schools).values_list("pk", flat=True)):
        raise Http404  # no longer theirs to keep
    if draft.saved_at:
        messages.success(request, _("Тізім сақталды: жаңа мекенжайлар қазірден бастап табылады."))
        return redirect(_home(draft))
    if "discard" in request.POST:
        draft.delete()
        messages.success(request, _("Жоба жойылды. Қолданыстағы тізім өзгерген жоқ."))
        return redirect(_home(draft))
    return _answer(request, draft) if request.method == "POST" else _show(request, draft)


def _home(draft: ListDraft) -> str:
    return reverse("keepers:school", args=[draft.school_id]) if draft.school_id else reverse("keepers:lists")


def _answer(request: SignedInRequest, draft: ListDraft) -> HttpResponse:
    """First what was typed is kept; it is saved only as it was read and seen."""
    typed = _typed(request.POST)
    try:
        is_changed = list_drafts.write(draft, typed, now=timezone.now())
    except ListDraft.DoesNotExist as error:
        raise Http404 from error  # discarded meanwhile in another window
    except BadFile as error:
        return _show(request, draft, typed=_shown(typed), status=400, refusal=told(error))
    except Crossed:
        return _show(request, draft, typed=typed, status=409)
    if "save" not in request.POST:
        return redirect(request.get_full_path())
    if is_changed:
        messages.warning(request, _("Жолдар өзгерді: олардың қалай оқылғанын қарап, қайта сақтаңыз."))
        return redirect(request.get_full_path())
    return _save(request, draft)


def _typed(sent: QueryDict) -> Typed:
    numbers = {name: name.removeprefix(LINE) for name in sent if name.startswith(LINE)}
    return Typed(
        lines={
            int(number): str(sent[name])
            for name, number in numbers.items()
            if number.isascii() and number.isdecimal() and len(number) < 10
        },
        shown={int(number): mark for number, mark in MARKS.findall(sent.get("shown", ""))},
        more=sent.get("more", ""),
        reason=" ".join(visible(sent.get("reason", ""), lines=False).split())[:250],
    )


def _shown(typed: Typed) -> Typed:
    """Without what nobody sees: with it the lines were refused."""
    lines = {number: visible(text, lines=True) for number, text in typed.lines.items()}
    return replace(typed, lines=lines, more=visible(typed.more, lines=True))


def _save(request: SignedInRequest, draft: ListDraft) -> HttpResponse:
    looked = list_drafts.read(draft)
    form = SaveForm(request.POST, is_large=looked.is_large)
    if not form.is_valid():
        return _show(request, draft, form=form, status=400)

    def origin(saved: ListDraft) -> Origin:
        return Origin(posts.as_author(request.user), form.cleaned_data["reason"], saved.source)

    try:
        list_drafts.save(
            draft,
            seen_at=request.POST.get(seen.FIELD, ""),
            is_meant=bool(form.cleaned_data.get("meant")),
            origin=origin,
            now=timezone.now(),
        )
    except ListDraft.DoesNotExist as error:
        raise Http404 from error
    except seen.Stale:
        return _show(request, draft, form=form, status=409, stale=True)
    except NotMeant:
        return redirect(request.get_full_path())
    except NotSaved:
        return _show(request, draft, form=form, status=400)
    messages.success(request, _("Тізім сақталды: жаңа мекенжайлар қазірден бастап табылады."))
    return redirect(_home(draft))


def _show(
    request: SignedInRequest,
    draft: ListDraft,
    *,
    form: SaveForm | None = None,
    typed: Typed | None = None,
    status: int = 200,
    stale: bool = False,
    refusal: str = "",
) -> HttpResponse:
    """What was typed and not kept, now or before the session ended, stands in its fields."""
    if back := kept.restored(request, now=timezone.now()):
        typed = _typed(back)
    typed = typed or Typed({}, {}, reason=draft.reason)
    mended = typed.mended
    looked = list_drafts.read(draft)
    ready = bool(looked.found) and not looked.errors and all(found.rows for found in looked.found)
    if form is None and ready:
        form = SaveForm(is_large=looked.is_large, initial={"reason": typed.reason})
    standing = list_drafts.standing_of([found.school for found in looked.found])
    lines = sorted(_lines(looked), key=lambda line: line.order)
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    crossed = list_drafts.crossed(draft, typed)
    context = {
        "draft": draft,
        "back_to": _home(draft),
        "form": form if ready else None,
        "ready": ready,
        "errors": looked.errors,
        "asked": sum(1 for line in lines if line.errors),
        "noted": sum(1 for line in lines if line.notes and not line.errors),
        "out_of_reach": sum(found.out_of_reach for found in looked.found),
        "rows": looked.rows,
        "several": len(looked.found) > 1,
        "page": page,
        "shown": " ".join(f"{line.number}:{list_drafts.line_mark(line.text)}" for line in page.object_list),
        "fields": [(line, mended.get(line.number, line.text)) for line in page.object_list],
        "crossed": [(number, text, mended[number]) for number, text in crossed.items()],
        "typed": typed,
        "longest": list_drafts.LONGEST_LINE,
        "most": list_drafts.MOST_LETTERS // 3,
        "effects": effects.of(looked.changes, reader=request.user) if ready else [],
        "seen": list_drafts.mark(draft, standing),
        "stale": stale or (bool(looked.found) and list_drafts.is_outdated(draft, standing)),
        "standing": standing,
        "refusal": refusal,
        "has_errors": bool(refusal or crossed),
    }
    return render(request, "keepers/draft.html", context, status=status)


def _lines(looked: Read) -> list[Shown]:
    return [
        Shown(
            number=each.number,
            text=each.raw,
            school=found.school,
            readings=[reading_words.of_reading(reading) for reading in each.line.readings],
            errors=[reading_words.of_remark(one) for one in each.line.remarks if one.is_error],
            notes=[reading_words.of_remark(one) for one in each.line.remarks if not one.is_error],
        )
        for found in looked.found
        for each in found.lines
    ]
