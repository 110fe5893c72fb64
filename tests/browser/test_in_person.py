"""A parent comes to the school with paper; the executor registers it; the department sees the numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Stand, Watch
from tests.browser.phone import until
from tests.browser.walk import EXECUTOR, Person, photo, send
from tests.pressing import go_on

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
SANZHAR, GULNAR, ELENA, OFFICER = "Әлиев Санжар", "Төлегенова Гүлнар", "Ким Елена", "770707399705"


def find(stand: Stand, name: str) -> dict[str, Any]:
    """Somebody of the sandbox's people by name."""
    people = requests.get(f"{stand.sandbox}/control/state", timeout=20).json()["people"]
    return next(one for one in people if f"{one['surname']} {one['name']}" == name)


def onward(person: Person) -> None:
    go_on(person.page.locator("main form .actions button.button").first)


def start(person: Person, applicant: dict[str, Any], *, child: int = 0) -> None:
    """The two numbers of the paper, the language, the written consent."""
    page = person.page
    page.locator("input[name=applicant_iin]").fill(applicant["iin"])
    page.locator("input[name=child_iin]").fill(applicant["children"][child]["iin"])
    page.locator("input[name=intake]").first.check()
    page.locator("input[name=why]").first.check()
    page.locator("input[name=consent]").check()
    onward(person)


def upload(person: Person, folder: Path, *names: str) -> None:
    for name in names:
        person.page.locator(f"input[name={name}]").set_input_files(photo(folder))
        if person.scripts:
            card = person.page.locator(f"[data-oqu-card='{name.replace('_', '-')}']")
            send(card)
            expect(card.locator(".tag--green")).to_be_visible()


@pytest.mark.rule("R129", "R130", "R201", "D15", "R121")
@pytest.mark.parametrize(
    ("name", "width", "scripts", "lang"),
    [(SANZHAR, "phone", True, "kk"), (GULNAR, "desk", False, "ru")],
    ids=["script", "plain"],
)
def test_school_registers_a_paper_application(
    stand: Stand,
    watch: Watch,
    open_context: Open,
    tmp_path: Path,
    name: str,
    width: str,
    scripts: bool,
    lang: str,
) -> None:
    applicant, too_young = find(stand, name), find(stand, ELENA)
    context = open_context(javascript=scripts, width=width)
    executor = Person(EXECUTOR, context, stand, watch, name=f"desk-{lang}", scripts=scripts, lang=lang)
    page = executor.page
    executor.sign_in(path="/school/")
    executor.look("queue")
    go_on(page.locator("main a[href='/school/in-person/']"))
    executor.look("start")
    onward(executor)
    executor.look("start-errors")
    start(executor, too_young)
    executor.look("too-young")
    executor.go("/school/in-person/")

    start(executor, applicant)
    assert applicant["iin"] not in page.url
    executor.look("details")
    if page.locator("input[name=applicant_phone]").count():
        page.locator("input[name=applicant_phone]").fill(applicant["sim"])
    special = name == GULNAR
    if special:
        page.locator("input[name=special_needs]").check()
    onward(executor)
    executor.look("transport")
    onward(executor)
    executor.look("documents")
    unready = page.locator("main form.stack > .actions button:not([name=later])")
    go_on(unready, force=True)  # pressable, though it says disabled
    executor.look("documents-errors")
    upload(executor, tmp_path, "scan", "photo", "f065", "f052_2")
    if special:
        page.locator("input[name=valid_until]").fill("31.05.2029")
        upload(executor, tmp_path, "pmpc")
    page.locator("input[name=data_correct]").check()
    go_on(page.locator("main form.stack > .actions button:not([name=later])"))
    executor.look("review")
    onward(executor)
    expect(page.locator(".notice--success h1")).to_be_visible()
    number = page.locator("main strong.nowrap").inner_text().replace("№", "").strip()

    def paper() -> bool:
        page.reload()
        return page.locator("main a[href$='/paper/receipt/']").count() > 0

    until(paper, "the receipt")
    executor.look("done")
    with page.expect_download() as download:
        page.locator("main a[href$='/paper/receipt/']").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    phone = Person(applicant["iin"], context, stand, watch, name="applicant")
    assert number in phone.sms(f"OQU.*{number}")

    executor.go("/school/?view=all")
    go_on(page.get_by_role("link", name=number))
    executor.look("application")
    officer = Person(
        OFFICER, open_context(javascript=scripts, width=width), stand, watch,
        name=f"department-{lang}", scripts=scripts, lang=lang,
    )  # fmt: skip
    officer.sign_in(path="/login/")
    expect(officer.page.locator("main table#schools")).to_contain_text("№63")
    officer.look("schools")
