"""What no page would ever send, to every address, by those who are let in: a clear answer, never a crash."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from tests.access import cast
from tests.access.asking import address_of, ask
from tests.access.cast import World
from tests.access.doors import DOORS, OPEN, Door

FIELDS = (
    "child", "route", "school", "language", "transport", "other", "region", "district", "okrug", "village",
    "line", "extra_phone", "applicant_phone", "special_needs", "valid_until", "data_correct", "external_data",
    "second_phone", "email", "allowed", "locality", "sort",
    "remove", "remove_yes", "fetch",
    "save", "refresh", "result", "reason_code", "reason", "transport_reason", "applicant_iin",
    "child_iin", "intake", "consent", "shown", "way", "fresh", "cms", "next", "page", "view", "number", "q",
    "document", "sheet", "turn", "zoom", "wish", "words", "opinion", "outcome", "answer",
    "decision", "appeal",
    "back", "state", "code", "error", "nowait", "photo", "f065", "scan", "file",
)  # fmt: skip
NONSENSE = ("\0", "-1", "9" * 30, "٣", "9999-12-31", "<b>%s{{x}}" + "Ғ" * 3000)
LONG_IN_AN_ADDRESS = 100  # no server takes a longer line


WAYS_TO_READ = ("__getitem__", "getlist", "lists", "items")  # of what was typed


@contextmanager
def reading() -> Iterator[set[str]]:
    """The names under which a page looks anything up in what was typed; all of it is "*"."""
    read: set[str] = set()

    def noting(way: Callable[..., Any]) -> Callable[..., Any]:
        def noted(typed: QueryDict, *names: Any, **how: Any) -> Any:
            if not typed._mutable:  # it is filled no more
                read.add(str(names[0]) if names else "*")
            return way(typed, *names, **how)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for way in WAYS_TO_READ:
            patch.setattr(QueryDict, way, noting(getattr(QueryDict, way)))
        yield read


def ask_nonsense(world: World, door: Door, who: str, method: str) -> Iterator[tuple[str, int | str]]:
    """Each value with what came of it. A page that read none of it is asked no second time."""
    address = address_of(world, door)
    for value in NONSENSE:
        typed = dict.fromkeys(FIELDS, value)
        with reading() as read:
            query = urlencode(dict.fromkeys(FIELDS, value[:LONG_IN_AN_ADDRESS]))
            asked = ask(world.clients[who], method, f"{address}?{query}", typed)
        yield value, asked.answer
        if not read & {*FIELDS, "*"}:
            return


def test_nonsense_ends_in_a_clear_answer(world: World) -> None:
    crashed = []
    for client in world.clients.values():
        client.raise_request_exception = False
    for door, method in product(DOORS, ("GET", "POST")):
        for who in (cast.ANONYMOUS,) if door.kind == OPEN else door.for_[1:2] or door.for_:
            for value, answer in ask_nonsense(world, door, who, method):
                if isinstance(answer, int) and answer >= 500:
                    crashed.append((door.name, door.ids, who, method, value, answer))

    assert crashed == []
