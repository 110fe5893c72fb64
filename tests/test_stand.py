"""The stand's own promises: it ends what it started and nobody else, and finds a place for its sockets."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from oqu.stand import debs, processes
from oqu.stand import place as places
from oqu.stand.place import Place, Trouble
from oqu.stand.processes import Bell, Crew, Part

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# A leader with a child in its session, as gunicorn and celery have them; it prints the child's pid.
FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""


class SilentBell(Bell):
    """One that leaves the signals to pytest."""

    def __init__(self) -> None:
        self.rung = None


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "var", tmp_path / "bin", tmp_path / "servers", tmp_path / "servers" / "run")
    places.prepare(made)
    return made


@pytest.fixture
def crew(place: Place) -> Iterator[Crew]:
    crew = Crew(place, SilentBell())
    yield crew
    crew.stop()


def start_family(crew: Crew) -> tuple[Part, int]:
    part = Part("family", [sys.executable, "-c", FAMILY], crew.place.var)
    log = crew.place.log / "family.log"
    crew.start(part, ready=lambda: log.read_text().strip() != "")
    return part, int(log.read_text())


def lives(pid: int) -> bool:
    return processes._born(pid) is not None


def forget(crew: Crew) -> None:
    """What a kill -9 of the stand does: the parts go on, and only their records are left."""
    for part in crew.parts:
        part.process.returncode = 0  # nobody waits for it any more
    crew.parts.clear()


def test_stop_ends_a_part_and_its_children(crew: Crew) -> None:
    part, child = start_family(crew)

    crew.stop()

    assert not lives(part.process.pid)
    assert not lives(child)
    assert list(crew.place.run.glob("*.json")) == []


def test_stop_kills_a_part_that_does_not_listen(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_PATIENCE", 0.2)
    part = Part("deaf", [sys.executable, "-c", DEAF], crew.place.var)
    crew.start(part, ready=lambda: (crew.place.log / "deaf.log").read_text() != "")

    crew.stop()

    assert part.process.returncode == -signal.SIGKILL


def test_next_start_ends_what_a_killed_start_left(crew: Crew) -> None:
    part, child = start_family(crew)
    pid = part.process.pid
    forget(crew)

    processes.end_leftovers(crew.place)

    assert not lives(pid)
    assert not lives(child)
    assert list(crew.place.run.glob("*.json")) == []


def test_next_start_ends_the_children_of_a_dead_part(crew: Crew) -> None:
    part, child = start_family(crew)
    os.kill(part.process.pid, signal.SIGKILL)
    part.process.wait()
    forget(crew)

    processes.end_leftovers(crew.place)

    assert not lives(child)


@pytest.mark.parametrize("changes", [{"born": 1}, {"world": "before the reboot"}])
def test_next_start_spares_a_stranger_with_the_same_pid(place: Place, changes: dict) -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        note = {"pid": stranger.pid, "born": processes._born(stranger.pid), "stop_signal": signal.SIGTERM}
        note |= {"world": processes._world()} | changes
        (place.run / "web.json").write_text(json.dumps(note))

        processes.end_leftovers(place)

        assert stranger.poll() is None
        stranger.kill()
    assert list(place.run.glob("*.json")) == []


def test_half_written_record_does_not_stop_the_start(place: Place) -> None:
    (place.run / "web.json").write_text('{"pid": 1')

    processes.end_leftovers(place)

    assert list(place.run.glob("*.json")) == []


def test_dead_part_is_started_again(crew: Crew, capsys: pytest.CaptureFixture) -> None:
    part = Part("worker", SLEEP, crew.place.var)
    crew.start(part)
    first = part.process
    first.kill()
    first.wait()

    crew.watch()

    assert part.process is not first
    assert part.process.poll() is None
    assert "worker ended with code -9" in capsys.readouterr().out


def test_part_that_keeps_dying_stops_the_start_with_its_last_words(crew: Crew) -> None:
    part = Part("web", [sys.executable, "-c", "raise SystemExit('no such key')"], crew.place.var)

    with pytest.raises(Trouble, match=r"(?s)web ended with code 1, again and again.*no such key"):
        crew.start(part, ready=lambda: False, patience=300)


def test_ringing_the_bell_interrupts_the_wait(crew: Crew) -> None:
    crew.bell.rung = signal.SIGTERM

    with pytest.raises(processes.Stopped):
        crew.start(Part("web", SLEEP, crew.place.var), ready=lambda: False)


def test_second_start_in_the_same_folder_is_refused(place: Place) -> None:
    with places.lock(place), pytest.raises(Trouble, match="already running"):
        places.lock(place)
    places.lock(place).close()


@pytest.mark.parametrize("name", ["short", "with space", "мектеп", "x" * 120])
def test_sockets_have_an_address_that_kernel_and_urls_can_carry(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / name))

    address = places.find("demo").sockets / places.POSTGRES_SOCKET

    assert len(os.fsencode(address)) <= places.LONGEST_SOCKET
    assert str(address).isascii()
    assert " " not in str(address)


def test_tests_and_demo_share_no_folder_of_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    demo, tests = places.find("demo"), places.find("test")

    assert (demo.var, demo.servers, demo.sockets) != (tests.var, tests.servers, tests.sockets)
    assert demo.servers != tests.servers
    assert demo.run != tests.run
    assert demo.binaries == tests.binaries


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a home that servers cannot enter")
def test_root_in_a_closed_home_keeps_servers_outside_and_the_home_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "root"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("VAR_DIR", str(home / "oqu" / "var"))

    found = places.find("demo")

    assert found.servers.is_relative_to("/var/lib/oqu-dev")
    assert found.binaries.is_relative_to("/var/lib/oqu-dev")
    assert found.var == home / "oqu" / "var"
    assert home.stat().st_mode & 0o777 == 0o700


def test_socket_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    trap = tmp_path / "run"
    trap.symlink_to(elsewhere)

    with pytest.raises(Trouble, match="in the way"):
        places._make_private(trap)


def test_dotenv_gives_the_addresses_that_the_environment_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "# a comment\nexport PORT=8001\nDATABASE_URL = 'postgres://a@b/c'\nREDIS_URL=redis://file\n"
    (tmp_path / ".env").write_text(lines)
    monkeypatch.setattr(places, "ROOT", tmp_path)
    for name in ("PORT", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REDIS_URL", "redis://environment")

    places.read_dotenv()

    values = {name: os.environ.pop(name) for name in ("PORT", "DATABASE_URL", "REDIS_URL")}
    assert values == {
        "PORT": "8001", "DATABASE_URL": "postgres://a@b/c", "REDIS_URL": "redis://environment",
    }  # fmt: skip


def test_lock_is_let_go_when_its_holder_is_killed(place: Place) -> None:
    hold = (
        "import fcntl, sys, time; file = open(sys.argv[1], 'a'); fcntl.flock(file, fcntl.LOCK_EX);"
        "print(1, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", hold, str(place.run / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"1\n"
        holder.kill()
        holder.wait()

        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                places.lock(place).close()
                return
            except Trouble:
                continue
    pytest.fail("the lock outlived its holder")


# apt and dpkg of a machine whose lists are empty until they are asked for; of one package it lacks a library.
DEBIAN = {
    "apt-get": """
        for last; do :; done
        echo "$last" >> "$LOG"
        [ "$last" = update ] && { touch "$LISTS"; exit 0; }
        [ -e "$LISTS" ] && [ "$last" != nginx ] && touch "${last}_1.deb"
    """,
    "dpkg-deb": """
        [ "$1" = -f ] && { echo "adduser, libkept1, libgone2 (>= 1.0) | libother"; exit 0; }
        case "$2" in *libgone2*) mkdir -p "$3/usr/lib/x"; touch "$3/usr/lib/x/libgone.so.2"; exit 0 ;; esac
        mkdir -p "$3/usr/sbin"
        printf '#!/bin/sh\\necho "$LD_LIBRARY_PATH $*"\\n' > "$3/usr/sbin/pgbouncer"
        chmod +x "$3/usr/sbin/pgbouncer"
    """,
    "dpkg-query": """for last; do :; done; [ "$last" = libkept1 ] && echo installed""",
}


def test_server_that_tests_want_is_unpacked_with_its_libraries_and_installed_nowhere(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    log, tools = tmp_path / "log", tmp_path / "tools"
    tools.mkdir()
    for name, script in DEBIAN.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/bin:/usr/bin")
    monkeypatch.setenv("LOG", str(log))
    monkeypatch.setenv("LISTS", str(tmp_path / "lists"))
    monkeypatch.setattr(debs, "SYSTEM", "")
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    programs = Path(debs.fetch(place))

    assert "nginx could not be fetched" in capsys.readouterr().out
    assert [path.name for path in programs.iterdir()] == ["pgbouncer"]
    said = subprocess.run([programs / "pgbouncer", "a b"], capture_output=True, text=True).stdout
    assert said == f"{place.binaries}/debian/pgbouncer/usr/lib/x a b\n"
    asked = log.read_text().split()
    assert asked == ["nginx", "update", "nginx", "pgbouncer", "libgone2"]
    debs.fetch(place)
    assert log.read_text().split()[len(asked) :] == ["nginx", "update", "nginx"], "what is there is kept"
