"""A prepared question answers what Django's own query would, of this moment (accounts/prepared.py)."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from accounts import written
from accounts.models import Child, Consent, EntryKind, JournalEntry, Trouble, User
from accounts.prepared import MOMENT, Prepared, asked_once

ROOMS = ("accounts", "applications", "notifications", "schools", "oqu")


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


def _save(person: User) -> None:
    person.save()


def _lock(person: User) -> None:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)


def _lock_prepared(person: User) -> None:
    with transaction.atomic():
        Prepared(lambda pk: User.objects.select_for_update(no_key=True).filter(pk=pk), int)(person.pk)


def _wait_for_others(_person: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")


def _begin(_person: User) -> None:
    with transaction.atomic():
        pass  # a savepoint, for the test stands in a transaction


ACTS = {
    "update": lambda person: User.objects.filter(pk=person.pk).update(name="Дана"),
    "save": _save,
    "create": lambda _: JournalEntry.objects.create(kind=EntryKind.READ, model="x", row="1"),
    "delete": lambda _: Trouble.objects.filter(system="x").delete(),
    "lock": _lock,
    "prepared lock": _lock_prepared,
    "written": lambda person: written.update(person, "name"),
    "advisory lock": _wait_for_others,
    "savepoint": _begin,
}


@pytest.mark.django_db
def test_a_page_asks_the_same_once_until_it_acts(
    parent: User, stranger: User, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted by what reaches the database."""
    people = Prepared(lambda keys: User.objects.filter(pk__among=keys), list[int])

    def asked(person: User = parent) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert people([person.pk]) == [person]
        return len(asked)

    assert [asked(), asked()] == [1, 1]
    with asked_once():
        assert [asked(), asked(), asked(stranger), asked(stranger), asked()] == [1, 0, 1, 0, 0]
        assert User.objects.count() and list(User.objects.values_list("pk", flat=True))
        assert asked() == 0
        for name, act in ACTS.items():
            with subtests.test(name):
                asked()
                act(parent)
                assert asked() == 1
        with subtests.test("another of the two"):
            first, second = people([parent.pk])[0], people([parent.pk])[0]
            first.surname = "Басқа"
            assert second.surname == people([parent.pk])[0].surname == parent.surname
        with subtests.test("a moment later"):
            asked()
            later = monotonic() + MOMENT
            monkeypatch.setattr("accounts.prepared.monotonic", lambda: later)
            assert asked() == 1
    with asked_once():
        assert asked() == 1
    assert [asked(), asked()] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_asks_is_of_its_own(parent: User) -> None:
    """Also when one before it was rolled back, with what it had written and read."""
    people = Prepared(lambda pk: User.objects.filter(pk=pk), int)
    with asked_once():
        for name in ("Дана", "Айша"):
            people(parent.pk)
            with transaction.atomic(), CaptureQueriesContext(connection) as asked:
                assert [people(parent.pk)[0].name, people(parent.pk)[0].name] == [parent.name] * 2
                User.objects.filter(pk=parent.pk).update(name=name)
                assert people(parent.pk)[0].name == name
                transaction.set_rollback(True)
            assert len(asked) == 4
            assert people(parent.pk)[0].name == parent.name


@pytest.mark.django_db
def test_a_list_of_any_length_is_one_value(parent: User, stranger: User, child: Child) -> None:
    people = Prepared(
        lambda keys, iins: User.objects.filter(pk__among=keys, iin__among=iins).order_by("pk"),
        list[int],
        list[str],
    )
    consents = Prepared(lambda users: Consent.objects.filter(user__among=users).order_by("pk"), list[int])
    both = [parent, stranger]
    iins = [one.iin for one in both]

    assert people([one.pk for one in both], iins) == sorted(both, key=lambda one: one.pk)
    assert people([parent.pk], [*iins, f"{stranger.iin}0"]) == [parent]
    assert people([], iins) == people([parent.pk], [f"{parent.iin}0"]) == []  # nothing is cut to fit
    assert consents([parent.pk]) == list(Consent.objects.filter(user=parent).order_by("pk"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("build", "kinds", "why"),
    [
        (lambda pk: User.objects.filter(pk=pk, refreshed_at__lte=timezone.now()), [int], "for ever"),
        (lambda pk, today: User.objects.filter(pk=pk, birth_date=date(2000, 1, 1)), [int, date], "for ever"),
        (lambda pk, other: User.objects.filter(pk=pk), [int, int], "not in the SQL"),
        (lambda pk: User.objects.filter(pk=pk).prefetch_related("children"), [int], "beside"),
        (lambda pk: User.objects.filter(pk=pk, id__gt=pk + 1), [int], "not in the SQL"),
        (lambda pk: User.objects.filter(pk=pk).values_list("iin", flat=True), [int], "rows or tuples"),
        (lambda pk: User.objects.filter(pk=pk).values("iin"), [int], "rows or tuples"),
    ],
)
def test_a_question_that_would_answer_wrongly_is_refused(
    build: Callable[..., QuerySet[Any, Any]], kinds: list[type], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        Prepared(build, *kinds)(*(1 if kind is int else datetime.now(UTC) for kind in kinds))


@pytest.mark.django_db
def test_nothing_is_no_value_and_a_lock_wants_its_transaction(parent: User) -> None:
    people = Prepared(lambda pk: User.objects.filter(pk=pk), int)
    held = Prepared(lambda pk: User.objects.select_for_update().filter(pk=pk), int)

    with pytest.raises(ValueError, match="nothing"):
        people(None)
    assert held(parent.pk) == [parent]


@pytest.mark.django_db(transaction=True)
def test_lock_without_a_transaction_is_refused_however_often_it_was_asked(parent: User) -> None:
    held = Prepared(lambda pk: User.objects.select_for_update().filter(pk=pk), int)
    with transaction.atomic():
        held(parent.pk)

    with pytest.raises(TransactionManagementError):
        held(parent.pk)


@pytest.mark.django_db
def test_no_prepared_question_of_the_portal_has_a_value_baked_in() -> None:
    """Each is made as its first asking would make it."""
    resolve("/")  # so that the pages' modules are read
    modules = [dict(vars(module)) for name, module in sys.modules.items() if name.startswith(ROOMS)]
    questions = {one for names in modules for one in names.values() if isinstance(one, Prepared)}

    assert len(questions) > 20
    for question in questions:
        assert question._made[0].startswith(("SELECT", "(SELECT"))
