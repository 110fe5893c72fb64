"""A prepared question answers what Django's own query would, of this moment (accounts/prepared.py)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Child, Consent, User
from accounts.prepared import Prepared


@pytest.mark.django_db
def test_rows_are_read_as_django_reads_them(parent: User, child: Child, stranger: User) -> None:
    of_person = Consent.objects.order_by("pk").filter
    consents = Prepared(lambda user: of_person(user=user).select_related("child"), int)
    tokens = Prepared(lambda user: of_person(user=user).values_list("token", "pk"), int)
    addresses = Prepared(lambda iin: User.objects.filter(iin=iin), str)

    for user in (parent, stranger):  # the same SQL, other values
        own = of_person(user=user)
        assert consents(user.pk) == list(own)
        assert [one.child for one in consents(user.pk)] == [one.child for one in own]
        assert tokens(user.pk) == list(
            own.values_list("token", "pk")
        )  # locked in the row, plain in the answer
    found = addresses.first(parent.iin)
    assert found and found.registered_address == parent.registered_address and not found._state.adding
    assert addresses.first("000000000000") is None


@pytest.mark.django_db
def test_an_answer_is_of_this_moment(parent: User) -> None:
    people = Prepared(lambda pk: User.objects.filter(pk=pk), int)
    people(parent.pk)

    User.objects.filter(pk=parent.pk).update(surname="Ахметова")

    assert people(parent.pk)[0].surname == "Ахметова"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("build", "kinds", "why"),
    [
        (lambda pk: User.objects.filter(pk=pk, refreshed_at__lte=timezone.now()), [int], "for ever"),
        (lambda pk, today: User.objects.filter(pk=pk, birth_date=date(2000, 1, 1)), [int, date], "for ever"),
        (lambda pk, other: User.objects.filter(pk=pk), [int, int], "not in the SQL"),
        (lambda pk: User.objects.filter(pk=pk).prefetch_related("children"), [int], "beside"),
    ],
)
def test_a_question_that_would_answer_wrongly_is_refused(
    build: Callable[..., QuerySet[Any, Any]], kinds: list[type], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        Prepared(build, *kinds)(*(1 if kind is int else datetime.now(UTC) for kind in kinds))
