"""The world of these tests: everything that parent A has with school A, on 10 June 2026."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from accounts.models import Child, User
from applications.models import Application
from egov import http
from schools.models import School
from tests.access import cast
from tests.access.cast import World
from tests.at_work import at_work


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
        iins = [child.iin, *(user.iin for user in users.values())]
        registers.names = {iin: ("Аты", "Жөні", "F") for iin in iins}
        registers.ties = {parent.iin: [child.iin]}
        monkeypatch.setattr(http, "call", registers.call)
        at_work(now=now)
        yield World(cast.Things(make_application, users, now).ids(child), cast.browsers(users))
