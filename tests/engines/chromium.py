"""Chromium by Playwright."""

from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page

from tests.pressing import go_on


class ChromiumWindow:
    def __init__(self, page: Page, *, scripts: bool) -> None:
        self.page, self.scripts = page, scripts

    @property
    def address(self) -> str:
        return self.page.url

    def open(self, address: str) -> None:
        self.page.goto(address)

    def text(self, where: str) -> str:
        try:
            return " ".join(" ".join(self._all(where).all_inner_texts()).split())
        except PlaywrightError:
            return ""

    def value(self, where: str, attribute: str) -> str:
        return self._one(where).get_attribute(attribute) or ""

    def count(self, where: str) -> int:
        return self._all(where).count()

    def fill(self, where: str, words: str) -> None:
        self._one(where).fill(words)

    def attach(self, where: str, file: Path) -> None:
        self._one(where).set_input_files(file)

    def choose(self, where: str) -> None:
        self._one(where).click()

    def press(self, where: str) -> None:
        go_on(self._one(where))

    def picture(self, file: Path) -> None:
        self.page.screenshot(path=file, full_page=True)

    def _all(self, where: str) -> Locator:
        return self.page.locator(f"xpath={where}")

    def _one(self, where: str) -> Locator:
        return self._all(where).first
