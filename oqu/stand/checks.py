"""`./run lint` and `./run audit`: what looks at the repository without running the portal."""

import json
import os
import subprocess
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .locks import LOCKS
from .packages import VENV
from .place import ROOT

BIN = VENV / "bin"
OF_COMPOSE = [f"deploy/compose/{name}.sh" for name in ("backup", "restore", "roles")]
SCRIPTS = ["run", ".ci/run", "deploy/secrets.sh", *OF_COMPOSE]
MANIFESTS = ROOT / "deploy" / "kubernetes"
COMPOSE = "vendor.compose-spec"
# The checks read no table: Django has to be told of a database, and never reaches this one.
NO_DATABASE = "postgres://nobody@127.0.0.1:1/none"
NOT_AUDITED = 3


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]


@dataclass(frozen=True)
class Result:
    check: Check
    passed: bool
    output: str
    seconds: float


def checks() -> list[Check]:
    """The slowest first, so that two at a time end soonest."""
    manage = [str(BIN / "python"), "-W", "ignore", "manage.py"]
    return [
        Check("mypy", [str(BIN / "mypy"), *python_sources()]),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("django", [*manage, "check", "--fail-level", "WARNING"]),
        Check("templates", [str(BIN / "djlint"), "--lint", "--quiet", *template_folders()]),
        Check("template format", [str(BIN / "djlint"), "--check", "--quiet", *template_folders()]),
        Check("ruff", [str(BIN / "ruff"), "check", "--quiet", "."]),
        Check("format", [str(BIN / "ruff"), "format", "--check", "."]),
        Check("shellcheck", [str(BIN / "shellcheck"), *SCRIPTS]),
        Check("image", [str(BIN / "hadolint"), "deploy/Dockerfile"]),
        Check("compose", [str(BIN / "check-jsonschema"), "--builtin-schema", COMPOSE, "deploy/compose.yaml"]),
        Check("kubernetes", [str(BIN / "kubernetes-validate"), "--strict", "--quiet", *manifests()]),
    ]


def python_sources() -> list[str]:
    """The project's own Python; `.venv` and `var` hold other people's."""
    own = [path for path in ROOT.iterdir() if path.name != "var" and not path.name.startswith(".")]
    found = [path for path in own if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))]
    return sorted(path.name for path in found)


def manifests() -> list[str]:
    """What is applied to a cluster; the customisation is of another kind, which the linter does not know."""
    return sorted(str(path) for path in MANIFESTS.glob("*.yaml") if path.name != "kustomization.yaml")


def template_folders() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in _folders(ROOT) if path.name == "templates")


def _folders(top: Path, depth: int = 3) -> Iterable[Path]:
    for path in top.iterdir():
        if path.is_dir() and path.name not in ("var", "node_modules") and not path.name.startswith("."):
            yield path
            if depth > 1 and path.name != "templates":
                yield from _folders(path, depth - 1)


def lint(wanted: list[Check] | None = None) -> int:
    """Run every check, say of each how it ended, and show what the failed ones said. 1 if any failed."""
    begun = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        results = []
        for result in pool.map(_run, checks() if wanted is None else wanted):
            results.append(result)
            print(f"{result.check.name:<16} {_verdict(result)}  {result.seconds:.0f} s", flush=True)
    failed = [result for result in results if not result.passed]
    for result in failed:
        print(f"\n--- {result.check.name}\n{result.output.rstrip()}", flush=True)
    outcome = (
        "Failed: " + ", ".join(result.check.name for result in failed) if failed else "All checks passed"
    )
    print(f"\n{outcome} in {time.monotonic() - begun:.0f} s", flush=True)
    return 1 if failed else 0


def _verdict(result: Result) -> str:
    return "ok    " if result.passed else "FAILED"


def _run(check: Check) -> Result:
    begun = time.monotonic()
    settings = {"DEMO": "1", "DATABASE_URL": NO_DATABASE, "DJANGO_SETTINGS_MODULE": "oqu.settings"}
    try:
        done = subprocess.run(
            check.command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False
        )
        passed, output = done.returncode == 0, done.stdout + done.stderr
    except OSError as error:  # a check that cannot run has not passed
        passed, output = False, str(error)
    return Result(check, passed, output, time.monotonic() - begun)


def audit() -> int:
    """Ask for known holes of every locked package: 0 none, 1 some, 3 no source could be asked."""
    lock = LOCKS["requirements-dev.txt"]
    command = [str(BIN / "pip-audit"), "--require-hashes", "--disable-pip", "--no-deps"]
    command += ["--progress-spinner=off", "--format=json", "-r", lock]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"Not audited: no source of known holes answered.\n{done.stderr.strip()[-500:]}")
        return NOT_AUDITED
    return report(packages)


def report(packages: list[dict[str, Any]]) -> int:
    """Say what an audit found. A package that the source does not know has not been found sound."""
    asked = [package for package in packages if "skip_reason" not in package]
    unknown = len(packages) - len(asked)
    holes = [(package, hole) for package in asked for hole in package["vulns"]]
    for package, hole in holes:
        fixed = ", ".join(hole["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {hole['id']}, mended in {fixed}")
    if not asked:
        print(f"Not audited: none of the {unknown} packages could be asked about; is the source reachable?")
        return NOT_AUDITED
    print(f"{len(asked)} packages asked about, {len(holes)} known holes, {unknown} could not be asked about.")
    if holes:
        return 1
    return NOT_AUDITED if unknown else 0
