"""The signing pages in a real browser: the modal choice, the page that moves by itself, NCALayer's moods."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from accounts.models import Guardianship, User
from applications.models import Application, Purpose, SigningRequest, SigningState
from applications.signing import batches
from applications.signing.tests import browser_cast
from applications.signing.tests.browser_cast import WIDTHS, Stage, bench_of, examine, look
from applications.signing.views.egov_mobile import scan_text
from applications.signing.words import ADVICE
from applications.status import Status
from applications.tests.cast import complete
from schools.models import Period
from tests.ports import held_port
from tests.pressing import go_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def now() -> datetime:
    """The machine's own: the browser drops cookies of another day."""
    return timezone.now()


@dataclass
class Bench(browser_cast.Bench):
    signing_request: SigningRequest

    def address(self, way: str = "") -> str:
        page = reverse("signing:page", args=[self.signing_request.batch.token])
        return f"{self.url}{page}" + (f"?way={way}" if way else "")

    def sign_by_phone(self, **more: str) -> None:
        self.scan(scan_text(self.signing_request.batch), **more)


@pytest.fixture
def bench(
    make_application: Callable[..., Application], parent: User, now: datetime, stage: Stage, settings: Any
) -> Iterator[Bench]:
    """The parent signed in, a draft ready to sign."""
    Period.objects.update(opens=now - timedelta(days=9), closes=now + timedelta(days=9))
    draft = complete(make_application(), now=now)
    Guardianship.objects.update(answered_at=now)
    signing_request = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)
    with bench_of(parent, stage=stage, settings=settings) as found:
        yield Bench(**vars(found), signing_request=signing_request)


def is_filed(signing_request: SigningRequest) -> bool:
    return Application.objects.get(pk=signing_request.application_id).status == Status.IN_REVIEW


@pytest.mark.rule("R94")
def test_choice_is_a_modal_window(bench: Bench) -> None:
    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(bench.address())
        choice = page.get_by_role("dialog", name="Қол қою тәсілін таңдаңыз")
        expect(choice).to_be_visible()
        assert page.evaluate("document.querySelector('dialog[data-oqu-choice]').matches(':modal')")
        look(page, "choose-desk")
        page.keyboard.press("Escape")
        expect(choice).to_be_hidden()
        page.get_by_role("button", name="Қол қою тәсілін таңдау").click()
        choice.get_by_role("link", name="ҚР ҰКО ЭЦҚ").click()
        expect(page.get_by_role("button", name="ЭЦҚ кілтімен қол қою")).to_be_visible()

    bench.drive(work, viewport={"width": 1280, "height": 900})


@pytest.mark.rule("R94", "R96")
def test_page_moves_by_itself_when_the_phone_has_signed(bench: Bench) -> None:
    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(bench.address("qr"))
        text = page.get_by_role("img", name="Қол қоюға арналған QR-код").get_attribute("data-oqu-qr")
        bench.scan(str(text))
        page.wait_for_url("**/result/")
        expect(page.get_by_role("main")).to_contain_text("Өтінімге қол қойылды")

    bench.drive(work)

    assert is_filed(bench.signing_request)


@pytest.mark.rule("R94", "R96")
def test_qr_works_without_a_script(bench: Bench) -> None:
    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(bench.address())
        page.get_by_role("link", name="QR-код").click()
        page.get_by_role("button", name="Мен қол қойдым — тексеру").click()
        expect(page.get_by_text("Қолтаңба әлі келген жоқ.")).to_be_visible()
        bench.sign_by_phone()
        page.get_by_role("button", name="Мен қол қойдым — тексеру").click()
        page.wait_for_url("**/result/")

    bench.drive(work, java_script_enabled=False)


@pytest.mark.rule("R94", "R96")
def test_key_signs_through_ncalayer(bench: Bench) -> None:
    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(bench.address("eds"))
        page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click()
        page.wait_for_url("**/result/")

    bench.drive(work)

    assert is_filed(bench.signing_request)


def test_each_mood_of_ncalayer_has_a_sentence_and_a_way_on(bench: Bench) -> None:
    order = bench.sandbox.control

    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.clock.install()
        page.goto(bench.address("eds"))
        button = page.get_by_role("button", name="ЭЦҚ кілтімен қол қою")
        for mood, sentence in (
            ("cancel", "Қол қойылған жоқ: NCALayer терезесі жабылды немесе сәйкес кілт табылмады."),
            ("error", "NCALayer қол қоя алмады."),
        ):
            order("PUT", "ncalayer", {"next": mood})
            page.clock.fast_forward(1000)  # a second press within a second is taken for an accident
            button.click()
            expect(page.get_by_text(sentence)).to_be_visible()
            look(page, f"eds-{mood}-desk")
        bench.sandbox.fault("ncalayer", "drop", times=1)
        page.clock.fast_forward(1000)
        button.click()
        expect(page.get_by_text("NCALayer жауап бермей жабылып қалды.")).to_be_visible()
        order("PUT", "ncalayer", {"next": "auth"})
        page.clock.fast_forward(1000)
        button.click()
        expect(page.get_by_text(str(ADVICE["NOT_SIGNING_KEY"].reason))).to_be_visible()
        look(page, "eds-wrong-key-desk")
        go_on(page.get_by_role("button", name="Қайта қол қою"))
        page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click()
        page.wait_for_url("**/result/")

    bench.drive(work)

    assert is_filed(bench.signing_request)


def test_older_ncalayer_signs_by_its_older_module(bench: Bench) -> None:
    bench.sandbox.control("PUT", "ncalayer", {"iin": bench.signing_request.user.iin, "old": True})

    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(bench.address("eds"))
        page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click()
        page.wait_for_url("**/result/")

    bench.drive(work)


def test_ncalayer_that_does_not_run_is_named(bench: Bench, settings: Any) -> None:
    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(bench.address("eds"))
        page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click()
        expect(page.get_by_text("NCALayer іске қосылмаған.")).to_be_visible()
        look(page, "eds-down-desk")

    with held_port() as silent:
        settings.NCALAYER_URL = f"ws://127.0.0.1:{silent}/"
        bench.drive(work)

    bench.signing_request.refresh_from_db()
    assert bench.signing_request.state == SigningState.OPEN


@pytest.mark.rule("D45")
@pytest.mark.parametrize(("lang", "width"), [("kk", "phone"), ("ru", "desk")])
def test_page_says_that_a_phone_has_read_the_qr(bench: Bench, settings: Any, lang: str, width: str) -> None:
    """By itself with a script, and whenever the page is loaded; then a new QR ends the old one."""
    settings.EGOV_MOBILE_AUTH = "Eds"

    def work(context: BrowserContext) -> None:
        page = context.new_page()
        page.goto(bench.address("qr"))
        notice = page.locator("[data-oqu-opened]")
        expect(page.locator("[data-oqu-qr]")).to_be_visible()
        expect(notice).to_be_hidden()
        bench.sign_by_phone(action="open")
        expect(notice).to_be_visible()
        expect(page.locator("[data-oqu-proven-at]")).to_have_text(re.compile("^[0-9]{2}:[0-9]{2}$"))
        expect(page.locator("[data-oqu-elsewhere]")).to_be_hidden()
        examine(page, f"opened-{width}-{lang}")
        page.reload()
        expect(notice).to_be_visible()
        page.get_by_role("button", name={"kk": "Жаңа QR", "ru": "Новый QR"}[lang]).click()
        expect(page.locator("[data-oqu-qr]")).to_be_visible()
        expect(notice).to_be_hidden()
        assert bench.signing_request.batch.token not in page.url

    size = WIDTHS[width]
    bench.drive(work, lang=lang, viewport={"width": size[0], "height": size[1]})

    bench.signing_request.refresh_from_db()
    assert bench.signing_request.error == "RENEWED"


@pytest.mark.parametrize("lang", ["kk", "ru"])
@pytest.mark.parametrize("width", ["phone", "desk"])
def test_pages_fit_the_screen(bench: Bench, lang: str, width: str) -> None:
    def work(context: BrowserContext) -> None:
        page = context.new_page()
        for way in ("", "qr", "eds"):
            page.goto(bench.address(way))
            look(page, f"{way or 'choose'}-{width}-{lang}")
        bench.sign_by_phone(action="refuse")
        page.goto(bench.address("qr"))
        look(page, f"over-{width}-{lang}")

    size = WIDTHS[width]
    mobile = {"user_agent": "Mozilla/5.0 (Linux; Android 14) Mobile"} if width == "phone" else {}
    bench.drive(work, lang=lang, viewport={"width": size[0], "height": size[1]}, **mobile)
