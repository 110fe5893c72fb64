"""The quiet hours (D58): by night only what answers a signature is sent, the rest in the morning."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.models import User
from conftest import ALMATY
from notifications import missed, outbox, quiet, relay
from notifications.models import Channel, Message, MessageState
from oqu import health

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D58")]
NIGHT, MORNING = datetime(2026, 6, 10, 22, tzinfo=ALMATY), datetime(2026, 6, 11, 8, tzinfo=ALMATY)


@pytest.fixture(autouse=True)
def _quiet(settings: Any) -> None:
    settings.QUIET_FROM, settings.QUIET_TO, settings.SMS_GATEWAY = 22, 8, "console"


def tell(user: User, template: str, *, now: datetime) -> Message:
    with transaction.atomic():
        outbox.tell(user, event=f"1:{now}:{template}", template=template, context={}, link="", now=now)
    return Message.objects.filter(channel=Channel.SMS).latest("pk")


def states() -> list[str]:
    return list(Message.objects.filter(channel=Channel.SMS).order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("hours", "clock", "ends"),
    [
        ((22, 8), "10 21:59:59", None),
        ((22, 8), "10 22:00:00", "11 08:00"),
        ((22, 8), "10 23:59:59", "11 08:00"),
        ((22, 8), "11 00:00:00", "11 08:00"),
        ((22, 8), "11 07:59:59", "11 08:00"),
        ((22, 8), "11 08:00:00", None),
        ((1, 5), "11 04:30:00", "11 05:00"),
        ((1, 5), "11 00:59:59", None),
        ((8, 8), "11 08:00:00", None),
    ],
)
def test_night_has_its_end(settings: Any, hours: tuple[int, int], clock: str, ends: str | None) -> None:
    settings.QUIET_FROM, settings.QUIET_TO = hours

    found = quiet.end_of(datetime.fromisoformat(f"2026-06-{clock}").replace(tzinfo=ALMATY))

    assert found == (datetime.fromisoformat(f"2026-06-{ends}").replace(tzinfo=ALMATY) if ends else None)


def test_answer_of_the_school_waits_for_the_morning_and_costs_no_try(parent: User) -> None:
    message = tell(parent, "accepted", now=NIGHT)

    assert relay.deliver_next(now=NIGHT) is False
    assert relay.deliver_next(now=MORNING - timedelta(seconds=1)) is None

    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == ("PENDING", 0, "")
    assert message.next_try_at == message.held_until == MORNING
    assert relay.deliver_next(now=MORNING) is True
    assert Message.objects.get(channel=Channel.CABINET).created_at == NIGHT  # there it stood at once


@pytest.mark.parametrize("template", ["in_review", "withdrawn"])
def test_what_the_person_has_just_signed_is_confirmed_by_night(parent: User, template: str) -> None:
    tell(parent, template, now=NIGHT)

    assert relay.deliver_next(now=NIGHT) is True


def test_message_behind_a_held_one_keeps_its_place(parent: User, director: User) -> None:
    tell(parent, "accepted", now=NIGHT)
    relay.deliver_next(now=NIGHT)
    tell(parent, "withdrawn", now=NIGHT + timedelta(hours=1))
    tell(director, "in_review", now=NIGHT + timedelta(hours=1))

    assert relay.deliver_next(now=NIGHT + timedelta(hours=1)) is True  # the other person's
    assert relay.deliver_next(now=NIGHT + timedelta(hours=1)) is None
    assert states() == ["PENDING", "PENDING", "SENT"]

    assert relay.deliver_next(now=MORNING) is relay.deliver_next(now=MORNING) is True


def test_nobody_calls_the_night_late(parent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(parent, "signing", now=NIGHT - timedelta(seconds=2))
    tell(parent, "accepted", now=NIGHT - timedelta(seconds=1))
    relay.deliver_next(now=NIGHT)
    tell(parent, "withdrawn", now=NIGHT + timedelta(minutes=5))
    dawn = MORNING - timedelta(minutes=1)

    assert health.examine(now=dawn)["messages"] == {"ok": True, "seconds": None}
    assert missed.run(now=dawn) == missed.run(now=MORNING + timedelta(hours=1)) == 0
    assert missed.run(now=MORNING + timedelta(hours=7)) == 3
    late = health.examine(now=MORNING + timedelta(minutes=2))["messages"]
    assert late == {"ok": False, "seconds": 120}  # by day it would be

    monkeypatch.setattr("django.utils.timezone.now", lambda: dawn)
    told = io.StringIO()
    with pytest.raises(SystemExit):  # of those that were missed above
        call_command("outbox", stdout=told)
    assert "PENDING             3   held until the morning 3\n" in told.getvalue()


def test_what_has_grown_old_is_not_sent(parent: User, now: datetime) -> None:
    message = tell(parent, "accepted", now=now)
    Message.objects.filter(pk=message.pk).update(good_until=now + timedelta(hours=3))

    assert relay.deliver_next(now=now + timedelta(hours=3)) is False

    message.refresh_from_db()
    assert (message.state, message.error) == (MessageState.UNDELIVERED, "too late")
