"""What is half there, slow or old: the table of docs/operations.md, "Bad states", is held to what there is,
and what it says of full disks and ended certificates is tried."""

import ast
import errno
import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone

from accounts import replica, storage
from accounts.models import User
from accounts.storage import LockedStorage, StoreAway
from applications.models import FamilyExport
from egov.tests.certified import certified
from notifications import queue
from oqu import clocks, health, pools, watch

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
ALARMS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
OTHER_RUNS = re.compile(r"\bmark\.(load|engines)\b")
QUOTED = re.compile(r"`([^`]+)`")


# Each is told by a row of the table, whose first words these are.
DEMANDED = (
    "half a configuration",
    "the replica is behind",
    "the store of files is slow",
    "the store of files takes nothing",
    "Redis is gone",
    "Redis is full",
    "two beats",
    "a beat whose machine is gone",
    "a worker is killed while it seals",
    "the database does not answer",
    "PgBouncer is started anew",
    "the database is slow and PgBouncer's pool full",
    "a full disk of the web",
    "a full disk of a machine that has workers alone",
    "a full disk of the database",
    "the clock of a machine is wrong",
    "the lists of revoked certificates are old",
    "OCSP does not answer",
    "the time stamping authority does not answer",
    "a register does not answer",
    "the SMS gateway does not answer",
    "eGov does not answer at the sign-in",
    "the antivirus does not answer",
    "the last backup is old",
    "PostgreSQL cannot archive its log",
    "a certificate that ended last night",
    "a certificate of our own servers ended",
    "the certificate that nginx shows ended",
    "a release that was gone back from",
    "a new version whose migration was not applied",
)


def full_disk(_request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, "No space left on device")


def full_database(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$")
    return HttpResponse()


urlpatterns = [path("disk/", full_disk), path("database/", full_database), path("", include("oqu.urls"))]
handler500 = "oqu.errors.server_error"


def rows() -> list[list[str]]:
    table = TEXT.partition("\n## Bad states\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_each_state_has_its_page_its_line_its_alarm_and_its_test(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    monkeypatch.setattr(storage, "look", lambda: storage.Look((), 0.0))
    monkeypatch.setattr(replica, "is_on", lambda: True)
    monkeypatch.setattr(watch, "replica_faults", list)
    monkeypatch.setattr(pools, "is_on", lambda: True)
    monkeypatch.setattr(pools, "faults", list)
    now = timezone.now()
    said = {*health.examine(now=now), *watch.faults(now=now), "keys"}
    alarms = {rule["alert"] for rule in ALARMS}
    states = [state for state, *_rest in rows()]
    assert len(states) == len(DEMANDED)
    assert [one for one in DEMANDED if not any(state.startswith(one) for state in states)] == []
    for state, page, line, alarm, proof in rows():
        with subtests.test(state):
            named = [one for one in QUOTED.findall(page) if one.endswith(".html")]
            assert all((ROOT / "templates" / one.removeprefix("templates/")).is_file() for one in named)
            assert set(QUOTED.findall(line)) <= said
            assert alarm.startswith("none: ") or set(alarm.split(", ")) <= alarms
            (told,) = QUOTED.findall(proof)
            file, _, name = told.partition("::")
            assert is_run((ROOT / file).read_text(encoding="utf-8"), name)


def is_run(source: str, name: str) -> bool:
    """By every run of the suite: there is such a test, and neither it nor its file is kept for other runs."""
    body = ast.parse(source).body
    tests = [one for one in body if isinstance(one, ast.FunctionDef) and one.name == name]
    marks: list[ast.AST] = [one for one in body if isinstance(one, ast.Assign)]
    marks += [mark for one in tests for mark in one.decorator_list]
    return bool(tests) and not any(OTHER_RUNS.search(ast.unparse(mark)) for mark in marks)


@pytest.mark.parametrize(
    ("source", "proves"),
    [
        ("def test_x(): ...", True),
        ("@pytest.mark.rule('D1')\ndef test_x(): ...", True),
        ("@pytest.mark.load\ndef test_x(): ...", False),
        ("pytestmark = [pytest.mark.django_db, pytest.mark.engines]\ndef test_x(): ...", False),
        ("def test_y(): ...", False),
    ],
)
def test_proof_of_a_state_is_one_that_every_run_makes(source: str, proves: bool) -> None:
    assert is_run(source, "test_x") is proves


def test_disk_that_is_full_takes_nothing_and_loses_nothing(
    parent: User, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is there whole or not at all, its row waits and pays no try, and a page is no fault of ours."""
    store = LockedStorage(location=tmp_path)
    row = FamilyExport.objects.create(user=parent, ordered_at=now, next_try_at=now)

    def full(self: FileSystemStorage, name: str, _content: Any) -> None:
        (tmp_path / name).write_bytes(b"half")
        full_disk(HttpRequest())

    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "_save", full)
        with pytest.raises(StoreAway, match="ENOSPC"):
            store.put("a", b"whole")
        rows = FamilyExport.objects.all()
        assert queue.do_next(rows, lambda _row: bool(store.put("a", b"whole")), now=now) is None
    row.refresh_from_db()
    assert (row.attempts, row.dead, list(tmp_path.iterdir())) == (0, False, [])
    assert store.open(store.save("b", ContentFile(b"room again"))).read() == b"room again"

    with override_settings(ROOT_URLCONF="tests.test_bad_states"):
        answer = Client(raise_request_exception=False).get("/disk/")
    assert answer.status_code == 503 and "Файлдар қоймасы" in answer.content.decode()


@override_settings(ROOT_URLCONF="tests.test_bad_states")
def test_database_that_takes_no_writes_is_a_busy_portal() -> None:
    answer = Client(raise_request_exception=False).get("/database/")

    assert answer.status_code == 503 and "Портал уақытша бос емес" in answer.content.decode()
    assert int(answer.headers["Retry-After"]) > 0


def test_certificate_that_ended_last_night_is_named(settings: Any, tmp_path: Path) -> None:
    ended = certified(tmp_path / "ended.pem", begins=-90, ends=-1)
    soon = certified(tmp_path / "soon.pem", begins=-80, ends=10)
    month = certified(tmp_path / "month.pem", begins=-60, ends=30)
    day = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}"
    settings.CONNECTIONS = {"smartbridge": {"cert": str(ended)}}
    for file, words in (
        (ended, f"PUBLIC_CERTIFICATE: what nginx shows to browsers has ended on {day}"),
        (soon, "PUBLIC_CERTIFICATE: what nginx shows to browsers ends on "),
        (tmp_path / "none.pem", "PUBLIC_CERTIFICATE: it cannot be read"),
        (month, ""),  # who renews it has not yet begun to
    ):
        settings.PUBLIC_CERTIFICATE = str(file)
        told = said("certificates")
        assert f"CONNECTIONS.smartbridge: our certificate has ended on {day}" in told
        assert words in told and ("PUBLIC_CERTIFICATE" in told) is bool(words)


def test_wrong_clock_and_old_lists_are_named(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "difference", lambda: clocks.MAY_DIFFER)
    assert said("clock") == "clock: ok"
    assert said("lists") == "lists: not watched"
    monkeypatch.setattr(clocks, "difference", lambda: timedelta(seconds=66))
    settings.EDS_CRL_URLS = ["http://crl.test/a.crl"]
    assert said("clock") == "clock: it is 66 s from the database's"
    assert said("lists") == "lists: http://crl.test/a.crl was never fetched"


def said(name: str) -> str:
    """The line of `manage.py health`."""
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("health", stdout=out)
    return next(line for line in out.getvalue().splitlines() if line.startswith(f"{name}: "))
