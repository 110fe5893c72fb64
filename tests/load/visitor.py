"""A parent as the portal's server sees them: requests, forms and a phone, without a browser."""

import io
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from lxml import html
from PIL import Image

from tests.browser.conftest import Stand

PATIENCE = 120  # seconds for what the worker and the sandbox do
Upload = tuple[str, bytes]


class Page:
    """An answer, and the forms in it."""

    def __init__(self, answer: requests.Response) -> None:
        self.url, self.status, self.text = answer.url, answer.status_code, answer.text
        self.tree = html.fromstring(answer.content, base_url=answer.url)

    def form(self, button: str) -> tuple[Any, Any]:
        """The form that this button sends, found by its words or its name."""
        for one in self.tree.xpath("//main//button"):
            if button in " ".join(one.text_content().split()):
                form = one
                while form.tag != "form":
                    form = form.getparent()
                return form, one
        raise AssertionError(f"no button «{button}» on {self.url}: {' '.join(self.words())[:500]}")

    def link(self, pattern: str) -> str:
        found = next(one for one in self.tree.xpath("//a/@href") if re.search(pattern, one))
        return urljoin(self.url, found)

    def words(self) -> list[str]:
        return " ".join(self.tree.xpath("//main")[0].text_content().split()).split()


class Visitor:
    def __init__(self, stand: Stand, iin: str) -> None:
        self.stand, self.iin = stand, iin
        self.http = requests.Session()
        self.http.headers["Accept-Language"] = "kk"

    def get(self, address: str) -> Page:
        return self._page(self.http.get(urljoin(self.stand.url, address), timeout=PATIENCE))

    def press(self, page: Page, button: str, fields: dict[str, str | Upload] | None = None) -> Page:
        """Send the form of this button as it stands, with these fields and files changed."""
        form, pressed = page.form(button)
        given = fields or {}
        files = {name: value for name, value in given.items() if isinstance(value, tuple)}
        data = dict(form.form_values()) | {name: value for name, value in given.items() if name not in files}
        if pressed.get("name"):
            data[pressed.get("name")] = pressed.get("value", "")
        address = urljoin(page.url, pressed.get("formaction") or form.get("action") or page.url)
        headers = {"Referer": page.url}
        return self._page(self.http.post(address, data=data, files=files, headers=headers, timeout=PATIENCE))

    def until(self, look: Callable[[], Page], ready: Callable[[Page], Any]) -> Page:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            page = look()
            if ready(page):
                return page
            time.sleep(0.3)
        raise AssertionError(f"{page.url} never became ready: {' '.join(page.words())[:500]}")

    def sign_in(self, door: str = "/login/?next=/applications/") -> Page:
        """As eGov leads: the person, the code of the SMS, the consent to the portal's reading."""
        entry = self.get(door)
        login = entry.url.partition("?")[0]
        self.http.post(login, data={"iin": self.iin}, timeout=PATIENCE)
        code = re.findall(r"\b\d{5}\b", next(text for text in self.inbox() if re.search(r"\b\d{5}\b", text)))
        self.http.post(f"{login}/code", data={"code": code[0]}, timeout=PATIENCE)
        return self._page(self.http.post(f"{login}/consent", data={"answer": "allow"}, timeout=PATIENCE))

    def reply_to_1414(self) -> None:
        self.stand.control(f"people/{self.iin}/reply", text="511")

    def scan(self, page: Page, **more: str) -> None:
        """The phone reads the QR of the page of signing and signs."""
        link = self.get(urljoin(page.url, "?way=qr")).link(r"link=")
        first = parse_qs(urlsplit(link).query)["link"][0]
        answer = self.stand.control("scan", iin=self.iin, qr=f"mobileSign:{first}", action="sign", **more)
        assert answer["status"] == 200, answer

    def consent(self) -> None:
        page = self.get("/applications/new/")
        if "/consent/" in page.url:
            self.press(page, "Сұрау жіберу")
            self.until(self._answer_1414, lambda page: "/consent" not in page.url)

    def _answer_1414(self) -> Page:
        """Of the person, and of the children that follow (D70)."""
        self.reply_to_1414()
        return self.get("/applications/new/")

    def add_child(self, name: str) -> None:
        if name in self.get("/applications/new/").text:  # came along with the person's own consent
            return
        page = self.get("/children/add/?next=/applications/new/")
        page = self.press(page, "Сұрау жіберу", _chosen(page, name))
        self.reply_to_1414()
        page = self.until(lambda: self.get(page.url), lambda page: "Келесі" in page.words())
        page = self.get(page.link(r"/children/add|/children/.*/confirm|confirm"))
        self.press(page, "Қосу")

    def to_documents(self, name: str, school: str) -> Page:
        """An application up to the page of its documents, with those of the medical system."""
        page = self.get("/applications/new/")
        page = self.press(page, "Келесі қадамға өту", _chosen(page, name))
        own = {"route": "LOCAL"} | _chosen(page, school) | {"language": "kk"}
        page = self.press(page, "Келесі қадамға өту", own)
        if "transport" in page.url:
            page = self.press(page, "Келесі", {"transport": "no"})
        return self.until(lambda: self.get(page.url), _answered)

    def prepare(self, name: str, school: str) -> Page:
        """An application up to its last page, ready to be signed."""
        page = self.to_documents(name, school)
        ticks: dict[str, str | Upload] = {"data_correct": "on", "external_data": "on"}
        return self.press(page, "Келесі", ticks | {"photo": ("photo.jpg", picture())})

    def inbox(self) -> list[str]:
        answer = requests.get(f"{self.stand.sandbox}/control/people/{self.iin}/inbox", timeout=PATIENCE)
        return [message["text"] for message in answer.json()]

    def _page(self, answer: requests.Response) -> Page:
        assert answer.status_code < 500, (answer.status_code, answer.url)
        return Page(answer)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (354, 472), (120, 160, 200)).save(out, "JPEG")
    return out.getvalue()


def _chosen(page: Page, words: str) -> dict[str, str | Upload]:
    """The radio button beside these words."""
    for label in page.tree.xpath("//main//label"):
        if words in label.text_content():
            inputs = label.xpath(".//input") or page.tree.xpath(f"//input[@id='{label.get('for')}']")
            return {inputs[0].get("name"): inputs[0].get("value")}
    raise AssertionError(f"no choice «{words}» on {page.url}: {' '.join(page.words())[:800]}")


def _answered(page: Page) -> bool:
    """The medical system has said what it has; meanwhile there is another page without a form."""
    return "Тексерілуде" not in page.text and bool(page.tree.xpath("//main//input[@type='file']"))
