"""The table of terms is whole, true, and what the page in docs shows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from accounts.models import EntryKind, JournalEntry, User
from applications.keeping import due, erasing, loose, table, ways
from applications.keeping.kept import KEPT
from applications.keeping.policy import Policy
from applications.keeping.tests import terms_cast
from applications.keeping.tests.terms_cast import MAKERS
from applications.models import Application
from schools.models import Role, School, StaffMember

PAGE = Path(settings.BASE_DIR) / "docs" / "keeping.md"
BEFORE_IT, AFTER_IT = timedelta(seconds=-1), timedelta(seconds=1)
ONLY_THIS = {one.name: one for one in table.POLICIES}


def models_of(policy: Policy) -> set[type[Any]]:
    return {policy.due(datetime.fromtimestamp(0).astimezone()).model, *policy.covers}


@pytest.mark.django_db
def test_every_model_has_a_row_of_the_table() -> None:
    kept = {model for one in KEPT for model in one.models}
    erased = {model for policy in table.POLICIES for model in models_of(policy)}

    assert set(apps.get_models()) - kept - erased == set()
    assert kept & erased == set()


def test_the_page_shows_the_table() -> None:
    assert table.markdown() in PAGE.read_text()


def test_every_term_is_a_setting_of_its_own_row() -> None:
    told = (Path(settings.BASE_DIR) / ".env.example").read_text()

    for policy in table.POLICIES:
        assert f"# {policy.setting}={policy.days}\n" in told
    assert len({policy.name for policy in table.POLICIES}) == len(table.POLICIES)


def test_every_row_has_something_to_be_tried_with() -> None:
    assert MAKERS.keys() == ONLY_THIS.keys()


@pytest.mark.rule("D40")
@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ONLY_THIS))
def test_what_is_due_is_erased_and_told_to_the_second(
    name: str, make_application: Callable[..., Application], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = ONLY_THIS[name]
    monkeypatch.setattr(erasing, "POLICIES", [policy])
    begun = now - timedelta(days=policy.days)
    row = MAKERS[name](begun, make_application)

    assert erasing.run(now=now + BEFORE_IT).done == [erasing.Done(name)]
    assert row.pk in set(policy.rows(now + AFTER_IT).values_list("pk", flat=True))
    (done,) = erasing.run(now=now + AFTER_IT).done

    assert done.rows == 1
    assert not policy.rows(now + AFTER_IT).exists()
    act = JournalEntry.objects.get(kind=EntryKind.ERASED)
    assert (act.model, act.row) == (row._meta.label_lower, str(row.pk))
    assert act.facts == {"policy": name, "rows": [row.pk], "files": done.files}
    assert act.said == {"by": f"erasing {name}"}
    assert erasing.run(now=now + AFTER_IT).done == [erasing.Done(name)]


def test_the_table_names_all_ways() -> None:
    """A question or a way that no row uses is a row that was forgotten."""
    for module, used in (
        (due, {one.due for one in table.POLICIES}),
        (ways, {one.erase for one in table.POLICIES}),
    ):
        own = {
            value
            for name, value in vars(module).items()
            if callable(value) and getattr(value, "__module__", "") == module.__name__ and name[0] != "_"
        }
        assert own == used


def test_folders_of_the_store_are_all_looked_into(now: datetime) -> None:
    hours = {loose.of_this_hour(now + timedelta(hours=hour)) for hour in range(256)}

    assert hours == set(loose.FOLDERS)


@pytest.mark.django_db
def test_who_has_a_post_had_one_or_has_given_one_is_kept(
    school: School, executor: User, now: datetime
) -> None:
    """Ended posts stay, and the usual manager does not show them."""
    giver, former = terms_cast.user(now), terms_cast.user(now, iin="191102599908")
    post = StaffMember.objects.create(user=former, school=school, role=Role.EXECUTOR)
    StaffMember.every.filter(pk=post.pk).update(ended_at=now, ended_by=giver)
    later = now + timedelta(days=20 * 365)

    assert not due.people(later).filter(pk__in=[giver.pk, former.pk, executor.pk]).exists()
    StaffMember.every.filter(pk=post.pk).delete()
    assert set(due.people(later)) == {giver, former}
