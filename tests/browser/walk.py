"""What people do with the portal and the sandbox, in their own words; each page on the way is looked at."""

from contextlib import suppress
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests import pressing
from tests.browser.conftest import Stand, Watch
from tests.browser.phone import Phone, until

PARENT, OTHER_PARENT = "900708499904", "880120399905"
EXECUTOR, DIRECTOR = "850905499202", "750312499106"
LOOKS_AGAIN_MS = 10_000  # a waiting page looks by itself sooner


def photo(folder: Path) -> Path:
    path = folder / "photo.jpg"
    Image.new("RGB", (354, 472), (120, 160, 200)).save(path, "JPEG")
    return path


def send(card: Locator, hand: ModuleType = pressing) -> None:
    """What was chosen is looked at, and sent by its own button."""
    hand.choose(card.locator("[data-oqu-do=send]"))


class Person:
    """One person: a browser of their own, and a phone in the sandbox. With `keyboard` as the hand nothing of
    the portal is pressed by a pointer."""

    def __init__(
        self,
        iin: str,
        context: BrowserContext,
        stand: Stand,
        watch: Watch,
        *,
        name: str,
        scripts: bool = True,
        lang: str = "kk",
        hand: ModuleType = pressing,
    ) -> None:
        self.iin, self.stand, self.watch, self.name, self.scripts = iin, stand, watch, name, scripts
        self.lang, self.hand = lang, hand
        self.phone = Phone(iin, stand)
        self.page: Page = context.new_page()

    def look(self, name: str, *, moves: bool = False) -> None:
        """A page that moves by itself is looked at as a copy, which stands still."""
        mode = "" if self.scripts else "plain-"
        self.watch.look(self.page, f"{mode}{self.name}-{name}", scripts=self.scripts and not moves)

    def go(self, path: str) -> None:
        self.page.goto(self.stand.url + path)

    def press(self, name: str) -> None:
        self.hand.go_on(self.page.locator("main").get_by_role("button", name=name).first)

    def follow(self, name: str) -> None:
        self.hand.go_on(self.page.locator("main").get_by_role("link", name=name).first)

    # --- the phone ---
    def sms(self, pattern: str) -> str:
        return self.phone.sms(pattern)

    def answer_511(self) -> None:
        """To each SMS that waits. Done when the waiting page has seen it: by this press, or by looking itself
        a moment before."""
        for _ in range(max(1, self.page.locator("main dl").get_by_text("Жауап күтілуде").count())):
            self.phone.answer_511()
        waiting = self.page.url.partition("?")[0]
        check = self.page.locator("main").get_by_role("button", name="Мен жауап бердім — тексеру")

        def seen() -> bool:
            with suppress(PlaywrightError):  # the page has moved under the hand
                self.page.wait_for_load_state()
                if not check.count() or self.page.url.partition("?")[0] != waiting:
                    return True
                with self.page.expect_navigation(timeout=LOOKS_AGAIN_MS):
                    check.click(timeout=LOOKS_AGAIN_MS)
            return False

        until(seen, "the answer to 511")

    def scan(self, *, action: str = "sign", **more: str) -> dict:
        """Read the QR of the page with the phone, and sign or refuse there."""
        link = self.page.locator("a[href*='link=']").first.get_attribute("href")
        assert link
        return self.phone.scan(link, action=action, **more)

    # --- the portal ---
    def sign_in(self, *, path: str = "/login/", person: str = "") -> None:
        self.go(path)
        if urlsplit(self.page.url).netloc == urlsplit(self.stand.url).netloc:
            self.look("login")
            self.press("Кіру")
        self.page.locator(f"input[name=iin][value='{person or self.iin}']").check()
        pressing.go_on(self.page.locator(".idp__go button"))
        self.page.locator("input[name=code]").fill(self.phone.code())
        pressing.go_on(self.page.locator("input[name=code] >> xpath=ancestor::form").locator("button"))
        self.page.locator("button[value=allow]").click()
        self.page.wait_for_url(f"{self.stand.url}/**")
        self.speak(self.lang)

    def speak(self, lang: str) -> None:
        """Choose the language; the portal remembers what a person chose before."""
        if self.page.locator("html").get_attribute("lang") != lang:
            self.hand.go_on(self.page.locator(f"header button[value={lang}]"))

    def onward(self) -> None:
        """To the next page by the last button of this one; done when it has come."""
        self.hand.go_on(self.page.locator("main .actions button:not([name=later])").last)

    def give_consent(self) -> None:
        """One's own, and those of the children that follow it on the way to an application (D70)."""
        self.look("consent")
        self.press("Сұрау жіберу")
        self.look("consent-waiting", moves=True)
        self.answer_511()
        if "/consents/" in self.page.url:
            self.look("children-consents", moves=True)
            self.answer_511()

    def add_child(self, name: str) -> None:
        """By hand, from the list of children."""
        self.go("/children/add/?next=/applications/new/")
        self.look("add-child")
        self.hand.choose(self.page.locator("label", has_text=name).first)
        self.press("Сұрау жіберу")
        self.answer_511()
        self.look("child-consent")
        self.follow("Келесі")
        self.look("confirm-child")
        self.press("Қосу")

    def choose_child(self, name: str) -> None:
        self.look("start")
        self.hand.choose(self.page.locator("label", has_text=name).first)
        self.press("Келесі қадамға өту")

    def choose_qr(self) -> None:
        """Chosen already where the person has signed by QR before."""
        link = self.page.locator("a[href='?way=qr']")
        if link.count():
            self.hand.go_on(link)

    def heading(self, text: str) -> None:
        expect(self.page.locator("h1")).to_contain_text(text)
