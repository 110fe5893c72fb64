"""A pointer in a real browser; `tests.keyboard` is a hand that does the same by keys."""

from pathlib import Path

from playwright.sync_api import Locator


def go_on(locator: Locator, *, force: bool = False) -> None:
    """Press what leads to another page, and wait for it: a click alone returns before it has come."""
    with locator.page.expect_navigation():
        locator.click(force=force)


def choose(locator: Locator) -> None:
    """Press what leads nowhere: a tick, a radio, or a button of a script."""
    locator.click()


def attach(locator: Locator, file: Path) -> None:
    locator.set_input_files(file)
