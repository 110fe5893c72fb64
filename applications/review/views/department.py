"""The education department's pages: how the schools of its area keep their term, and its word to one that
does not (R121, D13, D56). Numbers of applications stand here, and nobody's name."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import journal, protection, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from accounts.replica import may_lag
from applications import correcting
from applications.models import Application, ApplicationQuerySet, Reminder, Result
from applications.review import charts, lately, oversight, queue, reminding
from applications.review.dues import Dues
from applications.review.lateness import Today
from applications.review.narrowing import Narrowing
from applications.review.queue import Filter
from applications.status import Status
from schools import periods, posts
from schools.models import Locality, School

PAGE = 30
REMINDS = 60  # a minute and a person
ON_TOP = 10  # schools that are late for longest; the rest is a part of the list
REMINDERS = 10  # of a school, on its page

WORKING_TIME = gettext_lazy(
    "Еске салу хабары директорға мектептің жұмыс уақытында жіберіледі: жұмыс күндері 9:00-ден 18:30-ға дейін."
)
PART_NAMES = {
    "all": gettext_lazy("Барлық мектеп"),
    "overdue": gettext_lazy("Мерзімін өткізген мектеп"),
    "full": gettext_lazy("Орны толған мектеп"),
    "unannounced": gettext_lazy("Орны жарияланбаған мектеп"),
}


def areas_of(request: SignedInRequest) -> list[Locality]:
    """Of the officer; anybody else finds nothing."""
    areas = posts.areas_of(request.user)
    if not areas:
        raise Http404
    return areas


@require_GET
@signed_in
@may_lag(signed_in=True)
def schools(request: SignedInRequest) -> HttpResponse:
    """All of the area: what is late for longest on top, the list as it is wanted, the charts of that list. It
    is of numbers, so a replica may tell it."""
    areas, today, chosen = areas_of(request), Today.at(timezone.now()), Narrowing.read(request.GET)
    counted = lately.counted(areas, reader=request.user, today=today)
    found, long = counted.of(chosen, reader=request.user), counted.long
    page = Paginator(found.rows, PAGE).get_page(chosen.page)
    reminders = reminding.latest_of([row.school for row in [*page, *long[:ON_TOP]]])
    context = {
        "now": counted.today.now,
        "areas": areas,
        "chosen": chosen,
        "parts": _parts(chosen, found.counters),
        "columns": chosen.headings(),
        "orders": chosen.orders(),
        "districts": counted.districts,
        "localities": found.localities,
        "page": page,
        "rows": _with_reminders(page, reminders),
        "long": _with_reminders(long[:ON_TOP], reminders),
        "long_count": len(long),
        "long_days": settings.ESCALATE_AFTER_DAYS,
        "overdue": found.overdue,
        "waiting": found.waiting,
        "charts": found.charts,
        "places": found.places,
        "all_places": found.all_places,
    }
    return render(request, "review/department.html", context | _reminding(today))


def _parts(chosen: Narrowing, counted: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"view": view, "name": name, "query": chosen.of_view(view).query, "count": counted[view]}
        for view, name in PART_NAMES.items()
    ]


def _with_reminders(
    rows: Iterable[oversight.Row], reminders: dict[int, Reminder]
) -> list[tuple[oversight.Row, Reminder | None]]:
    return [(row, reminders.get(row.school.pk)) for row in rows]


def _reminding(today: Today) -> dict[str, Any]:
    """Which day it is, which days are at work, and whether a school may be reminded at this moment."""
    return {
        "today": today.date,
        "working_days": today.days,
        "may_remind": today.is_open,
        "working_time": WORKING_TIME,
    }


def _school(request: SignedInRequest, school_id: int) -> School:
    """In the officer's area."""
    inside = posts.inside(areas_of(request), "locality__kato")
    return get_object_or_404(School.objects.filter(inside).select_related("locality"), pk=school_id)


def _filed(request: SignedInRequest, schools: QuerySet[School]) -> ApplicationQuerySet:
    """The department's work; none of a child whom a court hides from this officer (D35)."""
    filed = Application.objects.filter(intake__school__in=schools).exclude(status=Status.DRAFT)
    year = periods.current_year(timezone.now())
    return filed.at_work(year=year).not_hidden_from(request.user)


@require_GET
@signed_in
def school(request: SignedInRequest, school_id: int) -> HttpResponse:
    """One school down to the numbers of its applications."""
    found, today, chosen = _school(request, school_id), Today.at(timezone.now()), Filter.read(request.GET)
    this = School.objects.filter(pk=found.pk)
    (row,) = oversight.rows_of(this, reader=request.user, today=today)
    filed = _filed(request, this)
    rows = chosen.rows(filed, now=today.now).select_related("intake__language")
    page, dues = Paginator(rows, PAGE).get_page(chosen.page), Dues(today.now, today.days)
    reminders = list(found.reminders.select_related("by")[:REMINDERS])
    journal.seen(request, found, child=None, what=Shown.LIST)
    context = {
        "now": today.now,
        "row": row,
        "places": charts.seats_by_language([row]),
        "filter": chosen,
        "counters": queue.counters(filed, now=today.now),
        "page": page,
        "lines": [(one, dues.of_application(one)) for one in page],
        "reminders": reminders,
        # A colleague has counted what a court hides from this officer too; left out at all schools alike,
        # that says of none that the child is there (D35).
        "reminders_counted": bool(reminders) and not protection.hides_any_from(request.user),
        "reminder": reminders[0] if reminders else None,
    }
    return render(request, "review/department_school.html", context | _reminding(today))


@require_GET
@signed_in
def application(request: SignedInRequest, public_id: object) -> HttpResponse:
    """The moves of one application by its number: what a complaint is answered from."""
    now, schools = timezone.now(), School.objects.filter(posts.inside(areas_of(request), "locality__kato"))
    related = ("intake__school__locality", "intake__language", "child")
    found = get_object_or_404(_filed(request, schools).select_related(*related), public_id=public_id)
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    standing = correcting.standing(found)
    context = {
        "application": found,
        "now": now,
        "changes": found.changes.all(),
        "refusal": standing if standing and standing.result == Result.REFUSE else None,
        "is_overdue": found.is_overdue(now),
    }
    return render(request, "review/department_application.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@throttle.limited("remind", per_minute=REMINDS)
def remind(request: SignedInRequest, school_id: int) -> HttpResponse:
    """The word to the director; then back to where the button stood."""
    found = _school(request, school_id)
    if request.method == "POST":
        _remind(request, found)
    if "view" in request.GET:
        place = Narrowing.read(request.GET).query
        return redirect(f"{reverse('review:department')}?{place}#s-{found.pk}")
    return redirect("review:department_school", found.pk)


def _remind(request: SignedInRequest, found: School) -> None:
    told = {"school": found.name}
    try:
        reminding.remind(found, by=request.user, now=timezone.now())
    except reminding.RemindedToday as said:
        told |= {"time": date_format(timezone.localtime(said.reminder.at), "H:i")}
        messages.info(request, _("%(school)s: директорға бүгін еске салынған, уақыты %(time)s.") % told)
    except reminding.Closed:
        messages.warning(request, WORKING_TIME)
    except reminding.NothingOverdue:
        messages.info(request, _("%(school)s: мерзімі өткен өтінім қалмады.") % told)
    except reminding.NoDirector:
        messages.warning(
            request,
            _(
                "%(school)s: еске салуға болатын директор жоқ. Алдымен «Қызметкерлер» бетінде директорды "
                "немесе оның міндетін атқарушыны тағайындаңыз."
            )
            % told,
        )
    else:
        messages.success(request, _("%(school)s: директорға хабарлама мен SMS жіберілді.") % told)
