"""Every page of the matrix of addresses as the people see it to whom it is open, with long names in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from gzip import compress
from html import unescape
from itertools import product

from django.conf import settings
from django.db.models import Model
from django.test import Client

from accounts.models import Child, User
from schools.models import Locality, School
from tests.access import cast
from tests.access.asking import address_of, ask
from tests.access.cast import World
from tests.access.doors import DOORS, OPEN, Door
from tests.environment import undone
from tests.screens.drawn import drawn
from tests.screens.states import STATES

LANGUAGES = ("kk", "ru")
PICTURE = re.compile(r"""<img\b[^>]*\bsrc="(/(?!static/)[^"]+)\"""")
LONG = "Мұхаммедшыңғысханқожаахметұлыжәңгірханов"  # forty letters, and nowhere to break them
LONG_IN_RUSSIAN = "Превысокомногорассмотрительствующенского"
NAMED: dict[type[Model], dict[str, str]] = {
    User: dict.fromkeys(("surname", "name", "patronymic"), LONG),
    Child: dict.fromkeys(("surname", "name", "patronymic"), LONG),
    School: {"name_kk": LONG, "name_ru": LONG_IN_RUSSIAN},
    Locality: {"name_kk": LONG, "name_ru": LONG_IN_RUSSIAN},
}
# Those whose pages differ from each other's; of the rest one stands for all.
LOOKING = (cast.OWNER, cast.EXECUTOR, cast.DIRECTOR, cast.OFFICER, cast.OPS)


@dataclass(frozen=True)
class Screen:
    """One page as it is sent to a browser."""

    name: str
    lang: str
    address: str
    html: str
    bytes_sent: int
    method: str
    pictures: tuple[int, ...] = ()  # bytes of each that is no file of the portal's own


def lengthen_names() -> None:
    """Everybody, every school and every place is called by a word of forty letters."""
    for model, names in NAMED.items():
        model._default_manager.update(**names)


def people(door: Door) -> tuple[str, ...]:
    """Whose looks at the page differ."""
    if door.kind == OPEN:
        return (cast.ANONYMOUS,)
    return tuple(who for who in LOOKING if who in door.for_)[:2] or door.for_[:1]


def rendered(world: World) -> Iterator[Screen]:
    for door, method, lang in product(DOORS, ("GET", "POST"), LANGUAGES):
        if not isinstance(door.get if method == "GET" else door.post, int):
            continue  # it leads on to another page
        for who in people(door):
            yield from rendered_for(world, door, who, method, lang)


def rendered_later(world: World) -> Iterator[Screen]:
    """Pages to which the matrix does not lead."""
    for state, lang in product(STATES, LANGUAGES):
        client = world.clients[state.who]
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = lang
        client.defaults["HTTP_ACCEPT_ENCODING"] = "gzip"
        with undone():
            address = state.happens(world)
            asked = ask(client, state.method, address, state.data)
            pictures = pictures_of(client, asked.page)
        assert asked.page, f"{state.name} leads elsewhere"
        name = f"{state.name} {state.who} {lang}"
        yield Screen(name, lang, address, asked.page, asked.bytes_sent, state.method, pictures)


def rendered_by_themselves(world: World) -> Iterator[Screen]:
    """Pages that their views draw, without the way there."""
    with undone():
        for one, lang, html in drawn(world, LANGUAGES):
            yield Screen(f"{one.name} {one.who} {lang}", lang, "/", html, len(compress(html.encode())), "GET")


def rendered_for(world: World, door: Door, who: str, method: str, lang: str) -> Iterator[Screen]:
    client, address = world.clients[who], address_of(world, door)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = lang
    client.defaults["HTTP_ACCEPT_ENCODING"] = "gzip"
    asked = ask(client, method, address, door.data)
    if asked.page:
        name = " ".join(filter(None, (door.name, door.ids, *map(str, door.more), method, who, lang)))
        pictures = pictures_of(client, asked.page)
        yield Screen(name, lang, address, asked.page, asked.bytes_sent, method, pictures)


def pictures_of(client: Client, page: str) -> tuple[int, ...]:
    """What a browser asks for besides the page, and no cache in between has."""
    return tuple(ask(client, "GET", unescape(address), {}).bytes_sent for address in PICTURE.findall(page))
