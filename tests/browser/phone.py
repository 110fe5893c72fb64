"""A person's phone in the sandbox: what it has received, its answers to 1414, eGov Mobile."""

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import requests

if TYPE_CHECKING:
    from tests.browser.conftest import Stand

PATIENCE = 120  # seconds for what another process does; a busy machine is no fault of it
SECONDS = 30  # for one answer of the sandbox


def until(check: Any, what: str) -> Any:
    """What another process does in its own time: ask again until it is done."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen in {PATIENCE} s")


@dataclass(frozen=True)
class Phone:
    iin: str  # of whose it is
    stand: "Stand"

    def inbox(self) -> list[dict]:
        answer = requests.get(f"{self.stand.sandbox}/control/people/{self.iin}/inbox", timeout=SECONDS)
        return answer.json()

    def sms(self, pattern: str) -> str:
        """The newest SMS that matches; waits for it."""

        def newest() -> str | None:
            return next((one["text"] for one in self.inbox() if re.search(pattern, one["text"])), None)

        return until(newest, f"an SMS like {pattern}")

    def code(self) -> str:
        """The five digits of the last sign-in."""
        found = re.search(r"\b\d{5}\b", self.sms(r"\b\d{5}\b"))
        assert found
        return found.group()

    def answer_511(self) -> None:
        self.stand.control(f"people/{self.iin}/reply", text="511")

    def scan(self, link: str, *, action: str = "sign", **more: str) -> dict:
        """Read the QR to which the page's link for this same phone leads, and sign or refuse there."""
        first = parse_qs(urlsplit(link).query)["link"][0]
        body = {"iin": self.iin, "qr": f"mobileSign:{first}", "action": action} | more
        return requests.post(f"{self.stand.sandbox}/control/scan", json=body, timeout=SECONDS).json()
