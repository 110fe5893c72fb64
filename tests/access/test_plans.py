"""No page, and no tick of the worker, reads a whole table of the country."""

from itertools import product
from typing import Any

import pytest
from django.conf import settings

from egov import http
from egov.errors import Unavailable
from oqu.celery import app
from tests import plans
from tests.access.asking import address_of, ask
from tests.access.cast import World
from tests.access.doors import DOORS

EACH_MINUTE = {
    one["task"]: one.get("args", ())
    for one in settings.CELERY_BEAT_SCHEDULE.values()
    if float(one["schedule"]) <= 60
}


@pytest.fixture(autouse=True)
def nothing_is_counted(db: None) -> None:
    plans.forget_counts()


def test_pages_read_by_an_index(world: World) -> None:
    wrong: dict[str, str] = {}
    known: set[str] = set()
    for door, method in product(DOORS, ("GET", "POST")):
        for who in [one for one in world.clients if one in door.for_][:1]:
            with plans.watched(known) as found:
                ask(world.clients[who], method, address_of(world, door), door.data)
            wrong |= {one: f"{method} {door.name}" for one in found}

    assert not wrong


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody outside answers."""

    def call(*args: Any, **more: Any) -> Any:
        raise Unavailable("anybody")

    monkeypatch.setattr(http, "call", call)


def test_ticks_read_by_an_index(world: World, silence: None) -> None:
    app.loader.import_default_modules()
    wrong: dict[str, str] = {}
    known: set[str] = set()
    for name, arguments in sorted(EACH_MINUTE.items()):
        with plans.watched(known) as found:
            app.tasks[name].apply(arguments, throw=True)
        wrong |= dict.fromkeys(found, name)

    assert not wrong
