"""An address that is found once is the address that Django finds each time."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.urls import NoReverseMatch, reverse
from django.urls.converters import IntConverter, UUIDConverter

from accounts.addresses import address
from tests.access.test_access import patterns

NUMBERS = count(1)


def values_for(converters: dict[str, Any], *, text: str) -> list[Any]:
    made = {UUIDConverter: uuid4, IntConverter: lambda: next(NUMBERS)}
    return [made.get(type(one), lambda: text)() for one in converters.values()]


def addresses() -> Iterator[tuple[str, list[Any]]]:
    for name, pattern in patterns():
        for text in ("f065", "A" * 32, "030303030303"):
            yield name, values_for(pattern.pattern.converters, text=text)


def test_every_address_is_the_one_that_django_finds() -> None:
    met = 0
    for _again in range(2):
        for name, args in addresses():
            try:
                right = reverse(name, args=args)
            except NoReverseMatch:
                continue
            assert address(name, *args) == right
            met += bool(args)

    assert met > 100


@pytest.mark.parametrize("args", [("one", "too", "many"), (-1,), (True,), (None,)])
def test_where_there_is_no_address_none_is_made_up(args: tuple[Any, ...]) -> None:
    with pytest.raises(NoReverseMatch):
        address("cabinet:application", *args)


def test_two_things_of_one_kind_keep_their_places() -> None:
    first, second = uuid4(), uuid4()

    assert address("filing:step", first, "review") == reverse("filing:step", args=[first, "review"])
    assert address("filing:step", second, "review") == reverse("filing:step", args=[second, "review"])
