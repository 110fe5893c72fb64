"""A director's day at the busiest school: two hundred decisions that the executor has prepared, each opened
by a single key, then signed fifty at a time.

    ./run test -m load tests/load/test_a_day_of_decisions.py -n 0 -s

DECISIONS asks for another number. Prints pages, presses and minutes: the machine's own, and a second and a
half for each press of somebody who knows the pages. What is read on them takes its time beside that.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Child, User
from applications import lifecycle
from applications.models import Application, Result
from applications.signing import many
from applications.signing.tests.browser_cast import Bench, Stage, bench_of, worker
from applications.status import Status
from schools.models import Intake

pytestmark = [pytest.mark.load, pytest.mark.django_db(transaction=True)]

DECISIONS = int(os.environ.get("DECISIONS", "200"))
PRESS, PIN, MOST_MINUTES = 1.5, 8, 40  # seconds a press, presses a PIN, minutes a day's two hundred
PATIENCE_MS = 600_000


@pytest.fixture
def now() -> datetime:
    """The machine's own: the browser drops cookies of another day."""
    return timezone.now()


@pytest.fixture
def bench(
    make_application: Callable[..., Application], intake: Intake, executor: User, director: User,
    now: datetime, stage: Stage, settings: Any,
) -> Iterator[Bench]:  # fmt: skip
    Intake.objects.filter(pk=intake.pk).update(seats=DECISIONS, outside_limit=DECISIONS // 4)
    for number in range(DECISIONS):
        child = Child.objects.create(
            iin=f"200315{500_000 + number}",
            surname="Бала",
            name=f"Бала{number}",
            birth_date=date(2020, 3, 15),
        )
        filed = make_application(Status.IN_REVIEW, child=child, due_at=now + timedelta(minutes=number))
        lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    with bench_of(director, stage=stage, settings=settings) as found, worker():
        yield found


@dataclass
class Director:
    page: Page
    pages: int = 0
    presses: int = 0
    machine: float = 0.0

    def press(self, act: Callable[..., object], *given: str, leads: bool = True) -> None:
        """One key or button, and the wait for the page that it leads to."""
        start = perf_counter()
        with self.page.expect_navigation(wait_until="load") if leads else nullcontext():
            act(*given)
        self.machine += perf_counter() - start
        self.presses, self.pages = self.presses + 1, self.pages + leads

    def wait(self, until: Callable[[], object]) -> None:
        start = perf_counter()
        until()
        self.machine += perf_counter() - start

    @property
    def minutes(self) -> float:
        return (self.machine + self.presses * PRESS) / 60


def look_through(director: Director) -> set[str]:
    """Each application once, by its key; the numbers that were seen."""
    page, seen = director.page, set()
    director.press(page.locator("[data-oqu-keys] summary").click, leads=False)
    director.press(page.locator("[data-oqu-keys-switch]").click, leads=False)
    director.press(page.locator("#rows tbody tr a").first.click)
    for left in reversed(range(DECISIONS)):
        seen.add(page.locator("h1").inner_text())
        if left:
            director.press(page.keyboard.press, "n")
    return seen


def sign_a_page(director: Director, queue: str) -> None:
    """All rows of the queue's page under one PIN."""
    page = director.page
    director.press(page.goto, queue)
    director.press(page.get_by_role("checkbox", name="Осы беттің бәрін таңдау").check, leads=False)
    director.press(page.get_by_role("button", name="Таңдалғандарға қол қою").click)
    director.press(page.get_by_role("button", name="Шешімдерге қол қою (").click)
    choice = page.get_by_role("dialog", name="Қол қою тәсілін таңдаңыз")
    director.wait(lambda: expect(choice).to_be_visible(timeout=PATIENCE_MS))  # the worker draws
    director.press(choice.get_by_role("link", name="ҚР ҰКО ЭЦҚ").click)
    director.press(page.get_by_role("button", name="ЭЦҚ кілтімен қол қою").click, leads=False)
    director.presses += PIN
    director.wait(lambda: page.wait_for_url("**/result/", timeout=PATIENCE_MS))


def test_two_hundred_prepared_decisions_are_less_than_an_hour_s_work(bench: Bench) -> None:
    told: list[str] = []

    def work(context: BrowserContext) -> None:
        context.set_default_timeout(PATIENCE_MS)
        director, queue = Director(context.new_page()), f"{bench.url}/school/?view=signing"
        director.press(director.page.goto, queue)
        seen = look_through(director)
        assert len(seen) == DECISIONS
        looked = director.minutes
        for _page in range(0, DECISIONS, many.MOST):
            sign_a_page(director, queue)
        told.append(
            f"{DECISIONS} decisions: {director.pages} pages, {director.presses} presses, "
            f"{director.machine / 60:.1f} min of the machine; {looked:.1f} min to look through, "
            f"{director.minutes:.1f} min in all"
        )
        assert director.minutes < MOST_MINUTES

    bench.drive(work, viewport={"width": 1280, "height": 900})

    print(f"\n{told[0]}")
    assert Application.objects.filter(status=Status.ACCEPTED).count() == DECISIONS
