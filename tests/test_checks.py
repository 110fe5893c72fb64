"""`./run lint` and `./run audit` say how each check ended, and never pass what they did not look at."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oqu.stand import checks, commands
from oqu.stand.checks import NOT_AUDITED, Check
from oqu.stand.place import ROOT

SOUND = {"name": "sound", "version": "1", "vulns": []}
HOLED = {"name": "holed", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "not found"}


def python(name: str, code: str) -> Check:
    return Check(name, [sys.executable, "-c", code])


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([python("good", "")], 0),
        ([python("good", ""), python("bad", "raise SystemExit('line 3 is wrong')")], 1),
        ([Check("absent", ["/no/such/program"]), python("good", "")], 1),
    ],
)
def test_lint_fails_when_any_check_fails_or_cannot_run(
    found: list[Check], code: int, capsys: pytest.CaptureFixture
) -> None:
    assert checks.lint(found) == code
    said = capsys.readouterr().out
    assert all(check.name in said for check in found)
    assert ("All checks passed" in said) == (code == 0)
    assert ("line 3 is wrong" in said) == any(check.name == "bad" for check in found)


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([SOUND], 0, "1 packages asked about, 0 known holes"),
        ([SOUND, HOLED], 1, "holed 2: CVE-1, mended in 3"),
        ([HOLED, UNKNOWN], 1, "1 could not be asked about"),
        ([SOUND, UNKNOWN], NOT_AUDITED, "1 could not be asked about"),
        ([UNKNOWN], NOT_AUDITED, "Not audited"),
        ([], NOT_AUDITED, "Not audited"),
    ],
)
def test_audit_does_not_call_sound_what_it_could_not_ask_about(
    packages: list[dict], code: int, words: str, capsys: pytest.CaptureFixture
) -> None:
    assert checks.report(packages) == code
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "linted"),
    [([], True), (["--no-lint"], False), (["tests/test_checks.py"], False), (["-k", "seats"], False)],
)
def test_only_a_whole_run_lints_first(
    options: list[str], linted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    class Enough(Exception):
        pass

    def find(_kind: str) -> None:
        raise Enough

    monkeypatch.setattr(commands, "lint", lambda: asked.append(True))
    monkeypatch.setattr("oqu.stand.place.find", find)

    with pytest.raises(Enough):
        commands.test(options)

    assert asked == [True] * linted


def test_whole_run_ends_where_lint_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "lint", lambda: 1)

    assert commands.test([]) == 1


def test_every_template_and_every_module_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for file in ("manage.py", "oqu/a.py", "docs/a.md", ".venv/a.py", "var/bin/a.py", "var/templates/a.html"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    for folder in ("templates/papers", "oqu/templates"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(checks, "ROOT", tmp_path)

    assert checks.python_sources() == ["manage.py", "oqu"]
    assert checks.template_folders() == ["oqu/templates", "templates"]


def test_ci_tells_its_options_and_touches_nothing(tmp_path: Path) -> None:
    """It runs on machines of others: it reads its arguments first, and installs only through ./run."""
    script = tmp_path / ".ci" / "run"
    script.parent.mkdir()
    shutil.copy(ROOT / ".ci" / "run", script)
    starter = tmp_path / "run"
    starter.write_text('#!/bin/sh\necho "$CI $REQUIRE_BROWSER ${DATABASE_URL-none} $*"\n')
    starter.chmod(0o755)

    def say(*arguments: str) -> str:
        return subprocess.run([script, *arguments], capture_output=True, text=True, check=True).stdout

    assert ".ci/run [options]" in say("--help")
    assert say("-k", "two words") == "true 1 none test -k two words\n"
    assert [
        word
        for word in ("apt", "tee", "sudo", "/etc", "/usr", "systemctl")
        if f" {word}" in script.read_text()
    ] == []
    assert {path.name for path in tmp_path.iterdir()} == {".ci", "run"}
