"""The parts of a stand as processes: started, recorded, watched, and ended for certain.

Each part leads a session of its own, so that Ctrl-C reaches the stand alone, which then ends the parts
in order. A record of each lies on disk: after a kill -9 of the stand the next start finds what is left.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .place import SERVER_UID, Place, Trouble

STOP_PATIENCE = 10.0  # seconds from the polite signal to the last one
DEATHS_ALLOWED = 3  # within DEATHS_WINDOW seconds; then the fault is not a passing one
DEATHS_WINDOW = 60.0


@dataclass
class Part:
    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    server: bool = False  # runs without root's rights
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] = field(init=False)
    deaths: list[float] = field(default_factory=list)


class Bell:
    """Rung by Ctrl-C, a kill, or a closed terminal; whoever waits looks at it."""

    def __init__(self) -> None:
        self.rung: signal.Signals | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ring)

    def _ring(self, number: int, _frame: object) -> None:
        self.rung = signal.Signals(number)


class Stopped(Exception):
    """The bell was rung."""


class Crew:
    """All parts of one stand, in the order of their start."""

    def __init__(self, place: Place, bell: Bell) -> None:
        self.place = place
        self.bell = bell
        self.parts: list[Part] = []

    def start(self, part: Part, *, ready: Callable[[], bool] | None = None, patience: float = 60.0) -> None:
        self._launch(part)
        self.parts.append(part)
        if ready is not None:
            self.wait(part.name, ready, patience=patience)

    def wait(self, what: str, ready: Callable[[], bool], *, patience: float) -> None:
        deadline = time.monotonic() + patience
        while not ready():
            if time.monotonic() > deadline:
                raise Trouble(f"{what} did not get ready in {patience:.0f} seconds.")
            self.watch()
            time.sleep(0.2)

    def watch(self) -> None:
        """Start again what died; give up on a part that keeps dying."""
        if self.bell.rung:
            raise Stopped
        for part in self.parts:
            if part.process.poll() is not None:
                self._revive(part)

    def run(
        self, command: list[str], *, environment: dict[str, str], folder: Path, terminal: bool = True
    ) -> int:
        """Run a command to its end. One that has the terminal gets Ctrl-C from there by itself."""
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=None if terminal else subprocess.DEVNULL,
            start_new_session=not terminal,
        )
        while process.poll() is None:
            time.sleep(0.05)
            if self.bell.rung:
                _finish(process, tell=not terminal or self.bell.rung != signal.SIGINT)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode  # as shells do

    def stop(self) -> None:
        """End the parts, the last started first. A second ring does not interrupt it."""
        while self.parts:
            part = self.parts.pop()
            part.process.send_signal(part.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                part.process.wait(STOP_PATIENCE)
            end(_session(part.process.pid), patience=0)
            part.process.wait()
            self._record(part).unlink(missing_ok=True)

    def _launch(self, part: Part) -> None:
        with (self.place.log / f"{part.name}.log").open("ab") as log:
            part.process = subprocess.Popen(
                part.command,
                cwd=part.folder,
                env=os.environ | part.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,
                **(server_rights() if part.server else {}),
            )
        note = {"pid": part.process.pid, "born": _born(part.process.pid), "world": _world()}
        note["stop_signal"] = part.stop_signal
        self._record(part).write_text(json.dumps(note))

    def _revive(self, part: Part) -> None:
        now = time.monotonic()
        part.deaths = [moment for moment in part.deaths if moment > now - DEATHS_WINDOW] + [now]
        log = self.place.log / f"{part.name}.log"
        ended = f"{part.name} ended with code {part.process.returncode}"
        if len(part.deaths) >= DEATHS_ALLOWED:
            raise Trouble(f"{ended}, again and again. The end of {log}:\n{_tail(log)}")
        print(f"{ended} (see {log}); starting it again.", flush=True)
        end(_session(part.process.pid), patience=0)
        self._launch(part)

    def _record(self, part: Part) -> Path:
        return self.place.run / f"{part.name}.json"


def server_rights() -> dict[str, Any]:
    """For subprocess: what a server that root starts runs with."""
    return {"user": SERVER_UID, "group": SERVER_UID, "extra_groups": []} if os.geteuid() == 0 else {}


def end_leftovers(place: Place) -> None:
    """End the parts of an earlier start that was killed, known by pid and time of birth."""
    for record in sorted(place.run.glob("*.json")):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            note = json.loads(record.read_text())
            if note["world"] == _world():
                _end_recorded(note["pid"], born=note["born"], stop_signal=note["stop_signal"])
        record.unlink()


def _end_recorded(pid: int, *, born: int, stop_signal: int) -> None:
    if _born(pid) == born:
        print(f"Ending process {pid} of an earlier start", flush=True)
        end([pid], polite=stop_signal, patience=STOP_PATIENCE / 2)
    elif _born(pid) is not None:
        return  # the number went to a stranger, so nobody of the old session is left
    end([member for member in _session(pid) if (_born(member) or 0) >= born], patience=0)


def end(pids: Iterable[int], *, patience: float, polite: int = signal.SIGKILL) -> None:
    """Signal the processes, wait until they are gone, and kill those that stay."""
    pids = list(pids)
    for number, seconds in ((polite, patience), (signal.SIGKILL, STOP_PATIENCE)):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while (pids := [pid for pid in pids if _born(pid) is not None]) and time.monotonic() < deadline:
            time.sleep(0.05)


def at_work_in(folder: Path, *, binary: str) -> list[int]:
    """Processes of one program with this folder as their own, whatever became of their records."""
    found = []
    for pid in _pids():
        with contextlib.suppress(OSError):
            entry = Path("/proc") / str(pid)
            if entry.joinpath("cwd").readlink() == folder and entry.joinpath("exe").readlink().name == binary:
                found.append(pid)
    return found


def _finish(process: subprocess.Popen[bytes], *, tell: bool) -> None:
    if tell:
        process.terminate()
    try:
        process.wait(STOP_PATIENCE * 2)
    except subprocess.TimeoutExpired:
        process.kill()


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name: state, parent, group, session, …"""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [] if fields[0] in "ZX" else fields  # a zombie is gone but for its parent


def _born(pid: int) -> int | None:
    """Start of a living process in clock ticks since boot: with the pid, it names one process for good."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def _session(leader: int) -> list[int]:
    return [pid for pid in _pids() if (fields := _stat(pid)) and int(fields[3]) == leader]


def _world() -> str:
    """Pids mean nothing after a reboot or in another container."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {Path('/proc/self/ns/pid').readlink()}"


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
