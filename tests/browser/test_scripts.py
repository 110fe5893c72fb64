"""Scripts on pages that lack what they look for: they step aside and break nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
ONE_TICK = """<form data-oqu-upload-form><input type="checkbox" name="data_correct">
<button data-oqu-ticks>Next</button></form>"""
LISTS = """<form data-oqu-cascade><select id="id_region"><option>1<option>2</select>
<div data-oqu-refresh><button type="button">Refresh</button></div></form>
<input type="checkbox" id="other"><div data-oqu-when="other">Fields</div>"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of no address: its storage is off, as a browser's settings may have it."""
    page = chromium.new_page()
    yield page
    page.close()


def run(page: Page, script: str, *, on: str) -> list[str]:
    """Its uncaught errors, to be read when it has done its work: a module runs some time later."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(on)
    page.add_script_tag(path=SCRIPTS / script, type="module")
    return errors


def test_upload_watches_the_one_tick_of_a_paper_application(page: Page) -> None:
    errors = run(page, "upload.js", on=ONE_TICK)
    button = page.locator("[data-oqu-ticks]")
    expect(button).to_have_attribute("aria-disabled", "true")

    page.locator("input").check()

    expect(button).to_have_attribute("aria-disabled", "false")
    assert errors == []


def test_lists_do_without_storage(page: Page) -> None:
    errors = run(page, "cascade.js", on=LISTS)

    expect(page.locator("[data-oqu-when]")).to_be_hidden()
    assert errors == []
