"""Somebody without scripts who presses what each page puts first, ticks and chooses what it demands, and
waits where a page looks again by itself. Counted: the pages shown and the presses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from lxml import html

from applications.filing.tests.wizard_cast import file, jpeg

MOST = 40  # a walk that is longer goes in circles
PRESSED_FIRST = (
    "//main//*[contains(@class, 'ways__link')]"
    "|//main//*[contains(@class, 'actions')][not(ancestor-or-self::*[@hidden])]"
    "//*[contains(@class, 'button')]"
)


@dataclass
class Walk:
    client: Client
    outside: Callable[[Any], None]  # what the person's phone and the worker do at this page
    pages: list[str] = field(default_factory=list)
    presses: list[tuple[int, str]] = field(default_factory=list)  # the page's number, what is pressed

    def go(self, address: str, *, until: str) -> None:
        """From this address to the page of this heading."""
        self._arrive(self.client.get(address), address)
        while not self.pages[-1].startswith(until):
            assert len(self.presses) < MOST, self.pages
            self.outside(self.page)
            if self.waits:
                self._arrive(self.client.get(self.address), self.address)
            else:
                self._press(next(iter(self.page.xpath(PRESSED_FIRST))))

    def _arrive(self, answer: Any, address: str) -> None:
        while answer.status_code == 302:
            address = answer["Location"]
            answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.content.decode())
        self.address, self.waits = address, "Refresh" in answer.headers
        self.page = html.fromstring(answer.content.decode())
        shown = " ".join(self.page.xpath("string(//main//h1)").split())
        marks = [" ".join(one.text_content().split()) for one in self.page.xpath("//main//dt/bdi")]
        self.pages.append(" · ".join([shown, *marks]))

    def _press(self, button: Any) -> None:
        forms = button.xpath("ancestor::form")
        fields = self._filled_in(forms[0]) if forms else {}
        self._count(button.text_content())
        if not forms:
            there = button.get("href")
            to = there if there.startswith("/") else self.address.partition("?")[0] + there
            return self._arrive(self.client.get(to), to)
        to = forms[0].get("action") or self.address
        ask = self.client.post if forms[0].get("method") == "post" else self.client.get
        return self._arrive(ask(to, fields), to)

    def _count(self, words: str) -> None:
        self.presses.append((len(self.pages), " ".join(words.replace("→", "").split())))

    def _filled_in(self, form: Any) -> dict[str, Any]:
        """What the form holds when it is shown, and what has to be ticked, chosen and given besides."""
        fields: dict[str, Any] = {}
        for one in form.xpath(".//input[@name]"):
            name, kind = one.get("name"), one.get("type", "text")
            label = _label(one)
            if kind in ("radio", "checkbox"):
                group = form.xpath(f".//input[@name='{name}']")
                chosen = one.get("checked") is not None
                asked = kind == "radio" and not any(each.get("checked") is not None for each in group)
                demanded = (asked and group[0] is one) or (kind == "checkbox" and "*" in label)
                if demanded and not chosen:
                    self._count(label.replace("*", ""))
                if chosen or demanded:
                    fields[name] = one.get("value", "on")
            elif kind == "file":
                if "*" in label:
                    self._count(label.replace("*", ""))
                    fields[name] = file("photo.jpg", jpeg())
            else:
                assert "*" not in label, f"«{label}» must be typed"
                fields[name] = one.get("value", "")
        return fields


def _label(field: Any) -> str:
    found = field.xpath("//label[@for=$id]", id=field.get("id", ""))
    return " ".join(found[0].text_content().split()) if found else ""
