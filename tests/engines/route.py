"""The main route: a parent files, the executor proposes, the director signs, the parent reads the answer.
Written once, and walked by every engine."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.conftest import Stand
from tests.browser.phone import Phone, until
from tests.engines.window import Window, button, choice, link

SIGNED = "Өтінімге қол қойылды және таңдалған білім беру ұйымына қарауға жіберілді"
NEXT, CHECK = "Келесі қадамға өту", "Мен қол қойдым — тексеру"
ANSWERED, WAITS = "Мен жауап бердім — тексеру", "Жауап күтілуде"


Look = Callable[[Window], None]


class Walker:
    """One person with a window and a phone."""

    def __init__(self, window: Window, stand: Stand, iin: str, *, at_each: Look | None = None) -> None:
        self.window, self.stand, self.phone = window, stand, Phone(iin, stand)
        self.at_each = at_each

    def open(self, path: str) -> None:
        self.window.open(self.stand.url + path)
        self.look()

    def press(self, where: str) -> None:
        self.window.press(where)
        self.look()

    def look(self) -> None:
        """At the page that has come, whoever wants to."""
        if self.at_each:
            self.at_each(self.window)

    def heading(self, words: str) -> None:
        """A script may have pressed for the person: then the page is on its way."""
        until(lambda: words in self.window.text("//h1"), f"the page «{words}»")

    def sign_in(self, path: str) -> None:
        self.open(path)
        if self.on_the_portal():
            self.press(button("Кіру"))
        self.window.choose(f"//input[@name='iin'][@value='{self.phone.iin}']")
        self.window.press("//*[contains(@class, 'idp__go')]//button")
        self.window.fill("//input[@name='code']", self.phone.code())
        self.window.press("//form[.//input[@name='code']]//button")
        self.press("//button[@value='allow']")
        assert self.on_the_portal(), self.window.address
        if self.window.value("//html", "lang") != "kk":
            self.press("//header//button[@value='kk']")

    def on_the_portal(self) -> bool:
        return urlsplit(self.window.address).netloc == urlsplit(self.stand.url).netloc

    def consent(self) -> None:
        """One's own, and those of the children that follow it; the page also looks again by itself."""
        self.press(button("Сұрау жіберу"))
        until(self._answered, "the answers to 511")

    def _answered(self) -> bool:
        if "/consent" not in self.window.address:
            return True
        for _ in range(max(1, self.window.text("//main//dl").count(WAITS))):
            self.phone.answer_511()
        self.window.open(self.window.address)
        return False


def file(parent: Walker, child: str, photo: Path) -> str:
    """Four steps and a signature by QR; the number of the application."""
    window = parent.window
    parent.open("/")
    parent.open("/service/")
    parent.sign_in("/applications/new/")
    if "/consent/" in window.address:
        parent.consent()
    window.choose(choice(child))
    parent.press(button(NEXT))
    window.choose(choice("№63"))
    window.choose("//input[@name='language'][@value='kk']")
    parent.press(button(NEXT))
    if "transport" in window.address:
        window.choose("//input[@name='transport']")
        parent.press(button(NEXT))
    give_documents(parent, photo)
    parent.heading("Тексеру және қол қою")
    parent.press(button("Өтінімге қол қою"))
    if window.count(QR_WAY):
        parent.press(QR_WAY)
    sign(parent)
    parent.heading(SIGNED)
    parent.look()
    return window.text("(//main//strong[contains(@class, 'nowrap')])[1]").strip("№ ")


QR_WAY = "//a[@href='?way=qr']"


def give_documents(parent: Walker, photo: Path) -> None:
    """Two come by themselves; the photo is sent by its script, or with the whole page where there is none."""
    window = parent.window

    def fetched() -> bool:
        window.open(window.address)
        return window.text("//main").count("Автоматты түрде жүктелді") >= 2

    until(fetched, "the medical documents")
    window.attach("//input[@type='file']", photo)
    parent.look()
    if window.scripts:
        card = "//*[@data-oqu-card='photo']"
        until(lambda: window.count(f"{card}//*[@data-oqu-do='send']"), "the frame of the photo")
        parent.look()
        window.choose(f"{card}//*[@data-oqu-do='send']")
        until(lambda: "Жүктелді" in window.text(card), "the sending of the photo")
        parent.look()
    window.choose("//input[@name='data_correct']")
    window.choose("//input[@name='external_data']")
    parent.press(button(NEXT))


def sign(person: Walker, **more: str) -> None:
    """By the phone that reads the QR; with scripts the page goes on by itself."""
    window = person.window
    answer = person.phone.scan(window.value("//a[contains(@href, 'link=')]", "href"), **more)
    assert answer["status"] == 200, answer
    if not window.scripts:
        person.press(button(CHECK))


def open_in_queue(staff: Walker, number: str) -> None:
    staff.sign_in("/school/")
    staff.press(link(number))


def propose(executor: Walker, number: str) -> None:
    open_in_queue(executor, number)
    executor.window.choose("//input[@name='result'][@value='ACCEPT']")
    if executor.window.count("//input[@name='transport']"):
        executor.window.choose("//input[@name='transport'][@value='yes']")
    executor.press(button("Директорға ұсыну"))
    assert "Директордың қолы күтілуде" in executor.window.text("//main")


def accept(director: Walker, number: str) -> None:
    open_in_queue(director, number)
    director.press(button("Шешімге қол қою"))
    if director.window.count(QR_WAY):
        director.press(QR_WAY)
    sign(director, key="org")
    until(lambda: "Қабылданды" in director.window.text("//main"), "the decision")
    director.look()


def read_answer(parent: Walker, number: str) -> None:
    """Told by SMS, and on the application's page."""
    parent.phone.sms(f"OQU.*{number}.*Қабылданды")
    parent.open("/applications/")
    parent.press(link(number))
    assert "Қабылданды" in parent.window.text("//main")
