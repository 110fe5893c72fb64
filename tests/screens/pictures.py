"""`./run pictures`: every page in windows of several widths, with usual and with large letters,
and what axe says of it in each of them."""

import os
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from tests.looking import faults
from tests.screens.measuring import LARGE_LETTERS, LETTERS, Letters, Sheet, browser_window
from tests.screens.rendering import Screen

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.BASE_DIR) / "var" / "pictures"
WIDTHS = (320, 360, 720, 900, 1280)
LOW, USUAL = 400, 900  # px: less than any page, and a window's
HEAD = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Pictures of every page</title>
<style>img { width: 11rem; vertical-align: top; border: 1px solid } h2 { font: 1rem sans-serif }</style>"""

PICTURE = '<a href="{0}"><img src="{0}" alt="" loading="lazy"></a>'


def test_pictures_are_made(screens: list[Screen]) -> None:
    """No rule is proven here; `pytest` is what brings the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    words = os.environ.get("PICTURES_OF", "").split()
    wanted = [screen for screen in screens if all(word in screen.name for word in words)]
    assert wanted, "no page has such a name"
    index = [HEAD]
    wrong: dict[str, list[str]] = {}
    with browser_window() as context:
        sheet = Sheet(context)
        page, letters = sheet.page, Letters(sheet.page)
        for screen in wanted:
            sheet.write(screen)
            index.append(f"<h2>{escape(screen.name)}</h2>")
            index += [PICTURE.format(name) for name in taken(page, letters, screen)]
            wrong |= {f"{screen.name} {width}": found for width, found in objected(page, letters)}
    (FOLDER / "index.html").write_text("\n".join(index))
    print(f"\n{len(wanted)} pages: {FOLDER / 'index.html'}")
    assert wrong == {}


def taken(page: Page, letters: Letters, screen: Screen) -> Iterator[str]:
    """The names of the pictures of the page that is open. Chromium forgets the letters when its window grows
    for a picture of the whole page: it is as high as the page before."""
    for size in (LETTERS, LARGE_LETTERS):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": LOW})
            letters.set(size)
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": height})
            letters.set(size)
            name = re.sub(r"\W+", "-", f"{screen.name} {width} {size}") + ".jpg"
            page.screenshot(path=FOLDER / name, type="jpeg", quality=70)
            yield name


def objected(page: Page, letters: Letters) -> Iterator[tuple[int, list[str]]]:
    """By the width at which it is seen first."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": USUAL})
        letters.set(LETTERS)
        if found := faults(page):
            yield width, found
