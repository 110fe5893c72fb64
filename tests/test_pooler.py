"""The portal behind a pooler in transaction mode: nothing of it lives in a session of the database. The
PgBouncer of docs/deploy.md is skipped where none is installed."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, close_old_connections, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import chain, deadlines
from accounts.models import JournalLink, User
from applications.keeping import erasing
from applications.models import Paper
from applications.papers import keys, making
from applications.papers.tests.audit_cast import filed  # noqa: F401  fixtures
from egov import http
from notifications import leases, relay
from notifications.models import Channel, Heartbeat, Message, MessageState
from notifications.tests import gateway
from oqu import pools
from oqu.metrics import state
from oqu.metrics.state import Reading
from tests.environment import PORTAL
from tests.ports import held_port
from tests.sessions import in_force
from tests.test_architecture import ROOT, sources

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
PATIENCE = 60  # seconds, against hanging
WAIT = 1  # second for which the pooler lets wait, in place of the documents' four
MINUTE = timedelta(minutes=1)

# What stays in a session of the database from one transaction to the next.
OF_A_SESSION = {
    "a lock": r"pg_(?:try_)?advisory_(?:un)?lock",
    "a cursor": r"\.iterator\(|\bcursor\(\s*(?:name\b|[\"'])|\bDECLARE\s+\w+.*\bCURSOR\b|\bWITH HOLD\b",
    "a setting": r"[\"']\s*SET\s+(?!LOCAL\b)\w+\s*(?:=|\bTO\b|\{)|\bSET SESSION\b|\bset_config\(",
    "a subscription": r"[\"']\s*LISTEN\s",
    "a prepared statement": r"\bprepare_threshold\b|\bprepare=True\b|\bPREPARE\s+\w+\s*(?:\(|\bAS\b)",
    "a table": r"CREATE TEMP(?:ORARY)? TABLE(?!.*ON COMMIT DROP)",
}


def of_a_session(source: str) -> list[str]:
    return [what for what, pattern in OF_A_SESSION.items() if re.search(pattern, source, re.IGNORECASE)]


def test_nothing_is_kept_in_a_session() -> None:
    found = {str(path.relative_to(ROOT)): of_a_session(path.read_text()) for path in sources()}

    assert {path: kept for path, kept in found.items() if kept} == {}


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ('"SELECT pg_try_advisory_lock(%s)"', "a lock"),
        ('"SELECT pg_advisory_unlock(%s)"', "a lock"),
        ('"SELECT pg_try_advisory_xact_lock(%s)"', ""),
        ("rows.iterator(chunk_size=5)", "a cursor"),
        ('connection.cursor("many")', "a cursor"),
        ("connection.cursor()", ""),
        ("\"SET timezone = 'UTC'\"", "a setting"),
        ("\"SET LOCAL timezone = 'UTC'\"", ""),
        ('"LISTEN news"', "a subscription"),
        ("cursor.execute(sql, prepare=True)", "a prepared statement"),
        ('"CREATE TEMP TABLE x (y int)"', "a table"),
        ('"CREATE TEMP TABLE x (y int) ON COMMIT DROP"', ""),
    ],
)
def test_the_test_of_sessions_sees_what_is_kept(source: str, kept: str) -> None:
    assert of_a_session(source) == ([kept] if kept else [])


@pytest.mark.django_db
def test_driver_prepares_nothing_and_opens_no_cursor_on_the_server() -> None:
    connection.ensure_connection()

    assert connection.connection.prepare_threshold is None
    assert connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]


@dataclass
class Pooler:
    """PgBouncer before the database of the tests, with one connection to it for all."""

    folder: Path
    port: int
    target: dict[str, Any]
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self) -> None:
        conf = self.folder / "pgbouncer.ini"
        conf.write_text(self._conf())
        self.processes.append(subprocess.Popen([str(PGBOUNCER), "-q", str(conf)], stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.processes[-1].poll() is None, "PgBouncer does not start with the documents' block"
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)  # another process comes up in its own time
            else:
                return
        raise AssertionError("PgBouncer does not answer")

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.port, dbname="oqu", user="oqu")

    def stop(self) -> None:
        """At once, as when its machine falls."""
        self.processes[-1].kill()
        self.processes[-1].wait(PATIENCE)

    def _conf(self) -> str:
        """The block of the documents, with this machine's ports and places."""
        blocks = re.findall(r"```ini\n(.*?)```", (ROOT / "docs/deploy.md").read_text(), re.DOTALL)
        text = next(block for block in blocks if "[pgbouncer]" in block)
        own = " ".join(f"{name}='{value}'" for name, value in self.target.items() if value)
        role = f"connect_query='SET ROLE {PORTAL}"
        users = self.folder / "userlist.txt"
        users.write_text("".join(f'"{role}" ""\n' for role in {"oqu", self.target["user"]}))
        user = "user = nobody" if os.geteuid() == 0 else ""
        for old, new in (
            ("host=/run/postgresql dbname=oqu\n", f"{own} {role}'\n"),
            ("host=/run/postgresql dbname=oqu connect_query='", f"{own} {role}; "),
            ("listen_addr = 10.0.0.5", f"listen_addr = 127.0.0.1\nunix_socket_dir =\n{user}"),
            ("listen_port = 6432", f"listen_port = {self.port}"),
            ("auth_type = scram-sha-256", "auth_type = trust"),
            ("/etc/pgbouncer/userlist.txt", str(users)),
            ("default_pool_size = 20", "default_pool_size = 1"),
            ("query_wait_timeout = 4", f"query_wait_timeout = {WAIT}"),
        ):
            assert old in text, old
            text = text.replace(old, new)
        return re.sub(r"^(?:client_tls_.*|logfile) = .*\n", "", text, flags=re.MULTILINE)


@pytest.fixture
def pooler(transactional_db: None, tmp_path: Path) -> Iterator[Pooler]:
    """Every connection of this test goes through it."""
    if PGBOUNCER is None:
        assert not os.environ.get("REQUIRE_POOLER"), "pgbouncer is not installed"
        pytest.skip("pgbouncer is not installed")
    own = {name: connection.settings_dict[name] for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD")}
    target = {"dbname": own["NAME"], "host": own["HOST"], "port": own["PORT"], "user": own["USER"]}
    with held_port() as port:
        made = Pooler(tmp_path, port, target | {"password": own["PASSWORD"]})
        made.start()
        connection.close()
        connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(port), "NAME": "oqu"}
        try:
            yield made
        finally:
            connection.close()
            connection.settings_dict |= own
            made.stop()


@pytest.fixture
def sms(settings: Any) -> Iterator[gateway.Mobizon]:
    with gateway.running() as server:
        settings.SMS_GATEWAY, settings.MOBIZON_URL, settings.MOBIZON_KEY = "mobizon", server.url, "key"
        yield server


def test_pooler_that_falls_loses_nothing(
    pooler: Pooler,
    request: pytest.FixtureRequest,
    sms: gateway.Mobizon,
    settings: Any,
    tmp_path: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An application is filed, its SMS is with the gateway, and the pooler falls before that is written."""
    settings.KEYS_DIR, settings.SEAL_PASSWORD = tmp_path / "keys", "test"
    keys.ensure(now=now)
    call = http.call
    application = request.getfixturevalue("filed")
    monkeypatch.setattr(http, "call", call)  # the authority that is played knows no gateway
    settings.TSP_URL = ""
    marked = relay._mark_sent

    def fallen(*told: Any, **how: Any) -> None:
        pooler.stop()
        marked(*told, **how)

    with monkeypatch.context() as patched, pytest.raises(DatabaseError):
        patched.setattr(relay, "_mark_sent", fallen)
        relay.deliver_next(now=now)
    pooler.start()
    connection.close()  # as between two tasks

    later = now + 2 * MINUTE
    while relay.deliver_next(now=later) is not None:
        pass
    of_sms = Message.objects.filter(channel=Channel.SMS)
    assert set(of_sms.values_list("state", flat=True)) == {MessageState.SENT}
    assert len(sms.messages) == of_sms.count()  # none twice
    while making.render_next(now=later) is not None:
        pass
    assert not Paper.objects.filter(application=application, rendered_at=None).exists()
    assert chain.link() and JournalLink.objects.exists()
    assert not erasing.run(now=later).busy
    assert Client().get(reverse("catalogue:schools")).status_code == 200


def test_two_clients_of_one_session_are_two(pooler: Pooler) -> None:
    """Where both go over the same connection to the database, a lock of the session would be both's."""
    met: list[bool] = []

    def another() -> bool:
        try:
            return leases.take("x", "another", lasts=MINUTE)
        finally:
            connection.close()  # the thread's own

    def step(**_options: object) -> None:
        with ThreadPoolExecutor() as threads:
            met.append(threads.submit(another).result())

    leases.run_alone(step, name="x")
    assert met == [False]

    assert leases.take("x", "one", lasts=MINUTE)
    pooler.stop()
    pooler.start()
    connection.close()
    assert not leases.take("x", "another", lasts=MINUTE)


def test_who_waits_for_a_connection_too_long_reads_that_the_portal_is_busy(
    pooler: Pooler,
    parent: User,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one connection to the database is busy. A thread that has one to the pooler waits twice: once to
    see whether it is still good, and once with a new one."""
    settings.POOLER_URL = f"postgres://oqu@127.0.0.1:{pooler.port}/pgbouncer"
    monkeypatch.setattr(pools, "LONG", 0.0)
    page, somebody = reverse("cabinet:applications"), Client(raise_request_exception=False)
    somebody.force_login(parent)
    assert somebody.get(page).status_code == 200

    with ThreadPoolExecutor() as threads, pooler.connect() as holder:
        holder.execute("SELECT 1")  # its transaction goes on
        seen = threads.submit(_until_somebody_waits)
        close_old_connections()  # as before each request
        begun = time.monotonic()
        answer = somebody.get(page)
        took = time.monotonic() - begun
        assert seen.result().startswith("1 wait for a connection of oqu, the first for ")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert re.search(r"\d{4}.\d{4}", answer.content.decode()), "the number of the case"
    assert WAIT < took < 2 * WAIT + 1.5
    told = [one.getMessage() for one in caplog.records if one.name == "django.request"]
    assert told == [f"Service Unavailable: {page} (OperationalError: ProtocolViolation)"]
    assert pools.faults() == []
    close_old_connections()  # as after it
    assert somebody.get(page).status_code == 200


def test_metrics_come_while_the_pool_is_full_and_say_that_it_is(
    pooler: Pooler, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In their own time: before the pooler gives up, and whether or not the thread has a connection."""
    settings.POOLER_URL = f"postgres://oqu@127.0.0.1:{pooler.port}/pgbouncer"
    monkeypatch.setattr(state, "SECONDS", WAIT / 4)
    with pooler.connect() as holder:
        holder.execute("SELECT 1")  # its transaction goes on
        begun = time.monotonic()
        found = {one.name: one.samples for one in Reading(timezone.now()).collect()}
        took = time.monotonic() - begun
    read = {sample.labels["part"]: sample.value for sample in found["oqu_scrape_ok"]}

    assert took < WAIT, "the pooler itself waits longer"
    assert found["oqu_up"][0].value == 0 and found["oqu_pool_waiting"]
    assert (read["pool"], {read[part.__name__] for part in state.OF_DATABASE}) == (1, {0})
    assert Heartbeat.objects.count() == 0, "the next question goes over a new connection"


def test_doctor_finds_no_mistake_in_the_documents_block_and_each_one_that_is_made(
    pooler: Pooler, settings: Any, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    settings.POOLER_URL = f"postgres://oqu@127.0.0.1:{pooler.port}/pgbouncer"
    settings.DATABASE_POOLED = True
    assert pools.mistakes() == []
    (entry,) = re.findall(r"^(default_pool_size = \d+)$", pooler._conf(), re.M)
    written = Pooler._conf
    for old, new, line in (
        ("pool_mode = transaction", "pool_mode = session", "oqu is in the mode session"),
        ("oqu_web = ", "web = ", "it has no database oqu_web"),
        (f"query_wait_timeout = {WAIT}", "query_wait_timeout = 120", "query_wait_timeout is 120, and not"),
        (f"query_wait_timeout = {WAIT}", "query_wait_timeout = 0", "query_wait_timeout is 0, and not"),
        (entry, "default_pool_size = 9000", "its pools hold 27000, and PostgreSQL takes "),
    ):
        with subtests.test(new), monkeypatch.context() as patch:
            patch.setattr(Pooler, "_conf", lambda self, pair=(old, new): written(self).replace(*pair))
            pooler.stop()
            pooler.start()
            connection.close()
            assert pools.mistakes()[0].startswith(line)


def _until_somebody_waits() -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := pools.faults():
            return found[0]
        time.sleep(0.02)  # who waits is another thread
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("kind", deadlines.Kind)
def test_each_kind_of_process_has_its_limits_behind_the_pooler(
    pooler: Pooler, kind: deadlines.Kind, settings: Any
) -> None:
    settings.DATABASE_POOLED = True
    deadlines.begin(kind)

    assert in_force() == deadlines.wanted(kind)
