"""Reading from a replica: a real one, of the tests' own server; skipped where its programs are not here."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, router
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import replica
from accounts.models import User
from oqu import watch
from oqu.metrics import state
from oqu.stand.processes import server_rights
from schools.models import Intake, Role, School, StaffMember
from tests.environment import PORTAL

Command = list[str | Path]
PATIENCE = 60  # seconds, against hanging
LONG = 3600.0  # seconds that others at work on the same server do not make it
MIRROR = {"MIRROR": "default"}
OPTIONS = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "unix_socket_permissions=0700")


def _programs() -> Path:
    """Of the server; it tells its owner alone."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        (folder,) = cursor.fetchone()
        cursor.execute(f"SET ROLE {PORTAL}")
    return Path(folder)


def _until(ready: Any) -> None:
    ends = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < ends, "the replica never came so far"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def place(django_db_setup: None) -> Iterator[Path]:
    """Where the replica is going to be. Django wants to know of it before the test begins."""
    folder = Path(tempfile.mkdtemp(prefix="oqu-standby-"))
    read_only = {"options": "-c default_transaction_read_only=on", "connect_timeout": 2}
    own = {"HOST": str(folder), "OPTIONS": read_only, "TEST": connection.settings_dict["TEST"] | MIRROR}
    connections.settings[replica.ALIAS] = connection.settings_dict | own
    yield folder
    connections[replica.ALIAS].close()
    del connections[replica.ALIAS], connections.settings[replica.ALIAS]
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def standby(place: Path, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the tests' server follows it, and the portal has it as its replica."""
    sockets = str(connection.settings_dict["HOST"])
    if not sockets.startswith("/") or not (_programs() / "pg_basebackup").exists():
        pytest.skip("the server is not this machine's own, or has no pg_basebackup")
    programs, rights, data = _programs(), server_rights(), place / "data"
    if rights:
        os.chown(place, rights["user"], -1)
    copy: Command = [programs / "pg_basebackup", "-h", sockets, "-U", "oqu", "-D", data, "-R"]
    copy += ["--no-sync", "-c", "fast"]
    subprocess.run(copy, check=True, cwd="/", capture_output=True, **rights)
    command: Command = [programs / "postgres", "-D", data, *OPTIONS, "-c", f"unix_socket_directories={place}"]
    with subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, **rights) as server:
        asked: Command = [programs / "pg_isready", "-q", "-d", "postgres", "-U", "oqu", "-h", place]
        _until(lambda: subprocess.run(asked, check=False).returncode == 0)
        monkeypatch.setattr(router, "routers", [replica.Router()])
        monkeypatch.setattr(replica, "watch", replica.Watch())
        monkeypatch.setattr(replica, "ASKED_EVERY", 0.0)
        yield data
        server.send_signal(signal.SIGQUIT)


def follow() -> None:
    """The replica has all that was written."""
    _until(lambda: replica.watch.standing().lag == 0)


def reads(client: Client, address: str) -> str:
    """By whom the rooms' rows of a page were told."""
    with (
        CaptureQueriesContext(connections[replica.ALIAS]) as there,
        CaptureQueriesContext(connection) as here,
    ):
        assert client.get(address).status_code == 200
    asked = [one["sql"] for one in there if "pg_last_wal" not in one["sql"]]
    own = [one["sql"] for one in here if 'FROM "schools_school"' in one["sql"]]
    return replica.ALIAS if asked and not own else "both" if asked else "primary"


@pytest.mark.django_db(transaction=True, databases=["default", replica.ALIAS])
def test_the_replica_is_read_where_nobody_loses_by_it(
    standby: Path,
    client: Client,
    school: School,
    intake: Intake,
    parent: User,
    now: datetime,
    time_machine: Any,
    caplog: pytest.LogCaptureFixture,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    time_machine.move_to(now)
    officer = User.objects.create(iin="770707399705", surname="Сейітов")
    StaffMember.objects.create(user=officer, role=Role.DEPARTMENT, region_id="710000000")
    searched, department = f"{reverse('catalogue:schools')}?q=63", reverse("review:department")
    settings.REPLICA_LAG = LONG
    public = [
        *(reverse(f"public:{page}") for page in ("home", "service", "schedule", "questions", "before")),
        f"{reverse('public:before_school')}?school={school.bin}",
        searched,
        reverse("catalogue:school", args=[school.bin]),
    ]
    follow()

    for address in public:
        with subtests.test(address):
            assert reads(client, address) == replica.ALIAS
            assert client.cookies.keys() <= {"lang"}

    with subtests.test("a parent who is signed in reads the primary"):
        client.force_login(parent)
        assert reads(client, reverse("public:home")) == "primary"

    client.force_login(officer)
    with subtests.test("an officer reads the replica, until they write"):
        assert reads(client, department) == replica.ALIAS
        sent = client.post(reverse("review:remind", args=[school.pk]))
        assert sent.cookies[replica.WROTE]["max-age"] == replica.own_seconds()
        assert reads(client, department) == "primary"
    client.cookies.pop(replica.WROTE)
    with subtests.test("a court's order is asked of the primary, for the replica may not know it yet"):
        with CaptureQueriesContext(connections[replica.ALIAS]) as there:
            assert client.get(department).status_code == 200
        assert there.captured_queries
        assert not [one for one in there if "accounts_protection" in one["sql"]]
    client.logout()
    client.cookies.clear()

    with subtests.test("nothing is written through it"), replica.reading():
        found = School.objects.get(pk=school.pk)
        assert found._state.db == replica.ALIAS
        found.save()
        assert StaffMember.objects.get(user=officer)._state.db == "default"
        with pytest.raises(DatabaseError), connections[replica.ALIAS].cursor() as cursor:
            cursor.execute("UPDATE schools_school SET phone = ''")

    caplog.clear()
    with subtests.test("behind by more than it may be, it is read no more"):
        settings.REPLICA_LAG = 0.0
        _told("SELECT pg_wal_replay_pause()")
        _until(lambda: _told("SELECT pg_get_wal_replay_pause_state()") == "paused")
        School.objects.filter(pk=school.pk).update(phone="+77172000064")
        assert reads(client, searched) == "primary"
        assert "s behind" in watch.replica_faults()[0]
        told = {one.name: one.samples[0].value for one in state.replicas(now)}
        assert told["oqu_replica_read"] == 0 and told["oqu_replica_lag_seconds"] > 0

        _told("SELECT pg_wal_replay_resume()")
        settings.REPLICA_LAG = LONG
        follow()
        assert (reads(client, searched), watch.replica_faults()) == (replica.ALIAS, [])

    with subtests.test("gone in the middle of a page, it costs nobody the page"):
        assert replica.watch.fits()
        monkeypatch.setattr(replica.Watch, "fits", lambda _: True)  # asked a moment before it went
        _end(standby)
        assert reads(client, searched) == "both"  # begun there, made here
    said = [one for one in caplog.messages if one.startswith("replica: ")]
    assert [one.split(":")[1] for one in said] == [" the primary is read", " is read", " the primary is read"]


def _told(sql: str) -> str:
    with connections[replica.ALIAS].cursor() as cursor:
        cursor.execute(sql)
        return str(cursor.fetchone()[0])


def _end(data: Path) -> None:
    """At once, as a machine that goes; the connection does not know it yet."""
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    _until(lambda: not (data / "postmaster.pid").exists())


def test_what_was_found_long_ago_is_believed_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks may hang: what they find is of the moment when they asked, and is not gone by for longer."""
    clock, watch, hangs = [0.0], replica.Watch(), [0.0]

    def ask() -> replica.Standing:
        clock[0] += hangs[0]
        return replica.Standing("", 0.0)

    monkeypatch.setattr(replica, "monotonic", lambda: clock[0])
    monkeypatch.setattr(replica, "_ask", ask)
    assert watch.fits()

    with watch._asking:  # somebody is at it
        clock[0] = replica.STANDS
        assert watch.fits()
        clock[0] += 0.1
        assert not watch.fits()

    hangs[0] = replica.STANDS + 0.1
    assert not watch.fits()
    hangs[0] = 0.0
    assert watch.fits()
