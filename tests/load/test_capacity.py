"""What the model of capacity foretells for this machine, and what the portal does on it.

    ./run test -m load tests/load/test_capacity.py -n 0 -s

One visitor tells what a page costs all processes of the machine together; from that the model says how many
pages eight visitors get and how long each waits (docs/capacity.md). Wants a machine without other work.
"""

import os
import statistics
import threading
import time
from pathlib import Path
from random import Random

import pytest
import requests

from oqu import capacity
from tests.browser.conftest import Stand
from tests.browser.walk import PARENT
from tests.load.visitor import Visitor

pytestmark = [pytest.mark.load, pytest.mark.xdist_group("browser")]

PAGES, VISITORS, QUIET_SECONDS = 300, 8, 10


def test_model_foretells_what_this_machine_serves(stand: Stand) -> None:
    parent = Visitor(stand, PARENT)
    parent.sign_in()
    parent.consent()
    ask(parent, PAGES // 4)  # what a process does once is done before

    alone = share_of_others()
    begun, begun_at = busy(), time.monotonic()
    ask(parent, PAGES)
    cost = (busy() - begun - alone * (time.monotonic() - begun_at)) / PAGES

    chance = Random(1)
    foretold = capacity.closed(
        visitors=VISITORS, cores=os.cpu_count() or 1, cost=cost, asked=20_000, chance=chance
    )
    begun_at = time.monotonic()
    took = together(parent)
    rate = len(took) / (time.monotonic() - begun_at)

    foretold_rate = 20_000 / foretold.ended * (1 - alone / (os.cpu_count() or 1))
    print(f"\na page costs {1000 * cost:.1f} ms of CPU, browser and database with it")
    print(f"pages a second: {foretold_rate:.1f} foretold, {rate:.1f} measured ({rate / foretold_rate:.2f})")
    print(f"median: {1000 * statistics.median(foretold.took['page']):.0f} ms foretold, "
          f"{1000 * statistics.median(took):.0f} ms measured")  # fmt: skip
    assert len(took) >= PAGES


def ask(parent: Visitor, pages: int) -> list[float]:
    """How long each took."""
    with requests.Session() as http:
        http.cookies.update(parent.http.cookies)
        return [_one(http, f"{parent.stand.url}/applications/") for _ in range(pages)]


def _one(http: requests.Session, address: str) -> float:
    begun = time.monotonic()
    answer = http.get(address, timeout=60)
    assert answer.status_code == 200 and answer.url == address
    return time.monotonic() - begun


def together(parent: Visitor) -> list[float]:
    took: list[float] = []
    share = -(-PAGES // VISITORS)
    threads = [threading.Thread(target=lambda: took.extend(ask(parent, share))) for _ in range(VISITORS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return took


def share_of_others() -> float:
    """Cores that work while nobody asks: the worker's ticks, the databases, the machine's own."""
    begun, begun_at = busy(), time.monotonic()
    time.sleep(QUIET_SECONDS)  # nothing is waited for: what goes on meanwhile is measured
    return (busy() - begun) / (time.monotonic() - begun_at)


def busy() -> float:
    """Seconds of CPU that all processes of the machine have worked."""
    user, nice, system = Path("/proc/stat").read_text().split()[1:4]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")
