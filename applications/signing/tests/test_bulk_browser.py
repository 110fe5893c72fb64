"""The director signs many decisions in a real browser: by QR without a script, by key with one."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from applications import lifecycle
from applications.models import Application, Signature
from applications.signing.tests.browser_cast import WIDTHS, Bench, Stage, bench_of, examine, look, worker
from applications.signing.tests.bulk_cast import REFUSAL, Desk, statuses
from applications.signing.views.egov_mobile import scan_text
from applications.signing.words import ADVICE
from applications.status import Status
from tests.pressing import go_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def now() -> datetime:
    """The machine's own: the browser drops cookies of another day."""
    return timezone.now()


@pytest.fixture
def desk(make_application: Callable[..., Application], executor: User, director: User, now: datetime) -> Desk:
    return Desk(make_application, executor, director, now)


@pytest.fixture
def rows(desk: Desk) -> list[Application]:
    """Two prepared acceptances, a prepared refusal, and one that nobody has decided on."""
    return [desk.proposed(), desk.proposed(), desk.proposed(**REFUSAL), desk.filed()]


@pytest.fixture
def bench(rows: list[Application], director: User, stage: Stage, settings: Any) -> Iterator[Bench]:
    with bench_of(director, stage=stage, settings=settings) as found, worker():
        yield found


def open_queue(context: BrowserContext, bench: Bench, view: str = "waiting") -> Page:
    page = context.new_page()
    page.goto(f"{bench.url}/school/?view={view}")
    return page


def qr_of(page: Page) -> str:
    return str(page.locator("svg[data-oqu-qr]").get_attribute("data-oqu-qr"))


@pytest.mark.rule("R94", "R108")
def test_director_signs_ticked_rows_by_qr_without_a_script(bench: Bench, rows: list[Application]) -> None:
    ready, second, refused, undecided = rows

    def work(context: BrowserContext) -> None:
        page = open_queue(context, bench)
        go_on(page.get_by_role("button", name="Таңдалғандарға қол қою"))
        expect(page.get_by_text("Бірде-бір өтінім таңдалмаған")).to_be_visible()
        page.goto(f"{bench.url}/school/")
        for application in (ready, refused, undecided):
            page.get_by_role("checkbox", name=f"№ {application.number} таңдау").check()
        go_on(page.get_by_role("button", name="Таңдалғандарға қол қою"))
        expect(page.locator("main")).to_contain_text(REFUSAL["reason"])
        go_on(page.get_by_role("button", name="Шешімдерге қол қою (3)"))
        while page.get_by_text("Құжаттар дайындалып жатыр").count():
            go_on(page.get_by_role("link", name="Дайын ба, тексеру"))
        go_on(page.get_by_role("link", name="QR-код"))
        go_on(page.get_by_role("button", name="Мен қол қойдым — тексеру"))
        expect(page.get_by_text("Қолтаңба әлі келген жоқ.")).to_be_visible()
        bench.scan(qr_of(page), key="org")
        go_on(page.get_by_role("button", name="Мен қол қойдым — тексеру"))
        page.wait_for_url("**/result/")
        expect(page.get_by_text("Қол қойылғаны: 3, барлығы: 3.")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Қол қойылғаны: 3, барлығы: 3.")).to_be_visible()

    bench.drive(work, java_script_enabled=False)

    assert statuses(ready, second, refused, undecided) == [
        Status.ACCEPTED, Status.SIGNING, Status.REFUSED, Status.ACCEPTED,
    ]  # fmt: skip
    assert Signature.objects.count() == 3


@pytest.mark.rule("R94", "R108")
def test_director_signs_the_whole_page_with_one_key(bench: Bench, rows: list[Application]) -> None:
    def work(context: BrowserContext) -> None:
        page = open_queue(context, bench)
        every = page.get_by_role("checkbox", name="Осы беттің бәрін таңдау")
        every.check()
        expect(page.get_by_role("button", name="Таңдалғандарға қол қою (4)")).to_be_visible()
        examine(page, "bulk-queue-desk")
        page.get_by_role("checkbox", name=f"№ {rows[1].number} таңдау").uncheck()
        expect(every).not_to_be_checked()
        assert every.evaluate("box => box.indeterminate")
        every.check()
        go_on(page.get_by_role("button", name="Таңдалғандарға қол қою (4)"))
        examine(page, "bulk-confirm-desk")
        go_on(page.get_by_role("button", name="Шешімдерге қол қою (4)"))
        choice = page.get_by_role("dialog", name="Қол қою тәсілін таңдаңыз")
        expect(choice).to_be_visible()
        examine(page, "bulk-choose-desk")
        go_on(choice.get_by_role("link", name="ҚР ҰКО ЭЦҚ"))
        examine(page, "bulk-eds-desk")
        page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click()
        page.wait_for_url("**/result/")
        expect(page.get_by_text("Қол қойылғаны: 4, барлығы: 4.")).to_be_visible()
        examine(page, "bulk-result-desk")

    bench.drive(work, viewport={"width": 1280, "height": 900})

    assert statuses(*rows) == [Status.ACCEPTED, Status.ACCEPTED, Status.REFUSED, Status.ACCEPTED]


def test_page_moves_by_itself_and_tells_what_was_void(
    bench: Bench, rows: list[Application], desk: Desk, now: datetime
) -> None:
    def work(context: BrowserContext) -> None:
        page = open_queue(context, bench, "signing")
        page.get_by_role("checkbox", name="Осы беттің бәрін таңдау").check()
        go_on(page.get_by_role("button", name="Таңдалғандарға қол қою (3)"))
        go_on(page.get_by_role("button", name="Шешімдерге қол қою (3)"))
        go_on(page.get_by_role("link", name="QR-код"))
        expect(page.locator("svg[data-oqu-qr]")).to_be_visible()  # the documents are drawn
        examine(page, "bulk-qr-desk")
        context.new_page().goto(f"{bench.url}/school/applications/{rows[0].public_id}/")
        other = context.pages[-1]
        other.get_by_text("Орындаушыға қайтару").click()
        other.get_by_label("Орындаушыға ескертпе").fill("Фотосурет анық емес")
        go_on(other.get_by_role("button", name="Қайтару"))
        expect(other.get_by_text("Шешім орындаушыға қайтарылды.")).to_be_visible()
        bench.sandbox.control("POST", "scan", {"iin": bench.user.iin, "qr": qr_of(page), "key": "org"})
        page.bring_to_front()
        page.wait_for_url("**/result/")
        expect(page.get_by_text("Қол қойылғаны: 2, барлығы: 3.")).to_be_visible()
        expect(page.get_by_text(str(ADVICE["RETURNED"].reason))).to_be_visible()
        examine(page, "bulk-result-void-desk")
        expect(page.get_by_role("link", name="Қалғандарына қол қою")).to_have_count(0)

    bench.drive(work, viewport={"width": 1280, "height": 900})

    assert statuses(*rows) == [Status.IN_REVIEW, Status.ACCEPTED, Status.REFUSED, Status.IN_REVIEW]


def test_older_ncalayer_signs_them_one_by_one(bench: Bench, rows: list[Application]) -> None:
    bench.sandbox.control("PUT", "ncalayer", {"iin": bench.user.iin, "kind": "org", "old": True})

    def work(context: BrowserContext) -> None:
        page = open_queue(context, bench, "signing")
        page.get_by_role("checkbox", name="Осы беттің бәрін таңдау").check()
        go_on(page.get_by_role("button", name="Таңдалғандарға қол қою (3)"))
        go_on(page.get_by_role("button", name="Шешімдерге қол қою (3)"))
        go_on(page.get_by_role("link", name="ҚР ҰКО ЭЦҚ"))
        page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click()
        page.wait_for_url("**/result/")
        expect(page.get_by_text("Қол қойылғаны: 3, барлығы: 3.")).to_be_visible()

    bench.drive(work)

    assert bench.sandbox.control("GET", "ncalayer")["signed"] == 3


def test_phone_shows_every_document_and_signs_them_all(bench: Bench, rows: list[Application]) -> None:
    def work(context: BrowserContext) -> None:
        page = open_queue(context, bench, "signing")
        page.get_by_role("checkbox", name="Осы беттің бәрін таңдау").check()
        go_on(page.get_by_role("button", name="Таңдалғандарға қол қою (3)"))
        go_on(page.get_by_role("button", name="Шешімдерге қол қою (3)"))
        go_on(page.get_by_role("link", name="QR-код"))
        phone = context.new_page()
        phone.goto(f"{bench.sandbox.url}/phone/{bench.user.iin}/scan/")
        phone.locator("[name=qr]").fill(qr_of(page))
        go_on(phone.locator("main form button").first)
        for application in rows[:3]:
            expect(phone.locator("main")).to_contain_text(str(application.number))
        look(phone, "bulk-phone")
        go_on(phone.locator("button[value=sign]"))
        expect(phone.get_by_text("Портал қабылдады.")).to_be_visible()

    bench.drive(work)

    assert statuses(*rows[:3]) == [Status.ACCEPTED, Status.ACCEPTED, Status.REFUSED]


def numbers_stand_in_one_line(page: Page) -> None:
    numbers = page.locator("td a", has_text=re.compile(r"^\d{4}-\d{6}$"))
    assert set(numbers.evaluate_all("links => links.map((one) => one.getClientRects().length)")) == {1}


def test_pages_fit_the_screen(bench: Bench, rows: list[Application], desk: Desk, now: datetime) -> None:
    desk.filed(transport=True)
    desk.client.force_login(desk.director)
    batch = desk.invite(*rows)
    lifecycle.return_to_executor(rows[0], by=desk.director, reason="Фото", now=now)

    def before(page: Page, name: str) -> None:
        page.goto(f"{bench.url}/school/?view=waiting")
        examine(page, f"bulk-queue-{name}")
        numbers_stand_in_one_line(page)
        page.goto(f"{bench.url}/school/sign/?batch={batch.token}")
        assert "/school/sign/" in page.url
        examine(page, f"bulk-confirm-{name}")
        numbers_stand_in_one_line(page)
        for way in ("qr", "eds"):
            page.goto(f"{bench.url}/sign/{batch.token}/?way={way}")
            page.locator("details.disclosure > summary").last.click()
            examine(page, f"bulk-{way}-{name}")

    def after(page: Page, name: str) -> None:
        page.goto(f"{bench.url}/sign/{batch.token}/result/")
        examine(page, f"bulk-result-{name}")
        numbers_stand_in_one_line(page)

    def work(context: BrowserContext) -> None:
        page = context.new_page()
        each_way(page, bench, before)
        bench.scan(scan_text(batch), key="org")
        each_way(page, bench, after)

    bench.drive(work)


def each_way(page: Page, bench: Bench, do: Callable[[Page, str], None]) -> None:
    """Each width and each language once: the same pages at all of them are measured in tests/screens."""
    cookie = project.LANGUAGE_COOKIE_NAME
    for width, lang in (("phone", "ru"), ("desk", "kk")):
        across, down = WIDTHS[width]
        page.set_viewport_size({"width": across, "height": down})
        page.context.add_cookies([{"name": cookie, "value": lang, "url": bench.url}])
        do(page, f"{width}-{lang}")
