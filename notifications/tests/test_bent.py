"""Whatever the SMS gateway answers or sends, the queue goes on and nothing wrong is written down."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from egov import http
from egov.errors import EgovError
from egov.tests.bender import bent_json
from notifications import outbox, relay
from notifications.models import Channel, Message, MessageState, SmsReport
from notifications.sms import mobizon
from notifications.sms.errors import State
from notifications.tests.test_pages import SECRET, signed

SENT = {"code": 0, "data": {"campaignId": 1, "messageId": 100, "status": 2}, "message": ""}
FOUND = {"code": 0, "data": {"items": [{"id": "100", "to": "77011234501", "text": "t"}]}, "message": ""}
STATES = {"code": 0, "data": [{"id": "100", "status": "DELIVRD"}], "message": ""}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[str, bytes]:
    settings.SMS_GATEWAY = "mobizon"
    said: dict[str, bytes] = {}

    def call(method: str, url: str, *, system: str, **_more: Any) -> http.Answer:
        return http.Answer(system, 200, said["content"])

    monkeypatch.setattr(http, "call", call)
    return said


FUNCTIONS: dict[str, tuple[Any, Callable[[], Any], Callable[[Any], bool]]] = {
    "send": (
        SENT,
        lambda: mobizon.send(phone="+77011234501", text="t", key="k"),
        lambda found: found == "" or (found.isdigit() and len(found) <= 19),
    ),
    "find": (
        FOUND,
        lambda: mobizon.find(phone="+77011234501", text="t"),
        lambda found: all(one.isdigit() and len(one) <= 19 for one in found),
    ),
    "states": (
        STATES,
        lambda: mobizon.states(["100"]),
        lambda found: found.get("100") in (None, *State),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_bent_answer_is_sound_or_an_error_of_the_gateway(answer: dict[str, bytes], name: str) -> None:
    good, call, is_sound = FUNCTIONS[name]
    answer["content"] = json.dumps(good).encode()
    assert call() in ("100", ["100"], {"100": State.DELIVERED})
    for how, answer["content"] in bent_json(good):
        try:
            found = call()
        except EgovError as error:
            assert len(error.detail) < 60, how
        else:
            assert is_sound(found), how


@pytest.mark.django_db
def test_queue_goes_on_past_bent_answers(answer: dict[str, bytes], parent: User, now: datetime) -> None:
    """A message is sent, waits, or is dead, and the answer it got is no row that cannot be written."""
    bends = list(bent_json(SENT))
    with transaction.atomic():
        outbox.tell(
            parent,
            event="1:refused",
            template="refused",
            context={"number": "2026-000001", "school_kk": "М", "school_ru": "Ш"},
            link="/x/",
            now=now,
        )
    message = Message.objects.get(channel=Channel.SMS)
    for how, answer["content"] in bends:
        fresh = {"state": MessageState.PENDING, "attempts": 0, "next_try_at": now, "lease_until": None}
        Message.objects.filter(pk=message.pk).update(**fresh, provider_id="")
        relay.deliver_next(now=now)
        message.refresh_from_db()
        assert message.lease_until is None, how
        assert message.state in (MessageState.PENDING, MessageState.SENT, MessageState.DEAD), how
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT, provider_id="100", sent_at=now)
    later = now
    for how, answer["content"] in bent_json(STATES):
        later += timedelta(seconds=1)
        Message.objects.filter(pk=message.pk).update(
            state=MessageState.SENT, next_try_at=now, attempts=0, lease_until=None
        )
        relay.ask_reports(now=later)
        message.refresh_from_db()
        assert message.lease_until is None, how


@pytest.mark.django_db
def test_bent_report_is_a_refusal_of_ours(client: Client, settings: Any, parent: User, now: datetime) -> None:
    settings.MOBIZON_WEBHOOK_SECRET = SECRET
    url, good = reverse("notifications:sms_report"), signed(1, message_id=100)
    bodies = [*bent_json(good), *bent_json(_signed_anew(good, eventId=2**63)), ("10 MB", b" " * 10_000_000)]
    bodies += [
        (f"eventId {bad!r:.20}", json.dumps(_signed_anew(good, eventId=bad)).encode()) for bad in BAD_IDS
    ]
    for how, body in bodies:
        status = client.post(url, body, "application/json").status_code
        assert status in (204, 400, 403, 413), (how, status)
    assert client.post(url, b" " * 10_000_000, "application/json").status_code == 413
    assert client.post(url, b'{"eventId": 1e999}', "application/json").status_code == 400
    assert set(SmsReport.objects.values_list("event_id", flat=True)) <= {1}


BAD_IDS: list[Any] = [-1, 2**63, 10**400, 1.5, True, None, "x", "1\0", [], {}, "١"]


def _signed_anew(event: dict[str, Any], *, eventId: Any) -> dict[str, Any]:
    """The secret is known: what is bent passes the signature and reaches the rows."""
    plain = f"{eventId}|{event['attempt']}|{event['eventCreateTs']}|{SECRET}"
    return event | {"eventId": eventId, "sign": hashlib.sha1(plain.encode()).hexdigest()}
