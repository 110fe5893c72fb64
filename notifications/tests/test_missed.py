"""A message that did not arrive in its time is work for somebody (R103)."""

import logging
import smtplib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import outside
from accounts.models import User
from notifications import missed, outbox, relay, shares, ways
from notifications.models import Channel, Message, MessageState
from notifications.tests import gateway
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R103")]
HOUR = timedelta(hours=1)
SECOND_NUMBER, MAILBOX = "+77055550101", "aigul@example.kz"
TEXT = "OQU: №2026-000007 өтінім — «Қабылданды». Хабарлама жеке кабинетте."


@pytest.fixture
def sms(settings: Any) -> Iterator[gateway.Mobizon]:
    with gateway.running() as server:
        settings.SMS_GATEWAY, settings.MOBIZON_URL = "mobizon", server.url
        yield server


@pytest.fixture(autouse=True)
def _off(settings: Any) -> None:
    """The other ways are off until a test switches them on."""
    settings.DEFAULT_FROM_EMAIL = ""
    settings.SMARTBRIDGE_SERVICES = settings.SMARTBRIDGE_SERVICES | {"notice": ""}


def switch_on(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "oqu@example.kz"
    settings.SMARTBRIDGE_SERVICES = settings.SMARTBRIDGE_SERVICES | {"notice": "OQU_NOTICE"}


def allow(user: User, *, now: datetime, second: str = SECOND_NUMBER, email: str = MAILBOX) -> None:
    user.second_phone, user.email, user.ways_allowed_at = second, email, now
    user.save()


def tell(user: User, *, now: datetime, state: MessageState = MessageState.PENDING, event: int = 7) -> Message:
    with transaction.atomic():
        outbox.tell(
            user,
            event=f"{event}:3:accepted",
            template="accepted",
            context={"number": "2026-000007"},
            link="/applications/x/",
            now=now,
        )
    sms = Message.objects.get(key=f"{event}:3:accepted:{user.pk}:SMS")
    if state != sms.state and user.phone:
        Message.objects.filter(pk=sms.pk).update(state=state)
        sms.refresh_from_db()
    return sms


def channels() -> set[str]:
    return set(Message.objects.values_list("channel", flat=True)) - {Channel.SMS, Channel.CABINET}


@pytest.mark.parametrize(
    ("state", "age", "is_missed"),
    [
        (MessageState.PENDING, 6 * HOUR, False),
        (MessageState.PENDING, 7 * HOUR, True),  # its gateway stands still
        (MessageState.SENT, 6 * HOUR, False),
        (MessageState.SENT, 7 * HOUR, True),  # and no word of it
        (MessageState.DELIVERED, 7 * HOUR, False),
        (MessageState.UNDELIVERED, 0 * HOUR, True),
        (MessageState.DEAD, 0 * HOUR, True),
        (MessageState.DEAD, 24 * 8 * HOUR, True),  # and still somebody's work
        (MessageState.PENDING, 24 * 99 * HOUR, True),
        (MessageState.DEAD, 24 * 100 * HOUR, False),  # its intake is over
    ],
)
def test_message_is_missed_when_given_up_or_silent_for_too_long(
    parent: User, now: datetime, sms: gateway.Mobizon, state: MessageState, age: timedelta, is_missed: bool
) -> None:
    message = tell(parent, now=now - age, state=state)

    assert missed.run(now=now) == is_missed
    assert missed.run(now=now) == 0  # once

    message.refresh_from_db()
    assert message.missed_at == (now if is_missed else None)
    assert Message.objects.unreached().exists() == is_missed


@pytest.mark.parametrize(("age", "others"), [(24 * 6 * HOUR, {"SECOND"}), (24 * 7 * HOUR, set())])
def test_other_ways_carry_news_alone(
    parent: User, now: datetime, sms: gateway.Mobizon, age: timedelta, others: set[str]
) -> None:
    """What is older may come after the word that has overtaken it: people are told of it, not it of them."""
    allow(parent, now=now)
    tell(parent, now=now - age, state=MessageState.DEAD)

    assert missed.run(now=now) == 1

    assert channels() == others
    assert Message.objects.unreached().exists()


@pytest.mark.parametrize("state", [MessageState.DEAD, MessageState.DELIVERED])
def test_what_is_given_up_for_its_age_is_told_to_ops(
    parent: User, sms: gateway.Mobizon, state: MessageState, capsys: pytest.CaptureFixture[str]
) -> None:
    message = tell(parent, now=timezone.now() - missed.CHASED, state=state)

    with suppress(SystemExit):  # a dead message is a fault by itself
        call_command("outbox")

    told = "never arrived and older than 100 days: 1" in capsys.readouterr().out
    assert told == (state == MessageState.DEAD) and message.missed_at is None


def test_gateway_without_reports_is_believed(parent: User, now: datetime, settings: Any) -> None:
    settings.SMS_GATEWAY = "console"
    tell(parent, now=now - 7 * HOUR, state=MessageState.SENT)

    assert missed.run(now=now) == 0


@pytest.mark.parametrize(
    ("on", "allowed", "second", "email", "tried"),
    [
        (False, True, SECOND_NUMBER, MAILBOX, {"SECOND"}),
        (True, True, SECOND_NUMBER, MAILBOX, {"SECOND", "EMAIL", "PUSH"}),
        (True, False, SECOND_NUMBER, MAILBOX, {"PUSH"}),
        (True, True, "", MAILBOX, {"EMAIL", "PUSH"}),
        (True, True, "+77011234501", "", {"PUSH"}),  # the number that was tried already
        (False, False, "", "", set()),
    ],
)
def test_other_ways_are_tried_as_far_as_they_are_allowed_and_switched_on(
    parent: User,
    now: datetime,
    settings: Any,
    on: bool,
    allowed: bool,
    second: str,
    email: str,
    tried: set[str],
) -> None:
    if on:
        switch_on(settings)
    allow(parent, now=now, second=second, email=email)
    if not allowed:
        User.objects.filter(pk=parent.pk).update(ways_allowed_at=None)
    tell(parent, now=now, state=MessageState.UNDELIVERED)

    missed.run(now=now)

    assert channels() == tried


def test_person_without_a_number_is_missed_at_once(parent: User, now: datetime) -> None:
    parent.phone = ""
    parent.save()
    message = tell(parent, now=now)

    missed.run(now=now)

    message.refresh_from_db()
    assert (message.state, message.error, message.missed_at) == ("UNDELIVERED", outbox.NO_NUMBER, now)


def test_every_way_carries_the_words_of_the_sms_and_nothing_of_the_person(
    parent: User, now: datetime, settings: Any, sms: gateway.Mobizon, sandbox: Sandbox
) -> None:
    switch_on(settings)
    settings.MOBIZON_URL = sms.url  # the sandbox has its own
    allow(parent, now=now)
    tell(parent, now=now, state=MessageState.UNDELIVERED)
    missed.run(now=now)

    assert relay.deliver_each(now=now) == 3
    assert relay.deliver_each(now=now) is None

    assert [(one["to"], one["text"]) for one in sms.messages] == [(SECOND_NUMBER.lstrip("+"), TEXT)]
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([MAILBOX], "OQU: жаңа хабарлама")
    assert letter.body.startswith(TEXT) and letter.body.endswith("/messages/")
    (notice,) = [one for one in sandbox.inbox(parent.iin) if one["from"] == "eGov Mobile"]
    assert notice["text"].startswith(TEXT)
    for said in (letter.subject, letter.body, notice["text"]):
        assert not any(word in said for word in (parent.iin, parent.surname, parent.name, parent.phone))


def test_notice_that_was_taken_is_not_given_twice(
    parent: User, now: datetime, settings: Any, sandbox: Sandbox
) -> None:
    switch_on(settings)
    tell(parent, now=now, state=MessageState.UNDELIVERED)
    missed.run(now=now)
    sandbox.fault("notice", "late", seconds=0.01, times=1)

    relay.deliver_next(now=now, way=ways.PUSH)
    Message.objects.filter(channel=Channel.PUSH).update(state=MessageState.PENDING, next_try_at=now)
    relay.deliver_next(now=now, way=ways.PUSH)

    assert len([one for one in sandbox.inbox(parent.iin) if one["from"] == "eGov Mobile"]) == 1


def test_letter_that_goes_twice_is_known_again_by_its_mailbox(
    parent: User, now: datetime, settings: Any, sms: gateway.Mobizon
) -> None:
    """No mail server can be asked what it has taken, after a lost answer or in a restored copy (D69)."""
    settings.DEFAULT_FROM_EMAIL, settings.PUBLIC_URL = "oqu@example.kz", "https://oqu.example.kz:8443"
    allow(parent, now=now)
    tell(parent, now=now, state=MessageState.UNDELIVERED)
    tell(parent, now=now, state=MessageState.UNDELIVERED, event=8)
    missed.run(now=now)
    letters = Message.objects.filter(channel=Channel.EMAIL)

    for hour in range(3):  # two letters, then the first of them once more
        relay.deliver_next(now=now + timedelta(hours=hour), way=ways.EMAIL)
        if hour == 1:
            letters.filter(pk=min(letters.values_list("pk", flat=True))).update(
                state=MessageState.PENDING, attempts=1, next_try_at=now
            )

    first, second, again = (letter.message() for letter in mail.outbox)
    assert first["Message-ID"] == again["Message-ID"] != second["Message-ID"]
    assert first["Date"] == again["Date"] and again.as_bytes() == first.as_bytes()
    assert first["Message-ID"].endswith("@oqu.example.kz>")
    assert not any(one in first["Message-ID"] for one in (parent.iin, f":{parent.pk}:", MAILBOX))


@pytest.mark.parametrize(
    ("error", "state", "is_stopped"),
    [
        (smtplib.SMTPRecipientsRefused({MAILBOX: (550, b"no such box")}), MessageState.DEAD, False),
        (smtplib.SMTPRecipientsRefused({MAILBOX: (450, b"busy")}), MessageState.PENDING, True),
        (smtplib.SMTPAuthenticationError(535, b"who?"), MessageState.PENDING, True),
        (smtplib.SMTPSenderRefused(550, b"not you", "oqu@example.kz"), MessageState.PENDING, True),
        (smtplib.SMTPServerDisconnected("gone"), MessageState.PENDING, True),
        (ConnectionRefusedError(), MessageState.PENDING, True),
        (TimeoutError(), MessageState.PENDING, True),
    ],
)
def test_mail_server_that_fails_stops_its_own_queue_only(
    parent: User,
    now: datetime,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    sms: gateway.Mobizon,
    error: Exception,
    state: MessageState,
    is_stopped: bool,
) -> None:
    settings.DEFAULT_FROM_EMAIL = "oqu@example.kz"
    allow(parent, now=now)
    tell(parent, now=now, state=MessageState.UNDELIVERED)
    missed.run(now=now)

    def fail(*_args: Any, **_more: Any) -> None:
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    with caplog.at_level(logging.INFO):
        relay.deliver_each(now=now)

    assert Message.objects.get(channel=Channel.EMAIL).state == state
    assert Message.objects.get(channel=Channel.SECOND).state == MessageState.SENT
    assert bool(outside.trouble("email")) == is_stopped and outside.trouble("sms") is None
    assert not any(word in caplog.text for word in (MAILBOX, parent.surname, SECOND_NUMBER))


@pytest.mark.parametrize("how", ["late report", "second number", "inbox", "page", "school"])
def test_message_is_reached_however_the_person_learns_of_it(
    client: Client, parent: User, director: User, now: datetime, sms: gateway.Mobizon, how: str
) -> None:
    allow(parent, now=now)
    message = tell(parent, now=now, state=MessageState.SENT)
    other = tell(parent, now=now, state=MessageState.UNDELIVERED, event=8)
    missed.run(now=now + 7 * HOUR)
    assert Message.objects.unreached().count() == 2
    Message.objects.filter(pk=other.pk).update(link="/applications/y/", reached_at=now)

    if how in ("late report", "second number"):
        row = message if how == "late report" else Message.objects.get(key=f"7:3:accepted:{parent.pk}:SECOND")
        sms.take({"recipient": "7", "text": "t", "params[name]": "n", "from": "OQU"})
        sms.state = "DELIVRD"
        Message.objects.filter(pk=row.pk).update(
            state=MessageState.SENT, provider_id="100", sent_at=now, next_try_at=now
        )
        relay.ask_reports(now=now)
    elif how == "inbox":
        client.force_login(parent)
        client.get(reverse("notifications:inbox"))
    elif how == "page":
        outbox.seen(parent, link="/applications/x/", now=now)
    else:
        outbox.told_by_hand(outbox.unreached([parent]), by=director, now=now)

    assert not Message.objects.unreached().exists()


def test_ops_see_what_reached_nobody_and_the_exit_code_says_so(
    parent: User, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(parent, now=now, state=MessageState.UNDELIVERED)
    call_command("outbox")
    missed.run(now=now)

    with pytest.raises(SystemExit, match="1"):
        call_command("outbox", "--unreached")

    said = capsys.readouterr().out
    assert "reached nobody: 1" in said and "accepted" in said
    assert parent.phone not in said and parent.surname not in said
    outbox.told_by_hand(outbox.unreached([parent]), by=parent, now=now)
    call_command("outbox")


def test_share_that_arrives_is_counted_by_region_and_day(
    parent: User, stranger: User, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    for event, state in enumerate(["DELIVERED", "DELIVERED", "UNDELIVERED", "SENT"]):
        tell(parent, now=now, state=MessageState(state), event=event)
    tell(stranger, now=now, state=MessageState.DELIVERED, event=9)
    tell(parent, now=now - timedelta(days=1), state=MessageState.DELIVERED, event=10)
    tell(parent, now=now - timedelta(days=9), event=11)

    found = [
        (share.day, share.region, share.delivered, share.written, share.percent)
        for share in shares.since(now - timedelta(days=7))
    ]

    today = now.date()
    assert found == [
        (today, "71", 2, 4, 50),
        (today, "", 1, 1, 100),
        (today - timedelta(days=1), "71", 1, 1, 100),
    ]
