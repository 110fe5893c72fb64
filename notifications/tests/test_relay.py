"""Delivery against a gateway that works, fails, hangs, loses answers: nothing lost, nothing said twice."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import outside
from accounts.models import Trouble, User
from egov import http
from egov.errors import Refused
from notifications import outbox, queue, relay, ways
from notifications import sms as gateways
from notifications.models import Channel, Message
from notifications.sms import mobizon
from notifications.tests import gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def sms(settings: Any) -> Iterator[gateway.Mobizon]:
    with gateway.running() as server:
        settings.SMS_GATEWAY, settings.MOBIZON_URL = "mobizon", server.url
        settings.MOBIZON_KEY = "very-secret-key"
        yield server


@pytest.fixture
def dead_gateway(settings: Any) -> None:
    settings.SMS_GATEWAY, settings.MOBIZON_URL = "mobizon", "http://127.0.0.1:9"


def told(user: User, *, now: datetime, count: int = 1) -> None:
    with transaction.atomic():
        for number in range(count):
            outbox.tell(
                user,
                event=f"{number}:accepted",
                template="accepted",
                context={"number": f"2026-{number:06d}"},
                link="",
                now=now,
            )


def one() -> Message:
    return Message.objects.get(channel=Channel.SMS)


def letters() -> Any:
    return Message.objects.filter(channel=Channel.SMS)


def test_due_sms_is_sent_once_however_often_the_relay_runs(
    parent: User, now: datetime, sms: gateway.Mobizon
) -> None:
    told(parent, now=now)

    assert relay.deliver_next(now=now) is True
    assert relay.deliver_next(now=now + timedelta(hours=1)) is None

    assert sms.texts() == ["OQU: №2026-000000 өтінім — «Қабылданды». Хабарлама жеке кабинетте."]
    assert sms.messages[0]["to"] == "77011234501"
    assert (one().state, one().provider_id, one().sent_at) == ("SENT", "100", now)


@pytest.mark.rule("R123")
def test_messages_to_one_person_keep_their_order(
    parent: User, director: User, now: datetime, sms: gateway.Mobizon
) -> None:
    told(parent, now=now, count=2)
    first, second = letters().order_by("pk")
    (held,) = queue.claim(letters().filter(pk=first.pk), now=now, limit=20)  # on its way with another worker

    assert relay.deliver_next(now=now) is None
    held.postpone(now=now + timedelta(minutes=5))  # and that one failed
    assert relay.deliver_next(now=now + timedelta(minutes=5)) is None
    told(director, now=now, count=1)
    assert relay.deliver_next(now=now + timedelta(minutes=5)) is True  # nobody else waits for it
    assert relay.deliver_next(now=now + timedelta(minutes=6)) is True
    assert relay.deliver_next(now=now + timedelta(minutes=6)) is True

    assert [text[:18] for text in sms.texts()] == [
        "OQU: №2026-000000 ", "OQU: №2026-000000 ", "OQU: №2026-000001 ",
    ]  # fmt: skip
    first.refresh_from_db(), second.refresh_from_db()
    assert first.provider_id < second.provider_id


def test_dead_gateway_costs_one_try_of_one_message_and_nothing_is_lost(
    parent: User, now: datetime, dead_gateway: None, settings: Any
) -> None:
    told(parent, now=now, count=3)

    assert relay.deliver_next(now=now) is False
    assert relay.deliver_next(now=now) is None  # the others wait with it

    assert sorted(letters().values_list("attempts", flat=True)) == [0, 0, 1]
    with gateway.running() as server:
        settings.MOBIZON_URL = server.url
        later = now + timedelta(minutes=1)
        while relay.deliver_next(now=later) is not None:
            pass
        assert len(set(server.texts())) == len(server.texts()) == 3
    assert set(letters().values_list("state", flat=True)) == {"SENT"}


def test_hanging_gateway_is_given_up_in_its_time(
    parent: User, now: datetime, sms: gateway.Mobizon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mobizon, "TIMEOUT", 0.2)
    sms.delay = 60.0
    told(parent, now=now)

    started = timezone.now()
    assert relay.deliver_next(now=now) is False

    assert timezone.now() - started < timedelta(seconds=30)  # before any answer, however busy the machine
    assert (one().state, one().attempts, one().lease_until) == ("PENDING", 1, None)


def test_message_whose_answer_was_lost_is_found_and_not_sent_again(
    parent: User, now: datetime, sms: gateway.Mobizon
) -> None:
    told(parent, now=now)
    sms.loses_answers = True
    assert relay.deliver_next(now=now) is False
    sms.loses_answers = False

    assert relay.deliver_next(now=now + timedelta(minutes=1)) is True

    assert len(sms.messages) == 1
    assert (one().state, one().provider_id) == ("SENT", "100")


def test_crash_between_sending_and_marking_sends_nothing_twice(
    parent: User, now: datetime, sms: gateway.Mobizon
) -> None:
    told(parent, now=now)
    (message,) = queue.claim(letters(), now=now, limit=20)
    mobizon.send(phone=message.phone, text=message.text, key=message.key)  # and here the worker dies

    assert relay.deliver_next(now=now) is None  # it may still be alive
    assert relay.deliver_next(now=now + queue.LEASE) is True

    assert len(sms.messages) == 1
    assert (one().state, one().provider_id) == ("SENT", "100")


def test_same_text_for_another_cause_is_another_sms(
    parent: User, now: datetime, sms: gateway.Mobizon
) -> None:
    """An earlier SMS with the same words is no proof that this one was taken."""
    told(parent, now=now)
    relay.deliver_next(now=now)
    with transaction.atomic():
        outbox.tell(
            parent, event="9", template="accepted", context={"number": "2026-000000"}, link="", now=now
        )
    queue.claim(letters().filter(state="PENDING"), now=now, limit=20)  # a worker that died early

    assert relay.deliver_next(now=now + queue.LEASE) is True

    assert len(sms.messages) == 2


@pytest.mark.parametrize("field", ["recipient", "text"])
def test_refused_message_is_dead_at_once(
    field: str, parent: User, now: datetime, sms: gateway.Mobizon
) -> None:
    sms.code, sms.data = 1, {field: ["is wrong"]}
    told(parent, now=now)

    relay.deliver_next(now=now)

    assert (one().state, one().error) == ("DEAD", f"code 1: {field}")
    assert not Trouble.objects.exists()  # the gateway is at work


@pytest.mark.parametrize("code", [3, 10, 999])
def test_failed_message_waits_and_the_others_go_on(
    code: int, parent: User, director: User, now: datetime, sms: gateway.Mobizon
) -> None:
    told(parent, now=now)
    told(director, now=now)
    sms.code = code
    assert relay.deliver_next(now=now) is False
    sms.code = 0

    assert relay.deliver_next(now=now) is True

    assert sorted(letters().values_list("state", flat=True)) == ["PENDING", "SENT"]


OURS, THEIRS = True, False


@pytest.mark.parametrize(
    ("answer", "ours", "reason"),
    [
        ({"code": 1, "data": {"from": ["no such sender"]}}, OURS, "code 1: from"),
        ({"code": 1, "data": {"from": ["x"], "recipient": ["y"]}}, OURS, "code 1: from, recipient"),
        ({"code": 1, "data": {}}, OURS, "code 1"),
        ({"code": 1}, OURS, "code 1"),
        ({"code": 1, "data": "Sender 77011234501"}, OURS, "code 1"),
        *[({"code": code}, OURS, f"code {code}") for code in (2, 4, 5, 6, 8, 9, 11, 12, 13, 14)],
        *[({"code": code}, THEIRS, f"code {code}") for code in (15, 30, 98, 99, 7, 55, 100500)],
        *[({"code": code}, THEIRS, "code is not a number of the range") for code in ("x", -1, None, 1e300)],
        *[({"status": status}, OURS, f"HTTP {status}") for status in (301, 400, 401, 403, 404, 413)],
        *[({"status": status}, THEIRS, f"HTTP {status}") for status in (302, 408, 429, 500, 502, 503)],
    ],
)
def test_fault_of_the_gateway_or_ours_stops_the_queue_and_keeps_everything(
    answer: dict[str, Any], ours: bool, reason: str, parent: User, now: datetime, sms: gateway.Mobizon
) -> None:
    """For longer than all tries of a message would reach, and then it goes on by itself."""
    told(parent, now=now, count=3)
    sms.__dict__.update(answer)

    moment = now
    for _ in range(3 * queue.MAX_TRIES):
        assert relay.deliver_next(now=moment) is False
        assert relay.deliver_next(now=moment) is None  # stopped: nobody is even claimed
        trouble = Trouble.objects.get(system="sms")
        assert (trouble.ours, trouble.reason, trouble.since) == (ours, reason, now)
        assert trouble.until - moment <= (outside.LONGEST_STOP if ours else outside.LONGEST_PAUSE)
        moment = trouble.until
    assert set(letters().values_list("state", flat=True)) == {"PENDING"}
    assert sum(letters().values_list("attempts", flat=True)) == (0 if ours else 1)

    sms.__dict__.update(code=0, status=200)
    while relay.deliver_next(now=moment) is not None:
        moment += timedelta(minutes=1)
    assert len(set(sms.texts())) == len(sms.texts()) == 3
    assert not Trouble.objects.exists()


def test_claim_sorts_nothing_where_many_are_due_at_one_moment(
    parent: User, now: datetime, sms: gateway.Mobizon, gather_statistics: Callable[[], None]
) -> None:
    """A queue revived as a whole has one due time for all: each claim reads one row of the index."""
    told(parent, now=now)
    row = {"channel": Channel.SMS, "template": "accepted", "next_try_at": now, "created_at": now}
    people = User.objects.bulk_create([User(iin=f"9{number:011d}") for number in range(3000)])
    Message.objects.bulk_create(
        [
            Message(key=f"k{user.iin}", recipient=user, phone="+77011234501", text="t", **row)
            for user in people
        ]
    )
    gather_statistics()
    with CaptureQueriesContext(connection) as queries:
        relay.deliver_next(now=now)
    claim = next(query["sql"] for query in queries if "FOR UPDATE" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {claim}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "message_due" in plan
    assert "Sort" not in plan


@pytest.mark.rule("D77")
def test_message_that_is_not_sent_by_our_own_wish_waits_for_the_end_of_it(
    parent: User, now: datetime, sms: gateway.Mobizon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ops pause the gateway while a message is on its way to it: the gateway has not failed."""
    ends = timezone.now() + timedelta(hours=1)
    told(parent, now=now)

    def pause() -> bool:
        outside.begin_pause("sms", why="x", until=ends, now=now)
        return True

    monkeypatch.setattr(http._Silence, "asked", staticmethod(lambda: True))  # a restored copy
    assert relay.deliver_next(now=now) is False
    assert (one().attempts, one().next_try_at, outside.trouble("sms")) == (0, now, None)

    monkeypatch.setattr(http._Silence, "asked", staticmethod(pause))
    assert relay.deliver_next(now=now) is False
    assert (one().attempts, one().next_try_at) == (0, ends)
    assert Trouble.objects.get().paused
    assert sms.calls == []


def test_pauses_grow_to_their_limit(now: datetime) -> None:
    ours = [outside.pause(failures, ours=True).total_seconds() for failures in range(1, 9)]
    theirs = [outside.pause(failures, ours=False).total_seconds() for failures in range(1, 5)]

    assert ours == [15, 30, 60, 120, 240, 480, 600, 600]
    assert theirs == [15, 30, 60, 60]


def test_message_that_the_gateway_stumbles_over_dies_and_stops_the_others_for_moments(
    parent: User, director: User, now: datetime, sms: gateway.Mobizon
) -> None:
    """One SMS, whatever is wrong with it, is answered by 500; all others are taken."""
    told(parent, now=now)
    poison = one()
    moment = now
    for number in range(queue.MAX_TRIES):
        sms.status = 500
        assert relay.deliver_next(now=moment) is False
        sms.status = 200
        with transaction.atomic():
            context = {"number": f"2026-{number:06d}"}
            outbox.tell(
                director, event=f"o{number}", template="accepted", context=context, link="", now=moment
            )
        moment += queue.LONGEST_WAIT * 1.3
        Message.objects.filter(pk=poison.pk).update(next_try_at=moment)
        assert relay.deliver_next(now=moment) is True

    poison.refresh_from_db()
    assert (poison.state, poison.error) == ("DEAD", "HTTP 500")
    assert len(sms.messages) == queue.MAX_TRIES


def test_ops_see_a_stopped_queue_and_start_it_at_once(
    parent: User, sms: gateway.Mobizon, capsys: pytest.CaptureFixture[str]
) -> None:
    told(parent, now=timezone.now())
    sms.code = 8
    call_command("relay_outbox", "--once")

    with pytest.raises(SystemExit):
        call_command("outbox")
    shown = capsys.readouterr().out
    assert "stopped: sms (SMS gateway) since" in shown
    assert "code 8; the fault is ours, look at MOBIZON_URL, MOBIZON_KEY" in shown

    sms.code = 0
    call_command("relay_outbox", "--once")
    assert sms.messages == []  # the pause is not over
    call_command("outbox", "--resume")
    Message.objects.update(next_try_at=timezone.now())
    call_command("relay_outbox", "--once")
    assert one().state == "SENT"
    capsys.readouterr()
    call_command("outbox")
    call_command("outbox", "--resume")
    assert "the queue is not stopped" in capsys.readouterr().out


def test_report_that_cannot_be_asked_stops_no_message(
    parent: User, director: User, now: datetime, sms: gateway.Mobizon
) -> None:
    told(parent, now=now)
    relay.deliver_next(now=now)
    sms.code = 8
    later = now + relay.FIRST_REPORT
    relay.ask_reports(now=later)
    sms.calls.clear()
    relay.ask_reports(now=later + timedelta(seconds=1))
    assert sms.calls == []
    sms.code = 0

    told(director, now=later)

    assert relay.deliver_next(now=later) is True
    assert Trouble.objects.get().system == "sms-reports"
    Message.objects.update(next_try_at=later + timedelta(hours=1))
    relay.ask_reports(now=later + timedelta(hours=1))
    assert not Trouble.objects.exists()


def test_message_dies_after_its_last_try_and_ops_revive_it(
    parent: User, now: datetime, sms: gateway.Mobizon, capsys: pytest.CaptureFixture[str]
) -> None:
    told(parent, now=now)
    sms.code = 10
    moment = now
    for _ in range(queue.MAX_TRIES):
        assert relay.deliver_next(now=moment) is False
        moment += queue.LONGEST_WAIT * 1.3
    assert (one().state, one().attempts) == ("DEAD", queue.MAX_TRIES)

    with pytest.raises(SystemExit):
        call_command("outbox", "--dead")
    call_command("outbox", "--retry-dead")
    sms.code = 0
    call_command("relay_outbox", "--once")

    assert one().state == "SENT"
    shown = capsys.readouterr().out
    assert "accepted" in shown
    assert "code 10" in shown
    assert parent.phone not in shown


def test_revived_message_that_the_gateway_has_is_not_sent_again(
    parent: User, now: datetime, sms: gateway.Mobizon
) -> None:
    told(parent, now=now)
    (message,) = queue.claim(letters(), now=now, limit=20)
    mobizon.send(phone=message.phone, text=message.text, key=message.key)  # its answer was lost
    letters().update(state="DEAD", error="no answer", lease_until=None)

    outbox.revive(outbox.dead(), now=now)

    assert relay.deliver_next(now=now) is True
    assert len(sms.messages) == 1
    assert (one().state, one().provider_id) == ("SENT", "100")


def test_message_that_kills_its_worker_is_buried(parent: User, now: datetime, sms: gateway.Mobizon) -> None:
    told(parent, now=now)
    moment = now
    for _ in range(queue.MAX_TRIES):
        assert len(queue.claim(letters(), now=moment, limit=20)) == 1  # and the worker is gone
        moment += queue.LEASE

    assert relay.deliver_next(now=moment) is False

    assert (one().state, one().error) == ("DEAD", "worker lost")
    assert sms.messages == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_deliver_every_message_once(parent: User, sms: gateway.Mobizon) -> None:
    told(parent, now=timezone.now(), count=24)
    sms.delay = 0.01

    def worker() -> None:
        relay.run()
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(sms.messages) == 24
    assert len(set(sms.texts())) == 24
    assert set(letters().values_list("state", flat=True)) == {"SENT"}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("DELIVRD", "DELIVERED"),
        ("UNDELIV", "UNDELIVERED"),
        ("REJECTD", "UNDELIVERED"),
        ("EXPIRED", "UNDELIVERED"),
        ("DELETED", "UNDELIVERED"),
        ("ENQUEUD", "SENT"),
        ("PDLIVRD", "SENT"),
    ],
)
def test_report_is_asked_for_and_kept(
    word: str, state: str, parent: User, now: datetime, sms: gateway.Mobizon
) -> None:
    told(parent, now=now)
    relay.deliver_next(now=now)
    sms.state = word

    assert relay.ask_reports(now=now) == 0  # too early
    relay.ask_reports(now=now + relay.FIRST_REPORT)

    assert one().state == state
    assert (one().delivered_at is not None) == (state == "DELIVERED")


def test_reports_are_not_asked_for_ever(parent: User, now: datetime, sms: gateway.Mobizon) -> None:
    told(parent, now=now)
    relay.deliver_next(now=now)
    sms.calls.clear()

    relay.ask_reports(now=now + relay.REPORT_DAYS)

    assert sms.calls == []


def test_neither_key_nor_phone_nor_text_is_logged(
    parent: User, now: datetime, sms: gateway.Mobizon, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told(parent, now=now)
    for code in (10, 30, 0, 1):
        sms.code = code
        Message.objects.update(next_try_at=now)
        Trouble.objects.all().delete()
        relay.deliver_next(now=now)
        relay.ask_reports(now=now + relay.FIRST_REPORT)

    said = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    assert "code 10" in said
    for secret in ("very-secret-key", "7011234501", "Қабылданды"):
        assert secret not in said


def test_console_gateway_is_for_development_only(
    parent: User, now: datetime, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SMS_GATEWAY = "console"
    told(parent, now=now)
    caplog.set_level(logging.INFO)

    assert relay.deliver_next(now=now) is True
    assert "7011234501" not in caplog.text

    settings.DEMO = False
    with pytest.raises(Exception, match="SMS_GATEWAY"):
        gateways.gateway()


def crowd(*, count: int, now: datetime) -> list[User]:
    """So many people with an SMS each, all due."""
    people = User.objects.bulk_create(
        [User(iin=f"88010{number:07d}", phone=f"+770100{number:05d}") for number in range(count)]
    )
    for user in people:
        told(user, now=now)
    return people


def test_what_is_claimed_together_is_sent_once_in_the_order_of_its_writing(
    now: datetime, sms: gateway.Mobizon
) -> None:
    crowd(count=relay.TOGETHER + 2, now=now)

    assert relay.deliver_some(now=now) == relay.TOGETHER
    assert relay.deliver_some(now=now) == 2
    assert relay.deliver_some(now=now) is None

    assert [one["to"] for one in sms.messages] == [f"770100{n:05d}" for n in range(relay.TOGETHER + 2)]
    assert set(letters().values_list("attempts", "lease_until")) == {(0, None)}


def test_gateway_that_stops_gives_back_what_was_claimed_with_the_one_it_failed(
    now: datetime, dead_gateway: None
) -> None:
    crowd(count=4, now=now)

    assert relay.deliver_some(now=now) == 0

    rows = letters().order_by("pk").values_list("attempts", "lease_until")
    assert list(rows) == [(1, None), (0, None), (0, None), (0, None)]


def test_slow_gateway_is_given_no_more_than_fits_the_lease(
    now: datetime, sms: gateway.Mobizon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "TOGETHER_SECONDS", -1.0)
    crowd(count=3, now=now)

    assert relay.deliver_some(now=now) == 1

    assert list(letters().order_by("pk").values_list("state", "lease_until"))[1:] == [("PENDING", None)] * 2
    assert sum(letters().values_list("attempts", flat=True)) == 0


def test_what_a_worker_was_lost_with_is_claimed_alone(now: datetime, sms: gateway.Mobizon) -> None:
    """It may be what kills its worker: the others are not counted a try with it."""
    crowd(count=3, now=now)
    queue.claim(letters(), now=now)  # and the worker is gone
    moment = now + queue.LEASE
    letters().exclude(attempts=0).update(next_try_at=now - timedelta(seconds=1))

    assert relay.deliver_some(now=moment) == 1

    assert list(letters().filter(state="PENDING").values_list("attempts", "lease_until")) == [(0, None)] * 2


def test_what_failed_with_a_word_is_claimed_together(now: datetime, sms: gateway.Mobizon) -> None:
    """After a failure of the gateway a crowd goes out as fast as before it."""
    crowd(count=3, now=now)
    letters().update(attempts=1, error="a failure of the gateway")

    assert relay.deliver_some(now=now) == 3


@pytest.mark.rule("D35")
def test_what_a_protection_hides_while_it_is_claimed_is_not_sent_and_not_revived(now: datetime) -> None:
    first, second, third, given_up = crowd(count=4, now=now)
    letters().filter(recipient=given_up).update(state="DEAD")
    sent: list[User] = []

    def send(message: Message) -> str:
        sent.append(message.recipient)
        outbox.hide(second, events=["0"], now=now)
        outbox.hide(given_up, events=["0"], now=now)
        if message.recipient == third:
            outbox.hide(third, events=["0"], now=now)
            raise Refused("sms", "code 1")
        return "100"

    relay.deliver_some(now=now, way=replace(ways.SMS, send=send))

    assert sent == [first, third]
    hidden = ("UNDELIVERED", "hidden")
    assert list(letters().order_by("pk").values_list("state", "error")) == [("SENT", ""), *[hidden] * 3]
    assert outbox.revive(outbox.dead(), now=now) == 0


def test_worker_that_fails_gives_back_what_it_has_not_reached(now: datetime) -> None:
    """The one in its hands may be what it has stumbled over: that try counts."""
    crowd(count=3, now=now)

    def send(message: Message) -> str:
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        relay.deliver_some(now=now, way=replace(ways.SMS, send=send))

    rows = letters().order_by("pk").values_list("attempts", "lease_until")
    assert list(rows) == [(1, now + queue.LEASE), (0, None), (0, None)]


def test_what_another_worker_has_claimed_since_is_left_to_that_one(now: datetime) -> None:
    crowd(count=2, now=now)
    late = queue.claim(letters(), now=now, limit=2)
    queue.claim(letters(), now=now + queue.LEASE, limit=2)

    queue.release(late)

    assert set(letters().values_list("attempts", "lease_until")) == {(2, now + 2 * queue.LEASE)}


def test_all_ways_share_one_time_and_none_is_always_the_last(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [replace(way, is_on=lambda: True) for way in ways.WAYS]
    asked: list[tuple[str, float]] = []

    def deliver_some(*, now: datetime, way: ways.Way, ends: float) -> int:
        asked.append((way.system, ends))
        return 1

    monkeypatch.setattr(ways, "WAYS", every)
    monkeypatch.setattr(relay, "deliver_some", deliver_some)
    assert relay.deliver_each(now=now) == 3
    assert len({ends for _way, ends in asked}) == 1
    asked.clear()

    monkeypatch.setattr(relay, "TOGETHER_SECONDS", -1.0)

    assert {relay.deliver_each(now=now) for _ in range(50)} == {1}
    assert {way for way, _ends in asked} == {way.system for way in every}
