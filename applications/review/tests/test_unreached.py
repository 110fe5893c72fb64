"""What the school does for an applicant whom no message has reached (R103)."""

from datetime import datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import messages
from applications.status import Status
from notifications import missed
from notifications.models import Channel, Message, MessageState

pytestmark = pytest.mark.rule("R103")
CALL = "SMS жеткізілмеді, қоңырау шалыңыз"


@pytest.fixture
def missed_application(make_application, now: datetime, settings):
    application = make_application(Status.IN_REVIEW, extra_phone="+77013334455")
    with transaction.atomic():
        messages.filed(application, now=now)
    sms = Message.objects.filter(recipient=application.applicant, channel=Channel.SMS)
    sms.update(state=MessageState.UNDELIVERED)
    missed.run(now=now)
    return application


def test_school_sees_whom_to_call_and_says_when_it_has(
    client: Client, missed_application, executor: User, other_director: User
) -> None:
    page = reverse("review:application", args=[missed_application.public_id])
    called = reverse("review:called", args=[missed_application.public_id])
    client.force_login(other_director)
    assert client.post(called).status_code == 404
    client.force_login(executor)
    for shown in (page, reverse("review:queue")):
        assert CALL in client.get(shown).content.decode()
    assert 'href="tel:+77013334455"' in client.get(page).content.decode()

    client.post(called)

    for shown in (page, reverse("review:queue")):
        assert CALL not in client.get(shown).content.decode()
    sms = Message.objects.get(channel=Channel.SMS, recipient=missed_application.applicant)
    assert sms.reached_by == executor


def test_school_is_not_asked_to_call_about_another_application(
    client: Client, missed_application, executor: User, now: datetime
) -> None:
    Message.objects.filter(channel=Channel.SMS).update(key=f"{missed_application.pk}9:1:x:1:SMS")
    client.force_login(executor)

    page = client.get(reverse("review:application", args=[missed_application.public_id]))

    assert CALL not in page.content.decode()


def test_parent_is_told_at_the_next_sign_in_until_it_is_read(
    client: Client, missed_application, parent: User
) -> None:
    client.force_login(parent)
    listing = reverse("cabinet:applications")
    assert "Соңғы SMS сізге жетпеді" in client.get(listing).content.decode()

    client.get(reverse("cabinet:application", args=[missed_application.public_id]))

    assert "Соңғы SMS сізге жетпеді" not in client.get(listing).content.decode()
