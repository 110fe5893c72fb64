"""Rows written with their cause, claimed by one worker at a time."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from notifications import outbox, queue
from notifications.models import Channel, Message, MessageState

CONTEXT = {"number": "2026-000007", "school_kk": "Мектеп", "school_ru": "Школа"}
MINUTE = timedelta(minutes=1)


def tell(user: User, *, now: datetime, event: str = "1:in_review", **more: Any) -> None:
    values: dict[str, Any] = {
        "template": "in_review",
        "context": CONTEXT,
        "link": "/applications/1/",
        "now": now,
    } | more
    outbox.tell(user, event=event, **values)


def waiting() -> Any:
    return Message.objects.filter(state=MessageState.PENDING)


@pytest.mark.rule("R103", "R123")
def test_tell_writes_a_cabinet_notice_and_an_sms_to_the_phone_of_the_profile(
    parent: User, now: datetime
) -> None:
    tell(parent, now=now)

    cabinet, sms = Message.objects.order_by("channel")
    assert (cabinet.channel, cabinet.state, cabinet.link) == (
        Channel.CABINET,
        "DELIVERED",
        "/applications/1/",
    )
    assert (sms.channel, sms.state, sms.phone) == (Channel.SMS, "PENDING", "+77011234501")
    assert sms.text == "OQU: №2026-000007 өтінім — «Тексеруде». Мерзімі жеке кабинетте."
    assert cabinet.sms_key == sms.key


def test_sms_speaks_the_recipients_language(stranger: User, now: datetime) -> None:
    tell(stranger, now=now)

    assert Message.objects.get(channel=Channel.SMS).text.startswith("OQU: заявление №2026-000007")


def test_person_without_a_phone_gets_the_cabinet_notice_and_the_sms_counts_as_missed(
    parent: User, now: datetime
) -> None:
    parent.phone = ""
    tell(parent, now=now)

    rows = Message.objects.order_by("channel").values_list("channel", "state")
    assert list(rows) == [(Channel.CABINET, "DELIVERED"), (Channel.SMS, "UNDELIVERED")]


def test_the_school_is_told_in_the_cabinet_only(director: User, now: datetime) -> None:
    tell(director, now=now, template="new_application", sms=False)

    assert list(Message.objects.values_list("channel", flat=True)) == [Channel.CABINET]


def test_one_event_tells_one_person_once(parent: User, stranger: User, now: datetime) -> None:
    for user in (parent, stranger, parent):
        tell(user, now=now)
    tell(parent, now=now, event="2:signing", template="signing")

    assert Message.objects.filter(recipient=parent, channel=Channel.SMS).count() == 2
    assert Message.objects.filter(recipient=stranger, channel=Channel.SMS).count() == 1


@pytest.mark.django_db(transaction=True)
def test_message_without_the_transaction_of_its_cause_is_refused(parent: User, now: datetime) -> None:
    with pytest.raises(RuntimeError):
        tell(parent, now=now)

    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_message_disappears_with_its_cause(parent: User, now: datetime) -> None:
    with pytest.raises(ValueError, match="the seat is gone"), transaction.atomic():
        tell(parent, now=now)
        raise ValueError("the seat is gone")

    assert not Message.objects.exists()


def test_claim_counts_the_try_and_holds_the_row(parent: User, now: datetime) -> None:
    tell(parent, now=now)

    (row,) = queue.claim(waiting(), now=now)

    assert (row.attempts, row.lease_until) == (1, now + MINUTE)
    assert queue.claim(waiting(), now=now) == []
    assert queue.claim(waiting(), now=now + MINUTE) == [row]  # its worker was lost


def test_claim_leaves_what_is_not_due(parent: User, now: datetime) -> None:
    tell(parent, now=now + MINUTE)

    assert queue.claim(waiting(), now=now) == []


@pytest.mark.django_db(transaction=True)
def test_claim_passes_over_rows_that_another_worker_is_taking(parent: User, now: datetime) -> None:
    with transaction.atomic():
        tell(parent, now=now)
        tell(parent, now=now, event="2:in_review")
    first = waiting().order_by("pk").first()
    locked, done = threading.Event(), threading.Event()

    def other_worker() -> None:
        with transaction.atomic():
            list(Message.objects.select_for_update().filter(pk=first.pk))
            locked.set()
            done.wait(60)
        connection.close()

    thread = threading.Thread(target=other_worker)
    thread.start()
    assert locked.wait(60)
    claimed = queue.claim(waiting(), now=now)
    done.set()
    thread.join()

    assert len(claimed) == 1
    assert claimed[0].pk != first.pk


def test_each_wait_is_longer_and_eight_tries_reach_over_three_hours() -> None:
    waits = [queue.wait(attempt) for attempt in range(1, queue.MAX_TRIES)]

    for attempt, waited in enumerate(waits, start=1):
        plain = min(timedelta(seconds=10) * 3 ** (attempt - 1), timedelta(hours=2))
        assert plain * 0.8 <= waited <= plain * 1.2
    assert sum(waits, timedelta()) > timedelta(hours=2)
    assert len({queue.wait(3) for _ in range(20)}) > 1  # no two rows come back at the same moment


def test_dead_message_is_sent_again_with_all_its_tries(parent: User, now: datetime) -> None:
    tell(parent, now=now)
    waiting().update(state=MessageState.DEAD, attempts=8, error="code 10")

    assert outbox.revive(outbox.dead(), now=now) == 1

    row = waiting().get()
    assert (row.attempts, row.error, row.next_try_at) == (1, "", now)
