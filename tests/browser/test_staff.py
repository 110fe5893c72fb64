"""Who works where: a department appoints, looks again, and takes away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Stand, Watch
from tests.browser.walk import Person
from tests.pressing import go_on

pytestmark = pytest.mark.browser

OFFICER, PARENT = "770707399705", "780101499818"


@pytest.mark.rule("D38")
@pytest.mark.parametrize(("width", "scripts", "lang"), [("phone", False, "ru"), ("desk", True, "kk")])
def test_department_appoints_and_takes_away(
    stand: Stand,
    watch: Watch,
    open_context: Callable[..., BrowserContext],
    width: str,
    scripts: bool,
    lang: str,
) -> None:
    context = open_context(javascript=scripts, width=width)
    officer = Person(OFFICER, context, stand, watch, name=f"staff-{lang}", scripts=scripts, lang=lang)
    page = officer.page
    officer.sign_in(path="/staff/")
    officer.look("schools")
    go_on(page.locator("main table a").first)
    officer.look("people")
    rows = page.locator("section[aria-labelledby=now-in] tbody tr")
    before = rows.count()
    go_on(page.locator("main form .actions button.button"))
    officer.look("people-errors")
    page.locator("input[name=iin]").fill(PARENT)
    page.locator("input[value=EXECUTOR]").check()
    go_on(page.locator("main form .actions button.button"))
    officer.look("people-appointed")
    expect(rows).to_have_count(before + 1)

    go_on(rows.last.locator("a"))
    officer.look("end")
    go_on(page.locator("main form .button--danger"))

    officer.look("people-ended")
    expect(page.locator("main details.disclosure")).to_have_count(1)
