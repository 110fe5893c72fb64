"""People at the portal, over HTTP: a browser without scripts, and the phone that the sandbox plays."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.privacy.listening import Heard
from tests.sandbox import Sandbox

LINK = re.compile(r'(?:href|action|src)="([^"]*)"')


class Person:
    """One person with a browser; every address they see or are led to is heard."""

    def __init__(self, iin: str, *, url: str, sandbox: Sandbox, heard: Heard) -> None:
        self.iin, self.url, self.sandbox, self.heard = iin, url, sandbox, heard
        self.cookies = requests.cookies.RequestsCookieJar()
        self.at = ""
        self.text = ""

    def go(self, path: str, method: str = "GET", **more: Any) -> requests.Response:
        """One page; a redirect within the portal is followed."""
        address = path if path.startswith("http") else self.url + path
        self.heard.say("address", address)
        headers = {"Connection": "close"} | more.pop("headers", {})  # no thread of the portal waits for more
        with requests.Session() as browser:
            browser.cookies = self.cookies
            answer = browser.request(
                method, address, headers=headers, timeout=60, allow_redirects=False, **more
            )
        self.at = address.removeprefix(self.url)
        self.text = answer.text if "html" in answer.headers.get("Content-Type", "") else ""
        for link in LINK.findall(self.text):
            self.heard.say("address", unescape(link))
        to = answer.headers.get("Location", "")
        if not to:
            return answer
        self.heard.say("address", to)
        return self.go(to) if to.startswith("/") else answer

    def post(self, path: str, files: Any = None, **data: Any) -> requests.Response:
        form = data | {"csrfmiddlewaretoken": self.cookies.get("csrf", "")}
        headers = {"Referer": self.url + self.at}
        return self.go(path, "POST", data=form, files=files, headers=headers)

    def value(self, name: str, having: str = "") -> str:
        """Of the form's first field of this name: its value."""
        pattern = rf'name="{name}"[^>]*value="([^"]*{having}[^"]*)"'
        return re.findall(pattern, self.text)[0]

    # --- eGov, 1414, eGov Mobile ---
    def sign_in(self) -> None:
        out = self.go("/login/?next=/applications/")
        query = self.sandbox.sign_in(out.headers["Location"], self.iin)
        self.go("/auth/egov/?" + "&".join(f"{name}={value}" for name, value in query.items()))

    def answer_511(self) -> None:
        self.sandbox.reply(self.iin)

    def sign(self, *, key: str = "sign", signer: str = "") -> None:
        """The page to choose the way is open: QR, and the phone."""
        page = urlsplit(self.at).path
        self.go(f"{page}?way=qr")
        link = next(unescape(one) for one in LINK.findall(self.text) if "link=" in one)
        text = "mobileSign:" + parse_qs(urlsplit(link).query)["link"][0]
        body = {"iin": self.iin, "qr": text, "action": "sign", "key": key} | (
            {"signer": signer} if signer else {}
        )
        self.sandbox.control("POST", "scan", body)
        self.go(f"{page}?way=qr")


def file_online(parent: Person, child: str, *, papers: dict[str, Any], work: Callable[[], None]) -> None:
    """Four steps, up to the check page; the answers that matter are given, the papers bear names."""
    parent.go("/applications/new/")  # first it leads to the answers of 1414 about the other child
    parent.go("/applications/new/")
    parent.post("/applications/new/", child=parent.value("child"), extra_phone="+7 701 765 43 21")
    fill_school_and_papers(parent, papers=papers, work=work)


def fill_school_and_papers(parent: Person, *, papers: dict[str, Any], work: Callable[[], None]) -> None:
    parent.post(parent.at, route="LOCAL", school=parent.value("school"), language="kk")
    if "/transport/" in parent.at:
        parent.post(parent.at, transport="on")
    work()  # the medical system answers
    parent.go(urlsplit(parent.at).path)
    parent.post(parent.at, files=papers, data_correct="on", external_data="on")
