"""The repository holds to its shape: imports point one way, one file writes a status, no inline script."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from oqu.stand.checks import python_sources
from tests.plan import FLOORS, MAY_IMPORT

ROOT = Path(__file__).resolve().parent.parent
APPS = set(MAY_IMPORT)
NOT_ROOMS = {"tests", "migrations", "static", "data", "__pycache__", "commands"}
MOST_LINES = 300


def sources(place: str = "") -> list[Path]:
    """The modules of a package, of all packages by default, without tests and migrations."""
    tops = [Path(*place.split("."))] if place else [Path(app) for app in sorted(APPS)]
    found = [path for top in tops for path in sorted((ROOT / top).rglob("*.py"))]
    return [
        path
        for path in found
        if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts) and path.name != "conftest.py"
    ]


def nodes(path: Path) -> Iterator[ast.AST]:
    """Of a module; not kept, for they would fill the memory."""
    return ast.walk(ast.parse(path.read_text()))


@cache
def imported_modules(path: Path) -> list[str]:
    """Every name that a module imports, in full, wherever in it the import stands."""
    modules = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            base = ".".join([*package, *([node.module] if node.module else [])])
            modules += [f"{base}.{alias.name}" for alias in node.names]
    return modules


def forbidden_imports(app: str, path: Path) -> list[str]:
    """Of another package, not among those that the app may import; the sandbox's own command starts it."""
    allowed = MAY_IMPORT[app] | {app} | ({"sandbox"} if path.name == "egov_sandbox.py" else set())
    return [module for module in imported_modules(path) if module.split(".")[0] in APPS - allowed]


@pytest.mark.parametrize("app", sorted(APPS))
@pytest.mark.rule("D33")
def test_imports_point_one_way(app: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): found for path in sources(app) if (found := forbidden_imports(app, path))
    }

    assert wrong == {}


@pytest.mark.rule("D33")
def test_sandbox_knows_no_django_of_the_portal() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sources("sandbox")
        for module in imported_modules(path)
        if module.startswith(("django.conf", "django.db"))
    ]

    assert wrong == []


def rooms(place: str) -> set[str]:
    """The modules and folders of a package, by name."""
    children = (ROOT / Path(*place.split("."))).iterdir()
    return {
        path.stem
        for path in children
        if (path.suffix == ".py" and path.name not in ("__init__.py", "conftest.py"))
        or (path.is_dir() and path.name not in NOT_ROOMS and any(path.rglob("*.py")))
    }


def packages() -> set[str]:
    """Every package that has more in it than its face."""
    folders = {path.parent.relative_to(ROOT) for path in sources()}
    named = {".".join(folder.parts) for folder in folders if not NOT_ROOMS & set(folder.parts)}
    return {name for name in named if rooms(name) and not name.endswith("management")}


def test_every_room_has_its_floor() -> None:
    ranked = {place: sorted(" ".join(floors).split()) for place, floors in FLOORS.items()}

    assert ranked == {place: sorted(rooms(place)) for place in packages()}


TOP = 99  # a package's face (its __init__) stands above all its rooms


def climbing(place: str, floors: list[str]) -> list[str]:
    """The imports of a package's rooms from a floor that is not below their own."""
    floor_of = {room: number for number, floor in enumerate(floors) for room in floor.split()}
    found = []
    for path in sources(place):
        own = path.relative_to(ROOT).with_suffix("").parts[place.count(".") + 1]
        for module in imported_modules(path):
            room = module.removeprefix(f"{place}.").split(".")[0] if module.startswith(f"{place}.") else ""
            if room in floor_of and room != own and floor_of[room] >= floor_of.get(own, TOP):
                found.append(f"{path.relative_to(ROOT)} imports {module}")
    return found


@pytest.mark.parametrize("place", sorted(FLOORS))
def test_rooms_import_only_from_floors_below(place: str) -> None:
    assert climbing(place, FLOORS[place]) == []


def test_the_test_of_floors_sees_a_climber() -> None:
    turned = list(reversed(FLOORS["applications"]))

    assert "applications/lifecycle.py imports applications.models.Application" in climbing(
        "applications", turned
    )


def status_writers(path: Path) -> list[int]:
    """Lines that assign an attribute `status`, or pass one to update/create."""
    lines = []
    for node in nodes(path):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            flat = [
                t for target in targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])
            ]
            lines += [node.lineno for t in flat if isinstance(t, ast.Attribute) and t.attr == "status"]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            writes = node.func.attr in {"update", "create", "update_or_create", "bulk_create", "setattr"}
            lines += [node.lineno for key in node.keywords if writes and key.arg == "status"]
    return lines


@pytest.mark.rule("R104")
def test_only_lifecycle_writes_a_status() -> None:
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in sources()
        if path.relative_to(ROOT).parts[0] == "applications"
        and path.relative_to(ROOT).parts[1] not in ("lifecycle.py", "models")
        and (found := status_writers(path))
    }

    assert wrong == {}


def test_the_status_test_sees_a_writer(tmp_path: Path) -> None:
    culprit = tmp_path / "culprit.py"
    culprit.write_text("a.status = 1\nrows.update(status=2)\nb.x, b.status = 1, 2\n")

    assert sorted(status_writers(culprit)) == [1, 2, 3]


INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=\s*["']|\son[a-z]+\s*=\s*["']|javascript:""", re.I
)


def test_templates_have_no_inline_script_or_style() -> None:
    # Papers are PDFs made by WeasyPrint, never sent to a browser.
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "pdf" not in path.parts]
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in pages
        for match in INLINE.finditer(path.read_text())
    ]

    assert pages
    assert wrong == []


def test_templates_name_no_foreign_host() -> None:
    pattern = re.compile(r"""(?:src|href|action|srcset)\s*=\s*["'](?:https?:)?//""")
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if pattern.search(path.read_text())
    ]

    assert wrong == []


def test_modules_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text().splitlines())) > MOST_LINES and path.name != "models.py"
    }
    long.pop("oqu/settings.py", None)

    assert long == {}


EXCEPTION = re.compile(r"#\s*(?:type:\s*ignore|noqa)\b")
REASONED = re.compile(r"# (?:type: ignore\[[\w, -]+\]  # |noqa: [A-Z]+\d+(?:, [A-Z]+\d+)* [ (-]*)\w+")


def without_reason(source: str) -> list[int]:
    """Lines whose comment silences a check, and does not name the check and the reason beside it."""
    comments = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    return [
        one.start[0] for one in comments if EXCEPTION.search(one.string) and not REASONED.search(one.string)
    ]


def test_exception_to_a_check_has_its_reason() -> None:
    own = [ROOT / name for name in python_sources()]
    files = [file for path in own for file in (path.rglob("*.py") if path.is_dir() else [path])]
    silencing = [file for file in files if EXCEPTION.search(file.read_text())]
    wrong = {
        str(file.relative_to(ROOT)): found
        for file in silencing
        if (found := without_reason(file.read_text()))
    }

    assert len(files) > 400
    assert wrong == {}


@pytest.mark.parametrize(
    ("comment", "bare"),
    [
        ("# type: ignore", True),
        ("# type: ignore[misc]", True),
        ("# type: ignore  # of a library", True),
        ("# type: ignore[misc, arg-type]  # of a library", False),
        ("# noqa", True),
        ("# noqa: S608", True),
        ("# noqa: S608, E501", True),
        ("# noqa: S608, E501 (constants)", False),
        ("# noqa: F401  fixtures", False),
        ("# says why nothing is wrong", False),
    ],
)
def test_the_test_of_exceptions_sees_a_bare_one(comment: str, bare: bool) -> None:
    assert without_reason(f'"# noqa"\n\na = 1  {comment}\n') == ([3] if bare else [])
