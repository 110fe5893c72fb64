"""`./run pictures`: every page in windows of several widths, with usual and with large letters."""

import os
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from tests.screens.measuring import LARGE_LETTERS, LETTERS, Shelf, browser_window, set_letters
from tests.screens.rendering import Screen

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.BASE_DIR) / "var" / "pictures"
WIDTHS = (320, 360, 720, 900, 1280)
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
    with browser_window() as context:
        put = Shelf(context).put(wanted)
        page = context.new_page()
        for address, screen in put:
            page.goto(address)
            index.append(f"<h2>{escape(screen.name)}</h2>")
            index += [
                f'<a href="{one}"><img src="{one}" alt="" loading="lazy"></a>' for one in taken(page, screen)
            ]
    (FOLDER / "index.html").write_text("\n".join(index))
    print(f"\n{len(wanted)} pages: {FOLDER / 'index.html'}")


def taken(page: Page, screen: Screen) -> Iterator[str]:
    """The names of the pictures of the page that is open."""
    for letters in (LETTERS, LARGE_LETTERS):
        set_letters(page, letters)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            name = re.sub(r"\W+", "-", f"{screen.name} {width} {letters}") + ".jpg"
            page.screenshot(path=FOLDER / name, full_page=True, type="jpeg", quality=70)
            yield name
