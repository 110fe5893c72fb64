"""All pages of the portal, made once for all tests of this folder."""

from typing import Any

import pytest

from tests.access.conftest import world as world
from tests.screens.rendering import Screen, lengthen_names, rendered, rendered_later

CAST = ("school", "other_school", "child", "parent", "stranger", "executor", "director", "other_director")
_made: list[Screen] = []


@pytest.fixture
def screens(request: pytest.FixtureRequest) -> list[Screen]:
    if not _made:
        for one in CAST:  # before anything is signed, so that the names stand in that, too
            request.getfixturevalue(one)
        lengthen_names()
        _made.extend(_rendered(request))
    return _made


def _rendered(request: pytest.FixtureRequest) -> list[Screen]:
    world: Any = request.getfixturevalue("world")
    lengthen_names()
    return [*rendered(world), *rendered_later(world)]
