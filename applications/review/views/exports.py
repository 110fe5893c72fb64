"""Tables as files (D53), made at once or, when they are large, ordered (D59): posted, so that no address or
log names what was looked for, and each child in one has been looked at."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import journal, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications import stored, told
from applications.models import Application, TableKind
from applications.review import exports, oversight, reminding, sheets
from applications.review.lateness import Today
from applications.review.narrowing import Narrowing
from applications.review.views import place, tables
from applications.status import Status
from schools import periods, posts

FILES = 10  # a minute and a person


@require_POST
@signed_in
@throttle.limited("table", per_minute=FILES)
def queue(request: SignedInRequest) -> HttpResponseBase:
    """The queue as it was filtered, searched and sorted, all its pages."""
    _demand_school(request)
    form, now, chosen = _form(request), timezone.now(), place.read(request)
    found = place.rows(request, chosen)
    try:
        rows = exports.taken(found)
    except exports.TooMany:
        return tables.order(request, TableKind.QUEUE, found, form=form)
    if not rows:
        messages.warning(request, _("Файлға түсіретін өтінім жоқ."))
        return redirect(place.of_queue(chosen))
    _seen(request, rows)
    mine = Application.objects.for_staff(request.user, now=now)
    to_call = {one.pk for one in told.to_call(mine.exclude(status=Status.WITHDRAWN))}
    return _file(exports.queue_of(rows, to_call=to_call), form, name=tables.NAMES[TableKind.QUEUE], now=now)


@require_POST
@signed_in
@throttle.limited("table", per_minute=FILES)
def admitted(request: SignedInRequest) -> HttpResponseBase:
    """Whom the person's schools have accepted for the current year, with whole IINs."""
    _demand_school(request)
    form, now = _form(request), timezone.now()
    mine = Application.objects.for_staff(request.user, now=now)
    found = exports.admitted(mine, year=periods.current_year(now))
    try:
        rows = exports.in_classes(exports.taken(found))
    except exports.TooMany:
        return tables.order(request, TableKind.ADMITTED, found, form=form)
    if not rows:
        messages.warning(request, _("Биыл қабылданған бала әлі жоқ."))
        return redirect(place.of_queue(place.read(request)))
    _seen(request, rows)
    return _file(exports.admitted_of(rows), form, name=tables.NAMES[TableKind.ADMITTED], now=now)


@require_POST
@signed_in
@throttle.limited("table", per_minute=FILES)
def department(request: SignedInRequest) -> HttpResponseBase:
    """The numbers of the schools as they were narrowed and sorted, all pages."""
    regions = posts.areas_of(request.user)
    if not regions:
        raise Http404
    form, now = _form(request), timezone.now()
    every = oversight.schools_of(regions, reader=request.user, today=Today.at(now))
    rows = Narrowing.read(request.GET).rows(every)
    reminders = reminding.latest_of([row.school for row in rows])
    return _file(exports.schools_of(rows, reminders=reminders), form, name="mektepter", now=now)


def _demand_school(request: SignedInRequest) -> None:
    if not posts.schools_of(request.user):
        raise Http404


def _form(request: SignedInRequest) -> str:
    form = request.POST.get("form", "")
    if form not in sheets.FORMS:
        raise Http404
    return form


def _seen(request: SignedInRequest, rows: list[Application]) -> None:
    for row in rows:
        shown = row.child if row.is_whole_to_school else None
        journal.seen(request, row, child=shown, what=Shown.TABLE)


def _file(sheet: sheets.Sheet, form: str, *, name: str, now: datetime) -> HttpResponseBase:
    made = sheets.FORMS[form]
    return stored.download(made.of(sheet), name=sheets.file_name(name, form, now), mime=made.mime)
