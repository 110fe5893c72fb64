"""A list read line by line beside its text: what is asked is answered by writing the line differently; what
changes is shown; saved with a reason (D64)."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import kept, seen, throttle
from accounts.access import SignedInRequest
from applications.keepers import affected
from applications.keepers.forms import SaveForm, told
from applications.keepers.guard import by_keepers
from schools import list_drafts, microdistricts, periods, posts, reading_words, versions
from schools.list_drafts import LongLines, NotMeant, NotSaved, Read, TooMuch
from schools.microdistricts import Microdistrict
from schools.models import ListDraft, School
from schools.versions import Change, Origin

PAGE = 50  # lines
SHOWN = 100  # addresses of a change, and doubles
LOOKS = 60  # a minute and a person
LINE = "line-"


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


@dataclass
class Effect:
    """What saving would change at one school."""

    school: School
    change: Change
    added: list[str]
    gone: list[tuple[str, School | None]]  # and the school of this very file that it goes to
    families: int
    doubles: list[tuple[str, School]] = field(default_factory=list)
    doubles_count: int = 0


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
        messages.success(request, _("Жоба өшірілді. Қолданыстағы тізім өзгерген жоқ."))
        return redirect(_home(draft))
    return _answer(request, draft) if request.method == "POST" else _show(request, draft)


def _home(draft: ListDraft) -> str:
    return reverse("keepers:school", args=[draft.school_id]) if draft.school_id else reverse("keepers:lists")


def _answer(request: SignedInRequest, draft: ListDraft) -> HttpResponse:
    """First what was typed is kept; it is saved only as it was read and seen."""
    reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())[:250]
    try:
        is_changed = list_drafts.write(
            draft, _texts(request), request.POST.get("more", ""), reason=reason, now=timezone.now()
        )
    except (TooMuch, LongLines) as error:
        return _show(request, draft, status=400, refusal=told(error))
    if "save" not in request.POST:
        return redirect(request.get_full_path())
    if is_changed:
        messages.warning(request, _("Жолдар өзгерді: олардың қалай оқылғанын қарап, қайта сақтаңыз."))
        return redirect(request.get_full_path())
    return _save(request, draft)


def _texts(request: SignedInRequest) -> dict[int, str]:
    numbers = {name: name.removeprefix(LINE) for name in request.POST if name.startswith(LINE)}
    return {
        int(number): str(request.POST[name])
        for name, number in numbers.items()
        if number.isascii() and number.isdecimal() and len(number) < 10
    }


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
    status: int = 200,
    stale: bool = False,
    refusal: str = "",
) -> HttpResponse:
    looked = list_drafts.read(draft)
    ready = bool(looked.found) and not looked.errors and all(found.rows for found in looked.found)
    if form is None and ready:
        back = kept.restored(request, now=timezone.now())
        reason = back.get("reason", "") if back else draft.reason
        form = SaveForm(is_large=looked.is_large, initial={"reason": reason})
    standing = list_drafts.standing_of([found.school for found in looked.found])
    lines = sorted(_lines(looked), key=lambda line: line.order)
    context = {
        "draft": draft,
        "back_to": _home(draft),
        "form": form if ready else None,
        "ready": ready,
        "errors": looked.errors,
        "asked": sum(1 for line in lines if line.errors),
        "noted": sum(1 for line in lines if line.notes and not line.errors),
        "rows": looked.rows,
        "several": len(looked.found) > 1,
        "page": Paginator(lines, PAGE).get_page(request.GET.get("page")),
        "effects": _effects(looked, request) if ready else [],
        "seen": list_drafts.mark(draft, standing),
        "stale": stale,
        "standing": standing,
        "refusal": refusal,
        "has_errors": bool(refusal),
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


def _effects(looked: Read, request: SignedInRequest) -> list[Effect]:
    new_homes = {
        versions.identity(row): found.school for found, change in looked.changes for row in change.added
    }
    ours = {found.school.pk for found in looked.found}
    return [_effect(found, change, new_homes, ours, request) for found, change in looked.changes]


def _effect(
    found: Microdistrict,
    change: Change,
    new_homes: dict[tuple[object, ...], School],
    ours: set[int],
    request: SignedInRequest,
) -> Effect:
    doubles = [
        (reading_words.of_row(row), other.school)
        for row, other in microdistricts.conflicts(found)
        if other.school_id not in ours
    ]
    gone = [(reading_words.of_row(row), new_homes.get(versions.identity(row))) for row in change.gone]
    return Effect(
        school=found.school,
        change=change,
        added=[reading_words.of_row(row) for row in change.added[:SHOWN]],
        gone=gone[:SHOWN],
        families=affected.families_left_out(
            found, year=periods.current_year(timezone.now()), reader=request.user
        ),
        doubles=doubles[:SHOWN],
        doubles_count=len(doubles),
    )
