"""The pages on which ops act (D77): each asks first, and is there for who holds the post alone. No IIN stands
in an address, no name on a page but of those who have ordered."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import access, journal, kept, outside, signed_in, throttle
from accounts.access import SignedInRequest
from accounts.models import Order, OrderKind, Shown, Trouble, User
from accounts.waiting.line import Standing
from accounts.waiting.room import room
from accounts.waiting.terms import Mode
from oqu import ops, pauses
from oqu.doctor.queues import NAMES
from oqu.orders import acts, lots
from oqu.orders import season as seasons
from oqu.orders.acts import NotTaken, Overtaken
from oqu.orders.forms import PauseForm, PersonForm, RoomForm, WhyForm
from oqu.orders.lots import LOTS
from schools import posts

LOOK_UPS = 20  # of people, a minute
PAGE = 50
FOUND_FOR = 15 * 60  # seconds for which a person who was found may be acted on
CONFLICT = 409

View = Callable[..., HttpResponse]


def _of_ops(view: View) -> Callable[..., HttpResponseBase]:
    """To anybody else there is no such page."""

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @access.signed_in
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not posts.is_ops(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _typed(request: SignedInRequest) -> Any:
    """What is posted, or what waited for this page while its person signed in again."""
    return request.POST if request.method == "POST" else kept.restored(request, now=timezone.now())


def _shown(
    request: SignedInRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, template, context, status=400 if context["form"].errors else status)


@_of_ops
def queue(request: SignedInRequest, name: str) -> HttpResponse:
    """What may be tried again, all of it or the row that the address names."""
    lot, row, now = LOTS.get(name), _row(request.GET.get("row", "")), timezone.now()
    if lot is None:
        raise Http404
    form = WhyForm(_typed(request))
    if request.method == "POST" and form.is_valid():
        tried = acts.retry(name, row=row, by=request.user, why=form.cleaned_data["why"], now=now)
        ops.look_anew()
        _tell_tried(request, tried)
        return redirect("ops:queue", name)
    dead, delayed = lot.dead(), lot.delayed(now)
    context = {
        "form": form,
        "title": NAMES[name],
        "row": row,
        "again": lot.count(row, now=now),
        "old": lot.old(now).count(),
        "waiting": lot.waiting().count(),
        "dead": dead.count(),
        "delayed": delayed.count(),
        "oldest": lot.oldest(),
        "rows": [*dead.order_by("-pk")[: lots.SHOWN], *delayed.order_by("-pk")[: lots.SHOWN]],
        "paused": acts.pause_of(name, now=now),
    }
    return _shown(request, "ops/queue.html", context)


def _row(told: str) -> int | None:
    if not told:
        return None
    if not (told.isascii() and told.isdecimal() and len(told) < 19):
        raise Http404
    return int(told)


def _tell_tried(request: SignedInRequest, tried: lots.Tried) -> None:
    if not tried.rows:
        messages.info(request, _("Қайта іске қосатын ештеңе қалмаған."))
    elif tried.all:
        messages.success(request, _("Қайта іске қосылды: %(count)s.") % {"count": tried.rows})
    else:
        messages.warning(
            request, _("Қайта іске қосылды: %(count)s. Қалғаны бар, тағы басыңыз.") % {"count": tried.rows}
        )


@_of_ops
def systems(request: SignedInRequest) -> HttpResponse:
    """All of them, with how each stands."""
    now = timezone.now()
    failing = {found.system: found for found in outside.standing(now=now)}
    paused = {found.system: found for found in pauses.standing(now=now)}
    rows = [(name, one, paused.get(name), failing.get(name)) for name, one in pauses.SYSTEMS.items()]
    return render(request, "ops/systems.html", {"rows": rows})


@_of_ops
def system(request: SignedInRequest, name: str) -> HttpResponse:
    """One that is paused may be resumed, any other paused."""
    one, now = pauses.SYSTEMS.get(name), timezone.now()
    if one is None:
        raise Http404
    found, status, posted = acts.pause_of(name, now=now), 200, request.method == "POST"
    resuming = request.POST.get("act") == "resume" if posted else found is not None
    form = _form(resuming)(_typed(request))
    if posted and form.is_valid():
        try:
            return _pause_or_resume(request, name, form, resuming=resuming)
        except Overtaken:
            found, status = acts.pause_of(name, now=now), CONFLICT
            resuming = found is not None
            form = _form(resuming)(initial={"why": form.cleaned_data["why"]})
    context = {
        "form": form,
        "one": one,
        "paused": found,
        "resuming": resuming,
        "seen": _seen(request, form, found),
        "overtaken": status == CONFLICT,
        "mandatory": name not in outside.SPARED,
    }
    return _shown(request, "ops/system.html", context, status=status)


def _seen(request: SignedInRequest, form: WhyForm, found: Trouble | Standing | None) -> str:
    """Of the page that was shown first: typing again what was wrong is no look at a colleague's order."""
    return str(request.POST.get("seen", "")) if form.errors else acts.mark_of(found)


def _form(resuming: bool) -> type[WhyForm]:
    return WhyForm if resuming else PauseForm


def _pause_or_resume(request: SignedInRequest, name: str, form: WhyForm, *, resuming: bool) -> HttpResponse:
    typed, seen, now = form.cleaned_data, request.POST.get("seen", ""), timezone.now()
    if resuming:
        acts.resume(name, by=request.user, why=typed["why"], seen=seen, now=now)
        messages.success(request, _("Жүйе қайта қосылды."))
    else:
        acts.pause(name, term=typed["term"], by=request.user, why=typed["why"], seen=seen, now=now)
        messages.success(request, _("Жүйе тоқтатылды. Мерзімі біткенде өзі қайта қосылады."))
    ops.look_anew()
    return redirect("ops:systems")


@_of_ops
def season(request: SignedInRequest) -> HttpResponse:
    context = {"rows": seasons.rows(now=timezone.now()), "fixed": seasons.FIXED, "room": room.standing()}
    return render(request, "ops/season.html", context)


@_of_ops
def waiting_room(request: SignedInRequest) -> HttpResponse:
    """Until another order. Without Redis there is no room to order."""
    found, status, silent = room.standing(), 200, False
    first = {"mode": found.mode, "rate": found.rate} if found else {}
    form = RoomForm(_typed(request), initial=first)
    if request.method == "POST" and form.is_valid():
        typed, seen = form.cleaned_data, request.POST.get("seen", "")
        try:
            acts.order_room(
                typed["mode"],
                rate=typed["rate"],
                by=request.user,
                why=typed["why"],
                seen=seen,
                now=timezone.now(),
            )
        except Overtaken:
            status = CONFLICT
        except NotTaken:
            status, silent = 503, True
        else:
            messages.success(request, _("Күту залының тәртібі өзгерді."))
            return redirect("ops:page")
    context = {
        "form": form,
        "room": found,
        "seen": _seen(request, form, found),
        "overtaken": status == CONFLICT,
        "silent": silent or found is None,
    }
    return _shown(request, "ops/room.html", context, status=status)


@_of_ops
def sessions(request: SignedInRequest) -> HttpResponse:
    """Whose IIN is typed is looked for, and of whom was found the sessions are ended."""
    if request.POST.get("act") == "end":
        return _end_sessions(request)
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, "ops/sessions.html", {"form": form})
    if not throttle.allowed(request, what="people", per_minute=LOOK_UPS):
        return throttle.too_often(request)
    person = User.objects.filter(iin=form.cleaned_data["iin"]).first()
    if person is None:
        form.add_error("iin", _("Бұл ЖСН-мен порталға ешкім кірмеген."))
        return _shown(request, "ops/sessions.html", {"form": form})
    journal.seen(request, person, child=None, what=Shown.LOOK_UP)
    return _person(request, person, WhyForm(), status=200)


def _end_sessions(request: SignedInRequest) -> HttpResponse:
    person, form = _found(request), WhyForm(request.POST)
    if person is None:
        messages.warning(request, _("Адамды ЖСН бойынша қайта іздеңіз."))
        return redirect("ops:sessions")
    if not form.is_valid():
        return _person(request, person, form, status=400)
    ended = acts.end_sessions(person, by=request.user, why=form.cleaned_data["why"], now=timezone.now())
    messages.success(request, _("Сеанстары аяқталды: %(count)s.") % {"count": ended})
    return redirect("ops:sessions")


def _salt(request: SignedInRequest) -> str:
    return f"oqu.orders.person.{request.user.pk}"


def _found(request: SignedInRequest) -> User | None:
    """Whom the portal has shown to this colleague a while ago: no number that was typed is acted on."""
    try:
        key = signing.loads(request.POST.get("person", ""), salt=_salt(request), max_age=FOUND_FOR)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=key).first()


def _person(request: SignedInRequest, person: User, form: WhyForm, *, status: int) -> HttpResponse:
    context = {
        "form": form,
        "person": person,
        "named": signing.dumps(person.pk, salt=_salt(request)),
        "sittings": signed_in.sittings(person, now=timezone.now()),
    }
    return _shown(request, "ops/person.html", context, status=status)


@_of_ops
def orders(request: SignedInRequest) -> HttpResponse:
    rows = Order.objects.select_related("by").order_by("-at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    told = [(order, _about(order)) for order in page]
    return render(request, "ops/orders.html", {"page": page, "told": told})


def _about(order: Order) -> str:
    """The queue, the system or the mode in words."""
    if order.kind == OrderKind.RETRY:
        return str(NAMES[order.about])
    if order.kind == OrderKind.ROOM:
        return str(dict(RoomForm.MODES)[Mode(order.about)])
    return str(pauses.SYSTEMS[order.about].title) if order.about else ""
