"""The whole service, from the home page to the sealed notice, as people walk it, on real parts: with scripts
by the keyboard alone, without them by a pointer."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests import keyboard, pressing
from tests.browser.conftest import Stand, Watch
from tests.browser.phone import until
from tests.browser.walk import DIRECTOR, EXECUTOR, PARENT, Person, photo, send
from tests.pressing import go_on

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]


def fill_in(person: Person, folder: Path) -> None:
    """Four steps up to the check page (R41-R47)."""
    page = person.page
    person.look("step2-way")
    expect(page.locator("input[name=route][value=LOCAL]")).to_be_checked()
    person.hand.choose(page.locator("label", has_text="№63").first)
    person.hand.choose(page.locator("input[name=language][value=kk]"))
    person.press("Келесі қадамға өту")
    if "transport" in page.url:
        person.look("step2-transport")
        person.onward()
    until(lambda: fetched(person), "the medical documents")
    person.look("step3-documents")
    person.hand.attach(page.locator("input[type=file]").first, photo(folder))
    send(page.locator("[data-oqu-card=photo]"), person.hand)
    expect(page.locator("[data-oqu-card=photo]")).to_contain_text("Жүктелді")  # else it is sent twice at once
    person.hand.choose(page.locator("input[name=data_correct]"))
    person.hand.choose(page.locator("input[name=external_data]"))
    person.hand.go_on(page.locator("main .actions").last.locator("button").first)
    person.heading("Тексеру және қол қою")
    person.look("step4-review")


def fetched(person: Person) -> bool:
    """Both papers came from the medical system; the page is reloaded as its text offers."""
    if person.page.get_by_text("Автоматты түрде жүктелді").count() >= 2:
        return True
    person.page.reload()
    return False


def sign_by_qr(person: Person, name: str) -> None:
    person.look(f"{name}-sign")
    person.choose_qr()
    person.look(f"{name}-qr")
    assert person.scan()["status"] == 200
    if not person.scripts:  # with them the page goes on by itself
        person.press("Мен қол қойдым — тексеру")


def decide(person: Person, number: str) -> None:
    person.sign_in(path="/school/")
    person.look("queue")
    person.hand.go_on(person.page.get_by_role("link", name=number))
    person.look("application")


@pytest.mark.rule(
    "R4", "R5", "R6", "R29", "R35", "R36", "R37", "R41", "R66", "R93", "R94", "R96", "R97", "R103", "R108"
)
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_parent_files_and_school_accepts(
    stand: Stand, watch: Watch, open_context: Open, tmp_path: Path, javascript: bool
) -> None:

    def person(iin: str, name: str, width: str) -> Person:
        context = open_context(javascript=javascript, width=width)
        hand = keyboard if javascript else pressing
        return Person(iin, context, stand, watch, name=name, scripts=javascript, hand=hand)

    parent = person(PARENT, "parent", "phone" if javascript else "desk")
    child = "Арман" if javascript else "Аружан"

    parent.go("/")
    parent.look("home")
    parent.go("/service/")
    parent.look("service")
    parent.sign_in(path="/applications/new/")
    if "/consent/" in parent.page.url:
        parent.give_consent()
    parent.choose_child(child)
    if javascript:
        fill_in(parent, tmp_path)
    else:
        fill_in_by_hand(parent, tmp_path)
    parent.press("Өтінімге қол қою")
    sign_by_qr(parent, "application")
    parent.heading("Өтінімге қол қойылды және таңдалған білім беру ұйымына қарауға жіберілді")
    parent.look("result")
    number = parent.page.locator("main strong.nowrap").first.inner_text().replace("№", "").strip()
    parent.sms(f"OQU.*{number}.*Тексеруде")

    executor = person(EXECUTOR, "executor", "desk" if javascript else "phone")
    decide(executor, number)
    executor.hand.choose(executor.page.locator("input[name=result][value=ACCEPT]"))
    if executor.page.locator("input[name=transport]").count():
        executor.hand.choose(executor.page.locator("input[name=transport][value=yes]"))
    executor.press("Директорға ұсыну")
    expect(executor.page.locator("main")).to_contain_text("Директордың қолы күтілуде")
    executor.look("proposed")

    director = person(DIRECTOR, "director", "desk" if javascript else "phone")
    decide(director, number)
    director.press("Шешімге қол қою")
    sign_by_qr_as_head(director)
    expect(director.page.locator("main")).to_contain_text("Қабылданды")
    director.look("decided")
    director.go("/messages/settings/")
    director.look("settings")

    parent.sms(f"OQU.*{number}.*Қабылданды")
    parent.go("/applications/")
    parent.look("cabinet")
    parent.hand.go_on(parent.page.get_by_role("link", name=number).first)
    parent.heading(number)
    check_papers(parent, tmp_path)
    parent.look("accepted")
    parent.go("/messages/")
    parent.look("messages")
    parent.go("/children/")
    parent.hand.go_on(parent.page.locator("article", has_text=child).locator("a[href$='/readers/']"))
    expect(parent.page.locator("main")).to_contain_text("Директор, ")
    parent.look("readers")
    assert "the journal holds" in stand.manage("verify_journal")  # whoever acted on the way has said so


def fill_in_by_hand(person: Person, folder: Path) -> None:
    """The child whose 052-2/у no system has: it is uploaded like the photo (R86, R87, R89)."""
    page = person.page
    page.locator("label", has_text="№63").first.click()
    page.locator("input[name=language][value=ru]").check()
    person.press("Келесі қадамға өту")
    if "transport" in page.url:
        page.locator("input[name=transport]").first.check()
        person.onward()
    until(lambda: missing(person), "the answer of the medical system")
    person.look("step3-documents")
    for one in page.locator("input[type=file]").all():
        if "F065" not in (one.get_attribute("name") or "").upper():
            one.set_input_files(photo(folder))
    page.locator("input[name=data_correct]").check()
    page.locator("input[name=external_data]").check()
    go_on(page.locator("main .actions").last.locator("button").first)
    person.heading("Тексеру және қол қою")


def missing(person: Person) -> bool:
    if person.page.get_by_text("Жүктеу қажет").count() and person.page.get_by_text("Автоматты түрде").count():
        return True
    person.page.reload()
    return False


def sign_by_qr_as_head(person: Person) -> None:
    person.choose_qr()
    person.look("qr")
    answer = person.scan(key="org")
    assert answer["status"] == 200, answer
    if not person.scripts:  # with them the page goes on by itself
        person.press("Мен қол қойдым — тексеру")


def check_papers(parent: Person, folder: Path) -> None:
    """Both sealed papers download, are whole for an independent tool, and their check page says so."""

    def ready() -> bool:
        parent.page.reload()
        return parent.page.get_by_text("дайындалуда").count() == 0

    until(ready, "the papers")
    for name in ("Өтінімді жүктеу", "Хабарламаны жүктеу"):
        with parent.page.expect_download() as download:
            parent.page.get_by_role("link", name=name).click()
        path = folder / f"{name}.pdf"
        download.value.save_as(path)
        assert path.read_bytes().startswith(b"%PDF")
        parent.go("/check/")
        parent.hand.attach(parent.page.locator("input[type=file]"), path)
        parent.hand.go_on(parent.page.locator("main button").last)
        expect(parent.page.locator("main")).to_contain_text("өзгертілмеген")
        parent.look("check")
        parent.page.go_back()
        parent.page.go_back()
    assert_sealed(path)


def assert_sealed(path: Path) -> None:
    try:
        out = subprocess.run(
            ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
        ).stdout
    except FileNotFoundError:
        return  # poppler's tools are not everywhere; pyHanko's verdict is proven in applications/tests
    assert "Total document signed" in out
