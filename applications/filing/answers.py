"""Which answers each page of the wizard shows and writes, so that a page from an older window undoes no later
answer of its own; those of other pages are no business of it."""

from typing import Any

from accounts import seen
from applications.documents import keeping
from applications.models import Application
from applications.steps import CHILD, DETAILS, DOCUMENTS, SCHOOL, TRANSPORT, WAY

TERM = "valid_until"  # of the conclusion, which is a document's
NAMES: dict[str, tuple[str, ...]] = {
    CHILD: ("extra_phone", "special_needs"),
    WAY: ("route", "intake"),
    SCHOOL: ("route", "intake"),
    TRANSPORT: ("intake", "transport", "transport_address"),
    DOCUMENTS: ("data_correct_at", "external_data_at", TERM),
    DETAILS: ("applicant_phone", "extra_phone", "special_needs", "intake"),
}


def stored(application: Application, page: str) -> dict[str, object]:
    return {name: _stored(application, name) for name in NAMES.get(page, ())}


def wanted(page: str, changes: dict[str, Any]) -> dict[str, object]:
    """Of what is about to be written, the answers of this page."""
    return {name: _plain(name, changes[name]) for name in NAMES.get(page, ()) if name in changes}


def mark(application: Application, page: str) -> str:
    return seen.mark(stored(application, page))


def _stored(application: Application, name: str) -> object:
    if name == TERM:
        conclusion = keeping.conclusion(application)
        return conclusion and conclusion.valid_until
    return _plain(name, getattr(application, name))


def _plain(name: str, value: Any) -> object:
    """A tick is set or not, whenever that was; a school is its key."""
    if name.endswith("_at"):
        return bool(value)
    return value and value.pk if name == "intake" else value
