"""The children's consents that follow the applicant's own by one press (D70, R57, R58): for each child by an
SMS of its own, and only then, for by the applicant's consent the portal learns who the children are."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import children, consents, throttle
from accounts.access import SignedInRequest, consented
from accounts.models import Consent, ConsentStatus, User, masked
from accounts.views.children import NAMES
from accounts.views.consent import FOLLOWED, LOOKS, Standing, look, may_send, send
from accounts.views.profile import REGISTERS
from egov.errors import EgovError

NOT_ADDED = gettext_lazy(
    "Келісім берілген бала тізімге әлі қосылған жоқ: балалар тізілімі ол туралы жауап бермей тұр. "
    "Бірнеше минуттан кейін қайталап көріңіз."
)
REFUSED, TOO_OFTEN = "refused", "too often"  # `send` was no use for this child, for anybody
ASKED = "asked_at_start"  # keys of consents, in this session
AGES = (6, 7)  # by 31 December of the year the studies begin: whom families bring to the first grade


@dataclass(frozen=True)
class Row:
    consent: Consent
    name: str
    standing: Standing


def follow(request: SignedInRequest, *, listed: bool, year: int, now: datetime) -> bool:
    """Whether the children's answers come first. Who pressed for their own consent on the way here has
    pressed for the children who are of an age to begin school, too; a register or 1414 that keeps silent
    leaves the way by the list of children. Who has children there is led to the answers once."""
    if request.session.pop(FOLLOWED, False):
        request.session[ASKED] = _ask(request, year=year, now=now)
        return bool(request.session[ASKED])
    return not listed and bool(request.session.get(ASKED))


def _ask(request: SignedInRequest, *, year: int, now: datetime) -> list[int]:
    """1414 may refuse to ask for one child; any other problem is the same for all."""
    try:
        without = _without_consent(request.user, year=year, now=now)
    except EgovError:
        _say_not_sent(request)
        return []
    names: dict[str, str] = {}
    for one in without:
        iin = one.record.person.iin
        problem = send(request.user, subject=iin, now=now) if may_send(request) else TOO_OFTEN
        if not problem:
            asked = Consent.objects.filter(user=request.user, child_iin=iin).latest("requested_at", "pk")
            names[str(asked.pk)] = one.full_name
        elif problem != REFUSED:
            break
    if len(names) < len(without):
        _say_not_sent(request)
    request.session[NAMES] = request.session.get(NAMES, {}) | names
    return [int(key) for key in names]


def _say_not_sent(request: SignedInRequest) -> None:
    """The page of one's own consent has promised it."""
    messages.warning(
        request,
        _("Балаларыңыз бойынша келісім сұрауы толық жіберілмеді: оны балалар тізімінен жіберуге болады."),
    )


def _without_consent(user: User, *, year: int, now: datetime) -> list[children.Candidate]:
    """Of the age, and not on the list with a consent in force already. Raises EgovError."""
    given = consents.of_children(user, now=now)
    return [
        one
        for one in children.family(user).candidates
        if year - one.record.person.birth_date.year in AGES
        and not (one.added and _is_given(given.get(one.record.person.iin), now=now))
    ]


def _is_given(consent: Consent | None, *, now: datetime) -> bool:
    return consents.state(consent, now=now) == ConsentStatus.GRANTED


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
    added = _add(request, given, now=now)
    if given == rows:
        request.session.pop(ASKED, None)
        if added != given:
            messages.warning(request, NOT_ADDED)
        return redirect("filing:start")
    waits = [row.standing.refresh_seconds for row in rows if row.standing.refresh_seconds]
    context = {"rows": rows, "added": added, "waits": waits, "now": now}
    context["not_added"] = NOT_ADDED if added != given else ""
    context["silent"] = any(row.standing.silent for row in rows)
    response = render(request, "filing/consents.html", context)
    if waits:
        response.headers["Refresh"] = str(max(waits))
    return response


def _add(request: SignedInRequest, given: list[Row], *, now: datetime) -> list[Row]:
    """Those on the list now. A silent register adds nobody: the list of children offers them then."""
    listed = {child.iin for child in children.listed(request.user)}
    for row in given:
        if row.consent.child_iin in listed:
            continue
        if not throttle.allowed(request, what="registers", per_minute=REGISTERS):
            break
        try:
            record = children.record_of(request.user, row.consent.child_iin)
        except EgovError:
            break
        if record:
            added = children.add(request.user, record, now=now)
            listed.add(added.iin)
            messages.success(request, _("Бала тізімге қосылды: %(name)s.") % {"name": added.full_name})
    return [row for row in given if row.consent.child_iin in listed]
