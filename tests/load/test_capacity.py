"""What the model of capacity foretells for this machine, and what the portal does.

    ./run test -m load tests/load/test_capacity.py -n 0 -s

One visitor tells what a page costs all that runs here: web, database, Redis and the visitor too. What the
machine then gives is laid beside what the model says (docs/capacity.md): how many pages a second at the
most, which is held to a fifth, and how long they take when people come at chance moments, which is told. It
is one page, whose cost was measured on the spot: held is that cores are what runs out, and that costs add up.
Wants a machine without other work.
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

pytestmark = pytest.mark.load

PAGES, SECONDS, SHARES, AT_ONCE = 400, 20, (0.3, 0.5, 0.7), 64
WITHIN = 0.2  # what is served at the most, of what was foretold
VISITORS = 8
CORES = os.cpu_count() or 1


def test_model_foretells_what_this_machine_bears(stand: Stand) -> None:
    parent = Visitor(stand, PARENT)
    parent.sign_in()
    parent.consent()
    asking = Asking(parent)
    asking.together(PAGES)  # what a process does once is done before

    before = busy()
    asking.one_by_one(PAGES)
    page = (busy() - before) / PAGES
    most = CORES / page
    begun = time.monotonic()
    asking.together(3 * PAGES)
    found = 3 * PAGES / (time.monotonic() - begun)
    print(f"\na page costs {1000 * page:.1f} ms of the machine's {CORES} cores")
    print(f"{most:.0f} pages a second foretold at the most, {found:.0f} served ({found / most:.2f})")
    assert 1 - WITHIN <= found / most <= 1 + WITHIN

    for share in SHARES:
        moments = list(gaps(share * most, SECONDS))
        coming = ((moment, Question("page", 1.0, 0.0)) for moment in moments)
        foretold = capacity.serve(coming, cores=CORES, bare_page=page, chance=Random(1))
        measured = asking.at(moments)
        told, took = foretold.p95("page"), measured.p95("page")
        print(
            f"{share * most:.0f} pages a second ({share:.0%}): p95 {1000 * told:.0f} ms foretold, "
            f"{1000 * took:.0f} ms measured ({took / told:.2f})"
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

    def together(self, pages: int) -> None:
        with ThreadPoolExecutor(VISITORS) as browsers:
            for one in [browsers.submit(self._one) for _ in range(pages)]:
                one.result()

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


def busy() -> float:
    """Seconds that the cores of this machine have worked since it was started."""
    spent = [int(ticks) for ticks in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _waits, hard, soft, _stolen = spent
    return (user + nice + system + hard + soft) / os.sysconf("SC_CLK_TCK")
