"""w3m: pages as letters, without styles and scripts. It reads them; their forms are filled in here."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from lxml import html

SECONDS = 60  # against hanging


class TextWindow:
    scripts = False

    def __init__(self, session: requests.Session) -> None:
        self.session = session
        self.files: dict[str, Path] = {}

    @property
    def address(self) -> str:
        return self.answer.url

    def open(self, address: str) -> None:
        self._arrive(self.session.get(address, timeout=SECONDS))

    def _arrive(self, answer: requests.Response) -> None:
        answer.raise_for_status()
        self.answer, self.files = answer, {}
        self.page = html.fromstring(answer.text, base_url=answer.url)
        for script in self.page.xpath("//script"):
            script.drop_tree()
        self.shown = dump(answer.content)

    def text(self, where: str) -> str:
        return " ".join(" ".join(one.text_content() for one in self.page.xpath(where)).split())

    def value(self, where: str, attribute: str) -> str:
        return str(self._one(where).get(attribute, ""))

    def count(self, where: str) -> int:
        return len(self.page.xpath(where))

    def fill(self, where: str, words: str) -> None:
        self._one(where).value = words

    def attach(self, where: str, file: Path) -> None:
        self.files[self._one(where).name] = file

    def choose(self, where: str) -> None:
        one = self._one(where)
        field = one.for_element if one.tag == "label" else one
        for other in self.page.xpath("//input[@type='radio'][@name=$name]", name=field.name):
            other.checked = False
        field.checked = True

    def press(self, where: str) -> None:
        one = self._one(where)
        if one.tag == "a":
            return self.open(urljoin(self.address, one.get("href")))
        return self._send(one)

    def _send(self, pressed: Any) -> None:
        form = pressed.xpath("ancestor::form")[0]
        values = form.form_values()
        if pressed.get("name"):
            values.append((pressed.get("name"), pressed.get("value", "")))
        address = urljoin(self.address, form.get("action") or self.address)
        if form.method == "GET":
            return self._arrive(self.session.get(address, params=values, timeout=SECONDS))
        files = {name: (file.name, file.read_bytes()) for name, file in self.files.items()}
        headers = {"Referer": self.address}
        answer = self.session.post(address, data=values, files=files, headers=headers, timeout=SECONDS)
        return self._arrive(answer)

    def picture(self, file: Path) -> None:
        file.with_suffix(".txt").write_text(self.shown)

    def _one(self, where: str) -> Any:
        found = self.page.xpath(where)
        assert found, f"{where} is not there: {self.address}"
        return found[0]


def dump(page: bytes) -> str:
    command = ["w3m", "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "80"]
    return subprocess.run(command, input=page, capture_output=True, check=True).stdout.decode()


@contextmanager
def opened(folder: Path, *, scripts: bool, width: int) -> Iterator[TextWindow]:
    with requests.Session() as session:
        session.headers["Accept-Language"] = "kk"
        yield TextWindow(session)
