"""Everything that the portal lets out of its hands while somebody walks through it."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote_plus

import pytest
from celery.signals import before_task_publish
from django.core.files.storage import default_storage

from egov import http
from notifications.models import Channel, Message
from oqu.logs import Line


class Heard:
    """By kind, every text that left: a log line, an address, a task, an SMS."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {
            kind: [] for kind in ("log", "address", "system", "task", "sms", "outbox key", "file")
        }

    def say(self, kind: str, text: str) -> None:
        self.texts[kind].append(text)

    def gather(self) -> None:
        """What lies in the tables and in the store when the walk is over."""
        self.texts["sms"] = list(Message.objects.filter(channel=Channel.SMS).values_list("text", flat=True))
        self.texts["outbox key"] = list(Message.objects.values_list("key", flat=True))
        folders, files = default_storage.listdir("")
        inside = [f"{one}/{name}" for one in folders for name in default_storage.listdir(one)[1]]
        self.texts["file"] = files + inside

    def leaks(self, secrets: set[str]) -> list[tuple[str, str, str]]:
        """Which secret stands in what, as it is written and as an address writes it."""
        found = []
        for kind, texts in self.texts.items():
            for text in texts:
                plain = unquote_plus(text).lower()
                found += [(kind, one, text) for one in secrets if re.search(rf"(?<!\w){one.lower()}", plain)]
        return found


class _Unwithheld(Line):
    """As the line's writer wrote it: that production cuts secrets out excuses nobody who writes them."""

    @staticmethod
    def withhold(text: str) -> str:
        return text


class _Ear(logging.Handler):
    """Hears the lines as production writes them."""

    def __init__(self, heard: Heard) -> None:
        super().__init__(logging.DEBUG)
        self.heard = heard
        self.setFormatter(_Unwithheld())

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.say("log", self.format(record))


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """At DEBUG, but for the loggers that settings.LOGGING holds higher, because they write names or keys:
    production holds them so whatever LOG_LEVEL says."""
    heard, root, call = Heard(), logging.getLogger(), http.call
    ear, level = _Ear(heard), root.level

    def recorded(method: str, url: str, **more: Any) -> http.Answer:
        heard.say("system", f"{method} {url} {more.get('params', '')}")
        return call(method, url, **more)

    def published(sender: str, body: Any, headers: Any, **_: Any) -> None:
        heard.say("task", f"{sender} {body} {headers}")

    monkeypatch.setattr(http, "call", recorded)
    before_task_publish.connect(published)
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.setLevel(level)
        root.removeHandler(ear)
        before_task_publish.disconnect(published)
