"""Large tables of a school: what one has ordered, how far it is, and the file (D59)."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import journal, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications import stored
from applications.models import Application, TableExport, TableKind
from applications.review import memory, sheets, tables
from applications.review.views import place
from schools import posts

NAMES = {TableKind.QUEUE: "kezek", TableKind.ADMITTED: "kabyldangandar"}
FETCHES = 3  # a minute and a person; the whole file is opened in memory


def order(
    request: SignedInRequest, kind: TableKind, rows: QuerySet[Application], *, form: str
) -> HttpResponse:
    """More rows than a request makes: the worker makes them; the caller has checked access and form."""
    chosen, now = place.read(request), timezone.now()
    if rows.count() > tables.MOST:
        said = _("Бір файлға %(most)s өтінімге дейін түседі: сүзгіні тарылтып, қайталаңыз.")
        messages.error(request, said % {"most": tables.MOST})
        return redirect(place.of_queue(chosen))
    found = memory.recall(request.user, chosen.found, now=now) if chosen.found else None
    try:
        tables.order(request.user, kind, form=form, chosen=chosen, term=found.term if found else "", now=now)
        messages.success(request, _("Кесте үлкен: файл бірнеше минутта осы бетте дайын болады."))
    except tables.Waits:
        messages.warning(request, _waits())
    except tables.Enough:
        said = _("Сізде %(most)s дайын файл бар: біреуінің мерзімі өткенде жаңасына тапсырыс бере аласыз.")
        messages.warning(request, said % {"most": tables.MOST_KEPT})
    return redirect("review:tables")


def _waits() -> str:
    return _("Алдыңғы файл әлі дайындалып жатыр: ол біткен соң келесісіне тапсырыс беріңіз.")


@require_GET
@signed_in
def every(request: SignedInRequest) -> HttpResponse:
    """One's own orders; what is of a school that one has left is not offered."""
    _demand_school(request)
    mine, kept = tables.school_keys(request.user), tables.kept_of(request.user, now=timezone.now())
    found = [one for one in kept if one.made_at is None or tables.may_fetch(one, mine)]
    context = {"tables": found, "back": place.of_queue(place.read(request))}
    return render(request, "review/tables.html", context)


@require_GET
@signed_in
@throttle.limited("large table", per_minute=FETCHES)
def file(request: SignedInRequest, public_id: UUID) -> HttpResponseBase:
    """The looks at the children in it stand since it was made; each fetch is written down as well."""
    _demand_school(request)
    found = tables.ready(request.user, public_id, now=timezone.now())
    if found is None or found.made_at is None:
        raise Http404
    try:
        content = stored.read(found.file, found.sha256)
    except stored.Spoiled:
        return render(request, "spoiled.html", status=503)
    journal.seen(request, found, child=None, what=Shown.TABLE)
    name = sheets.file_name(NAMES[TableKind(found.kind)], found.form, found.made_at)
    return stored.download(content, name=name, mime=sheets.FORMS[found.form].mime)


@require_POST
@signed_in
def again(request: SignedInRequest, public_id: object) -> HttpResponse:
    """One that could not be made, once more."""
    _demand_school(request)
    failed = get_object_or_404(TableExport, user=request.user, public_id=public_id, dead=True)
    try:
        tables.order_again(failed, now=timezone.now())
    except tables.Waits:
        messages.warning(request, _waits())
    return redirect("review:tables")


def _demand_school(request: SignedInRequest) -> None:
    if not posts.schools_of(request.user):
        raise Http404
