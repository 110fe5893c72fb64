"""README, docs and the rest of the prose: every file that they name is there."""

import re
from pathlib import Path

import pytest

from tests.test_architecture import ROOT

PROSE = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PLACE = re.compile(
    r"`((?:applications|accounts|schools|notifications|egov|sandbox|oqu|templates|static|tests|docs)/[\w./-]+)`"
)


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_named_is_there(path: Path) -> None:
    text = path.read_text()
    links = [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    places = [place for place in PLACE.findall(text) if not (ROOT / place).exists()]

    assert (links, places) == ([], [])


def test_the_test_sees_a_file_that_is_gone() -> None:
    assert PLACE.findall("see `applications/gone.py` and `egov/eds/`") == [
        "applications/gone.py",
        "egov/eds/",
    ]
    assert LINK.findall("[a](docs/b.md) [c](https://d) [e](#f)") == ["docs/b.md"]
