"""The mutation run itself: what it changes, what it spares, and that a mutant is judged by its tests."""

import ast
import sys
from pathlib import Path

import pytest

from tests.mutants import proof
from tests.mutants.__main__ import main
from tests.mutants.changes import mutants
from tests.mutants.plan import RULES
from tests.mutants.proof import ROOT, Sound
from tests.mutants.results import KILLED, SURVIVED, Results


def changes(source: str) -> list[str]:
    """The changed lines of every mutant, without what they were."""
    return [
        "\n".join(line[1:].strip() for line in one.diff.splitlines() if line.startswith("+"))
        for one in mutants(source)
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a < b", ["a <= b", "a >= b"]),
        ("a in b", ["a not in b"]),
        ("a not in b", ["a in b"]),
        ("x = not a", ["x =  a"]),
        ("a and b", ["a or b"]),
        ("x = 6", ["x = 7", "x = 5"]),
        ("f(a, b=c)", ["pass", "f(a,)"]),
        ("x = f(b=c)", ["x = f()"]),
        ("x = {a, b}", ["x = { b}", "x = {a,}"]),
        ("x = {a: b, c: d}", ["x = { c: d}", "x = {a: b}"]),
        ("x = [a]", []),
        ("x = [a for a in b]", []),
        ("x += y", ["pass"]),
        ("save(update_fields=[a, b])", ["pass", "save(update_fields=[ b])", "save(update_fields=[a,])"]),
        ('x = "UPDATE t SET n = n + 1 WHERE n < m"', ['x = "UPDATE t SET n = n - 1 WHERE n < m"',
                                                      'x = "UPDATE t SET n = n + 1 WHERE n <= m"']),
    ],
)  # fmt: skip
def test_a_line_is_broken_in_these_ways(source: str, found: list[str]) -> None:
    assert changes(source + "\n") == found


@pytest.mark.parametrize(
    "source",
    [
        "from a import b, c",
        "__all__ = [a, b]",
        "A = Callable[[b, c], d]",
        "x: int | None",
        "def f(x: int | None) -> str | None: ...",
        "@cached(size=4)\ndef f(): ...",
        "logger.info(a, exc_info=True)",
        "class E(Exception):\n    def __str__(self):\n        return a + b",
        '"""One, 2 < 3."""',
    ],
)
def test_what_is_no_rule_is_spared(source: str) -> None:
    assert changes(source + "\n") == []


def test_one_meaning_is_one_mutant() -> None:
    """`not a is b` and `a is not b`, from two operators."""
    assert changes("if a is b:\n    c\n") == ["if a is not b:"]


def test_every_mutant_is_python_and_differs() -> None:
    source = (ROOT / "schools/seats.py").read_text()

    found = list(mutants(source))

    assert len(found) > 50
    assert (
        len({one.code for one in found} | {source}) == len({one.key for one in found}) + 1 == len(found) + 1
    )
    for one in found:
        ast.parse(one.code)


def test_a_mutant_is_known_again_when_its_function_has_only_moved() -> None:
    before, after = "def f():\n    return 1\n", "import x\n\n\ndef f():\n    return 1\n"
    changed = "def f():\n    a()\n    return 1\n"

    keys = [{one.key for one in mutants(source)} for source in (before, after, changed)]

    assert keys[0] == keys[1]
    assert not keys[0] & keys[2]


def test_tests_of_a_mutant_are_those_that_run_its_line_the_quickest_first() -> None:
    lines = {1: {""}, 2: {"slow", "quick"}, 3: {"", "other"}}
    sound = Sound(True, {"slow": 2.0, "quick": 0.1, "other": 1.0}, {"a.py": lines})

    assert list(sound.of("a.py", frozenset({2}))) == ["quick", "slow"]
    assert list(sound.of("a.py", frozenset({1}))) == ["quick", "other", "slow"]  # run by the import: all
    assert list(sound.of("a.py", frozenset({3}))) == ["other"]
    assert list(sound.of("a.py", frozenset({9}))) == list(sound.of("b.py", frozenset({1}))) == []


def test_results_outlive_an_interruption(tmp_path: Path) -> None:
    results = Results(tmp_path / "results")
    results.note("one", KILLED)
    results.note("two", SURVIVED)
    results.note("two", KILLED)

    again = Results(tmp_path / "results")

    assert [again.of(key) for key in ("one", "two", "three")] == [KILLED, KILLED, None]


def test_plan_names_files_that_are_there() -> None:
    named = {*RULES, *(test for tests in RULES.values() for test in tests)}

    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_module_that_the_plan_does_not_know_is_refused(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["schools/models/place.py"])

    assert ended.value.code == 2
    assert "schools/models/place.py" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("LIMIT = 1", 0), ("LIMIT = 2", 1), ("LIMIT = nothing", 1)],
)
def test_mutant_is_imported_instead_of_the_file(tmp_path: Path, code: str, verdict: int) -> None:
    """In a process of its own, as every mutant: here the module is imported already, perhaps."""
    path = "schools/calendar.py"

    def work() -> int:
        for name in [name for name in sys.modules if name.startswith("schools")]:
            del sys.modules[name]
        sys.meta_path.insert(0, proof.Finder(path, code))
        from schools import calendar

        return 0 if vars(calendar)["LIMIT"] == 1 else 1

    assert (proof._fork(work, tmp_path / "log", seconds=60) != 0) == bool(verdict)


def test_work_that_does_not_end_is_ended(tmp_path: Path) -> None:
    assert proof._fork(_forever, tmp_path / "log", seconds=0.2) is None


def _forever() -> int:
    while True:
        pass
