"""Our page's script against every shape that NCALayer is known to answer with: what it asks, what it sends on
to the portal, and which sentence the person reads."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect

from accounts.models import User
from applications.models import Application, SigningBatch
from applications.signing.tests.browser_cast import Bench, Stage, bench_of
from applications.signing.tests.bulk_cast import Desk
from tests.ports import held_port

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GREETING = {"result": {"version": "1.4"}}
CANCELLED: dict[str, Any] = {"body": {}, "status": True}
FAILED = {
    "status": False,
    "code": "INVOCATION_ERROR",
    "message": "An invoked method threw an exception.",
    "details": 'org.json.JSONException: JSONObject["signingParams"] is not a JSONObject.',
}
NO_MODULE = {"code": "500", "message": "Module not found: kz.gov.pki.knca.basics"}
TOKENS = {"responseObject": ["AKKaztokenStore"], "code": "200"}
NO_TOKENS: dict[str, Any] = {"responseObject": [], "code": "200"}
CLOSED_WINDOW = {"code": "500", "message": "action.canceled"}
MISMATCH = {
    "code": "500",
    "message": "java.lang.IllegalArgumentException: argument type mismatch. Method: createCAdESFromBase64",
}
CLOSE = object()  # the program ends without a word


def cms(name: str) -> str:
    return f"-----BEGIN CMS-----\n{name}\n-----END CMS-----\n"


def signed(result: Any) -> dict[str, Any]:
    return {"body": {"result": result}, "status": True}


def older(name: str) -> dict[str, str]:
    return {"responseObject": cms(name), "code": "200"}


A, B, C, D = (cms(name) for name in "ABCD")
ONE: list[tuple[list[Any], Any]] = [
    ([GREETING, signed(A)], [A]),
    ([GREETING, signed([A])], [A]),  # some versions answer with a list to one document
    ([GREETING, CANCELLED], "cancelled"),
    ([GREETING, FAILED], "error"),
    ([GREETING, signed("")], "error"),
    ([GREETING, signed([5])], "error"),
    ([GREETING, "not json"], "error"),
    ([GREETING, CLOSE], "lost"),
    ([{"result": {}}], "down"),
    (["not json"], "down"),
    ([CLOSE], "down"),
    ([GREETING, NO_MODULE, TOKENS, older("A")], [A]),
    ([GREETING, {"status": False, "code": "MODULE_NOT_FOUND"}, NO_TOKENS, older("A")], [A]),
    ([GREETING, NO_MODULE, TOKENS, CLOSED_WINDOW], "cancelled"),
    ([GREETING, NO_MODULE, TOKENS, MISMATCH], "error"),
    ([GREETING, NO_MODULE, TOKENS, {"code": "500"}], "error"),
]
THREE: list[tuple[list[Any], Any]] = [
    ([GREETING, signed([A, B, C])], [A, B, C]),
    ([GREETING, signed([C, A, B])], [C, A, B]),  # the server holds each against its own document
    ([GREETING, signed([A, B])], [A, B, ""]),
    ([GREETING, signed([A, B, C, D])], [A, B, C]),
    ([GREETING, signed(A)], [A, "", ""]),
    ([GREETING, signed([])], "error"),
    ([GREETING, signed([A, None, C])], "error"),
    ([GREETING, CANCELLED], "cancelled"),
    ([GREETING, NO_MODULE, TOKENS, older("A"), older("B"), older("C")], [A, B, C]),
    ([GREETING, NO_MODULE, TOKENS, older("A"), CLOSED_WINDOW], "cancelled"),
    ([GREETING, NO_MODULE, TOKENS, older("A"), CLOSE], "lost"),
]


@dataclass
class Program:
    """Answers in this order, whatever it is asked, and remembers the questions."""

    answers: list[Any]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, socket: WebSocketRoute) -> None:
        waiting = iter(self.answers)

        def answer(question: Any = None) -> None:
            if question is not None:
                self.asked.append(json.loads(question))
            found = next(waiting)
            if found is CLOSE:
                socket.close()
            else:
                socket.send(found if isinstance(found, str) else json.dumps(found))

        socket.on_message(answer)
        answer()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def desk(make_application: Callable[..., Application], executor: User, director: User, now: datetime) -> Desk:
    found = Desk(make_application, executor, director, now)
    found.client.force_login(director)
    return found


@pytest.fixture
def bench(director: User, stage: Stage, settings: Any) -> Iterator[Bench]:
    """NCALayer's address is one where nothing of this machine answers."""
    with held_port() as silent, bench_of(director, stage=stage, settings=settings) as found:
        settings.NCALAYER_URL = f"ws://127.0.0.1:{silent}/"
        yield found


def taken(route: Route) -> None:
    route.fulfill(body="<p id='sent'>", content_type="text/html")


def press(page: Page, bench: Bench, batch: SigningBatch, program: Program) -> list[str]:
    """Open the page, press its button; what is sent to the portal, as often as it is sent."""
    sent: list[str] = []

    def take(route: Route) -> None:
        sent.append(route.request.post_data or "")
        taken(route)

    page.route("**/complete/", take)
    page.route_web_socket(settings.NCALAYER_URL, program)
    page.goto(f"{bench.url}/sign/{batch.token}/?way=eds")
    page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click()
    return sent


def check(bench: Bench, batch: SigningBatch, table: list[tuple[list[Any], Any]]) -> list[Program]:
    programs = [Program(answers) for answers, _ in table]

    def work(context: BrowserContext) -> None:
        for program, (answers, expected) in zip(programs, table, strict=True):
            page = context.new_page()
            sent = press(page, bench, batch, program)
            if isinstance(expected, str):
                expect(page.locator(f"[data-oqu-say='{expected}']"), str(answers)).to_be_visible()
                assert sent == [], answers
            else:
                page.locator("#sent").wait_for(state="attached")
                given = parse_qs(sent[0], keep_blank_values=True)["cms"]
                assert [one.replace("\r\n", "\n") for one in given] == expected, answers
            page.close()

    bench.drive(work)
    return programs


def test_one_document_in_every_mood(desk: Desk, bench: Bench) -> None:
    batch = desk.invite(desk.proposed())

    programs = check(bench, batch, ONE)

    (question,) = programs[0].asked
    assert (question["module"], question["method"]) == ("kz.gov.pki.knca.basics", "sign")
    args = question["args"]
    assert isinstance(args.pop("data"), str)
    assert args == {
        "allowedStorages": None,
        "format": "cms",
        "signingParams": {"decode": True, "encapsulate": False, "digested": False, "tsaProfile": {}},
        "signerParams": {
            "extKeyUsageOids": ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.2"],
            "iin": desk.director.iin,
            "bin": "990540099902",
            "chain": [],
        },
        "locale": "kk",
    }


def test_many_documents_in_every_mood(desk: Desk, bench: Bench) -> None:
    batch = desk.invite(*[desk.proposed() for _ in range(3)])

    programs = check(bench, batch, THREE)

    (question,) = programs[0].asked
    assert len(set(question["args"]["data"])) == 3
    one_by_one = programs[8].asked
    common = "kz.gov.pki.knca.commonUtils"
    assert one_by_one[1] == {"module": common, "method": "getActiveTokens"}
    assert [(each["module"], each["method"]) for each in one_by_one[2:]] == [
        (common, "createCAdESFromBase64")
    ] * 3
    assert [each["args"] for each in one_by_one[2:]] == [
        ["AKKaztokenStore", "SIGNATURE", data, False] for data in question["args"]["data"]
    ]


def test_program_that_does_not_run_is_named_and_the_next_press_works(desk: Desk, bench: Bench) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed())
    program = Program([GREETING, signed([A, B])])

    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(f"{bench.url}/sign/{batch.token}/?way=eds")
        page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click()
        expect(page.get_by_text("NCALayer іске қосылмаған.")).to_be_visible()
        press(page, bench, batch, program)
        page.locator("#sent").wait_for(state="attached")

    bench.drive(work)

    assert len(program.asked) == 1


def test_button_waits_for_its_script(desk: Desk, bench: Bench) -> None:
    """Pressed before, it would send no signature, and the portal would blame the browser."""
    batch = desk.invite(desk.proposed())
    program = Program([GREETING, signed([A])])

    def work(context: BrowserContext) -> None:
        page = context.new_page()
        held: list[Route] = []
        page.route("**/ncalayer*.js", lambda route: held.append(route))
        page.route("**/complete/", taken)
        page.route_web_socket(settings.NCALAYER_URL, program)
        with page.expect_request("**/ncalayer*.js"):
            page.goto(f"{bench.url}/sign/{batch.token}/?way=eds", wait_until="commit")
        button = page.get_by_role("button", name="ЭЦҚ кілтімен қол қою")
        expect(button).to_be_disabled()
        expect(page.locator("[data-oqu-loading]")).to_be_visible()
        held[0].continue_()
        button.click()
        page.locator("#sent").wait_for(state="attached")

    bench.drive(work)

    assert len(program.asked) == 1
