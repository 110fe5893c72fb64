"""Three thousand browsers come within half a minute, with a room that lets in twenty a second.

    ./run test -m load tests/load/test_waiting_room.py -n 0 -s

What is asserted is the order and that nobody is lost; what it took is printed: a figure of a busy machine
proves nothing.
"""

import base64
import heapq
import http.client
import json
import os
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Stand, _stand
from tests.load.visitor import Visitor
from tests.ports import held_port

pytestmark = pytest.mark.load

BROWSERS, ARRIVING, EACH_SECOND, HANDS = 3000, 30, 20, 24  # people, seconds, people, connections at once
BURST = 10 * EACH_SECOND  # what may be let in at once after a pause
LONGEST_RELOAD = 30  # seconds at these numbers, with a busy machine's slowness
OPS, DOOR = "840214399807", "/login/?next=/applications/"


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A portal with a room, which believes each browser its own address."""
    room = {"WAITING_ROOM": "on", "WAITING_ROOM_RATE": str(60 * EACH_SECOND), "WAITING_ROOM_PLACES": "100000"}
    with (
        patch.dict(os.environ, room | {"TRUSTED_PROXIES": "1"}),
        held_port() as portal,
        held_port() as sandbox,
        held_port() as ncalayer,
    ):
        yield from _stand(tmp_path_factory.mktemp("crowded"), portal, sandbox, ncalayer)


@dataclass
class Browser:
    address: str
    cookie: str = ""
    number: int = 0  # in the order of coming, as the portal has given it out
    entered: float = 0.0
    looks: list[float] = field(default_factory=list)  # seconds that each page took

    def look(self, connection: http.client.HTTPConnection) -> float | None:
        """Ask for the sign-in; after how many seconds to look again, None: let in."""
        headers = {"X-Forwarded-For": self.address, "Accept-Language": "kk"}
        headers |= {"Cookie": f"room={self.cookie}"} if self.cookie else {}
        begun = time.monotonic()
        connection.request("GET", DOOR, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()  # the server ends one that is idle, in the midst of a wait
        self.looks.append(time.monotonic() - begun)
        self._take(answer)
        if answer.status == 200:
            return float(answer.headers["Refresh"])
        assert answer.status == 302, answer.status
        if answer.headers["Location"] == DOOR:
            return 0.0
        self.entered = time.monotonic()
        return None

    def _take(self, answer: http.client.HTTPResponse) -> None:
        for told in answer.headers.get_all("Set-Cookie") or []:
            if morsel := SimpleCookie(told).get("room"):
                self.cookie = morsel.value
                content = self.cookie.partition(":")[0]
                self.number = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))[1]


class Crowd:
    """All browsers by the time of their next look, served by so many hands."""

    def __init__(self, stand: Stand) -> None:
        self.host = urlsplit(stand.url).netloc
        self.browsers = [Browser(f"10.{one // 250}.0.{one % 250 + 1}") for one in range(BROWSERS)]
        self.begun = time.monotonic()
        self.due = [
            (self.begun + ARRIVING * place / BROWSERS, place) for place, _browser in enumerate(self.browsers)
        ]
        self.lock, self.inside, self.failed = threading.Lock(), 0, ""

    def run(self) -> None:
        hands = [threading.Thread(target=self._serve) for _each in range(HANDS)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        assert not self.failed, self.failed

    def _serve(self) -> None:
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            while self.inside < BROWSERS and not self.failed:
                with self.lock:
                    at, place = heapq.heappop(self.due) if self.due else (time.monotonic() + 1, -1)
                if place < 0 or at > time.monotonic() + 0.5:
                    time.sleep(0.2)
                again = None if place < 0 else self._look(connection, at, place)
                with self.lock:
                    if again is not None:
                        heapq.heappush(self.due, (again, place))
        except Exception as error:
            self.failed = repr(error)
            raise

    def _look(self, connection: http.client.HTTPConnection, at: float, place: int) -> float | None:
        if at > time.monotonic() + 0.5:
            return at
        time.sleep(max(0, at - time.monotonic()))
        again = self.browsers[place].look(connection)
        if again is None:
            with self.lock:
                self.inside += 1
            return None
        return time.monotonic() + again


class Staff:
    """Somebody of ops signs in again and again beside the crowd."""

    def __init__(self, stand: Stand) -> None:
        self.stand, self.over, self.took = stand, threading.Event(), list[float]()
        self.thread = threading.Thread(target=self._sign_in)

    def __enter__(self) -> "Staff":
        self.thread.start()
        return self

    def __exit__(self, *_how: object) -> None:
        self.over.set()
        self.thread.join()

    def _sign_in(self) -> None:
        while not self.over.wait(10):
            begun = time.monotonic()
            page = Visitor(self.stand, OPS).sign_in("/login/?staff=1&next=/ops/")
            assert page.url.endswith("/ops/"), page.url
            self.took.append(time.monotonic() - begun)


def test_three_thousand_go_in_in_the_order_they_came(crowded: Stand) -> None:
    crowd = Crowd(crowded)
    with Staff(crowded) as staff:
        crowd.run()
        standing = crowded.manage("waiting_room")

    entered = sorted(crowd.browsers, key=lambda one: one.entered)
    begun, last = entered[0].entered, entered[-1].entered
    early = [one for place, one in enumerate(entered) if place > _most_by(one.entered - begun)]
    late = [one for one in entered if one.entered - begun > one.number / EACH_SECOND + LONGEST_RELOAD]
    moved = [abs(place + 1 - one.number) for place, one in enumerate(entered)]
    looks = sorted(took for one in crowd.browsers for took in one.looks)
    print(f"\n{standing}")
    print(f"{len(entered)} let in within {last - begun:.0f} s, {len(looks)} looks")
    print(f"a look: median {1000 * statistics.median(looks):.0f} ms, p95 {1000 * _p95(looks):.0f} ms")
    print(f"out of the order of coming: median {statistics.median(moved):.0f} places, most {max(moved)}")
    print(f"staff, eGov and all: median {statistics.median(staff.took):.1f} s, most {max(staff.took):.1f} s")
    assert sorted(one.number for one in crowd.browsers) == list(range(1, BROWSERS + 1))  # nobody lost
    assert (early, late) == ([], [])
    assert max(moved) <= BURST + EACH_SECOND * LONGEST_RELOAD + 1  # overtaken until one looks again, no more


def _most_by(seconds: float) -> float:
    """How many may be in after so long."""
    return BURST + EACH_SECOND * seconds + 1


def _p95(sorted_times: list[float]) -> float:
    return sorted_times[int(len(sorted_times) * 0.95)]
