"""«Кіру» → eGov → back (R29-R36). Every way it can fail has a page that says what to do next."""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login as start_session
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import access, consents, freshness, kept, outside, paths, security, session, signed_in, throttle
from accounts import login as rules
from accounts.models import User
from accounts.security import Event
from accounts.views.session import chosen_language, remember_language
from accounts.waiting import doors, lane, middleware, slips
from egov import login as gateway
from egov.errors import Misconfigured, Refused, Unavailable, Unreadable
from egov.login import Identity

SIGN_INS = 120  # a minute and an address: each begins a session, and a school may stand behind one

PROBLEMS = {
    "denied": 403,
    "stale": 400,
    "unavailable": 503,
    "ours": 503,
    "closed": 403,
    "unreadable": 409,
}  # templates/accounts/login_problem
# What eGov sends the browser back with (RFC 6749, 4.1.2.1); anybody can type it, so it is not written down.
ERRORS = {
    "access_denied": "denied",
    "unauthorized_client": "ours",
    "invalid_request": "ours",
    "invalid_scope": "ours",
    "unsupported_response_type": "ours",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle.limited("sign-in", per_minute=SIGN_INS)
def login(request: HttpRequest) -> HttpResponse:
    """On to eGov at once; only whose session has ended reads first that nothing is lost."""
    wanted = paths.wanted(request)
    if request.user.is_authenticated:
        return redirect(wanted or landing(request.user))
    if request.method != "POST" and request.get_host() != urlsplit(settings.PUBLIC_URL).netloc:
        # eGov sends people back to the public address: the sign-in must start there to find its session.
        return redirect(settings.PUBLIC_URL + paths.with_next(reverse("accounts:login"), wanted))
    now = timezone.now()
    has_values = kept.waiting(request, now=now)
    if request.method != "POST" and (has_values or session.has_ended(request)):
        lane = middleware.STAFF in request.GET
        context = {"next": wanted, "has_values": has_values, "lane": lane} | session.in_words()
        return render(request, "accounts/login.html", context)
    state = rules.begin(request.session, next_path=wanted, way=getattr(request, "way", ""), now=now)
    return redirect(
        gateway.authorize_url(state=state, redirect_uri=rules.callback_url(), lang=get_language() or "kk")
    )


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """eGov's answer. The state is spent whatever the answer is, so a repeated address does nothing."""
    try:
        begun = rules.finish(request.session, request.GET.get("state", ""), now=timezone.now())
    except rules.StaleState:
        return _failed("stale", "")
    wanted = begun.next
    if request.GET.get("error"):
        return _failed(ERRORS.get(request.GET["error"], "unavailable"), wanted)
    try:
        with outside.watching(gateway.SYSTEM, now=timezone.now()):
            identity = gateway.identify(code=request.GET.get("code", ""), redirect_uri=rules.callback_url())
    except Refused:
        return _failed("stale", wanted)
    except Misconfigured:
        return _failed("ours", wanted)
    except Unreadable:
        return _failed("unreadable", wanted)
    except Unavailable:
        return _failed("unavailable", wanted)
    return _enter(request, identity, begun)


def _enter(request: HttpRequest, identity: Identity, begun: rules.Begun) -> HttpResponse:
    wanted = begun.next
    chosen, shown, now = chosen_language(request), get_language() or "kk", timezone.now()
    try:
        user = rules.welcome(identity, chosen_lang=chosen, shown_lang=shown, now=now)
    except rules.Nameless:
        return _failed("unreadable", wanted)
    if not user.is_active:
        return _failed("closed", "")
    if not request.user.is_authenticated and not doors.may_come_in(user, begun.way):
        return middleware.back_to_line(begun.way, wanted)
    start_session(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session.begin(request, now=now)
    lane.remember(request, begun.way)
    signed_in.note(request, user, now=now)
    kept.forget_others(request)
    target = wanted or landing(user)
    if consents.valid(user, None, now):
        consents.confirm(user, now=now)
    if consents.valid(user, None, now):
        freshness.renew_person(user, now=now)
    elif not user.posts.exists():  # who signs in for work is not asked; the parent's pages ask anyone
        target = paths.with_next(reverse("accounts:consent"), target)
    response = remember_language(redirect(target), user.lang)
    if begun.way:
        slips.take(response)
    return response


def landing(user: User) -> str:
    """Where a sign-in leads when no page was asked for: to the work that waits for the person."""
    work = access.workplaces(user)
    if access.SCHOOL in work:
        return reverse("review:queue")
    if access.DEPARTMENT in work:
        return reverse("review:department")
    if access.PORTAL in work:
        return reverse("schools:staff")
    return reverse("cabinet:applications" if user.applications.exists() else "public:service")


def _failed(problem: str, wanted: str) -> HttpResponse:
    """To a page without the code and the state in its address: it may be reloaded and kept open."""
    security.happened(Event.SIGN_IN_FAILED, level=logging.WARNING, reason=problem)
    return redirect(paths.with_next(reverse("accounts:login_problem", args=[problem]), wanted))


@never_cache
@require_GET
def problem(request: HttpRequest, problem: str) -> HttpResponse:
    if problem not in PROBLEMS:
        raise Http404
    context = {"problem": problem, "next": paths.wanted(request)}
    return render(request, "accounts/login_problem.html", context, status=PROBLEMS[problem])
