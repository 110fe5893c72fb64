"""Twenty hostile files at once: what a page and a signature cost beside them, against their quiet time.

    ./run test -m load tests/load/test_hostile_files.py -n 0 -s

Prints ratios of one run. Nothing of time is asserted: a figure of a busy machine proves nothing.
"""

import itertools
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
import requests

from applications.documents.cell.tests.heavy_pdfs import heavy
from applications.documents.tests.test_uploads import endless_scans
from tests.browser.conftest import Stand
from tests.browser.walk import OTHER_PARENT, PARENT
from tests.load.visitor import Page, Visitor

pytestmark = pytest.mark.load

AT_ONCE, PAGES, SIGNATURES = 20, 60, 3
SCHOOL, CHILD, OTHER_CHILD = "№63", "Арман", "Аружан"


def test_pages_and_signatures_beside_hostile_files(stand: Stand) -> None:
    parent, enemy = _settled(stand, PARENT, CHILD), _settled(stand, OTHER_PARENT, OTHER_CHILD)
    target = enemy.to_documents(OTHER_CHILD, SCHOOL)

    quiet = {"page": _pages(parent), "signature": _signatures(parent)}
    with _Attack(enemy, target) as attack:
        beside = {"page": _pages(parent), "signature": _signatures(parent)}

    print(f"\nanswers to hostile files: {dict(attack.answers)}")
    for what, times in quiet.items():
        ratio = statistics.median(beside[what]) / statistics.median(times)
        print(f"{what}: median {_ms(times)} quiet, {_ms(beside[what])} beside, ratio {ratio:.2f}")
    assert set(attack.answers) <= {200, 400, 429}


def _settled(stand: Stand, iin: str, child: str) -> Visitor:
    visitor = Visitor(stand, iin)
    visitor.sign_in()
    visitor.consent()
    visitor.add_child(child)
    return visitor


def _pages(parent: Visitor) -> list[float]:
    return [_time(lambda: parent.get("/service/")) for _ in range(PAGES)]


def _signatures(parent: Visitor) -> list[float]:
    """An application is signed, then its withdrawal, and so on."""
    times = []
    for _ in range(SIGNATURES):
        page = parent.press(parent.prepare(CHILD, SCHOOL), "Өтінімге қол қою")
        times.append(_timed_signature(parent, page))
        page = parent.get(parent.get("/applications/").link(r"/applications/[0-9a-f-]{36}/$"))
        page = parent.press(parent.get(page.link(r"/withdraw/$")), "Кері қайтарып алу")
        times.append(_timed_signature(parent, page))
    return times


def _timed_signature(parent: Visitor, page: Page) -> float:
    return _time(lambda: parent.scan(page))


def _time(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def _ms(times: list[float]) -> str:
    return f"{1000 * statistics.median(times):.0f} ms"


class _Attack:
    """One session sends hostile files, so many at once, until it is told to stop."""

    def __init__(self, enemy: Visitor, page: Page) -> None:
        self.enemy, self.page = enemy, page
        self.token = page.tree.xpath("//main//input[@name='csrfmiddlewaretoken']/@value")[0]
        self.files = [("a.pdf", make()) for make in heavy().values()] + [("a.jpg", endless_scans())]
        self.over = threading.Event()
        self.answers: Counter[int] = Counter()
        self.threads = [threading.Thread(target=self._send, args=(first,)) for first in range(AT_ONCE)]

    def __enter__(self) -> "_Attack":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_how: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _send(self, first: int) -> None:
        for name, content in itertools.islice(itertools.cycle(self.files), first, None):
            if self.over.is_set():
                return
            answer = requests.post(
                self.page.url + "f065/upload/",
                data={"csrfmiddlewaretoken": self.token},
                files={"f065": (name, content)},
                cookies=self.enemy.http.cookies,
                headers={"Referer": self.page.url},
                timeout=120,
            )
            self.answers[answer.status_code] += 1
            if answer.status_code == 429:  # one person sends no more than so many a minute
                self.over.wait(5)
