"""How a page stands in windows of many widths: it is written once, into a frame whose width then changes."""

import math
import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Route, sync_playwright

from tests.chromium import CHROMIUM
from tests.screens.rendering import Screen

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent.parent / "static"
ORIGIN = "http://screens.test"
FRAME = """<!DOCTYPE html><title>frame</title>
<style>body { margin: 0 } iframe { border: 0; height: 800px }</style><iframe></iframe>"""
# Going to an address costs a browser more than the page found there, and scripts that look at the page
# would have to be read anew; in a document that is written over, they stay.
WRITE = """async ([html, framed]) => {
    const page = framed ? frame.contentDocument : document;
    page.open();
    page.write(html);
    page.close();
    await Promise.all([...page.images].map(one => one.decode().catch(() => null)));
}"""
MEASURE = "([phone, widths]) => [...too_small(phone), ...sideways(widths)]"
NARROWEST, WIDEST = 320, 1920  # px
# Twice the letters are asked of the browser, as people ask it, and the `em` of media queries grows with them;
# of a `font-size: 200%` of the page's own the queries would not know.
LETTERS, LARGE_LETTERS = 16, 32
LIMIT = re.compile(r"\((min|max)-width: ([\d.]+)rem\)")
PHONE = 360


def widths(html: str, letters: int) -> list[int]:
    """The narrowest window of each way in which the page is laid out: between two limits of its media queries
    it only gets more room."""
    steps = {
        math.ceil(float(limit) * letters) if side == "min" else math.floor(float(limit) * letters) + 1
        for side, limit in LIMIT.findall(html)
    }
    return sorted({NARROWEST} | {step for step in steps if NARROWEST < step <= WIDEST})


@contextmanager
def browser_window(**options: object) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_context(**options)  # type: ignore[arg-type]  # Playwright's own options
        browser.close()


def self_contained(html: str) -> str:
    """The page with its styles in it and without its scripts: a browser asks for nothing but pictures."""
    html = re.sub(r"<script\b.*?</script>", "", html, flags=re.DOTALL)
    return re.sub(r'<link rel="stylesheet" href="/static/([^"]+)">', _style, html)


def _style(link: re.Match[str]) -> str:
    return f"<style>{(STATIC / link[1]).read_text()}</style>"


class Sheet:
    """A page of a browser into which one screen after another is written. There is no server: static files it
    is given from their folder."""

    framed = False

    def __init__(self, context: BrowserContext) -> None:
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()
        self.page.goto(f"{ORIGIN}/")

    def write(self, screen: Screen) -> None:
        self.page.evaluate(WRITE, [self_contained(screen.html), self.framed])

    def _answer(self, route: Route) -> None:
        path = re.sub("[?#].*", "", route.request.url.removeprefix(ORIGIN))
        file = STATIC / path.removeprefix("/static/")
        if path == "/":
            route.fulfill(body=FRAME, content_type="text/html; charset=utf-8")
        elif path.startswith("/static/") and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
        else:
            route.abort()


class Frame(Sheet):
    """Into a frame of the page, which may be wider than the window."""

    framed = True

    def __init__(self, context: BrowserContext) -> None:
        super().__init__(context)
        self.letters = Letters(self.page)
        self.page.evaluate("window.frame = document.querySelector('iframe')")
        self.page.evaluate((HERE / "measure.js").read_text())

    def faults(self, screen: Screen) -> list[str]:
        """Where the page scrolls sideways, and what of it is too small for a finger. The answer to a form is
        its page with what is wrong said beside: it is measured where there is least room."""
        html = self_contained(screen.html) if screen.method == "GET" else ""
        self.letters.set(LETTERS)
        self.write(screen)
        found: list[str] = self.page.evaluate(MEASURE, [PHONE, widths(html, LETTERS)])
        self.letters.set(LARGE_LETTERS)
        size = self.page.evaluate("letters_of_page()")
        assert size == f"{LARGE_LETTERS}px", size  # or large letters are not measured at all
        return found + self.page.evaluate("widths => sideways(widths)", widths(html, LARGE_LETTERS))


class Letters:
    """As in the settings of the browser, for as long as somebody holds the session that asks for it."""

    def __init__(self, page: Page) -> None:
        self._devtools = page.context.new_cdp_session(page)

    def set(self, size: int) -> None:
        self._devtools.send("Page.setFontSizes", {"fontSizes": {"standard": size}})
