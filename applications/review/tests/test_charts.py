"""The figures that are drawn of an area: what waits, answers by day, ways, languages (D56)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.models import Protection, User
from applications.models import Application, Route
from applications.review import charts
from applications.review.lateness import Today
from applications.review.tests.test_department import file_another, officer, schools_of
from applications.status import Status
from conftest import ALMATY
from schools.models import Locality

__all__ = ["officer"]
pytestmark = pytest.mark.rule("D56")


def test_figures_are_those_of_the_applications(
    make_application: Callable[..., Application],
    localities: dict[str, Locality],
    officer: User,
    now: datetime,
) -> None:
    """On a Wednesday: a term that ended on Friday is three working days ago, on Thursday four."""
    for number, hours in enumerate((-3, 1, 24, 5 * 24, 6 * 24)):
        file_another(make_application, number, due_at=now - timedelta(hours=hours))
    decided = {"due_at": now, "decided_at": now - timedelta(days=1)}
    file_another(make_application, 5, status=Status.REFUSED, route=Route.OUTSIDE, **decided)
    file_another(make_application, 6, status=Status.WITHDRAWN, **decided)
    file_another(
        make_application, 7, status=Status.ACCEPTED, **decided | {"decided_at": now - timedelta(days=14)}
    )

    rows = schools_of(localities, now=now)
    found = charts.of(rows, reader=officer, today=Today.at(now))
    drawn = {one.key: [tuple(bar.values) for bar in one.bars] for one in found}

    assert drawn["ages"] == [(1, 0), (0, 1), (0, 2), (0, 1)]
    assert drawn["answers"] == [*[(0, 0)] * 12, (1, 1), (0, 0)]
    assert drawn["routes"] == [(5, 1, 0), (0, 0, 1)] and drawn["languages"] == [(5, 1, 1)]
    assert drawn["load"] == [(4, 1)] and "reasons" not in drawn


def test_answers_of_the_last_days_of_august_are_shown_in_september(
    make_application: Callable[..., Application], localities: dict[str, Locality], officer: User
) -> None:
    """To what the year that is over has left, too; a child that a court hides from the officer is in none."""
    new_year = datetime(2026, 9, 2, 12, tzinfo=ALMATY)
    for number, days in enumerate((1, 3)):
        answered = {"status": Status.ACCEPTED, "decided_at": new_year - timedelta(days=days)}
        shown = file_another(make_application, number, **answered)
    file_another(make_application, 2, **answered)
    Protection.objects.create(
        child_iin=shown.child.iin, barred_iin=officer.iin, since=new_year, why="сот", region="710000000"
    )

    found = charts.of(schools_of(localities, now=new_year), reader=officer, today=Today.at(new_year))

    (answers,) = [one for one in found if one.key == "answers"]
    assert [tuple(bar.values) for bar in answers.bars[-4:]] == [(1, 0), (0, 0), (1, 0), (0, 0)]
