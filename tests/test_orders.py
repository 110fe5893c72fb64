"""Ops act on the pages of the portal: each act with its reason, written down, once, and before nobody else's
eyes (D77)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import outside
from accounts.models import Child, JournalEntry, Order, User
from applications.models import (
    Application,
    Document,
    DocumentKind,
    FetchState,
    MedicalFetch,
    Paper,
    PaperKind,
    TableExport,
)
from applications.status import Status
from notifications import relay
from notifications.models import Channel, Message, MessageState
from notifications.tests import gateway
from oqu import health, watch
from oqu.doctor.findings import Asked, Urgency
from oqu.doctor.kinds import Code
from oqu.doctor.machine import systems
from oqu.orders.forms import WhyForm
from tests.ops import make_ops

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D77")]
WHY = "жеткізуші жөндеу жүргізіп жатыр"


@pytest.fixture
def ops(db: None) -> tuple[User, Client]:
    return make_ops("840214399807")


def orders() -> list[tuple[Any, ...]]:
    return list(Order.objects.order_by("pk").values_list("kind", "about", "number", "why"))


def seen_on(client: Client, page: str) -> str:
    return seen_in(client.get(page))


def seen_in(page: Any) -> str:
    return str(page.content.decode().partition('name="seen" value="')[2].partition('"')[0])


def message_to(user: User, state: MessageState, key: str, *, due: datetime, **more: Any) -> Message:
    return Message.objects.create(
        key=f"{key}:{user.pk}:SMS", channel=Channel.SMS, recipient=user, template="accepted",
        context={"number": "2026-000001"}, phone=user.phone, text="x", state=state, next_try_at=due,
        created_at=due, **more,
    )  # fmt: skip


def test_reason_is_demanded_and_names_nobody(ops: tuple[User, Client], subtests: pytest.Subtests) -> None:
    _user, client = ops
    page = "/ops/systems/medical/"
    for why, said in (
        ("", "Себебін жазыңыз."),
        ("жөндеу", "кемінде 10 таңба"),
        (" ж       ө ", "кемінде 10 таңба"),
        ("ә" * 201, "200 таңбаға дейін"),
        ("ЖСН 900708 499904 сұрады", "ЖСН мен телефон"),
        ("+7 (701) 123-45-01 қоңырау шалды", "ЖСН мен телефон"),
        ("8.701.123.25.07 қоңырау шалды", "ЖСН мен телефон"),
        ("30.11.2026 900708.499904 сұрады", "ЖСН мен телефон"),
    ):
        with subtests.test(why):
            answer = client.post(page, {"act": "pause", "term": "60", "why": why, "seen": ""})
            assert answer.status_code == 400
            assert said in answer.content.decode()
    for why in ("30.11.2026 14:05 - 01.12.2026 16.30 жөндеу", "2026-11-30 14.05 2026-12-01 жөндеу"):
        with subtests.test(why):
            assert WhyForm({"why": why}).is_valid()
    for term in ("", "1", "-60", "99999999999999", "x"):
        with subtests.test(term=term):
            answer = client.post(page, {"act": "pause", "term": term, "why": WHY, "seen": ""})
            assert answer.status_code == 400
    with subtests.test("there is no such system, queue or row"):
        for address in (
            "systems/antivirus/",
            "queues/originals/",
            "queues/papers/?row=-1",
            "queues/sms/?row=x",
        ):
            assert client.get(f"/ops/{address}").status_code == 404, address
    assert orders() == [] and outside.paused(now=timezone.now()) == []


def test_paused_gateway_gets_nothing_and_no_message_pays(
    ops: tuple[User, Client], parent: User, settings: Any, time_machine: Any
) -> None:
    """From the order until it is resumed, or until its end; a colleague's order is shown first."""
    user, client = ops
    _other, colleague = make_ops("850905499202")
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    message = message_to(parent, MessageState.PENDING, "1:accepted", due=now)
    with gateway.running() as mobizon:
        settings.SMS_GATEWAY, settings.MOBIZON_URL, settings.MOBIZON_KEY = "mobizon", mobizon.url, "key"
        stale = seen_on(colleague, "/ops/systems/sms/")
        pause = {"act": "pause", "term": "120", "why": WHY, "seen": ""}
        assert client.post("/ops/systems/sms/", pause)["Location"] == "/ops/systems/"
        assert relay.deliver_next(now=now) is None and relay.ask_reports(now=now) == 0

        again = colleague.post("/ops/systems/sms/", pause | {"term": "1440", "seen": stale})
        assert again.status_code == 409
        assert "әріптесіңіз басқа бұйрық берді" in again.content.decode() and WHY in again.content.decode()
        assert outside.paused(now=now)[0].until == now + timedelta(hours=2)

        for act in ({"act": "pause", "term": "60"}, {"act": "resume"}):
            wrong = colleague.post("/ops/systems/sms/", {"why": "", "seen": stale} | act)
            assert (wrong.status_code, seen_in(wrong)) == (400, stale), "it was shown no order of the other"

        checks = health.examine(now=now + timedelta(minutes=5))
        assert checks["messages"]["ok"], "a queue that is paused is not late"
        told = client.get("/ops/").content.decode()
        assert "SMS жіберілмейді, бәрі кезекте күтеді." in told and "кезек тоқтатылған" in told
        listed = client.get("/ops/systems/").content.decode()
        assert listed.count("тоқтатылған<") == 1
        message.refresh_from_db()
        assert (message.attempts, message.state, mobizon.calls) == (0, MessageState.PENDING, [])

        mark = seen_on(colleague, "/ops/systems/sms/")
        resume = {"act": "resume", "why": "жөндеу аяқталды", "seen": mark}
        assert colleague.post("/ops/systems/sms/", resume).status_code == 302
        assert client.post("/ops/systems/sms/", resume).status_code == 409, "it is over already"
        assert relay.deliver_next(now=now) is True
        assert mobizon.calls == ["sendSmsMessage"]
    assert orders() == [("PAUSE", "sms", None, WHY), ("RESUME", "sms", None, "жөндеу аяқталды")]
    first = JournalEntry.objects.filter(model="accounts.order").earliest("pk")
    assert first.said and (first.said["by"], first.said["user"]) == ("page ops:system", user.pk)
    assert first.facts["kind"] == "PAUSE" and WHY not in str(first.facts)


def test_pause_is_told_with_its_effect_and_forgotten_after_an_hour(db: None) -> None:
    """What people need is urgent; what they can do without is not."""
    now = timezone.now()
    outside.begin_pause("consent", "tsp", why=WHY, until=now + timedelta(hours=4), now=now)

    urgent, later = systems(Asked(now, 2026))
    assert (urgent.code, urgent.urgency, later.urgency) == (Code.PAUSED, Urgency.NOW, Urgency.SOON)
    assert "who comes for the first time cannot begin" in urgent.details[0].code
    for minutes, warned, faulty in ((1, 2, 0), (59, 2, 0), (61, 0, 2), (241, 0, 0)):
        then = now + timedelta(minutes=minutes)
        warnings = [line for line in watch.warnings(now=then) if "is paused by ops" in line]
        assert (len(warnings), len(watch.pause_faults(now=then))) == (warned, faulty), minutes


def test_what_was_given_up_or_put_off_is_tried_again_once(
    ops: tuple[User, Client],
    parent: User,
    make_application: Callable[..., Application],
    monkeypatch: Any,
    subtests: pytest.Subtests,
) -> None:
    """In portions, or one row by its number; what a worker holds, what is due and what is done stay. Of two
    tables of one person the later is made. A second press finds nothing."""
    user, client = ops
    now = timezone.now()
    monkeypatch.setattr("oqu.orders.lots.PORTION", 1)
    application = make_application(Status.IN_REVIEW)
    later, hour = now + timedelta(hours=1), {"attempts": 8, "next_try_at": now + timedelta(hours=1)}
    dead = [message_to(parent, MessageState.DEAD, f"{one}:x", due=now, attempts=8) for one in range(3)]
    off = message_to(parent, MessageState.PENDING, "off:x", due=later, attempts=3)
    held = message_to(
        parent, MessageState.PENDING, "held:x", due=later, attempts=1, lease_until=now + timedelta(minutes=1)
    )
    paper = Paper.objects.create(
        application=application, kind=PaperKind.RECEIPT, created_at=now, dead=True, **hour
    )
    table = {"user": parent, "kind": "QUEUE", "form": "csv", "lang": "kk", "ordered_at": now, "dead": True}
    tables = [TableExport.objects.create(**table, **hour) for _ in range(2)]
    sister = Child.objects.create(iin="200315599908", name="Аружан", birth_date=date(2020, 3, 15), sex="F")
    draft = make_application(child=sister)
    ended = {"application": draft, "state": FetchState.FAILED, "requested_at": now, "answered_at": now} | hour
    fetch = MedicalFetch.objects.create(kind=DocumentKind.F065, **ended)
    brought = MedicalFetch.objects.create(kind=DocumentKind.F052_2, **ended)
    Document.objects.create(
        application=draft,
        kind=DocumentKind.F052_2,
        source="MANUAL",
        mime="image/jpeg",
        size=1,
        sha256="0" * 64,
        added_at=now,
    )

    page = client.get("/ops/queues/sms/").content.decode()
    assert f"№ {dead[0].pk}" in page and parent.phone not in page and parent.surname not in page
    one = client.post(f"/ops/queues/sms/?row={dead[1].pk}", {"why": WHY})
    assert one["Location"] == "/ops/queues/sms/"
    assert list(Message.objects.filter(state=MessageState.DEAD).order_by("pk")) == [dead[0], dead[2]]
    for name in ("sms", "sms", "papers", "tables", "medical", "medical"):
        assert client.post(f"/ops/queues/{name}/", {"why": WHY}).status_code == 302, name

    assert not Message.objects.filter(state=MessageState.DEAD).exists()
    for row, state in ((dead[0], (1, True)), (off, (3, True)), (held, (1, False))):
        row.refresh_from_db()
        assert (row.attempts, row.next_try_at <= timezone.now()) == state, row.key
    paper.refresh_from_db()
    assert (paper.dead, paper.attempts) == (False, 0)
    assert list(TableExport.objects.filter(dead=True)) == tables[:1]
    fetch.refresh_from_db()
    brought.refresh_from_db()
    assert (fetch.state, brought.state) == (FetchState.WAITING, FetchState.FAILED)
    assert orders() == [
        ("RETRY", "sms", 1, WHY), ("RETRY", "sms", 3, WHY), ("RETRY", "papers", 1, WHY),
        ("RETRY", "tables", 2, WHY), ("RETRY", "medical", 1, WHY),
    ]  # fmt: skip
    entry = JournalEntry.objects.filter(model="accounts.order").earliest("pk")
    assert entry.said and (entry.said["by"], entry.said["user"]) == ("page ops:queue", user.pk)
    with subtests.test("what a later message has overtaken goes by its number alone"):
        old = message_to(parent, MessageState.DEAD, "old:x", due=now - timedelta(days=8), attempts=8)
        shown = client.get("/ops/queues/sms/").content.decode()
        assert "7 күннен асқаны: 1" in shown and f"№ {old.pk}" in shown and "<textarea" not in shown
        client.post("/ops/queues/sms/", {"why": WHY})
        assert len(orders()) == 5 and Message.objects.get(state=MessageState.DEAD) == old
        assert "<textarea" in client.get(f"/ops/queues/sms/?row={old.pk}").content.decode()
        client.post(f"/ops/queues/sms/?row={old.pk}", {"why": WHY})
        assert orders()[-1] == ("RETRY", "sms", 1, WHY)
        assert not Message.objects.filter(state=MessageState.DEAD).exists()
    written = client.get("/ops/orders/").content.decode()
    assert written.count(WHY) == 6 and "Мөр басылған құжаттар" in written


def test_time_over_leaves_the_rest_for_another_press(
    ops: tuple[User, Client], parent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oqu.orders.lots.PORTION", 2)
    monkeypatch.setattr("oqu.orders.lots.SECONDS", -1.0)
    for one in range(5):
        message_to(parent, MessageState.DEAD, f"{one}:x", due=timezone.now())

    for left in (3, 1, 0):
        answer = ops[1].post("/ops/queues/sms/", {"why": WHY}, follow=True)
        assert Message.objects.filter(state=MessageState.DEAD).count() == left
    assert "тағы басыңыз" in answer.content.decode()


def test_season_shows_what_is_set_and_where(ops: tuple[User, Client], school: Any, settings: Any) -> None:
    settings.CONSENT_LIFETIME_SECONDS = 90 * 24 * 3600
    page = " ".join(ops[1].get("/ops/season/").content.decode().split())

    for told in (
        "/ 2",
        'href="/ops/reference/period/"',
        'href="/ops/room/"',
        "CONSENT_LIFETIME_SECONDS",
        "90 күн",
    ):
        assert told in page, told
