"""No page stays out of sight: each template of a page is among the screens, or says here why not."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.django_db
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
EXTENDS = re.compile(r'\{% extends "([^"]+)" %\}')
FRAMES = {"base.html", "_components/error_page.html", "accounts/waiting.html"}
# Page by page, why it is measured nowhere here.
UNSEEN: dict[str, str] = {}


def pages() -> set[str]:
    """What extends a frame, at whatever remove; what begins with a line is extended, and no page itself."""
    parent = {
        str(path.relative_to(TEMPLATES)): found[1]
        for path in TEMPLATES.rglob("*.html")
        if (found := EXTENDS.match(path.read_text()))
    }
    framed = {name for name in parent | dict.fromkeys(FRAMES) if _frame(name, parent) in FRAMES}
    return {name for name in framed if "_" not in (name[0], Path(name).name[0])} - {"base.html"}


def _frame(name: str, parent: dict[str, str]) -> str:
    while name in parent:
        name = parent[name]
    return name


def test_every_page_is_measured(made_of: set[str]) -> None:
    assert len(pages()) > 100
    assert sorted(pages() - made_of - set(UNSEEN)) == []
    assert set(UNSEEN) & made_of == set()  # it is measured after all
    assert set(UNSEEN) <= pages()
