"""A recovery to the minute before an accident, with PostgreSQL's own tools: a whole backup, the log that was
archived since, and a moment (docs/backup.md). pgBackRest does the same with the same parts."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts import chain, copies
from applications.models import Application, Decision, Result
from applications.papers import keys
from applications.papers.tests.audit_cast import codes, decide, filed  # noqa: F401  fixtures
from egov.tests.eds_cast import _authority, pki  # noqa: F401  fixtures
from oqu import watch
from oqu.drill import proofs
from oqu.stand import place as places
from oqu.stand import servers
from oqu.stand.processes import server_rights
from tests.environment import PORTAL

PROGRAMS = servers._postgres_programs(places.find("test"))
PATIENCE = 60  # seconds, against hanging
NO_SERVER = 3  # of pg_ctl status
NEEDED = ("initdb", "pg_ctl", "pg_basebackup", "pg_isready", "psql")
pytestmark = pytest.mark.skipif(
    not all((PROGRAMS / name).exists() for name in NEEDED), reason="PostgreSQL's programs are not installed"
)


def run(name: str, *arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    """One of PostgreSQL's programs, with the rights of the server."""
    command = [str(PROGRAMS / name), *arguments]
    return subprocess.run(command, text=True, capture_output=True, cwd="/", **server_rights(), **more)


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL of this test alone, reached by a socket in its folder."""

    folder: Path
    data: Path

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    def make(self) -> None:
        options = ("-U", "oqu", "-A", "trust", "-E", "UTF8", "--wal-segsize=1", "--no-sync")
        run("initdb", "-D", str(self.data), *options, check=True)
        self.set(
            archive_mode="on",
            archive_command="false",
            listen_addresses="",
            unix_socket_directories=str(self.folder),
            fsync="off",
        )

    def set(self, **options: str) -> None:
        with (self.data / "postgresql.auto.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in options.items())

    def archive_to(self, command: str) -> None:
        self.set(archive_command=command)
        self.psql("SELECT pg_reload_conf()")
        self.psql("SELECT pg_switch_wal()")

    def start(self) -> bool:
        log = ["-l", str(self.folder / "log")]
        done = run("pg_ctl", "-D", str(self.data), *log, "-t", str(PATIENCE), "-w", "start", check=False)
        return done.returncode == 0

    def stop(self, how: str = "immediate") -> None:
        run("pg_ctl", "-D", str(self.data), "-m", how, "-w", "stop", check=False)

    def psql(self, statement: str, *, database: str = "oqu") -> str:
        reached = ("-h", str(self.folder), "-U", "oqu", "-d", database)
        return run("psql", *reached, "-XAtqc", statement, check=True).stdout.strip()

    def whole_backup(self, to: Path) -> None:
        reached = ("-h", str(self.folder), "-U", "oqu")
        run("pg_basebackup", *reached, "-D", str(to), "-X", "none", "-c", "fast", "--no-sync", check=True)

    def recovering(self, backup: Path, name: str, *, until: str) -> "Cluster":
        """The backup in an empty place, to be brought to the moment by the log that was archived."""
        other = Cluster(self.folder, self.folder / name)
        shutil.copytree(backup, other.data)
        for path in (other.data, *other.data.rglob("*")):
            os.chown(path, places.SERVER_UID, -1)
        other.set(
            archive_mode="off",
            hot_standby="off",  # nobody is let in, nor is it called started, before all is there
            restore_command=f"cp {self.archive}/%f %p",
            recovery_target_time=until,
            recovery_target_action="promote",
        )
        (other.data / "recovery.signal").touch()
        return other

    def is_recovered(self) -> bool:
        """At work again, past the recovery. That it was started is told at its beginning."""
        return self.start() and until(self._lets_in) and self.psql("SELECT pg_is_in_recovery()") == "f"

    def fails_to_recover(self) -> bool:
        self.start()
        return until(lambda: self._status("pg_ctl", "-D", str(self.data), "status") == NO_SERVER)

    def _lets_in(self) -> bool:
        return self._status("pg_isready", "-h", str(self.folder)) == 0

    def _status(self, *command: str) -> int:
        return run(*command, check=False).returncode


def until(holds: Callable[[], bool]) -> bool:
    """Another process comes to it in its own time."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return True


@pytest.fixture
def folder() -> Iterator[Path]:
    """Which the server may enter, and of a short name, for a socket's is limited."""
    made = Path(tempfile.mkdtemp(prefix="oqu-pitr-", dir="/tmp"))
    os.chown(made, places.SERVER_UID, -1)
    (made / "archive").mkdir()
    os.chown(made / "archive", places.SERVER_UID, -1)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def cluster(transactional_db: None, folder: Path) -> Iterator[Cluster]:
    """The portal's PostgreSQL of this test, which archives its log, with the portal's tables."""
    made = Cluster(folder, folder / "portal")
    made.make()
    assert made.start(), (folder / "log").read_text()
    own = dict(connection.settings_dict)
    made.psql(f"CREATE ROLE {PORTAL}", database="postgres")
    made.psql("CREATE DATABASE oqu TEMPLATE template0", database="postgres")
    reached = {"PGHOST": own["HOST"], "PGPORT": str(own["PORT"]), "PGUSER": own["USER"]}
    reached |= {"PGPASSWORD": own["PASSWORD"]}
    known = os.environ | {name: value for name, value in reached.items() if value}
    dump = subprocess.run(["pg_dump", own["NAME"]], env=known, capture_output=True, text=True, check=True)
    into = ("-h", str(folder), "-U", "oqu", "-d", "oqu", "-Xq", "-v", "ON_ERROR_STOP=1")
    run("psql", *into, input=dump.stdout, check=True)
    connection.close()
    there = {"HOST": str(folder), "PORT": "", "USER": "oqu", "PASSWORD": "", "NAME": "oqu"}
    connection.settings_dict |= there
    try:
        yield made
    finally:
        connection.close()
        connection.settings_dict |= {name: own[name] for name in there}
        copies._Known.reasons = ()
        made.stop()


@pytest.mark.rule("D69")
def test_portal_comes_back_as_it_was_before_the_accident(
    cluster: Cluster,
    folder: Path,
    request: pytest.FixtureRequest,
    settings: Any,
    tmp_path: Path,
    now: datetime,
) -> None:
    """A signed application stands in the backup, its signed decision in the log alone. What comes back is
    proven, knows that it is a copy, and works as the portal when it is told that it is."""
    settings.KEYS_DIR, settings.SEAL_PASSWORD = tmp_path / "keys", "test"
    settings.JOURNAL_EXPORT_DIR = tmp_path / "journal"
    keys.ensure(now=now)
    copies.say_first(now=now)
    application: Application = request.getfixturevalue("filed")
    director, authority = request.getfixturevalue("director"), request.getfixturevalue("pki")
    cluster.psql("SELECT pg_switch_wal()")
    assert until(lambda: bool(watch.archive_faults()))  # as the cluster was made: nothing is archived
    cluster.archive_to(f"cp %p {cluster.archive}/%f")
    assert until(lambda: not watch.archive_faults())
    backup = folder / "backup"
    cluster.whole_backup(backup)

    decide(application, director, authority, now=now, result=Result.ACCEPT)
    chain.link()
    copies.leave_sign()
    segment = cluster.psql("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
    before = cluster.psql("SELECT clock_timestamp()")
    copies.leave_sign()
    cluster.psql("DROP TABLE applications_decision CASCADE")
    cluster.psql("SELECT pg_switch_wal()")
    connection.close()
    cluster.stop("fast")  # once the archive has all

    # From this one on: what PostgreSQL itself has written after that moment would be the end that is sought.
    lost = [one.rename(folder / one.name) for one in cluster.archive.iterdir() if one.name >= segment]
    assert lost
    restored = cluster.recovering(backup, "restored", until=before)
    assert restored.fails_to_recover(), "a segment is missing"
    assert "recovery ended before configured recovery target was reached" in (folder / "log").read_text()
    for one in lost:
        one.rename(cluster.archive / one.name)
    assert restored.is_recovered(), (folder / "log").read_text()
    try:
        assert Decision.objects.get().signed_at == now
        assert set(codes(application).values()) == {""}
        asked = proofs.Asked(now, sample=0)
        assert {name: proof(asked).faults for name, proof in proofs.PROOFS.items()} == {
            name: [] for name in proofs.PROOFS
        }
        assert copies.reasons() == [copies.WORDS["timeline"]]
        call_command("promote", "--yes", "127.0.0.1:8000")
        connection.close()
        assert Decision.objects.exists() and not copies.is_copy()
    finally:
        connection.close()
        restored.stop()
