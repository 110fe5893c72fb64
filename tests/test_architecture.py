"""The repository holds to its shape: imports point one way, one file writes a status, no inline script."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Who may import whom; everybody may import themselves, and `oqu` (the composition root) imports all.
MAY_IMPORT = {
    "egov": set(),
    "accounts": {"egov"},
    "schools": {"accounts"},
    "notifications": {"accounts", "egov"},
    "applications": {"schools", "notifications", "accounts", "egov"},
}
APPS = set(MAY_IMPORT)
# Inside `applications`: a lower layer never imports a higher one.
LAYERS = {
    "status": 0, "models": 1,
    "eligibility": 2, "signing": 2, "papers": 2, "receipts": 2, "documents": 2, "notices": 2, "wizard": 2,
    "offers": 2, "cascade": 2,
    "lifecycle": 3,
    "views": 5, "tasks": 5, "management": 5, "urls": 6,
}  # fmt: skip
MOST_LINES = 300


def sources(*, tests: bool = False) -> list[Path]:
    found = []
    for app in [*sorted(APPS), "oqu"]:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" in path.parts or (not tests and "tests" in path.parts):
                continue
            found.append(path)
    return found


def imported_modules(path: Path) -> list[str]:
    modules = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules += [f"{node.module}.{alias.name}" for alias in node.names]
    return modules


def forbidden_imports(app: str, path: Path) -> list[str]:
    allowed = MAY_IMPORT[app] | {app}
    tops = [(module, module.split(".")[0]) for module in imported_modules(path)]
    return [module for module, top in tops if top in APPS | {"oqu"} and top not in allowed]


@pytest.mark.parametrize("app", sorted(APPS))
def test_imports_point_one_way(app: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in sources()
        if path.relative_to(ROOT).parts[0] == app and (found := forbidden_imports(app, path))
    }

    assert wrong == {}


def test_lower_layers_of_applications_know_nothing_of_higher_ones() -> None:
    wrong = []
    for path in sources():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] != "applications" or len(parts) < 2 or parts[1] not in LAYERS:
            continue
        for module in imported_modules(path):
            names = module.split(".")
            if names[0] == "applications" and len(names) > 1:
                higher = LAYERS.get(names[1], 0) > LAYERS[parts[1]]
                wrong += [f"{path.relative_to(ROOT)} imports {module}"] if higher else []

    assert wrong == []


@pytest.mark.rule("D33")
def test_sandbox_and_portal_do_not_know_each_other() -> None:
    portal_modules = APPS | {"oqu", "django.conf", "django.db"}
    wrong = []
    for path in sources():
        relative = path.relative_to(ROOT)
        inside = relative.parts[:2] == ("egov", "sandbox")
        for module in imported_modules(path):
            if inside:
                own = module.startswith("egov.sandbox")
                outside = any(module == name or module.startswith(name + ".") for name in portal_modules)
                wrong += [f"{relative}: {module}"] if outside and not own else []
            elif module.startswith("egov.sandbox") and relative.name != "egov_sandbox.py":
                wrong.append(f"{relative}: {module}")

    assert wrong == []


def status_writers(path: Path) -> list[int]:
    """Lines that assign an attribute `status`, or pass one to update/create."""
    lines = []
    for node in ast.walk(ast.parse(path.read_text())):
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
        and path.name not in ("lifecycle.py", "models.py")
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
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "papers" not in path.parts]
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
