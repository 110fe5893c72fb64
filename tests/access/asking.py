"""One question to the portal, whose every trace is taken back."""

import gzip
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as project
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from oqu.middleware import Compressed
from tests.access import doors
from tests.access.cast import World
from tests.access.doors import Door

WRITES = re.compile(r"\s*(?:WITH\b.*)?(INSERT|UPDATE|DELETE|TRUNCATE)\b(?!.*\bdjango_session\b)", re.S | re.I)


NAME = 10  # where the name of the file begins in gzip's header (RFC 1952)


@dataclass
class Asked:
    """What came back, and what was written meanwhile; whatever it was has been taken back."""

    answer: int | str
    written: list[str]
    page: str = ""  # if it is one
    bytes_sent: int = 0  # of its body, packed where the portal packs it


def ask(client: Client, method: str, address: str, data: dict[str, Any]) -> Asked:
    cache.clear()  # how often the public pages may be asked is proven elsewhere
    cookies, files, written = {name: one.value for name, one in client.cookies.items()}, stored(), []

    def watch(execute: Any, sql: str, *more: Any) -> Any:
        written.extend([sql] if WRITES.match(sql) else [])
        return execute(sql, *more)

    with transaction.atomic():
        with connection.execute_wrapper(watch):
            answer = client.post(address, data) if method == "POST" else client.get(address)
        body = b"".join(answer)  # a file is read to its end
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    plain = gzip.decompress(body) if answer.get("Content-Encoding") == "gzip" else body
    page = plain.decode() if answer.get("Content-Type", "").startswith("text/html") else ""
    return Asked(told(answer), written + sorted(stored() ^ files), page, sent(body, packed=plain is not body))


def sent(body: bytes, *, packed: bool) -> int:
    """The bytes of a page at their most: a packed one is made longer by chance, against BREACH."""
    by_chance = body.index(b"\0", NAME) - NAME if packed else 0  # the name in gzip's header
    return len(body) - by_chance + (Compressed.max_random_bytes if packed else 0)


def told(answer: Any) -> int | str:
    if answer.status_code not in (301, 302):
        return answer.status_code
    location = answer["Location"]
    if location.startswith(project.EGOV_IDP_URL):
        return doors.EGOV
    return {"/login/": doors.SIGN_IN, "/consent/": doors.CONSENT}.get(
        urlsplit(location).path, doors.ELSEWHERE
    )


def stored() -> set[str]:
    """The files of the store."""
    return set(_files(default_storage.path("")))


def _files(folder: str) -> Iterator[str]:
    """`os.walk` in half its time, and it is walked twice for each question."""
    with os.scandir(folder) as found:
        for one in found:
            if one.is_dir():
                yield from _files(one.path)
            else:
                yield one.path


def address_of(world: World, door: Door) -> str:
    return reverse(door.name, args=[*world.ids.get(door.ids, ()), *door.more])
