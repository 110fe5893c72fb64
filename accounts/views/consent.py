"""The consent pages: ask 1414, wait for the answer 511, and what to do with every other answer (R37-R40)."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import consents, freshness, paths, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import Consent, ConsentStatus, User
from accounts.views.login import landing
from egov.errors import Misconfigured, Refused, Unavailable

LOOKS = 120  # a minute and a person: some windows that look by themselves
ASKS = 10
FOLLOWED = "children_follow"  # in the session: the children's consents are pressed for with one's own (D70)
ASK_AGAIN_SECONDS = 5  # the waiting page looks by itself so often…
ASK_AGAIN_IN_TROUBLE_SECONDS = 15  # …and less when 1414 keeps silent
PROBLEMS = {
    "unavailable": 503,
    "refused": 503,
    "ours": 503,
    "no_phone": 409,
}  # what asking can end with: HTTP status


@dataclass(frozen=True)
class Standing:
    """Where a consent stands, as its page shows it."""

    consent: Consent | None
    state: str  # a ConsentStatus, or "" when it was never asked for
    silent: bool  # 1414 did not tell
    wait_seconds: int  # until another SMS may be asked for
    ask_from: datetime

    @property
    def granted(self) -> bool:
        return self.state == ConsentStatus.GRANTED

    @property
    def unsure(self) -> bool:
        """The request went out and 1414 did not say that it took it."""
        return consents.is_unsure(self.consent)

    @property
    def wait_is_long(self) -> bool:
        """Better told by the clock than in seconds."""
        return self.wait_seconds > consents.RESEND_AFTER.total_seconds()

    @property
    def refresh_seconds(self) -> int:
        if self.state != ConsentStatus.PENDING:
            return 0
        return ASK_AGAIN_IN_TROUBLE_SECONDS if self.silent else ASK_AGAIN_SECONDS


def look(user: User, *, subject: str, now: datetime) -> Standing:
    """Ask 1414 about what is open and say where the consent stands."""
    silent = False
    try:
        consent = consents.check(user, subject=subject, now=now)
    except Unavailable:
        silent, consent = True, consents.current(user, subject=subject, now=now)
    since = consents.may_ask_at(user, subject=subject, now=now)
    wait = max(0, round((since - now).total_seconds()))
    return Standing(consent, consents.state(consent, now=now), silent, wait, since)


def may_send(request: HttpRequest) -> bool:
    """Each child has a limit of its own (consents.ASKS_PER_HOUR); this one is the person's."""
    return throttle.allowed(request, what="consent-ask", per_minute=ASKS)


def send(user: User, *, subject: str, now: datetime) -> str:
    """Ask 1414 for the SMS; the problem's name, or "" when the answer is now awaited. A second click
    within the minute is no problem: the first one's SMS is on its way."""
    try:
        consents.ask(user, subject=subject, now=now)
    except consents.TooSoon:
        return ""
    except consents.NoPhone:
        return "no_phone"
    except Refused:
        return "refused"
    except Misconfigured:
        return "ours"
    except Unavailable:
        return "unavailable"
    return ""


def lifetime_days() -> int:
    return int(settings.CONSENT_LIFETIME_SECONDS // (24 * 3600))


def show(
    request: HttpRequest, template: str, standing: Standing, *, problem: str = "", **context: object
) -> HttpResponse:
    """Draw a consent page; while the answer is awaited it looks again by itself, without a script."""
    context |= {"now": timezone.now(), "standing": standing, "state": standing.state, "problem": problem}
    context |= {"days": lifetime_days(), **paths.carried(request)}
    response = render(request, template, context, status=PROBLEMS.get(problem, 200))
    if standing.refresh_seconds and not problem:
        response.headers["Refresh"] = str(standing.refresh_seconds)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@throttle.limited("consent", per_minute=LOOKS)
def own(request: SignedInRequest) -> HttpResponse:
    """The applicant's own consent, at the first entry (R37-R39)."""
    now, wanted, problem = timezone.now(), paths.wanted(request), ""
    if request.method == "POST":
        if not may_send(request):
            return throttle.too_often(request)
        problem = send(request.user, subject="", now=now)
        if not problem:
            request.session[FOLLOWED] = _is_to_file(wanted)
            return redirect(paths.with_next(reverse("accounts:consent"), wanted))
    standing = look(request.user, subject="", now=now)
    if standing.granted:
        return _go_on(request, standing, now=now)
    context = {"children_follow": _is_to_file(wanted)}
    return show(request, "accounts/consent.html", standing, problem=problem, **context)


def _is_to_file(wanted: str) -> bool:
    """Who came for an application, or for nothing else: the page tells them that the children follow."""
    return wanted in ("", reverse("public:service"), reverse("filing:start"))


def _go_on(request: SignedInRequest, standing: Standing, *, now: datetime) -> HttpResponse:
    if standing.consent and standing.consent.answered_at == now:  # this very look learned it
        messages.success(request, _("Келісіміңіз қабылданды. Рақмет!"))
        freshness.renew_person(request.user, now=now)  # only with the consent; step 2 asks again
    return redirect(paths.wanted(request) or landing(request.user))
