"""README, docs and the rest of the prose: every file that they name is there."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.urls import get_resolver

from applications.papers import making
from notifications import queue
from tests.test_architecture import ROOT

PROSE = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PLACE = re.compile(
    r"`((?:applications|accounts|schools|notifications|egov|sandbox|oqu|templates|static|tests|docs|deploy)/[\w./-]+)`"
)
TEMPLATE = re.compile(r'"((?!templates/)[a-z_]+/[\w/]+\.html)"')
ADDRESS = re.compile(r"""url ["']([a-z_]+):([a-z_]+)["']""")
TABLE = re.compile(r"`((?:accounts|applications|notifications|schools)_[a-z]+)`")


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_addresses_and_tables_that_are_named_are_there(path: Path) -> None:
    text = path.read_text()
    tables = {model._meta.db_table for model in apps.get_models()}
    rooms = get_resolver().namespace_dict

    assert [one for one in TEMPLATE.findall(text) if not (ROOT / "templates" / one).exists()] == []
    assert [
        one for one in ADDRESS.findall(text) if one[0] not in rooms or not _has(rooms[one[0]], one[1])
    ] == []
    assert [one for one in TABLE.findall(text) if one not in tables] == []


def _has(room: Any, name: str) -> bool:
    return room is not None and name in room[1].reverse_dict


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


def test_time_for_papers_that_are_claimed_together_is_as_told() -> None:
    text = " ".join((ROOT / "docs" / "performance.md").read_text().split())
    told = re.search(r"Papers are claimed (\w+) at a time.*?within (.*?) is", text)

    assert told and told.groups() == ("ten", "half a second")
    assert (making.TOGETHER, queue.TOGETHER_SECONDS) == (10, 0.5)


STOPS = re.compile(
    r"\bstop\b[^.;|]*?\b(?:web|processes|everything)\b|\b(?:everything|portal)[^.;|]*? is stopped\b", re.I
)
ORDERS = re.compile(r"systemctl stop ([^`#\n]*)")
NEAR = 200  # letters in which the order stands that does it


@pytest.mark.parametrize("path", [path for path in PROSE if "docs" in path.parts], ids=lambda path: path.name)
def test_a_web_that_shall_stay_down_is_stopped_with_its_socket(path: Path) -> None:
    """Which would start it again at the next visit, and with it what was to be kept out: new files."""
    text = path.read_text()
    said = [text[at.start() : at.end() + NEAR] for at in STOPS.finditer(text)]
    orders = [at[1].split() for at in ORDERS.finditer(text)]

    assert [one for one in said if "stop oqu-web.socket" not in one and "as above" not in one] == []
    of_web = [names for names in orders if {"oqu-web", "'oqu-*'"} & set(names)]
    assert [names for names in of_web if names[0] != "oqu-web.socket"] == []


def test_the_test_sees_a_web_that_is_stopped() -> None:
    for line in (
        "2. Stop web, worker and beat.",
        "stop all web machines",
        "Everything of the portal is stopped",
    ):
        assert STOPS.search(line), line
