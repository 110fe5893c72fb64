"""«Алдын ала тексеру» in a real Chromium, with and without scripts: answers in place, Back, no cookie."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stand, Watch

pytestmark = pytest.mark.browser
ASTANA, SKO = "710000000", "590000000"


def press(page: Page, section: str, name: str) -> None:
    page.locator(f"#{section}").get_by_role("button", name=name).last.click()


def answer(page: Page, section: str, sentence: str) -> None:
    """The answer stands in its section, and the person sees it without scrolling."""
    told = page.locator(f"#{section}").get_by_text(sentence).first
    expect(told).to_be_in_viewport()


def choose(page: Page, level: str, code: str, *, javascript: bool) -> None:
    page.locator(f"#id_{level}").select_option(code)
    if not javascript:
        press(page, "address", "Тізімді жаңарту")


@pytest.mark.parametrize("javascript", [True, False])
def test_parent_checks_everything_without_signing_in(
    stand: Stand, open_context: Any, watch: Watch, javascript: bool
) -> None:
    context = open_context(javascript=javascript)
    page: Page = context.new_page()
    name = f"before-{'script' if javascript else 'plain'}"
    page.goto(f"{stand.url}/")
    page.get_by_role("link", name="Кірмей, алдын ала тексеру").first.click()

    press(page, "address", "Мектебін көру")
    answer(page, "address", "Облысты немесе қаланы таңдаңыз.")
    expect(page).to_have_title("Қате: Алдын ала тексеру · OQU")
    watch.look(page, f"{name}-errors", scripts=javascript)

    page.locator("#id_birth_date").fill("01.01.2026")
    press(page, "age", "Жасын тексеру")
    answer(page, "age", "Баланың жасы әзірге сәйкес келмейді")
    expect(page).to_have_title("Алдын ала тексеру · OQU")

    page.locator("#id_where").select_option(ASTANA)
    press(page, "opening", "Мерзімін көру")
    answer(page, "opening", "Астана қаласы")

    choose(page, "region", SKO, javascript=javascript)
    page.locator("#id_district").wait_for()
    choose(page, "region", ASTANA, javascript=javascript)
    expect(page.locator("#id_district")).to_have_count(0)
    page.locator("#id_street").fill("пр. Кабанбай батыра")
    page.locator("#id_house").fill("10")
    press(page, "address", "Мектебін көру")
    answer(page, "address", "Мекенжайға бірнеше мектеп бекітілген")
    watch.look(page, f"{name}-answers", scripts=javascript)

    assert page.url.split("#")[0] == f"{stand.url}/before/"
    assert context.cookies() == []


def test_back_leads_out_of_the_answers(stand: Stand, open_context: Any) -> None:
    page: Page = open_context().new_page()
    page.goto(f"{stand.url}/service/")
    page.goto(f"{stand.url}/before/")
    for _ in range(2):
        page.locator("#id_birth_date").fill("01.01.2020")
        press(page, "age", "Жасын тексеру")
        answer(page, "age", "Иә, баланың жасы сәйкес келеді")

    page.go_back()

    assert page.url == f"{stand.url}/service/"


def test_back_and_reload_without_script(stand: Stand, open_context: Any) -> None:
    page: Page = open_context(javascript=False).new_page()
    page.goto(f"{stand.url}/before/")
    page.locator("#id_birth_date").fill("01.01.2020")
    press(page, "age", "Жасын тексеру")

    answer(page, "age", "Иә, баланың жасы сәйкес келеді")
    page.reload()
    expect(page.get_by_text("Иә, баланың жасы сәйкес келеді")).to_be_visible()
    page.go_back()

    expect(page.get_by_role("heading", level=1, name="Алдын ала тексеру")).to_be_visible()
    expect(page.get_by_text("Иә, баланың жасы сәйкес келеді")).to_have_count(0)


def test_text_typed_while_a_list_is_on_its_way_is_kept(stand: Stand, open_context: Any) -> None:
    page: Page = open_context().new_page()
    page.goto(f"{stand.url}/before/")
    held: list[Any] = []
    page.route("**/before/", lambda route: held.append(route))

    with page.expect_request("**/before/"):
        page.locator("#id_region").select_option(SKO)
    page.locator("#id_street").fill("Мектеп")
    held[0].continue_()
    page.locator("#id_district").wait_for()

    expect(page.locator("#id_street")).to_have_value("Мектеп")


def test_language_keeps_what_was_typed(stand: Stand, open_context: Any) -> None:
    page: Page = open_context(width="desk").new_page()
    page.goto(f"{stand.url}/before/")
    page.locator("#id_birth_date").fill("05.03.2020")
    page.locator("#id_region").select_option(SKO)
    page.locator("#id_district").wait_for()
    page.locator("#id_street").fill("Мектеп")

    page.get_by_role("button", name="Русский").click()
    page.get_by_role("heading", level=1, name="Предварительная проверка").wait_for()

    expect(page.locator("#id_birth_date")).to_have_value("05.03.2020")
    expect(page.locator("#id_region")).to_have_value(SKO)
    expect(page.locator("#id_street")).to_have_value("Мектеп")


@pytest.mark.parametrize("javascript", [True, False])
def test_another_school_is_found_and_shows_its_seats(
    stand: Stand, open_context: Any, watch: Watch, javascript: bool
) -> None:
    page: Page = open_context(javascript=javascript).new_page()
    page.goto(f"{stand.url}/before/")
    page.locator("#id_q").fill("каракога")
    press(page, "outside", "Іздеу")

    page.get_by_role("link", name="«Қарақоға орта мектебі» КММ").click()

    expect(page.get_by_role("heading", name="«Қарақоға орта мектебі» КММ")).to_be_in_viewport()
    expect(page.get_by_text("Шағын ауданнан тыс:").first).to_be_visible()
    watch.look(page, f"before-school-{'script' if javascript else 'plain'}", scripts=javascript)
