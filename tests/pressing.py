"""Pressing buttons and links in a real browser."""

from playwright.sync_api import Locator


def go_on(locator: Locator, *, force: bool = False) -> None:
    """Press what leads to another page, and wait for it: a click alone returns before it has come."""
    with locator.page.expect_navigation():
        locator.click(force=force)
