"""What is checked by reading alone: style, types, templates; and what the dependencies are known for."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import packages
from .packages import LOCKS, PYTHON
from .place import ROOT

PYTHON_M = [str(PYTHON), "-m"]
CHECKS = {
    "code": [*PYTHON_M, "ruff", "check", "."],
    "format": [*PYTHON_M, "ruff", "format", "--check", "."],
    "types": [*PYTHON_M, "mypy"],
    "templates": [*PYTHON_M, "djlint", "--check", "--lint", "--quiet", "templates"],
}
SILENT = 3  # the exit code of an audit that could ask nobody


def lint() -> int:
    """Every check, side by side; the words of those that failed. 1 when one did."""
    packages.ensure("requirements-dev.txt")
    with ThreadPoolExecutor(max_workers=2) as at_once:
        failed = [name for name, passed in at_once.map(_check, CHECKS.items()) if not passed]
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed", flush=True)
    return 1 if failed else 0


def _check(named: tuple[str, list[str]]) -> tuple[str, bool]:
    name, command = named
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    passed = done.returncode == 0
    said = "" if passed else f"\n{done.stdout}{done.stderr}"
    print(f"{'ok    ' if passed else 'FAILED'} {name}, {time.monotonic() - begun:.0f} s{said}", flush=True)
    return name, passed


def _environment() -> dict[str, str]:
    """The types of models are read from the settings, which outside the demo demand a production's."""
    return os.environ | {"DEMO": "1"}


def lock() -> int:
    """Write the constraints files from the requirements: all that these pull in, each release with its
    hashes. What is pinned there already stays as it is."""
    packages.ensure("requirements-dev.txt")
    for requirements, constraints in LOCKS.items():
        command = [*PYTHON_M, "uv", "pip", "compile", "--quiet", requirements, "--output-file", constraints]
        command += ["--universal", "--python-version", "3.11", "--generate-hashes"]
        command += ["--no-header", "--no-annotate", "--no-emit-index-url"]
        if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
            return code
        print(f"{constraints} written")
    return 0


def audit() -> int:
    """Ask the public lists of vulnerabilities about every pinned release. 1 when something is known, 3 when
    nobody could be asked."""
    packages.ensure("requirements-dev.txt")
    known: dict[str, list[str]] = {}
    asked = False
    for source in ("pypi", "osv"):
        for release in _answers(source):
            name = f"{release['name']} {release.get('version', '')}"
            asked |= "vulns" in release
            if found := [one["id"] for one in release.get("vulns", [])]:
                known[name] = sorted({*known.get(name, []), *found})
    if not asked:
        print("No list of vulnerabilities could be reached from here: nothing was checked.", file=sys.stderr)
        return SILENT
    for name, ids in sorted(known.items()):
        print(f"{name}: {', '.join(ids)}")
    print(
        f"{len(known)} of the pinned releases are known to be vulnerable"
        if known
        else "Nothing is known of any"
    )
    return 1 if known else 0


def _answers(source: str) -> list[dict[str, Any]]:
    """What one list says of each release; nothing when it cannot be reached."""
    command = [*PYTHON_M, "pip_audit", "--disable-pip", "--requirement", "constraints-dev.txt"]
    command += [
        "--vulnerability-service",
        source,
        "--timeout",
        "10",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        releases: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return releases
