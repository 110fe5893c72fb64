"""docs/deploy.md as a machine takes it: its blocks, and its units as systemd starts and stops them."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.browser.conftest import ROOT

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.M | re.S)
UNIT = re.compile(r"^\| `(oqu-[\w-]+)` \| `(.*?)` \|", re.M)
ONCE = ("apt-get install", "pip install")  # what a machine has; the lock is the one that this test runs by
SOCKET = 'fd=$1; shift; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&"$fd" {fd}<&-'  # as systemd does it


class Documents:
    """The blocks of docs/deploy.md with this machine's places in them."""

    def __init__(self, folder: Path, changes: dict[str, str]) -> None:
        self.text = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
        self.folder = folder
        self.changes = changes | {"/etc/oqu": f"{folder}/etc", "/srv/oqu": f"{folder}/srv/oqu"}

    def blocks(self, kind: str) -> list[str]:
        found = [(indent, text) for indent, name, text in BLOCK.findall(self.text) if name == kind]
        plain = [re.sub(f"^{indent}", "", text, flags=re.M) for indent, text in found]
        return [text for text in map(self.here, map(_without_once, plain)) if text]

    def release(self) -> str:
        """The block of "A new version"."""
        return next(block for block in self.blocks("bash") if "verify_journal" in block)

    def units(self) -> dict[str, list[str]]:
        """As systemd reads them: a percent sign is written twice."""
        found = UNIT.findall(self.text)
        return {name: self.here(command).replace("%%", "%").split() for name, command in found}

    def here(self, text: str) -> str:
        for old, new in self.changes.items():
            text = text.replace(old, new)
        return text

    def run(self, block: str, holding: str) -> str:
        """As a shell of the portal's user does; nothing of the test's environment is in it."""
        assert holding in block
        plain = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["bash", "-eu", "-c", block],
            cwd=self.folder,
            env=plain,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _without_once(text: str) -> str:
    return "".join(line for line in text.splitlines(True) if not any(words in line for words in ONCE))


class Machine:
    """The units of the documents, started, stopped and started anew as systemd does it."""

    def __init__(self, documents: Documents, env: dict[str, str], web: socket.socket) -> None:
        self.documents, self.env, self.web = documents, env, web
        self.commands = documents.units()
        self.patience = int(re.findall(r"^TimeoutStopSec=(\d+)$", documents.text, re.M)[0])
        assert re.search(r"^KillMode=mixed$", documents.text, re.M), (
            "the parent process alone is told to stop"
        )
        assert f"ListenStream={documents.here('127.0.0.1:8000')}" in documents.here(documents.text)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Machine":
        self.restart(*self.commands)
        return self

    def __exit__(self, *_how: object) -> None:
        with ThreadPoolExecutor() as jobs:
            list(jobs.map(self.stop, self.running))

    def run(self, block: str, *, between: Callable[[], None] = lambda: None) -> None:
        """As root does it; what a block orders of systemd stands at its end. `between`: before that."""
        lines = block.splitlines()
        orders = [line for line in lines if line.startswith("systemctl ")]
        assert lines[-len(orders) :] == orders
        self.documents.run("\n".join(lines[: -len(orders)]), "manage.py")
        between()
        for order in orders:
            _systemctl, verb, *names = order.split()
            assert verb == "restart"
            self.restart(*names)

    def restart(self, *names: str) -> None:
        with ThreadPoolExecutor() as jobs:
            list(jobs.map(self.stop, [name for name in names if name in self.running]))
        for name in names:
            self.start(name)

    def start(self, name: str) -> None:
        command, fds = self.commands[name], [self.web.fileno()] if name == "oqu-web" else []
        if fds:
            command = ["bash", "-c", SOCKET, "systemd", str(fds[0]), *command]
        with (self.documents.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=self.documents.here("/srv/oqu"), env=self.env, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True, pass_fds=fds,
            )  # fmt: skip

    def stop(self, name: str) -> None:
        process = self.running[name]
        process.terminate()
        try:
            process.wait(self.patience)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def children(self, name: str) -> list[int]:
        process = self.running[name]
        told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        return [int(pid) for pid in told.split()]
