"""Every address, asked by everybody, with ids of somebody's things (docs: accounts/access.py).

The table is tests/access/doors.py. A stranger gets 404, as if there were nothing, and changes nothing.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.access import cast, doors
from tests.access.asking import address_of, ask
from tests.access.cast import World
from tests.access.doors import CONSENTED, DOORS, NO_METHOD, NOT_FOUND, OPEN, Door

CASE = re.compile(r'<b class="nowrap">\d{4}\xa0\d{4}</b>')


def patterns(found: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Each address of the URLconf, by its name."""
    for one in (found or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield f"{space}{one.name}", one
        else:
            yield from patterns(one, f"{one.namespace}:" if one.namespace else space)


def test_every_address_has_its_row() -> None:
    assert {name for name, _ in patterns()} == {door.name for door in DOORS}


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


def knocking(world: World) -> Iterator[tuple[Door, str, str]]:
    """Everybody at each door. That an address knows no such method it says before it looks at who asks: one
    who may not come in hears it, and one who may."""
    for door, method in product(DOORS, ("GET", "POST")):
        known = (door.get if method == "GET" else door.post) is not None
        for who in world.clients if known else (cast.ANONYMOUS, *door.for_[:1]):
            yield door, method, who


@pytest.mark.rule("D75")
def test_doors_open_to_their_own_people_only(world: World) -> None:
    wrong, untold = [], []
    for door, method, who in knocking(world):
        right = expected(door, method, who)
        asked = ask(world.clients[who], method, address_of(world, door), door.data)
        written = asked.written if is_refused(door, who, asked.answer) else []
        if asked.answer != right or written:
            wrong.append((method, door.name, door.ids, who, asked.answer, right, written))
        fails = isinstance(asked.answer, int) and asked.answer >= 400
        if fails and asked.page and not CASE.search(asked.page):
            untold.append((method, door.name, who, asked.answer))

    assert wrong == []
    assert untold == []  # D75: each page that refuses has a number to tell


def test_form_of_another_site_is_refused_everywhere_but_where_machines_post(world: World) -> None:
    taken = set()
    for door in DOORS:
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = world.clients[cast.OWNER].cookies
        asked = ask(browser, "POST", address_of(world, door), door.data)
        taken |= {door.name} if door.post and (asked.answer != 403 or asked.written) else set()

    assert taken == doors.WITHOUT_CSRF
