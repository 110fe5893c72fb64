"""A form from an older window: the rule itself, and the profile's language."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts import seen
from accounts.models import User

MARK = re.compile(r'name="seen" value="(\w{16})"')


@pytest.mark.parametrize(
    ("shown", "stored", "wanted", "stale"),
    [
        ({"a": 1}, {"a": 1}, {"a": 2}, False),  # nobody has stored anything since
        ({"a": 1}, {"a": 2}, {"a": 3}, True),
        ({"a": 1}, {"a": 2}, {"a": 1}, True),  # the older answer, which was not touched, would undo it
        ({"a": 1}, {"a": 2}, {"a": 2}, False),  # both say the same
        ({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 1}, False),  # another answer than is written
        (None, {"a": 2}, {"a": 3}, False),  # no mark: not of a page
    ],
)
def test_only_a_later_answer_of_another_kind_is_in_the_way(
    shown: Any, stored: Any, wanted: Any, stale: bool
) -> None:
    mark = "" if shown is None else seen.mark(shown)
    try:
        seen.demand(mark, stored=stored, wanted=wanted)
    except seen.Stale:
        assert stale
    else:
        assert not stale


@pytest.mark.django_db
def test_language_is_not_undone_by_an_older_window(client: Client, parent: User) -> None:
    client.force_login(parent)
    mark = MARK.findall(client.get("/profile/").content.decode())[0]
    User.objects.filter(pk=parent.pk).update(lang="ru")

    shown = client.post("/profile/", {"language": "kk", "seen": mark})

    assert shown.status_code == 409
    assert "Бұл бет басқа терезеде өзгертілді." in shown.content.decode()
    assert User.objects.get(pk=parent.pk).lang == "ru"
    fresh = MARK.findall(shown.content.decode())[0]
    assert client.post("/profile/", {"language": "kk", "seen": fresh}).status_code == 302
