"""All pages of the portal, made once for all tests of this folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.template import Template

from tests.access.conftest import world as world
from tests.screens.rendering import (
    Screen,
    lengthen_names,
    rendered,
    rendered_by_themselves,
    rendered_later,
)

CAST = ("school", "other_school", "child", "parent", "stranger", "executor", "director", "other_director")
_made: list[Screen] = []
_made_of: set[str] = set()


@pytest.fixture
def screens(request: pytest.FixtureRequest) -> list[Screen]:
    if not _made:
        for one in CAST:  # before anything is signed, so that the names stand in that, too
            request.getfixturevalue(one)
        lengthen_names()
        with watched(_made_of):
            _made.extend(_rendered(request))
    return _made


@pytest.fixture
def made_of(screens: list[Screen]) -> set[str]:
    """The templates of the screens, those that others extend or include among them."""
    return _made_of


@contextmanager
def watched(names: set[str]) -> Iterator[None]:
    """Each template that is rendered meanwhile: Django's signal for it is off in tests."""
    render = vars(Template)["_render"]

    def noted(self: Template, context: Any) -> Any:
        names.add(str(self.name))
        return render(self, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", noted)
        yield


def _rendered(request: pytest.FixtureRequest) -> list[Screen]:
    world: Any = request.getfixturevalue("world")
    lengthen_names()
    return [*rendered(world), *rendered_later(world), *rendered_by_themselves(world)]
