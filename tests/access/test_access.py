"""Every address, asked by everybody, with ids of somebody's things (docs: accounts/access.py).

The table is tests/access/doors.py. A stranger gets 404, as if there were nothing, and changes nothing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http.cookies import SimpleCookie
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings as project
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import Child, User
from applications.models import Application
from egov import http
from notifications.models import Heartbeat
from schools.models import School
from tests.access import cast, doors
from tests.access.cast import World
from tests.access.doors import CONSENTED, DOORS, NO_METHOD, NOT_FOUND, OPEN, Door

WRITES = re.compile(r"\s*(?:WITH\b.*)?(INSERT|UPDATE|DELETE|TRUNCATE)\b(?!.*\bdjango_session\b)", re.S | re.I)


def patterns(found: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Each address of the URLconf, by its name."""
    for one in (found or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield f"{space}{one.name}", one
        else:
            yield from patterns(one, f"{one.namespace}:" if one.namespace else space)


def test_every_address_has_its_row() -> None:
    assert {name for name, _ in patterns()} == {door.name for door in DOORS}


@pytest.fixture
def world(
    make_application: Callable[..., Application], school: School, other_school: School, child: Child,
    parent: User, stranger: User, executor: User, director: User, other_director: User,
    now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:  # fmt: skip
    settings.PUBLIC_URL = "http://testserver"
    known = {
        cast.OWNER: parent, cast.STRANGER: stranger, cast.EXECUTOR: executor, cast.DIRECTOR: director,
        cast.OTHER_DIRECTOR: other_director,
    }  # fmt: skip
    with time_machine.travel(now, tick=False):
        users = cast.people(school, other_school, known)
        registers = cast.Registers()
        registers.names = {one.iin: ("Аты", "Жөні", "F") for one in (*users.values(), child)}
        registers.ties = {parent.iin: [child.iin]}
        monkeypatch.setattr(http, "call", registers.call)
        Heartbeat.objects.create(part="worker", beat_at=now)
        yield World(cast.Things(make_application, users, now).ids(child), cast.browsers(users))


@dataclass
class Asked:
    """What came back, and what was written meanwhile; whatever it was has been taken back."""

    answer: int | str
    written: list[str]


def ask(client: Client, method: str, address: str, data: dict[str, Any]) -> Asked:
    cache.clear()  # how often the public pages may be asked is proven elsewhere
    cookies, files, written = {name: one.value for name, one in client.cookies.items()}, stored(), []

    def watch(execute: Any, sql: str, *more: Any) -> Any:
        written.extend([sql] if WRITES.match(sql) else [])
        return execute(sql, *more)

    with transaction.atomic():
        with connection.execute_wrapper(watch):
            answer = client.post(address, data) if method == "POST" else client.get(address)
        list(answer)  # a file is read to its end
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return Asked(told(answer), written + sorted(stored() ^ files))


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
    folders, _ = default_storage.listdir("") if default_storage.exists("") else ([], [])
    return {f"{one}/{name}" for one in folders for name in default_storage.listdir(one)[1]}


def address_of(world: World, door: Door) -> str:
    return reverse(door.name, args=[*world.ids.get(door.ids, ()), *door.more])


def expected(door: Door, method: str, who: str) -> int | str:
    answer = door.get if method == "GET" else door.post
    if answer is None:
        return NO_METHOD
    if door.kind != OPEN and who in cast.OUTSIDERS:
        return doors.SIGN_IN
    if door.kind == CONSENTED and who == cast.NEWCOMER:
        return doors.CONSENT
    if who not in door.for_ and door.kind != OPEN:
        return NOT_FOUND
    return door.but.get((method, who), answer)


def is_refused(door: Door, who: str, answer: int | str) -> bool:
    refusals = (NO_METHOD, NOT_FOUND, 403, doors.SIGN_IN)
    stopped = door.kind == CONSENTED and who == cast.NEWCOMER
    return answer in refusals or stopped or (door.name, who) in doors.CHANGE_NOTHING


def test_doors_open_to_their_own_people_only(world: World) -> None:
    wrong = []
    for door in DOORS:
        for method, who in product(("GET", "POST"), world.clients):
            right = expected(door, method, who)
            asked = ask(world.clients[who], method, address_of(world, door), door.data)
            written = asked.written if is_refused(door, who, asked.answer) else []
            if asked.answer != right or written:
                wrong.append((method, door.name, door.ids, who, asked.answer, right, written))

    assert wrong == []


def test_form_of_another_site_is_refused_everywhere_but_where_machines_post(world: World) -> None:
    taken = set()
    for door in DOORS:
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = world.clients[cast.OWNER].cookies
        asked = ask(browser, "POST", address_of(world, door), door.data)
        taken |= {door.name} if door.post and (asked.answer != 403 or asked.written) else set()

    assert taken == doors.WITHOUT_CSRF
