"""The children's consents that follow the applicant's own by one press (D70, R57, R58): for each child by an
SMS of its own, and only then, for by the applicant's consent the portal learns who the children are."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import children, throttle
from accounts.access import SignedInRequest, consented
from accounts.models import Consent, masked
from accounts.views.children import NAMES
from accounts.views.consent import FOLLOWED, LOOKS, Standing, look, may_send, send
from egov.errors import EgovError

ASKED = "asked_at_start"  # keys of consents, in this session
AGES = (6, 7)  # by 31 December of the year the studies begin: whom families bring to the first grade


@dataclass(frozen=True)
class Row:
    consent: Consent
    name: str
    standing: Standing


def follow(request: SignedInRequest, *, year: int, now: datetime) -> bool:
    """Whether the children's answers are awaited. Who pressed for their own consent on the way here has
    pressed for the children who are of an age to begin school, too; a register or 1414 that keeps silent
    leaves the way by the list of children."""
    if request.session.pop(FOLLOWED, False):
        request.session[ASKED] = _ask(request, year=year, now=now)
    return bool(request.session.get(ASKED))


def _ask(request: SignedInRequest, *, year: int, now: datetime) -> list[int]:
    try:
        candidates = children.family(request.user).candidates
    except EgovError:
        return []
    names: dict[str, str] = {}
    for one in candidates:
        person = one.record.person
        if one.added or year - person.birth_date.year not in AGES or not may_send(request):
            continue
        if send(request.user, subject=person.iin, now=now):
            break
        asked = Consent.objects.filter(user=request.user, child_iin=person.iin).latest("requested_at", "pk")
        names[str(asked.pk)] = one.full_name
    request.session[NAMES] = request.session.get(NAMES, {}) | names
    return [int(key) for key in names]


@never_cache
@require_GET
@consented
@throttle.limited("consent", per_minute=LOOKS)
def page(request: SignedInRequest) -> HttpResponse:
    """How each of them stands. Whose consent is given joins the list by itself (R59), and when all have, the
    application begins."""
    now, names = timezone.now(), request.session.get(NAMES, {})
    asked = Consent.objects.filter(user=request.user, pk__in=request.session.get(ASKED, ())).order_by("pk")
    rows = [
        Row(
            one,
            names.get(str(one.pk), masked(one.child_iin)),
            look(request.user, subject=one.child_iin, now=now),
        )
        for one in asked
    ]
    given = [row for row in rows if row.standing.granted]
    _add(request, given, now=now)
    if given == rows:
        request.session.pop(ASKED, None)
        return redirect("filing:start")
    waits = [row.standing.refresh_seconds for row in rows if row.standing.refresh_seconds]
    context = {"rows": rows, "given": given, "waits": waits, "now": now}
    context["silent"] = any(row.standing.silent for row in rows)
    response = render(request, "filing/consents.html", context)
    if waits:
        response.headers["Refresh"] = str(max(waits))
    return response


def _add(request: SignedInRequest, given: list[Row], *, now: datetime) -> None:
    """A silent register adds nobody: the list of children offers them then."""
    listed = {child.iin for child in children.listed(request.user)}
    for row in given:
        if row.consent.child_iin in listed:
            continue
        try:
            record = children.record_of(request.user, row.consent.child_iin)
        except EgovError:
            return
        if record:
            added = children.add(request.user, record, now=now)
            messages.success(request, _("Бала тізімге қосылды: %(name)s.") % {"name": added.full_name})
