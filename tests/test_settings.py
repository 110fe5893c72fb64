"""`.env.example` and the settings name the same things."""

import ast
import re
from pathlib import Path

from oqu.stand.commands import PORTS

ROOT = Path(__file__).resolve().parent.parent
READERS = {"str", "int", "bool", "float", "list", "json", "db_url", "email_url"}


def settings_names() -> set[str]:
    """Names that settings.py reads from the environment, by `env.…("NAME")` or `_service("NAME")`."""
    nodes = ast.walk(ast.parse((ROOT / "oqu/settings.py").read_text()))
    first = [node.args[0] for node in nodes if isinstance(node, ast.Call) and is_reader(node.func)]
    return {name.value for name in first if isinstance(name, ast.Constant) and isinstance(name.value, str)}


def is_reader(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "_service"
    return isinstance(function, ast.Attribute) and ast.unparse(function.value) == "env"


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
