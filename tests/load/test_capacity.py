"""What the model of capacity foretells for a web process of this machine, and what the portal does.

    ./run test -m load tests/load/test_capacity.py -n 0 -s

One visitor tells what a page costs the web process and the database; then pages are asked for at chance
moments, at some shares of the rate that one process could bear; how long they take is laid beside what the
model says (docs/capacity.md). Wants a machine without other work.
"""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
import requests

from oqu import capacity
from oqu.capacity import Answered, Question
from tests.browser.conftest import Stand
from tests.browser.walk import PARENT
from tests.load.visitor import Visitor

pytestmark = [pytest.mark.load, pytest.mark.xdist_group("browser")]

PAGES, SECONDS, SHARES, AT_ONCE = 300, 20, (0.3, 0.6), 64
TICKS = os.sysconf("SC_CLK_TCK")


def test_model_foretells_how_long_pages_take(stand: Stand) -> None:
    parent = Visitor(stand, PARENT)
    parent.sign_in()
    parent.consent()
    asking = Asking(parent)
    asking.one_by_one(PAGES)  # what a process does once is done before

    web, database = spent(stand)
    asking.one_by_one(PAGES)
    web, database = (
        (now - before) / PAGES for now, before in zip(spent(stand), (web, database), strict=True)
    )
    print(f"\na page costs {1000 * web:.1f} ms of the web process, {1000 * database:.1f} of the database")

    page = Question("page", 1.0, database / web)
    for share in SHARES:
        moments = list(gaps(share / web, SECONDS))
        foretold = capacity.serve(
            ((moment, page) for moment in moments), cores=1, bare_page=web, chance=Random(1)
        )
        measured = asking.at(moments)
        told, found = foretold.p95("page"), measured.p95("page")
        print(
            f"{share / web:.0f} pages a second ({share:.0%}): p95 {1000 * told:.0f} ms foretold, "
            f"{1000 * found:.0f} ms measured ({found / told:.2f})"
        )
        assert len(measured.took["page"]) == len(moments)


def gaps(rate: float, seconds: float) -> Iterator[float]:
    chance, moment = Random(2), 0.0
    while (moment := moment + chance.expovariate(rate)) < seconds:
        yield moment


class Asking:
    """Browsers of one parent, each thread with a connection that stays open."""

    def __init__(self, parent: Visitor) -> None:
        self.parent, self._mine = parent, threading.local()

    def one_by_one(self, pages: int) -> None:
        for _ in range(pages):
            self._one()

    def at(self, moments: list[float]) -> Answered:
        answered, begun = Answered(), time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as browsers:
            asked = []
            for moment in moments:
                time.sleep(max(0.0, begun + moment - time.monotonic()))  # people come by the clock
                asked.append(browsers.submit(self._since, begun + moment))
            for one in asked:
                answered.note("page", one.result())
        return answered

    def _since(self, moment: float) -> float:
        self._one()
        return time.monotonic() - moment

    def _one(self) -> None:
        if not hasattr(self._mine, "http"):
            self._mine.http = requests.Session()
            self._mine.http.cookies.update(self.parent.http.cookies)
        address = f"{self.parent.stand.url}/applications/"
        answer = self._mine.http.get(address, timeout=60)
        assert answer.status_code == 200 and answer.url == address


def spent(stand: Stand) -> tuple[float, float]:
    """Seconds of CPU of the portal's web process, and of its database's."""
    database = stand.env["DATABASE_URL"].rpartition("/")[2].partition("?")[0]
    of_web, of_database = 0, 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            called = (process / "cmdline").read_text().replace("\0", " ")
            times = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        ticks = int(times[11]) + int(times[12])
        if "gunicorn" in called and stand.url.partition("//")[2] in called:
            of_web += ticks
        elif called.startswith("postgres:") and database in called:
            of_database += ticks
    return of_web / TICKS, of_database / TICKS
