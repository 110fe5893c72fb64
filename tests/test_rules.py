"""docs/rules.md and the tests agree: every rule has its proof, every proof names a rule that exists."""

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules.md"
FOLDERS = ("tests", "accounts", "egov", "sandbox", "schools", "notifications", "applications")
RULE = re.compile(r"[RD]\d+a?")
OUTSIDE = "## Outside the portal"


def rows(text: str) -> list[list[str]]:
    """The cells of each table row that begins with a rule's number."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return [row for row in cells if RULE.fullmatch(row[0])]


def listed() -> tuple[list[list[str]], list[list[str]]]:
    """The rules that need a proof, and those that are for others to keep."""
    ours, outside = RULES.read_text().split(OUTSIDE)
    return rows(ours), rows(outside)


def markers(source: str) -> list[ast.Call]:
    """Each `pytest.mark.rule(...)`: on a test, on a module, or on one row of a table."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call for call in calls if ast.unparse(call.func) == "pytest.mark.rule"]


def named() -> dict[str, set[str]]:
    """Rules by the file of the tests that name them."""
    found: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("test_*.py"):
            ids = {argument for call in markers(path.read_text()) for argument in plain(call)}
            found |= {str(path.relative_to(ROOT)): ids} if ids else {}
    return found


def plain(marker: ast.Call) -> list[str]:
    """The rules as written; what is worked out at run time shows as its code, which no rule is called."""
    return [
        one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else ast.unparse(one)
        for one in marker.args
    ]


def test_every_rule_has_its_proof() -> None:
    ours, _ = listed()
    proven = set().union(*named().values())

    assert [row[0] for row in ours if row[0] not in proven] == []


def test_every_proof_names_a_rule() -> None:
    ours, outside = listed()
    known = {row[0] for row in ours + outside}

    assert {place: ids - known for place, ids in named().items() if ids - known} == {}


def test_rule_is_listed_once_with_words_and_a_home() -> None:
    ours, outside = listed()
    every = ours + outside

    assert [rule for rule, times in Counter(row[0] for row in every).items() if times > 1] == []
    assert [row for row in every if len(row) != 3 or not all(row)] == []
    assert len(ours) > 150  # the page was read


def test_homes_exist() -> None:
    homes = {(row[0], home) for row in listed()[0] for home in re.findall(r"`([^`]+)`", row[2])}

    assert {row[0] for row in listed()[0]} == {rule for rule, _ in homes}
    assert [(rule, home) for rule, home in sorted(homes) if not (ROOT / home).is_file()] == []


def test_markers_are_seen_wherever_they_stand() -> None:
    source = """
pytestmark = pytest.mark.rule("R1")
@pytest.mark.rule("R2", *MORE)
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.rule("R3"))])
def test_it(): ...
"""
    assert sorted(argument for call in markers(source) for argument in plain(call)) == [
        "*MORE", "R1", "R2", "R3",
    ]  # fmt: skip
