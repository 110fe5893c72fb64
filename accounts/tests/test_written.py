"""A row written by SQL that was made once is as `save` and `create` leave it (accounts/written.py)."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import written
from accounts.models import Child, Consent, User

ADDRESS = {"kato": "750000000", "text_kk": "Абай көшесі, 1-үй"}


@pytest.mark.django_db
def test_changed_fields_are_written_and_no_others(parent: User, stranger: User) -> None:
    parent.surname, parent.registered_address, parent.refreshed_at = "Ахметова", ADDRESS, timezone.now()
    parent.name = "Басқа"

    assert written.update(parent, "surname", "registered_address", "refreshed_at", only={"iin": parent.iin})
    assert written.update(
        stranger, "surname", "registered_address", "refreshed_at", only={"iin": stranger.iin}
    )

    found = User.objects.get(pk=parent.pk)
    assert (found.surname, found.registered_address) == ("Ахметова", ADDRESS)
    assert found.refreshed_at == parent.refreshed_at and found.name != "Басқа"
    assert User.objects.get(pk=stranger.pk).surname == stranger.surname


@pytest.mark.django_db
def test_a_row_that_is_otherwise_by_now_or_gone_stays(parent: User) -> None:
    parent.surname = "Ахметова"

    assert not written.update(parent, "surname", only={"iin": "000000000000"})
    assert not written.update(parent, "surname", only={"last_login": timezone.now()})
    assert not written.update(User(pk=0, surname="Ахметова"), "surname")

    assert not User.objects.filter(surname="Ахметова").exists()

    User.objects.filter(pk=parent.pk).update(last_login=None)
    assert written.update(parent, "surname", only={"last_login": None})


@pytest.mark.django_db
def test_new_rows_are_told_their_keys_and_those_who_listen(parent: User, child: Child) -> None:
    now, told = timezone.now(), list[Any]()
    rows = [
        Consent(user=parent, child=child, reference=f"new-{number}", token="secret", requested_at=now)
        for number in range(2)
    ]

    def hear(instance: Consent, created: bool, **_signal: Any) -> None:
        told.append((instance.pk, created))

    post_save.connect(hear, sender=Consent)
    with CaptureQueriesContext(connection) as asked:
        written.insert(*rows)
    post_save.disconnect(hear, sender=Consent)

    assert len(asked) == 1 and told == [(row.pk, True) for row in rows]
    for row in rows:
        found = Consent.objects.get(reference=row.reference)
        assert found == row and found.token == "secret" and not row._state.adding
        assert (found.child, found.requested_at, found.status) == (child, now, row.status)


@pytest.mark.django_db
def test_what_is_there_already_may_stay(parent: User, child: Child) -> None:
    again = [Child(iin=child.iin, name=name, birth_date=date(2020, 1, 1)) for name in ("Бірінші", "Екінші")]

    written.insert(*again, ignore_conflicts=True)

    assert list(Child.objects.filter(iin=child.iin)) == [child]
    assert not Child.objects.filter(name="Екінші").exists()
