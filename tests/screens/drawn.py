"""Pages drawn by themselves: what leads to each is long, and is proven where its rule is. An obstacle is
drawn by its own view; of the rest, whose facts are few, the template is enough."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from typing import cast as cast_to

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import RequestFactory
from django.utils import timezone, translation

from accounts import paths, session
from accounts.access import SignedInRequest
from accounts.models import User
from accounts.waiting import pages as waiting
from applications import obstacles
from applications.eligibility import Blocked, Code, age_facts
from applications.filing.views import in_person
from applications.models import Application, DocumentKind, SigningRequest
from applications.registers import Change
from applications.signing.originals import Progress
from applications.signing.reasons import Outcome
from applications.signing.words import HEADING_OF_MANY, advice_on
from egov.enrolment import Enrolment
from oqu import errors
from schools import periods
from tests.access import cast
from tests.access.cast import World

ERRORS = (
    "400", "403", "403_csrf", "404", "405", "413", "429", "500", "503", "copy", "journal", "session_ended",
    "store",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    name: str
    draw: Callable[[World, HttpRequest], HttpResponse]
    who: str = cast.OWNER


def facts(world: World, code: Code) -> dict[str, Any]:
    """What the page of the obstacle tells."""
    filed = of(world, "filed")
    school, now = filed.chosen_intake.school, timezone.now()
    school.stops_on = date(2026, 8, 1)
    window = periods.Window(periods.State.BEFORE, now, now + timedelta(days=60))
    enrolment = Enrolment("990540099902", school.name_kk, school.name_ru, 1, "А")
    told: dict[Code, dict[str, Any]] = {
        Code.ACTIVE: {"application": filed},
        Code.ENROLLED: {"enrolment": enrolment},
        Code.AGE: age_facts(date(2021, 5, 1), year=2026),
        Code.FACTS_CHANGED: {"changes": [Change("Мекенжайы", "Абай көшесі, 1", "Абай көшесі, 2")]},
        Code.NOT_ANNOUNCED: {"school": school, "state": window},
        Code.NOT_OPEN: {"school": school, "state": window},
        Code.CLOSED: {"school": school, "state": window},
        Code.SCHOOL_STOPPED: {"school": school},
        Code.NOT_LOCAL: {"school": school},
        Code.OUTSIDE_FULL: {"intake": filed.chosen_intake},
        Code.SCHOOL_FULL: {"intake": filed.chosen_intake},
        Code.DOCUMENTS: {"missing": [DocumentKind.PHOTO, DocumentKind.F065]},
        Code.PMPC_EXPIRED: {"valid_until": date(2026, 5, 1)},
    }
    return told.get(code, {})


def of(world: World, ids: str) -> Application:
    return Application.objects.with_facts().get(public_id=world.ids[ids][0])


def obstacle(code: Code) -> Callable[[World, HttpRequest], HttpResponse]:
    return lambda world, request: obstacles.explain(
        request, of(world, "draft"), Blocked(code, facts(world, code))
    )


def at_school(code: Code) -> Callable[[World, HttpRequest], HttpResponse]:
    def draw(world: World, request: HttpRequest) -> HttpResponse:
        return in_person.explain(cast_to(SignedInRequest, request), None, Blocked(code, facts(world, code)))

    return draw


def error(name: str) -> Callable[[World, HttpRequest], HttpResponse]:
    return lambda _world, request: errors._page(request, 500, template=f"{name}.html")


def page(template: str, **context: Any) -> Callable[[World, HttpRequest], HttpResponse]:
    return lambda _world, request: render(request, template, context | paths.carried(request))


def line(
    template: str, *, before: int | None = 41_237, wait: int | None = 95, **more: Any
) -> Callable[[World, HttpRequest], HttpResponse]:
    return lambda _world, _request: waiting.page(template, "/", before=before, wait=wait, **more)


def sign_in_again(_world: World, request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/login.html", {"next": "/", "has_values": True} | session.in_words())


def of_an_application(template: str, **more: Any) -> Callable[[World, HttpRequest], HttpResponse]:
    def draw(world: World, request: HttpRequest) -> HttpResponse:
        application = of(world, "draft")
        context = {"application": application, "child": application.child} | paths.carried(request)
        return render(request, template, context | more)

    return draw


def signing(template: str, **more: Any) -> Callable[[World, HttpRequest], HttpResponse]:
    """Of several decisions: while they are drawn, and what has become of them."""

    def draw(world: World, request: HttpRequest) -> HttpResponse:
        one = SigningRequest.objects.get(batch__token=world.ids["director's batch"][0])
        rows = [(one, None), (one, advice_on(one, past=Outcome.DECIDED))]
        context = {"batch": one.batch, "signing_requests": [one, one], "rows": rows, "origin": "/"}
        return render(request, template, context | {"heading": HEADING_OF_MANY} | more)

    return draw


DRAWN = [
    Drawn("sign-in after a session has ended", sign_in_again, cast.ANONYMOUS),
    Drawn("consent not asked for", of_an_application("accounts/renew_failed.html", problem="no_phone")),
    Drawn("file spoiled", of_an_application("spoiled.html")),
    Drawn(
        "decisions are drawn",
        signing("signing/drawing.html", drawing=Progress(3, 10, silent=True)),
        cast.DIRECTOR,
    ),
    Drawn(
        "decisions signed",
        signing("signing/result.html", signed=1, total=2, is_open=True, again="/"),
        cast.DIRECTOR,
    ),
    *(Drawn(f"obstacle {code}", obstacle(code)) for code in Code),
    Drawn("obstacle ACTIVE of another", obstacle(Code.ACTIVE), cast.STRANGER),
    Drawn("obstacle ENROLLED at school", at_school(Code.ENROLLED), cast.EXECUTOR),
    *(Drawn(f"error {name}", error(name), cast.ANONYMOUS) for name in ERRORS),
    Drawn("waiting at the door", line(waiting.DOOR, refused=True), cast.ANONYMOUS),
    Drawn("many of one network", line(waiting.FULL, before=None, wait=None, seconds=30), cast.ANONYMOUS),
    Drawn("waiting inside", line(waiting.INSIDE)),
    Drawn("register of births silent", page("accounts/register_silent.html", here="/")),
]


def drawn(world: World, languages: tuple[str, ...]) -> Iterator[tuple[Drawn, str, str]]:
    """Each with its language and its HTML; a page of an error speaks both in one."""
    for one in DRAWN:
        for lang in languages[:1] if one.name.startswith("error ") else languages:
            with translation.override(lang):
                yield one, lang, one.draw(world, _request(world, one.who)).content.decode()


def _request(world: World, who: str) -> HttpRequest:
    """As the middleware hands it on."""
    request = RequestFactory().get("/")
    client = world.clients[who]
    key = client.session.get("_auth_user_id") if who != cast.ANONYMOUS else None
    request.user = User.objects.get(pk=key) if key else AnonymousUser()
    request.session = client.session
    request.LANGUAGE_CODE = translation.get_language()
    request.__dict__["_messages"] = FallbackStorage(request)
    return request
