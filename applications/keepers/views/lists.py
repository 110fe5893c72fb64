"""Whose address lists a keeper keeps; a school's list with its versions; bringing a new one (D64)."""

from datetime import datetime, time
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts import kept, throttle
from accounts.access import SignedInRequest
from applications.keepers.forms import FileForm, TextForm, WhyForm, told
from applications.keepers.guard import by_keepers
from schools import address_requests, list_drafts, posts, versions
from schools.files import BadFile
from schools.listed import listed
from schools.models import AddressList, ListDraft, Locality, School

DRAFTS = 20  # of a person, the newest
VERSIONS = 100  # of a school, the newest
READS = 30  # files and texts, a minute and a person


@require_GET
@by_keepers
def every(request: SignedInRequest) -> HttpResponse:
    """The schools of the area, with the day of their list."""
    standing = AddressList.objects.filter(school=OuterRef("pk"), ended=None)
    every_school = posts.kept_by(request.user).annotate(
        listed=Subquery(standing.values("began")[:1]), author=Subquery(standing.values("author")[:1])
    )
    context = listed(request.GET, every_school, lacking=Q(listed=None))
    context |= {"requests": address_requests.open_to(request.user).count(), "drafts": _drafts(request)}
    return render(request, "keepers/lists.html", context)


def _drafts(request: SignedInRequest, **of: Any) -> list[ListDraft]:
    """What the person has begun and not saved."""
    mine = ListDraft.objects.filter(author=request.user, saved_at=None, **of).defer("lines")
    return list(mine.select_related("school")[:DRAFTS])


@require_http_methods(["GET", "HEAD", "POST"])
@by_keepers
@throttle.limited("lists", per_minute=READS * 2)
def many(request: SignedInRequest) -> HttpResponse:
    """A table with a column of schools, of the keeper's area alone."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid() and (begun := _begin(request, form, field="file", school=None)):
        return redirect("keepers:draft", begun.pk)
    limits = {"most_lines": list_drafts.MOST_LINES, "most_schools": list_drafts.MOST_SCHOOLS}
    status = 400 if form.errors else 200
    return render(request, "keepers/many.html", {"form": form} | limits, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@by_keepers
@throttle.limited("lists", per_minute=READS * 2)
def school(request: SignedInRequest, school_id: int) -> HttpResponse:
    """The list that stands, its versions, and a new one: a file, or a text that begins as the old list."""
    found = get_object_or_404(posts.kept_by(request.user).select_related("locality"), pk=school_id)
    standing = versions.current(found)
    way = request.POST.get("way") if request.method == "POST" else ""
    file, text, why = _forms(request, found, standing, way or "")
    form = file if way == "file" else text if way == "text" else None
    if form and way and form.is_valid() and (begun := _begin(request, form, field=way, school=found)):
        return redirect("keepers:draft", begun.pk)
    context: dict[str, Any] = {
        "by_file": file,
        "by_text": text,
        "why": why,
        "school": found,
        "standing": standing,
        "too_long": bool(standing and standing.lines and not _as_text(standing)),
        "errors": next((form for form in (file, text, why) if form.errors), None),
        "answer": _why(found, why) if why.is_bound and why.is_valid() else None,
        "versions": found.address_lists.defer("lines", "rows", "aliases")[:VERSIONS],
        "drafts": _drafts(request, school=found),
        "addresses": found.addresses.count(),
    }
    return render(request, "keepers/school.html", context, status=400 if context["errors"] else 200)


def _forms(
    request: SignedInRequest, school: School, standing: AddressList | None, way: str
) -> tuple[FileForm, TextForm, WhyForm]:
    """The one whose button was pressed is bound; what was typed before the session ended is given back."""
    back = kept.restored(request, now=timezone.now())
    typed = request.POST if way == "text" else back if back and "text" in back else None
    places = Locality.objects.filter(pk__in=school.addresses.values("locality"))
    others = places.exclude(pk=school.locality_id).order_by("sort_kk")
    return (
        FileForm(request.POST, request.FILES) if way == "file" else FileForm(),
        TextForm(typed, initial={"text": _as_text(standing), "base": standing.pk if standing else 0}),
        WhyForm(request.POST if way == "why" else None, places=[school.locality, *others]),
    )


def _as_text(standing: AddressList | None) -> str:
    """The list as it may be changed in place; one that is too long for a page is not offered."""
    lines = standing.lines if standing else {}
    if len(lines) > list_drafts.MOST_LINES or sum(map(len, lines.values())) > list_drafts.MOST_LETTERS // 2:
        return ""
    return "\n".join(lines[number].replace("\n", " ") for number in sorted(lines, key=int))


def _begin(
    request: SignedInRequest, form: FileForm | TextForm, *, field: str, school: School | None
) -> ListDraft | None:
    try:
        return list_drafts.begin(
            form.lines,
            author=request.user,
            school=school,
            source=form.source,
            now=timezone.now(),
            base=form.began_as,
        )
    except BadFile as error:
        form.add_error(field, told(error))
        return None


def _why(school: School, form: WhyForm) -> dict[str, Any]:
    """The version of that day and its lines that give the address."""
    asked, moment = form.cleaned_data, timezone.now()
    if asked["on"]:
        moment = timezone.make_aware(datetime.combine(asked["on"], time.max))
    version = versions.on(school, moment)
    if version is None:
        return {"version": None, "lines": []}
    lines = versions.why(version, kato=asked["place"], street=asked["street"], house_text=asked["house"])
    return {"version": version, "lines": lines}
