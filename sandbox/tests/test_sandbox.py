"""The sandbox itself: its people, its control API, its storage, and that it stands alone."""

import ast
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command

from egov.iin import birth_date, valid_bin, valid_iin
from egov.tests.cast import AIGUL, NOBODY
from sandbox.cast import cast
from sandbox.people import academic_year, issue_iin
from tests.sandbox import Sandbox, end, start

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_cast_has_valid_numbers_and_one_story_each(year: int) -> None:
    people = cast(year)

    assert [human.iin for human in people.values() if not valid_iin(human.iin)] == []
    assert [human.iin for human in people.values() if birth_date(human.iin) != human.birth_date] == []
    assert [human.job.bin for human in people.values() if human.job and not valid_bin(human.job.bin)] == []
    adults = [human for human in people.values() if human.sim]
    assert len({human.sim for human in adults}) == len(adults) == 18
    assert all(human.case and human.case.kk and human.case.ru and human.case.en for human in adults)
    ties = [tie.iin for human in adults for tie in human.children]
    assert set(ties) == {human.iin for human in people.values() if not human.sim}


def test_iin_is_issued_once() -> None:
    first = issue_iin(date(2021, 3, 15), "M")

    assert issue_iin(date(2021, 3, 15), "M", taken={first}) != first


def test_year_of_admission_turns_on_the_first_of_september() -> None:
    assert (academic_year(date(2026, 8, 31)), academic_year(date(2026, 9, 1))) == (2026, 2027)


def test_reset_takes_everything_back(sandbox: Sandbox) -> None:
    before = sandbox.control("GET", "state")["people"]
    sandbox.person(AIGUL, in_base=False, name="X")
    sandbox.control("POST", f"people/{AIGUL}/children", {"name": "Б", "birth_date": "2020-01-01", "sex": "M"})
    sandbox.fault("person", "fail")
    sandbox.clock(100)

    sandbox.reset()

    after = sandbox.control("GET", "state")
    assert after["people"] == before
    assert after["faults"] == {}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "faults/unknown", {"mode": "slow"}),
        ("PUT", "faults/person", {"mode": "unknown"}),
        ("PUT", "faults/person", {}),
        ("PUT", "faults/person", {"mode": "slow", "seconds": "x"}),
        ("PUT", "faults/person", [1]),
        ("PATCH", f"people/{AIGUL}", {"iin": NOBODY}),
        ("PATCH", f"people/{AIGUL}", {"unknown": 1}),
        ("POST", f"people/{AIGUL}/children", {"name": "Б"}),
        ("POST", f"people/{AIGUL}/children", {"name": "Б", "birth_date": "x", "sex": "M"}),
    ],
)
def test_control_answers_400_to_what_makes_no_sense(
    sandbox: Sandbox, method: str, path: str, body: Any
) -> None:
    assert requests.request(method, f"{sandbox.url}/control/{path}", json=body, timeout=10).status_code == 400


def test_fault_counts_its_calls(sandbox: Sandbox) -> None:
    sandbox.fault("sms", "fail", times=2)
    url = f"{sandbox.url}/mobizon/service/message/list?apiKey=sandbox-key"

    assert [requests.post(url, timeout=10).status_code for _ in range(3)] == [500, 500, 200]


def test_every_service_can_be_slow_failing_and_refusing(sandbox: Sandbox) -> None:
    names = sandbox.control("GET", "state")["services"]

    for name in names:
        for mode in ("slow", "fail", "refuse"):
            sandbox.fault(name, mode)
    assert set(sandbox.control("GET", "state")["faults"]) == set(names)


def test_state_survives_a_restart_and_a_kill(tmp_path: Path) -> None:
    process, first = start(tmp_path, portal_url="http://127.0.0.1:9")
    first.person(AIGUL, in_base=False)
    first.control("POST", f"people/{AIGUL}/children", {"name": "Б", "birth_date": "2020-01-01", "sex": "M"})
    end(process)

    process, second = start(tmp_path, portal_url="http://127.0.0.1:9")
    facts = second.person(AIGUL)
    process.kill()
    process.wait()

    assert (facts["in_base"], len(facts["children"])) == (False, 3)
    assert json.loads((tmp_path / "state.json").read_text())["facts"][AIGUL]["in_base"] is False


@pytest.mark.rule("D33")
def test_command_refuses_without_the_demo(settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO"):
        call_command("egov_sandbox")


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_sandbox_and_portal_do_not_import_each_other() -> None:
    apps = ("egov", "accounts", "schools", "notifications", "applications", "oqu", "tests")
    inside = {path: imports(path) for path in (ROOT / "sandbox").rglob("*.py") if "tests" not in path.parts}
    outside = {
        path: imports(path)
        for app in apps[:-1]
        for path in (ROOT / app).rglob("*.py")
        if path not in inside and "tests" not in path.parts
    }

    leaks = [
        f"{path.name}: {name}"
        for path, names in inside.items()
        for name in names
        if name.split(".")[0] in apps and not name.startswith("sandbox")
    ]
    uses = {
        str(path.relative_to(ROOT)) for path, names in outside.items() for name in names if "sandbox" in name
    }
    settings = [
        f"{path.name}: {name}" for path, names in inside.items() for name in names if "django.conf" in name
    ]

    assert leaks == settings == []
    assert uses == {"egov/management/commands/egov_sandbox.py"}


def test_sandbox_starts_without_django_settings(tmp_path: Path) -> None:
    start_it = f"build(Path({str(tmp_path)!r}), portal_url='http://x', ncalayer_port=1)"
    code = f"from pathlib import Path; from sandbox.app import build; {start_it}"

    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")
