"""The number a person is reached at: what eGov says, what it does not say, and how old its word is (R103)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import phones
from accounts.models import User
from accounts.tests.conftest import AIGUL, Egov, sign_in
from applications.status import Status
from notifications import outbox
from notifications.models import Channel, Message

OLD, NEW = "+77011234501", "+77019999999"
LONG_AGO = timedelta(days=31)


@pytest.mark.rule("R103")
@pytest.mark.parametrize(
    ("told", "known", "phone", "is_known", "notices"),
    [
        (NEW, True, NEW, True, 0),
        ("", True, "", False, 1),
        (None, True, OLD, True, 0),
        (NEW, False, NEW, True, 0),
        ("", False, OLD, False, 0),  # written on paper: eGov never told it and cannot take it away
        (None, False, OLD, False, 0),
    ],
)
def test_each_answer_about_the_number_does_its_own_thing(
    client: Client,
    egov: Egov,
    parent: User,
    now: datetime,
    told: str | None,
    known: bool,
    phone: str,
    is_known: bool,
    notices: int,
) -> None:
    User.objects.filter(pk=parent.pk).update(phone_known_at=now - LONG_AGO if known else None)
    egov.people[AIGUL.iin].phone = told

    with time_machine.travel(now, tick=False):
        sign_in(client, egov)

    parent.refresh_from_db()
    assert (parent.phone, parent.phone_known_at is not None) == (phone, is_known)
    assert (parent.phone_known_at == now) == (told == NEW)
    letters = Message.objects.filter(recipient=parent, template="number_gone")
    assert [letter.channel for letter in letters] == [Channel.CABINET] * notices


@pytest.mark.rule("R103")
def test_a_lost_number_is_told_once_and_on_the_page(client: Client, egov: Egov, parent: User) -> None:
    egov.people[AIGUL.iin].phone = ""

    sign_in(client, egov)
    client.logout()
    sign_in(client, egov)

    assert Message.objects.filter(template="number_gone").count() == 1
    assert "SMS-хабарламалар келмейді" in client.get(reverse("cabinet:applications")).content.decode()
    assert "Бұрынғы нөмірге SMS енді" in client.get(reverse("notifications:inbox")).content.decode()


@pytest.mark.rule("R103")
@pytest.mark.parametrize(
    ("age", "shown"),
    [(timedelta(days=30), False), (timedelta(days=30, seconds=1), True), (None, True)],
)
def test_old_number_is_shown_with_its_age_to_the_person_and_to_the_school(
    client: Client,
    parent: User,
    executor: User,
    make_application,
    now: datetime,
    age: timedelta | None,
    shown: bool,
) -> None:
    User.objects.filter(pk=parent.pk).update(phone_known_at=now - age if age else None)
    application = make_application(Status.IN_REVIEW)

    with time_machine.travel(now, tick=False):
        client.force_login(parent)
        own = client.get(reverse("cabinet:applications")).content.decode()
        client.force_login(executor)
        school = client.get(reverse("review:application", args=[application.public_id])).content.decode()

    assert ("нөміріне жіберіледі" in own) == shown
    assert ("Нөмірді eGov растаған күн" in school) == shown


@pytest.fixture
def asked(client: Client, parent: User) -> str:
    """The page that asks, for the mark of the number that it names."""
    User.objects.filter(pk=parent.pk).update(phone_known_at=timezone.now() - LONG_AGO)
    client.force_login(parent)
    page = client.get(reverse("cabinet:applications")).content.decode()
    assert "Бұл нөмір әлі сіздікі ме?" in page
    return re.findall(r'name="seen" value="(\w+)"', page)[0]


def answer(client: Client, mark: str, page: str) -> Any:
    return client.post(reverse(f"accounts:{page}"), {"seen": mark, "next": "/applications/"})


@pytest.mark.rule("R103")
def test_old_number_is_confirmed_by_its_person_for_thirty_days(
    client: Client, parent: User, asked: str
) -> None:
    assert answer(client, asked, "phone")["Location"] == "/applications/"

    parent.refresh_from_db()
    now = timezone.now()
    assert parent.phone == OLD
    assert not phones.is_old(parent, now=now) and phones.is_old(parent, now=now + LONG_AGO)
    assert "әлі сіздікі ме" not in client.get(reverse("cabinet:applications")).content.decode()


@pytest.mark.rule("R103", "D72")
def test_number_that_is_given_up_gets_no_message(client: Client, parent: User, asked: str) -> None:
    page = client.get(reverse("accounts:disown_phone")).content.decode()
    assert f'name="seen" value="{asked}"' in page and "оған енді ешқандай SMS жіберілмейді" in page
    assert "әлі сіздікі ме" not in page
    assert answer(client, asked, "disown_phone")["Location"] == reverse("accounts:ways")

    with transaction.atomic():
        facts: dict[str, Any] = {"event": "1:1:accepted", "template": "accepted", "context": {}, "link": "/"}
        outbox.tell(User.objects.get(pk=parent.pk), now=timezone.now(), **facts)

    parent.refresh_from_db()
    assert (parent.phone, parent.phone_known_at) == ("", None)
    assert [one.phone for one in Message.objects.exclude(channel=Channel.CABINET)] == [""]


@pytest.mark.rule("R103")
@pytest.mark.parametrize("page", ["phone", "disown_phone"])
def test_answer_about_a_number_that_has_changed_meanwhile_does_nothing(
    client: Client, parent: User, asked: str, page: str
) -> None:
    known = timezone.now() - LONG_AGO
    User.objects.filter(pk=parent.pk).update(phone=NEW)

    assert answer(client, asked, page)["Location"] == reverse("accounts:profile")

    parent.refresh_from_db()
    assert (parent.phone, parent.phone_confirmed_at) == (NEW, None)
    assert parent.phone_known_at and parent.phone_known_at >= known - timedelta(minutes=5)


@pytest.mark.rule("R103")
def test_word_of_egov_ends_what_was_confirmed_of_another_number(parent: User, now: datetime) -> None:
    phones.confirm(parent, now=now)
    phones.learn(parent, OLD, now=now)
    assert parent.phone_confirmed_at == now

    phones.learn(parent, NEW, now=now)

    assert parent.phone == NEW
    assert parent.phone_confirmed_at is None


@pytest.mark.rule("R103")
def test_nobody_is_asked_in_the_middle_of_a_form(client: Client, parent: User, asked: str) -> None:
    page = client.get(reverse("filing:start")).content.decode()

    assert "әлі сіздікі ме" not in page


@pytest.mark.rule("R103")
def test_share_of_old_numbers_is_told_to_who_runs_the_portal(
    parent: User, stranger: User, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    User.objects.update(phone=OLD, phone_known_at=timezone.now())
    User.objects.filter(pk=parent.pk).update(phone_known_at=None)

    assert phones.old_share(now=timezone.now()) == phones.Share(old=1, of=2)
    call_command("outbox")
    assert "numbers nobody confirmed for 30 days: 1 of 2, 50 %" in capsys.readouterr().out


@pytest.mark.rule("R103")
def test_school_sees_the_number_of_today_beside_the_signed_one(
    client: Client, parent: User, executor: User, make_application
) -> None:
    application = make_application(Status.IN_REVIEW, snapshot={"applicant": {"phone": OLD}})
    client.force_login(executor)
    page = reverse("review:application", args=[application.public_id])

    assert "Бүгінгі телефоны" not in client.get(page).content.decode()
    User.objects.filter(pk=parent.pk).update(phone="")
    assert "Нөмірі жоқ: SMS жіберілмейді" in client.get(page).content.decode()
