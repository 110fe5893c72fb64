"""One thing, one name: the README's words, held over the names in code."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, nodes, sources

# A word that is somebody else's name for a thing of ours, and the name that it has here.
STRANGERS = {
    "ticket": "signing_request",
    "tickets": "signing_requests",
    "invitation": "batch",
    "invitations": "batches",
    "invite": "open_batch",
    "pupil": "child",
    "enqueue": "order (a paper), tell (a person)",
}
# A word of ours, and where it may stand: elsewhere it would mean another thing.
AT_HOME = {
    "notice": ("applications/papers/", "applications/models/paper.py", "applications/lifecycle.py"),
    "receipt": ("applications/papers/", "applications/models/paper.py"),
}
# What is uploaded or fetched is a document; a paper is sealed by us.
PROSE = {"paper application": "in-person application", "medical paper": "medical document"}
DOCUMENTS = ("applications/documents/", "egov/medical.py", "applications/models/document.py")
PORTAL = ("accounts", "schools", "notifications", "applications", "oqu")


@cache
def names(path: Path) -> list[str]:
    """Everything that a module itself gives a name: modules, classes, functions, parameters, variables."""
    found = [path.stem]
    for node in nodes(path):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.append(node.name)
        elif isinstance(node, ast.arg):
            found.append(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
    return found


@cache
def words(name: str) -> set[str]:
    """«SigningBatch» and «signing_batch» are signing and batch."""
    spaced = (
        "".join(f"_{letter}" if letter.isupper() else letter for letter in name)
        if not name.isupper()
        else name
    )
    return set(spaced.lower().split("_"))


def where(word: str) -> list[str]:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for app in PORTAL
        for path in sources(app)
        for name in names(path)
        if word in words(name)
    }
    return sorted(found)


@pytest.mark.parametrize("word", sorted(STRANGERS))
def test_a_thing_has_no_second_name(word: str) -> None:
    assert where(word) == [], f"here it is called {STRANGERS[word]}"


@pytest.mark.parametrize("word", sorted(AT_HOME))
def test_a_word_means_one_thing(word: str) -> None:
    assert [place for place in where(word) if not place.startswith(AT_HOME[word])] == []


def test_what_is_uploaded_is_a_document() -> None:
    in_documents = [
        place for word in ("paper", "papers") for place in where(word) if place.startswith(DOCUMENTS)
    ]

    assert in_documents == []


def test_names_are_taken_apart() -> None:
    assert words("SigningBatch") == {"", "signing", "batch"}
    assert words("MOST_ROWS") == {"most", "rows"}
    assert words("_open_ticket") == {"", "open", "ticket"}


@pytest.mark.parametrize("words", PROSE)
def test_prose_has_the_readmes_words(words: str) -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    found = [path for path in [*sources(), *pages] if words in path.read_text().lower()]

    assert [str(path.relative_to(ROOT)) for path in found if path.name != Path(__file__).name] == []
