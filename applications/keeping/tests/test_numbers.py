"""A whole application that was removed is named by its number, however it was done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accounts import chain
from applications import drafts
from applications.keeping import erasing, numbers
from applications.models import Application
from applications.papers.tests.audit_cast import accepted, command, filed, withdrawn  # noqa: F401  fixtures
from applications.tests.test_verify_journal import WHOLE, asleep, newest, sql, verify

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D40")]
ITS_ENTRIES = (
    """DELETE FROM accounts_journalentry WHERE model = 'applications.application' AND "row" = %(a)s::text"""
)
ALL_ENTRIES = [
    ITS_ENTRIES,
    "DELETE FROM accounts_journalentry WHERE (facts ->> 'application_id')::bigint = %(a)s",
]


@pytest.fixture(autouse=True)
def place_of_heads(settings: Any, tmp_path: Path, portal_keys: Path) -> None:
    settings.JOURNAL_EXPORT_DIR = tmp_path / "heads"


@pytest.fixture
def make_application(make_application: Callable[..., Application]) -> Callable[..., Application]:
    """With numbers that the database has given out, for it is asked which."""
    return partial(make_application, pk=None)


def remove(application: Application, *more: str) -> None:
    for statement in (*WHOLE, *more):
        sql(statement, {"a": application.pk})


def named() -> list[str]:
    _, lines = command()
    return [line for line in lines if "NUMBER" in line]


def test_one_that_was_removed_with_the_triggers_asleep_is_named(accepted: Application) -> None:  # noqa: F811  a fixture
    assert named() == []
    with asleep():
        remove(accepted)

    code, lines = command()

    assert code == 1
    assert f"{accepted.number} NUMBER REMOVED" in lines


def test_one_that_was_removed_by_the_portals_own_role_is_named(accepted: Application) -> None:  # noqa: F811  a fixture
    remove(accepted)

    assert named() == [f"{accepted.number} NUMBER REMOVED"]


def test_one_that_was_turned_into_a_draft_and_deleted_is_named(accepted: Application) -> None:  # noqa: F811  a fixture
    with asleep():
        sql("UPDATE applications_application SET status = 'DRAFT', submitted_at = NULL")
    remove(accepted)

    assert named() == [f"{accepted.number} NUMBER REMOVED"]


def test_one_without_its_own_entries_is_named_by_its_moves(accepted: Application) -> None:  # noqa: F811  a fixture
    with asleep():
        remove(accepted, ITS_ENTRIES)

    assert named() == [f"????-{accepted.pk:06d} NUMBER REMOVED"]


def test_one_without_any_entry_is_a_number_of_nobody_and_breaks_the_chain(
    accepted: Application,  # noqa: F811  a fixture
) -> None:
    chain.link()
    before = newest()
    with asleep():
        remove(accepted, *ALL_ENTRIES)

    assert accepted.pk in numbers.find().unknown
    assert any("never used" in line for line in command("-v", "2")[1])
    assert any("ENTRY_GONE" in line for line in verify(after=before))


def test_one_that_the_portal_has_erased_is_no_gap(
    withdrawn: Application,  # noqa: F811  a fixture
    now: datetime,
) -> None:
    erasing.run(now=now + timedelta(days=6 * 365))

    found = numbers.find()

    assert found.removed == []
    assert withdrawn.pk not in found.unknown


def test_the_act_of_erasing_its_files_excuses_no_removal(
    withdrawn: Application,  # noqa: F811  a fixture
    now: datetime,
) -> None:
    erasing.run(now=now + timedelta(days=200))
    with asleep():
        remove(withdrawn)

    assert named() == [f"{withdrawn.number} NUMBER REMOVED"]


def test_a_draft_that_its_parent_deleted_is_no_gap(make_application: Callable[..., Application]) -> None:
    draft = make_application()
    key = draft.pk
    drafts.delete(draft)

    assert numbers.find().removed == []
    assert key not in numbers.find().unknown


def test_of_one_application_no_gaps_are_looked_for(
    accepted: Application,  # noqa: F811  a fixture
    filed: Application,  # noqa: F811  a fixture
) -> None:
    _, lines = command("-v", "2", "--number", str(accepted.number))

    assert not any("NUMBER" in line or "never used" in line for line in lines)


def test_numbers_are_shown_in_ranges() -> None:
    assert numbers.ranges([3, 1, 2, 7, 9, 10]) == ["000001-000003", "000007", "000009-000010"]
