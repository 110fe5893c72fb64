"""The public pages in a real Chromium: budgets, keyboard, no script, typed answers kept."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Stand
from tests.pressing import go_on

pytestmark = pytest.mark.browser
PAGES = [
    "/", "/service/", "/schedule/", "/questions/", "/before/", "/before/school/", "/check/", "/no/such/page/",
]  # fmt: skip
TRANSFER, REQUESTS, NODES = 45 * 1024, 7, 600


@pytest.mark.parametrize("address", PAGES)
def test_cold_page_is_light(stand: Stand, open_context: Any, address: str) -> None:
    page: Page = open_context().new_page()
    asked: list[str] = []
    sizes: list[int] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))

    page.goto(stand.url + address, wait_until="networkidle")

    assert {url.split("/")[2] for url in asked} == {stand.url.split("/")[2]}
    assert len(asked) <= REQUESTS
    assert sum(sizes) <= TRANSFER
    assert page.evaluate("document.querySelectorAll('*').length") <= NODES


def test_menu_opens_without_script(stand: Stand, open_context: Any) -> None:
    page: Page = open_context(javascript=False).new_page()
    page.goto(stand.url)

    page.get_by_text("Мәзір", exact=True).click()

    page.get_by_role("link", name="Жиі қойылатын сұрақтар").first.click()
    page.get_by_role("heading", level=1, name="Жиі қойылатын сұрақтар").wait_for()


def test_language_changes_without_script(stand: Stand, open_context: Any) -> None:
    page: Page = open_context(javascript=False).new_page()
    page.goto(f"{stand.url}/schedule/")

    go_on(page.get_by_role("button", name="Русский"))

    assert page.url == f"{stand.url}/schedule/"
    assert page.locator("html").get_attribute("lang") == "ru"


def test_keyboard_reaches_the_content_first(stand: Stand, open_context: Any) -> None:
    page: Page = open_context(width="desk").new_page()
    page.goto(stand.url)

    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Негізгі мазмұнға өту")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.locator(":focus")).to_have_text("Онлайн қызметке тапсырыс беру")


@pytest.mark.parametrize("javascript", [True, False])
def test_button_that_needs_a_script_is_there_only_with_one(
    stand: Stand, open_context: Any, javascript: bool
) -> None:
    page: Page = open_context(javascript=javascript).new_page()

    for address in ("/service/", "/schedule/", "/questions/", "/before/", "/before/school/"):
        page.goto(stand.url + address)
        expect(page.locator("[data-oqu-print]")).to_be_visible(visible=javascript)


def test_focus_is_seen(stand: Stand, open_context: Any) -> None:
    page: Page = open_context(width="desk").new_page()
    page.goto(stand.url)

    for _ in range(12):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2


def test_address_with_a_question_opens_its_answer(stand: Stand, open_context: Any) -> None:
    page: Page = open_context().new_page()

    page.goto(f"{stand.url}/questions/#q7")

    assert page.locator("#q7").get_attribute("open") is not None


FORM = """<form method="post"><input id="phone" name="phone"><input type="checkbox" id="agreed" name="agreed">
<select id="way" name="way"><option value="1">1</option><option value="2">2</option></select>%s</form>"""
ROWS = [f'<input type="checkbox" id="{row}" name="one" value="{row}">' for row in ("first", "second")]


def with_form(route: Route) -> None:
    """A page of the portal with a form in it that has fields of every kind; rows move with the language."""
    answer = route.fetch()
    rows = ROWS[::-1] if '<html lang="ru"' in answer.text() else ROWS
    route.fulfill(response=answer, body=answer.text().replace("<h1>", FORM % "".join(rows) + "<h1>"))


def send_back(route: Route) -> None:
    """Playwright does not route what a redirect leads to: the way back becomes a page that leads on."""
    route.fetch(max_redirects=0)  # the browser's cookies are kept in common
    route.fulfill(content_type="text/html", body='<meta http-equiv="refresh" content="0;url=/schedule/">')


def test_what_was_typed_survives_a_change_of_language(stand: Stand, open_context: Any) -> None:
    """U12, where there is a script; nothing of it stays in the browser."""
    page: Page = open_context(width="desk").new_page()
    page.route("**/schedule/", with_form)
    page.route("**/language/", send_back)
    page.goto(f"{stand.url}/schedule/")
    page.locator("#phone").fill("+7 701 123 45 67")
    page.locator("#agreed").check()
    page.locator("#second").check()
    page.locator("#way").select_option("2")

    page.get_by_role("button", name="Русский").click()
    page.get_by_role("heading", name="График приёма").wait_for()

    expect(page.locator("#phone")).to_have_value("+7 701 123 45 67")
    expect(page.locator("#agreed")).to_be_checked()
    expect(page.locator("#second")).to_be_checked()
    expect(page.locator("#first")).not_to_be_checked()
    expect(page.locator("#way")).to_have_value("2")
    assert page.evaluate("sessionStorage.getItem('oqu-kept')") is None
