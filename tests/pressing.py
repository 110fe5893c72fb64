"""Pressing buttons and links in a real browser, and what is measured of the page that has come."""

from playwright.sync_api import Locator, Page


def go_on(locator: Locator, *, force: bool = False) -> None:
    """Press what leads to another page, and wait for it: a click alone returns before it has come."""
    with locator.page.expect_navigation():
        locator.click(force=force)


def sideways(page: Page) -> int:
    """Pixels by which the page scrolls sideways. A page that moves by itself has no document for a moment."""
    found = page.wait_for_function(
        """() => document.readyState === "complete"
            && {wide: document.documentElement.scrollWidth - document.documentElement.clientWidth}"""
    )
    return int(found.json_value()["wide"])
