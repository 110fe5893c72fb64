"""The school's desk on a laptop, a wide screen and a phone: what stands before the eyes, and the keys."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Stand, Watch
from tests.browser.walk import Person
from tests.pressing import go_on

pytestmark = pytest.mark.browser

DIRECTOR = "800420399505"  # of №64, with decisions prepared
LAPTOP = {"width": 1366, "height": 768}
Open = Callable[..., BrowserContext]


@pytest.fixture
def director(stand: Stand, watch: Watch, open_context: Open) -> Callable[..., Person]:
    def made(*, width: str, scripts: bool = True, lang: str = "kk") -> Person:
        context = open_context(javascript=scripts, width=width)
        person = Person(
            DIRECTOR, context, stand, watch, name=f"desk64-{width}-{lang}", scripts=scripts, lang=lang
        )
        person.sign_in(path="/school/")
        return person

    return made


def end_of(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["y"] + box["height"]


def undecided(person: Person) -> None:
    """The page of the last one, that nobody has decided on."""
    person.go("/school/?view=waiting&order=due")
    go_on(person.page.locator("#rows tbody tr a").last)


def test_list_and_decision_stand_before_the_eyes_on_a_laptop(director: Callable[..., Person]) -> None:
    person = director(width="desk")
    page = person.page
    page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]  # a plain dict is what it is
    page.reload()
    person.look("list")
    assert end_of(page, "#rows tbody tr:nth-child(2)") < LAPTOP["height"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the header
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the list
    for _tab in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#rows tbody tr') !== null"):
            break
    assert page.evaluate("document.activeElement.closest('#rows tbody tr') !== null")

    undecided(person)

    person.look("beside")
    assert end_of(page, ".decide .actions .button") < LAPTOP["height"]
    expect(page.locator(".beside")).to_be_visible()


@pytest.mark.rule("D16", "D17")
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "plain"])
def test_what_does_not_apply_is_not_asked(director: Callable[..., Person], scripts: bool) -> None:
    person = director(width="phone", scripts=scripts, lang="ru")
    person.look("list")
    undecided(person)
    reason = person.page.locator("textarea[name=reason]")
    expect(reason).to_be_hidden()
    go_to = person.page.locator(".jump")
    expect(go_to).to_be_visible()

    person.page.locator("input[name=result][value=REFUSE]").check()

    expect(reason).to_be_visible()
    person.look("refusing")
    reason.fill("коротко")
    go_on(person.page.locator(".decide .actions .button"))
    expect(person.page.locator("textarea[name=reason]")).to_have_value("коротко")
    expect(person.page.locator("[data-oqu-focus]")).to_be_visible()
    person.look("refused-form")


def test_keys_are_silent_until_they_are_wanted_and_never_sign(director: Callable[..., Person]) -> None:
    person = director(width="desk")
    page = person.page
    ticked = page.locator("input[name=one]:checked")
    for key in ("j", "x"):
        page.keyboard.press(key)
    expect(ticked).to_have_count(0)
    page.locator("[data-oqu-keys] summary").click()
    page.locator("[data-oqu-keys-switch]").click()
    person.look("keys")

    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(ticked).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("jxj")
    expect(ticked).to_have_count(2)
    expect(page.locator("input[name=term]")).to_have_value("jxj")
    page.keyboard.press("Escape")

    undecided(person)
    page.keyboard.press("r")
    expect(page.locator("input[value=REFUSE]")).to_be_checked()
    expect(page.locator("select[name=reason_code]")).to_be_focused()
    page.locator("input[value=REFUSE]").focus()
    page.keyboard.press("a")
    expect(page.locator("input[value=ACCEPT]")).to_be_checked()
    expect(page.locator(".decide .actions .button")).to_be_focused()
    assert "/sign/" not in page.url


def test_search_is_posted_and_the_box_keeps_it(director: Callable[..., Person]) -> None:
    person = director(width="phone", scripts=False)
    person.page.locator("input[name=term]").fill("алиев")
    go_on(person.page.locator("form[role=search] button"))
    person.look("found")
    expect(person.page.locator("#rows tbody tr")).to_have_count(1)
    assert "алиев" not in person.page.url and "%D0" not in person.page.url

    person.page.locator("input[name=term]").fill("Ешкімжоқ")
    go_on(person.page.locator("form[role=search] button"))

    person.look("nothing-found")
    expect(person.page.locator("input[name=term]")).to_have_value("Ешкімжоқ")
    expect(person.page.locator("main [role=status]")).to_contain_text("ештеңе табылмады")
