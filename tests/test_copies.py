"""A restored copy sends nothing, takes nothing and asks nobody, until somebody says that it is the portal."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from accounts import copies, deadlines
from accounts.models import Installation, JournalEntry, User
from applications.management.commands import papers
from applications.models import Paper, PaperKind
from applications.papers import making
from applications.tasks import erase_old
from egov import http
from egov.errors import Unavailable
from notifications import outbox, queue, relay
from notifications.management.commands import relay_outbox
from notifications.models import Channel, Heartbeat, Message, MessageState
from notifications.tasks import heartbeat
from notifications.tests import gateway
from oqu import doctor, watch
from oqu.celery import OF_A_COPY, app
from oqu.doctor import machine
from oqu.doctor.findings import Asked
from oqu.doctor.kinds import Code
from oqu.management.commands import prepare
from tests.environment import undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D69")]

ELSEWHERE: dict[str, dict[str, Any]] = {
    copies.WORDS["address"]: {"address": "another.example.kz"},
    copies.WORDS["system"]: {"system": 1},
    copies.WORDS["database"]: {"database": 1},
    copies.WORDS["tables"]: {"tables": 1},
    copies.WORDS["timeline"]: {"timeline": 77},
}


@pytest.fixture(autouse=True)
def _known_again(db: None) -> Iterator[None]:
    """What this process believes of its database goes with the test."""
    yield
    copies._Known.reasons = ()


@pytest.fixture
def portal(now: datetime) -> Installation:
    """The database is the portal's, and has left a sign."""
    copies.say_first(now=now)
    return Installation.objects.get()


@pytest.fixture
def sms(settings: Any) -> Iterator[gateway.Mobizon]:
    with gateway.running() as server:
        settings.SMS_GATEWAY, settings.MOBIZON_URL, settings.MOBIZON_KEY = "mobizon", server.url, "key"
        yield server


def met() -> list[str]:
    """The database as a process meets it over a new connection."""
    copies.listen(connection)
    return copies.reasons()


def moved(**where: Any) -> None:
    """The row lies in another place than it says, as after a restore."""
    Installation.objects.update(**(where or {"system": 1}))
    assert met()


def told(user: User, *, now: datetime) -> Message:
    with transaction.atomic():
        outbox.tell(
            user, event="1:accepted", template="accepted", context={"number": "2026-000001"}, link="",
            now=now,
        )  # fmt: skip
    return Message.objects.get(channel=Channel.SMS)


def test_every_other_place_is_seen(portal: Installation, subtests: pytest.Subtests) -> None:
    assert met() == []
    for words, where in ELSEWHERE.items():
        with subtests.test(words), undone():
            Installation.objects.update(**where)
            cache.clear()  # of another machine, or after its loss
            assert met() == [words]


def test_before_anybody_has_said_nothing_is_a_copy(now: datetime) -> None:
    assert met() == []
    assert copies.say_first(now=now) and not copies.say_first(now=now + timedelta(days=1))
    assert Installation.objects.get().said_at == now


def redis_knows(sign: datetime) -> None:
    here = Installation.objects.get()
    cache.set(f"installation:{here.system}:{here.database}", sign.isoformat(), None)


def test_failover_that_lost_nothing_goes_on_by_itself(
    portal: Installation, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    """The timeline is another, and the database has every sign that Redis knows, which was told to the end. A
    recovery to an earlier moment lacks the last one; and a Redis that was away, or signs that ended before
    the accident, say nothing of what was filed since."""
    copies.leave_sign()
    at, second = copies.standing().at, timedelta(seconds=1)
    Installation.objects.update(timeline=portal.timeline + 1)
    doubtful = {
        "lost": (at - 15 * second, at),
        "Redis was away": (at, at - 90 * second),
        "the signs had ended": (at - timedelta(minutes=6), at - timedelta(minutes=6)),
        "a clock was ahead": (at + timedelta(hours=1), at + timedelta(hours=1)),
    }
    for name, (row, redis) in doubtful.items():
        with subtests.test(name), undone():
            Installation.objects.update(witnessed_at=row)
            redis_knows(redis)
            assert met() == [copies.WORDS["timeline"]]
            copies.leave_sign()  # a copy leaves none
            assert Installation.objects.get().witnessed_at == row
    redis_knows(at - 15 * second)
    assert met() == []
    with caplog.at_level(logging.WARNING):
        copies.leave_sign()
    here = Installation.objects.get()
    assert here.timeline == portal.timeline and here.witnessed_at
    assert here.witnessed_at > at
    assert "a replica has taken over" in caplog.text


def test_address_is_compared_as_browsers_do(portal: Installation, settings: Any) -> None:
    own = {"https://oqu.kz", "https://OQU.kz", "https://oqu.kz:443"}
    Installation.objects.update(address="oqu.kz")
    for address in own | {"https://oqu.kz:8443", "https://oqu.gov.kz"}:
        settings.PUBLIC_URL = address
        assert met() == ([] if address in own else [copies.WORDS["address"]])


def test_demo_says_anew_where_it_is(portal: Installation, settings: Any) -> None:
    """On another port, or moved to another machine; never a portal in production."""
    settings.DEMO = False
    moved()
    prepare.say_where(demo=True)
    assert met()
    settings.DEMO = True
    prepare.say_where(demo=False)
    assert met()
    prepare.say_where(demo=True)
    assert met() == []


def test_database_that_fails_changes_nothing_of_what_is_known(
    portal: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved()

    causes = iter([None, InsufficientPrivilege(), UndefinedTable()])

    def fail(_connection: Any) -> None:
        raise ProgrammingError from next(causes)

    monkeypatch.setattr(copies, "_look", fail)
    assert met() == met() == [copies.WORDS["system"]]
    assert met() == []  # before `prepare` has made the tables


def test_copy_claims_and_sends_nothing(
    portal: Installation, parent: User, make_application: Any, sms: gateway.Mobizon, now: datetime
) -> None:
    """No queue is claimed, whoever asks; the tasks of the worker let go; no system outside is asked but who
    signs in and what proves a signature."""
    message = told(parent, now=now)
    order = {"kind": PaperKind.RECEIPT, "next_try_at": now, "created_at": now}
    Paper.objects.create(application=make_application(), **order)
    moved()

    assert relay.deliver_next(now=now) is None and making.render_next(now=now) is None
    assert queue.claim(Message.objects.all(), now=now) == []
    assert erase_old.run() is None and erase_old() is None
    with pytest.raises(Unavailable, match="a restored copy asks nobody"):
        http.call("GET", sms.url, system="person")
    http.call("GET", sms.url, system="login", accept=range(100, 600))
    message.refresh_from_db()
    assert (message.state, message.attempts, sms.messages) == (MessageState.PENDING, 0, [])

    heartbeat(
        "messages"
    )  # alive all the same: `health` tells that it is a copy, not that the worker is silent
    assert Heartbeat.objects.exists()
    assert Installation.objects.get().witnessed_at == portal.witnessed_at


@pytest.mark.django_db(transaction=True)
def test_who_has_not_met_the_database_meets_it_first(
    portal: Installation, parent: User, now: datetime, subtests: pytest.Subtests
) -> None:
    """A command at its beginning and a worker between two tasks have no connection: what was found before,
    maybe of another database, counts for nothing."""
    told(parent, now=now)
    Installation.objects.update(system=1)
    for command in ("relay_outbox --once", "papers --make", "papers --extend", "erase_old"):
        with subtests.test(command), pytest.raises(CommandError, match="promote"):
            forget()
            call_command(*command.split())
    with subtests.test("a task"), pytest.MonkeyPatch.context() as patch:
        done: list[str] = []
        patch.setattr(erase_old, "run", lambda: done.append("erased"))
        forget()
        erase_old()
        assert done == []
    with subtests.test("a queue"):
        forget()
        assert queue.claim(Message.objects.all(), now=now) == []
    with subtests.test("a process that may fork begins"):
        forget()
        copies.begin()
        assert copies.is_copy() and connection.connection is None


def forget() -> None:
    connection.close()
    copies._Known.reasons = ()


def test_commands_go_on_in_a_loop_without_celery(
    portal: Installation, parent: User, sms: gateway.Mobizon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One round each, with the signs of life of the worker's ticks."""
    told(parent, now=timezone.now() - timedelta(minutes=1))

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    held: list[deadlines.Kind] = []
    monkeypatch.setattr(deadlines, "begin", held.append)
    for module, arguments in ((relay_outbox, []), (papers, ["--loop"])):
        monkeypatch.setattr(module, "sleep", stop)
        with pytest.raises(KeyboardInterrupt):
            call_command(module.Command(), *arguments)
    assert held == [deadlines.Kind.WORKER] * 2
    assert len(sms.messages) == 1
    assert Heartbeat.objects.filter(part="messages").exists()
    assert Installation.objects.get().witnessed_at != portal.witnessed_at


def test_every_task_is_let_go_but_those_that_change_nothing_for_others(
    portal: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    done = []
    for name, task in ours.items():
        monkeypatch.setattr(task, "run", lambda name=name: done.append(name))
    moved()
    for task in ours.values():
        task()

    assert set(done) == OF_A_COPY
    assert len(ours) > 15


def test_copy_is_read_and_takes_nothing(
    portal: Installation, parent: User, child: Any, client: Client
) -> None:
    client.force_login(parent)
    page, profile = reverse("cabinet:applications"), reverse("accounts:profile")
    assert "Бұл — порталдың көшірмесі" not in client.get(page).content.decode()
    moved()

    assert "Бұл — порталдың көшірмесі" in client.get(page).content.decode()
    assert "Это копия портала" in client.get(page, headers={"Accept-Language": "ru"}).content.decode()
    refused = client.post(profile, {"second_phone": "+77010000000"})
    assert refused.status_code == 503
    assert "Это копия портала" in refused.content.decode()
    assert client.post(reverse("accounts:language"), {"language": "ru"}).status_code == 302
    assert client.post(reverse("accounts:logout")).status_code == 302


def test_it_is_told_to_who_watches(portal: Installation, now: datetime, settings: Any) -> None:
    settings.DRILL_MAX_DAYS = 100
    assert (watch.faults(now=now)["copy"], machine.copy(Asked(now, 2026))) == ([], [])
    assert watch.drill_faults(now=now) == ["no backup was ever restored and proven"]
    moved()
    copies.note_drill(now=now - timedelta(days=101))

    assert watch.faults(now=now)["copy"] == [copies.WORDS["system"]]
    (finding,) = doctor.examine(Asked(now, 2026), [machine.copy])
    assert (finding.code, finding.urgency) == (Code.COPY, "NOW")
    assert watch.drill_faults(now=now) == ["the last was 101 days ago, more than 100"]
    assert watch.archive_faults() == []  # this PostgreSQL archives nothing


# --- Somebody says that it is the portal now -------------------------------------------------------
def promote(*arguments: str, typed: str | None = None) -> str:
    out = StringIO()
    with pytest.MonkeyPatch.context() as patch:

        def answer(_question: str) -> str:
            if typed is None:
                raise EOFError
            return typed

        patch.setattr("builtins.input", answer)
        call_command("promote", *arguments, stdout=out)
    return out.getvalue()


def test_promoted_copy_asks_whether_the_old_portal_has_sent(
    portal: Installation, parent: User, sms: gateway.Mobizon, now: datetime, client: Client
) -> None:
    """The old portal has sent it after the backup: it is found at the gateway and not sent twice. Everybody
    signs in anew, and the journal has who has said it."""
    message = told(parent, now=now)
    sms.take({"recipient": message.phone.lstrip("+"), "text": message.text, "params[name]": "x", "from": "x"})
    client.force_login(parent)
    moved()
    entries = JournalEntry.objects.filter(model="accounts.installation").count()

    said = promote("--yes", "127.0.0.1:8000")
    assert "1 messages wait, the oldest since 2026" in said and copies.WORDS["system"] in said
    assert met() == []
    assert not Session.objects.exists()
    assert JournalEntry.objects.filter(model="accounts.installation").count() == entries + 1
    assert relay.deliver_next(now=now) is True
    message.refresh_from_db()
    assert (message.state, len(sms.messages)) == (MessageState.SENT, 1)
    assert "the portal already" in promote()


def test_what_waits_may_be_let_go(
    portal: Installation, parent: User, sms: gateway.Mobizon, now: datetime
) -> None:
    told(parent, now=now)
    moved()
    assert "let go" in promote("--let-go", typed=" 127.0.0.1:8000 ")
    assert relay.deliver_next(now=now) is None
    assert not Message.objects.unreached().exists() and Message.objects.inbox(parent).count() == 1


@pytest.mark.parametrize("typed", [None, "", "yes", "oqu.example.kz"])
def test_nobody_promotes_by_mistake(portal: Installation, typed: str | None) -> None:
    moved()
    with pytest.raises(CommandError, match="nothing was changed"):
        promote(typed=typed)
    assert met()


def test_database_in_recovery_is_a_copy_that_cannot_be_promoted(
    portal: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_FOUND", copies._FOUND.replace("pg_is_in_recovery()", "true"))
    assert met() == [copies.RECOVERING]
    with pytest.raises(CommandError, match="end the recovery first"):
        promote("--yes", "127.0.0.1:8000")
