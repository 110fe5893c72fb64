"""`.env.example` and the settings name the same things."""

import ast
import re
from pathlib import Path

from oqu.stand.commands import PORTS

ROOT = Path(__file__).resolve().parent.parent
READERS = {"str", "int", "bool", "float", "list", "db_url"}


def settings_names() -> set[str]:
    """Names that settings.py reads from the environment, by `env.…("NAME")` or `_service("NAME")`."""
    calls = [node for node in ast.walk(ast.parse((ROOT / "oqu/settings.py").read_text())) if is_reader(node)]
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


def is_reader(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id == "_service"
    return isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "env"


def test_env_example_names_every_setting_once() -> None:
    named = re.findall(r"^# ([A-Z_0-9]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(named) == sorted(settings_names() | set(PORTS) | {"CHROMIUM"})


def test_every_reader_of_the_environment_is_seen() -> None:
    called = re.findall(r"\benv\.(\w+)\(", (ROOT / "oqu/settings.py").read_text())

    assert set(called) <= READERS
    assert {"DATABASE_URL", "SECRET_KEY", "EGOV_IDP_URL", "ACADEMIC_YEAR"} <= settings_names()


def test_env_example_changes_nothing_when_copied() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []
