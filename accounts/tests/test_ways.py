"""Where else a person allows to tell them when an SMS does not arrive (R103)."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.rule("R103")


@pytest.mark.parametrize(
    ("typed", "status", "kept"),
    [
        ({"second_phone": "8 701 555-01-01", "allowed": "on"}, 302, ("+77015550101", "", True)),
        ({"email": "ad@mail.kz", "allowed": "on"}, 302, ("", "ad@mail.kz", True)),
        ({"second_phone": "8 701 555-01-01"}, 200, ("+77010000000", "old@mail.kz", True)),  # asked first
        ({}, 200, ("+77010000000", "old@mail.kz", True)),
        ({"remove_yes": "1"}, 302, ("", "", False)),
        ({"allowed": "on"}, 400, ("+77010000000", "old@mail.kz", True)),
        ({"second_phone": "+7 7172 00 00 63", "allowed": "on"}, 400, ("+77010000000", "old@mail.kz", True)),
        ({"second_phone": "+7 916 123 45 67", "allowed": "on"}, 400, ("+77010000000", "old@mail.kz", True)),
        ({"email": "ad@", "allowed": "on"}, 400, ("+77010000000", "old@mail.kz", True)),
    ],
)
def test_number_and_mailbox_are_kept_with_leave_only(
    client: Client, parent: User, now, typed: dict[str, str], status: int, kept: tuple[str, str, bool]
) -> None:
    User.objects.filter(pk=parent.pk).update(
        second_phone="+77010000000", email="old@mail.kz", ways_allowed_at=now
    )
    client.force_login(parent)

    answer = client.post(reverse("accounts:ways"), typed)

    parent.refresh_from_db()
    assert answer.status_code == status
    assert (parent.second_phone, parent.email, parent.ways_allowed_at is not None) == kept


def test_older_window_undoes_nothing(client: Client, parent: User, now) -> None:
    client.force_login(parent)
    old = client.get(reverse("accounts:ways")).context["seen"]
    client.post(reverse("accounts:ways"), {"email": "new@mail.kz", "allowed": "on", "seen": old})

    answer = client.post(reverse("accounts:ways"), {"email": "old@mail.kz", "allowed": "on", "seen": old})

    parent.refresh_from_db()
    assert (answer.status_code, parent.email) == (409, "new@mail.kz")
    page = answer.content.decode()
    assert "Бұл бет басқа терезеде өзгертілді." in page
    assert "new@mail.kz" in page and "old@mail.kz" in page
    again = {"email": "old@mail.kz", "allowed": "on", "seen": answer.context["seen"]}
    assert client.post(reverse("accounts:ways"), again).status_code == 302
    parent.refresh_from_db()
    assert parent.email == "old@mail.kz"


@pytest.mark.rule("D72")
def test_what_is_taken_is_told_before_it_goes(client: Client, parent: User, now) -> None:
    client.force_login(parent)
    new = {"email": "new@mail.kz"}
    assert client.post(reverse("accounts:ways"), new).status_code == 400  # without leave nothing is kept
    client.post(reverse("accounts:ways"), new | {"allowed": "on"})

    asked = client.post(reverse("accounts:ways"), {})
    page = asked.content.decode()
    assert "екінші нөмір мен пошта жойылсын ба?" in page and 'name="remove_yes"' in page
    client.post(reverse("accounts:ways"), {"remove_yes": "1", "seen": asked.context["seen"]})

    parent.refresh_from_db()
    assert (parent.email, parent.ways_allowed_at) == ("", None)
