"""Servers that tests alone start, nginx and PgBouncer: from Debian's packages, unpacked beside the wheels and
never installed, for an installed one starts with the machine and takes port 80."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .place import Place

WANTED = ("nginx", "pgbouncer")
SYSTEM = "/usr/sbin:/sbin"  # not on everybody's PATH
LIBRARY = re.compile(r"(?:^|, )(lib[\w.+-]+)")


def fetch(place: Place) -> str:
    """The folder of those that the machine itself lacks; where one cannot be had, its tests skip or fail."""
    folder = place.binaries / "debian"
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    lacking = [name for name in WANTED if not _is_there(name, programs)]
    if not lacking or not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return str(programs)
    print(f"Fetching {', '.join(lacking)}", flush=True)
    for name in lacking:
        if not (_unpack(name, folder) or (_look_anew() and _unpack(name, folder))):
            print(f"{name} could not be fetched: apt-get download {name}", flush=True)
    return str(programs)


def _is_there(name: str, programs: Path) -> bool:
    if shutil.which(name) or shutil.which(name, path=SYSTEM):
        return True
    program = programs / name
    return program.is_file() and _does([str(program), "-h"])


def _unpack(name: str, folder: Path) -> bool:
    """With the libraries that the machine lacks; it is there when its starter is."""
    place = folder / name
    shutil.rmtree(place, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        load = Path(temporary)
        if not _download(name, load):
            return False
        depends = _said(["dpkg-deb", "-f", *map(str, load.glob("*.deb")), "Depends"])
        lacking = [library for library in LIBRARY.findall(depends) if not _is_installed(library)]
        if not all(_download(library, load) for library in lacking):
            return False
        for package in load.glob("*.deb"):
            if not _does(["dpkg-deb", "-x", str(package), str(place)]):
                return False
    libraries = sorted({str(path.parent) for path in place.rglob("lib*.so*")})
    starter = folder / f"{name}.new"
    paths = ":".join(libraries)
    starter.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{paths}" exec "{place}/usr/sbin/{name}" "$@"\n')
    starter.chmod(0o755)
    starter.replace(folder / "bin" / name)
    return True


def _download(package: str, folder: Path) -> bool:
    """Its hash is compared with the signed list by apt."""
    command = ["apt-get", "-qq", "-o", "Acquire::http::Timeout=20", "download", package]
    return _does(command, folder)


def _look_anew() -> bool:
    """At the lists, which a new machine has not; that is root's."""
    command = ["apt-get", "-qq", "-o", "Acquire::http::Timeout=20", "update"]
    return os.geteuid() == 0 and _does(command)


def _is_installed(library: str) -> bool:
    return _said(["dpkg-query", "-W", "-f", "${db:Status-Status}", library]) == "installed"


def _does(command: list[str], folder: Path | None = None) -> bool:
    return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()
