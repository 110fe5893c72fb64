"""A version goes out and is taken back while people file, by the block of docs/deploy.md, "A new version".

    ./run test -m load tests/load/test_release.py -n 0 -s

The next version is a copy of this one with another style sheet, one file more and one less, and a column more
in a table that the journal watches. What is asserted is that nobody is turned away and nothing is lost or
made twice; how long the longest answer took is printed.
"""

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from django.utils import timezone

from oqu.setup import answers
from tests.load import national
from tests.load.production import FIRST, OPS, Production, lay, production, sign
from tests.load.visitor import Page, Visitor
from tests.served import statuses

pytestmark = pytest.mark.load

NEXT = "oqu-2027.2"
CROWD, FILERS, EACH = 200, 3, 4  # families, at once, filed at the least with each version at work
PATIENCE = 300  # seconds, against hanging
FIELD = "    left_at = models.CharField("


def lay_next(place: Path) -> None:
    """The next version."""
    lay(place)
    change(place / "static/css/portal.css", "", "\n/* of the next version */\n")
    (place / "static/css/next.css").write_text("body { color: inherit; }\n")
    (place / "static/img/mark.svg").rename(place / "static/img/next.svg")
    base, link = place / "templates/base.html", '<link rel="stylesheet" href="{% static \'css/next.css\' %}">'
    change(base, "img/mark.svg", "img/next.svg")
    change(base, "    {% block head %}", f"    {link}\n    {{% block head %}}")
    change(
        place / "applications/models/application.py",
        FIELD,
        f'    next_word = models.CharField(max_length=20, blank=True, db_default="")\n{FIELD}',
    )
    folder = place / "applications/migrations"
    last = max(path.stem for path in folder.glob("[0-9]*.py"))
    (folder / f"{int(last[:4]) + 1:04d}_next.py").write_text(
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
        f'    dependencies = [("applications", "{last}")]\n'
        '    operations = [migrations.AddField("application", "next_word", '
        'models.CharField(max_length=20, blank=True, db_default=""))]\n'
    )


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Production]:
    monkeypatch.setenv("CROWD", str(CROWD))
    with production() as made:
        lay_next(made.stand.logs / "srv" / NEXT)
        yield made


class Traffic:
    """Families who file one after the other, and somebody who looks at the first page with all its files."""

    def __init__(self, portal: Production) -> None:
        year = answers.years(timezone.now())[0]
        self.portal = portal
        self.families = iter([parent.iin for parent, _child in national.crowd(year, CROWD)])
        self.failures: list[str] = []
        self.filed: list[str] = []
        self.took: list[float] = []
        self.over, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self._file) for _ in range(FILERS)]
        self.threads.append(threading.Thread(target=self._look))

    def __enter__(self) -> "Traffic":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_how: object) -> None:
        """Who has begun goes on to the end."""
        self.over.set()
        for thread in self.threads:
            thread.join()

    def until_filed(self) -> float:
        """So many more; the longest answer since the last time."""
        wanted, deadline = len(self.filed) + EACH, time.monotonic() + PATIENCE
        while len(self.filed) < wanted and not self.failures:
            assert time.monotonic() < deadline, "nobody files any more"
            time.sleep(0.2)  # others work
        assert not self.failures, self.failures
        longest = max(self.took)
        self.took.clear()
        return longest

    def _come(self, iin: str) -> Visitor:
        made = self.portal.come(iin)
        made.http.hooks["response"].append(self._note)
        return made

    def _note(self, answer: requests.Response, **_more: object) -> None:
        self.took.append(answer.elapsed.total_seconds())
        if answer.status_code >= 400:
            self.failures.append(f"{answer.status_code} {answer.request.method} {answer.url}")

    def _file(self) -> None:
        while not self.over.is_set() and not self.failures:
            with self.lock:
                iin = next(self.families)
            try:
                self._one(self._come(iin))
            except Exception as error:
                self.failures.append(repr(error))
            else:
                self.filed.append(iin)

    def _one(self, parent: Visitor) -> None:
        parent.sign_in()
        parent.consent()
        parent.add_child(national.CHILD)
        page = parent.press(parent.prepare(national.CHILD, "№63"), "Өтінімге қол қою")
        sign(parent, page)

    def _look(self) -> None:
        visitor = self._come(OPS)
        while not self.over.is_set() and not self.failures:
            try:
                for address in files_of(visitor.get("/")):
                    visitor.http.get(address, timeout=60)
            except Exception as error:
                self.failures.append(repr(error))
            time.sleep(0.2)  # between two looks


def files_of(page: Page) -> list[str]:
    found = page.tree.xpath("//link/@href | //script/@src | //img/@src")
    return [urljoin(page.url, one) for one in found if "/static/" in one]


def test_version_goes_out_and_back_while_people_file(portal: Production) -> None:
    portal.is_healthy()
    portal.open_today()
    machine, block = portal.machine, portal.machine.documents.release()
    with Traffic(portal) as traffic:
        longest = {"before": traffic.until_filed()}
        early = portal.come(OPS)
        early.sign_in("/login/?next=/ops/")
        opened = files_of(early.get("/"))

        machine.run(block, between=lambda: renew_a_child(portal))
        longest["out"] = traffic.until_filed()
        assert is_next(early) and [early.http.get(one).status_code for one in opened] == [200] * len(opened)
        assert early.get("/ops/").url.endswith("/ops/"), "the session of before lives on"

        newer = files_of(early.get("/"))
        machine.run(block.replace(NEXT, FIRST))
        longest["back"] = traffic.until_filed()
        assert not is_next(early) and [early.http.get(one).status_code for one in newer] == [200] * len(newer)
        assert early.get("/ops/").url.endswith("/ops/")

    print(f"\n{len(traffic.filed)} filed, the longest answer in seconds:", longest)
    assert traffic.failures == []
    assert_nothing_is_lost_or_doubled(portal, traffic.filed)


def is_next(visitor: Visitor) -> bool:
    return "css/next." in visitor.get("/").text


def renew_a_child(portal: Production) -> None:
    """One of the version at work that begins anew when the files of the next are there, as after a fault."""
    before = portal.machine.children("oqu-web")
    os.kill(before[0], signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while set(portal.machine.children("oqu-web")) <= set(before):
        assert time.monotonic() < deadline
        time.sleep(0.1)  # gunicorn looks once a second
    time.sleep(3)  # so that it answers some


def assert_nothing_is_lost_or_doubled(portal: Production, filed: list[str]) -> None:
    query, manage = portal.stand.query, portal.machine.documents.run
    waiting = portal.come(filed[0])
    waiting.sign_in()
    waiting.until(lambda: waiting.get("/applications/"), lambda _page: portal.papers() >= len(filed))
    waiting.until(
        lambda: waiting.get("/applications/"),
        lambda _page: not query("SELECT FROM notifications_message WHERE state = 'PENDING'"),
    )

    applicants = "SELECT u.iin FROM applications_application a JOIN accounts_user u ON u.id = a.applicant_id"
    assert sorted(query(f"{applicants} WHERE a.status = 'IN_REVIEW'")) == sorted((iin,) for iin in filed)
    assert portal.papers() == len(filed)
    for iin in filed:
        told = Counter(text for text in portal.come(iin).inbox() if re.search(r"\b20\d\d-\d{6}\b", text))
        assert set(told.values()) == {1}, iin
    served = statuses((portal.stand.logs / "oqu.log").read_text())
    assert 200 in served and [one for one in served if one == 499 or one >= 500] == []
    commands = " && ".join(f".venv/bin/python manage.py {one}" for one in ("verify_journal", "check_seats"))
    here = portal.machine.documents.here("cd /srv/oqu && set -a && . /etc/oqu/oqu.env && set +a")
    assert "the journal holds" in manage(f"{here} && {commands}", "manage.py")
