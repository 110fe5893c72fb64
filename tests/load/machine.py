"""docs/deploy.md as a machine takes it: its blocks, each by whom it is meant for, and its units as systemd
starts and stops them."""

import os
import pwd
import re
import shlex
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
# What a machine has; the lock is the one that this test runs by, and the user is one that is there.
ONCE = ("apt-get install", "pip install", "useradd")
SOCKET = 'fd=$1; shift; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&"$fd" {fd}<&-'  # as systemd does it


class Account:
    """Who the documents call `oqu`. Where root tries them it is `nobody`, by whom its private servers run; it
    may write nothing that was not made its own."""

    def __init__(self) -> None:
        if os.geteuid():
            self.uid, self.gid, self.prefix = os.getuid(), os.getgid(), list[str]()
            return
        self.uid, self.gid = pwd.getpwnam("nobody")[2:4]
        plain = ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        # For where Python lies in root's own home.
        reads = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        python = ["sh", "-c", '"$0" -c ""', sys.executable]
        tried = subprocess.run([*plain, *python], capture_output=True, check=False)
        self.prefix = plain if tried.returncode == 0 else [*plain, *reads]

    def own(self, top: Path) -> None:
        """As whoever puts something there for it does."""
        for path in (top, *top.rglob("*")):
            os.chown(path, self.uid, self.gid)

    def sudo(self, place: Path) -> None:
        """In place of the machine's, which may have none: `sudo -u oqu COMMAND`."""
        words = shlex.join(self.prefix)
        place.write_text(f'#!/bin/sh\n[ "$1 $2" = "-u oqu" ] && shift 2 && exec {words} "$@"\n')
        place.chmod(0o755)


class Documents:
    """The blocks of docs/deploy.md with this machine's places in them."""

    def __init__(self, folder: Path, changes: dict[str, str]) -> None:
        self.text = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
        self.folder, self.account = folder, Account()
        who = (self.account.uid, self.account.gid)
        self.changes = changes | {
            "/etc/oqu": f"{folder}/etc", "/srv/oqu": f"{folder}/srv/oqu",
            "-o oqu -g oqu": "-o {} -g {}".format(*who), "oqu:oqu": "{}:{}".format(*who),
        }  # fmt: skip
        (folder / "bin").mkdir()
        self.account.sudo(folder / "bin" / "sudo")

    def blocks(self, kind: str) -> list[str]:
        found = [(indent, text) for indent, name, text in BLOCK.findall(self.text) if name == kind]
        plain = [re.sub(f"^{indent}", "", text, flags=re.M) for indent, text in found]
        return [text for text in map(self.here, map(_without_once, plain)) if text]

    def release(self) -> str:
        """The block of "A new version"."""
        return next(block for block in self.blocks("bash") if "systemctl restart" in block)

    def units(self) -> dict[str, list[str]]:
        """As systemd reads them: a percent sign is written twice."""
        found = UNIT.findall(self.text)
        return {name: self.here(command).replace("%%", "%").split() for name, command in found}

    def here(self, text: str) -> str:
        for old, new in self.changes.items():
            text = text.replace(old, new)
        return text

    def run(self, block: str, holding: str, *, by_root: bool = False) -> str:
        """As a shell of the portal's user does; nothing of the test's environment is in it."""
        assert holding in block
        path = f"{self.folder}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"
        plain = {"PATH": path, "LANG": "C.UTF-8"}
        done = subprocess.run(
            [*([] if by_root else self.account.prefix), "bash", "-eu", "-c", block],
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
        opened, *lines, closed = block.splitlines()
        assert (opened, closed) == ("(", ")")
        orders = [line for line in lines if line.startswith("systemctl ")]
        assert lines[-len(orders) :] == orders
        self.documents.run("\n".join(lines[: -len(orders)]), "manage.py", by_root=True)
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
        command = [*self.documents.account.prefix, *command]
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
