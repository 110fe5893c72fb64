"""The number a person is reached at: what eGov says, what it does not say, and how old its word is (R103)."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.conftest import AIGUL, Egov, sign_in
from applications.status import Status
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
