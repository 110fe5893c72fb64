"""The reminder on the evening before a region opens (D76): to whom, once, in which words, at which pace."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, Guardianship, User
from accounts.tests.conftest import own_redis  # noqa: F401  (a fixture)
from accounts.waiting.room import Room
from accounts.waiting.room import room as waiting
from applications import drafts, eve, queues
from applications.models import Application, OpeningReminder
from applications.signing import ahead
from applications.status import Status
from applications.tasks import remind_openings
from applications.tests.cast import complete
from conftest import ALMATY
from notifications import leases, outbox, queue, texts, wishes
from notifications.models import Channel, Message
from schools.models import Period
from tests.environment import undone

Make = Callable[..., Application]
pytestmark = [pytest.mark.django_db, pytest.mark.rule("D76")]
OPENS = date(2026, 6, 18)


def at(clock: str, day: int = 17) -> datetime:
    return datetime.fromisoformat(f"2026-06-{day} {clock}").replace(tzinfo=ALMATY)


@pytest.fixture
def draft(make_application: Make) -> Application:
    Period.objects.filter(region="710000000").update(opens=OPENS)
    return make_application()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lease is taken, which would be in the transaction that takes a case back."""
    monkeypatch.setattr(leases, "take", lambda *_args, **_more: True)


@pytest.fixture
def wide_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else is to do."""
    monkeypatch.setattr(queues, "somebody_waits", lambda **_now: False)
    monkeypatch.setattr(queue, "claim", lambda rows, **_now: list(rows[:1]))


def reminders() -> list[Message]:
    return list(Message.objects.filter(template="opens_tomorrow", channel=Channel.SMS))


@pytest.mark.usefixtures("alone")
def test_draft_is_reminded_of_once_in_the_evening_before(draft: Application, subtests: Any) -> None:
    for clock, told in {"17:59": 0, "18:00": 1, "20:59": 1, "21:00": 0}.items():
        with subtests.test(clock), undone():
            assert eve.run(now=at(clock)) == told
    for day in (16, 18):
        with subtests.test(f"on the {day}th"), undone():
            assert eve.run(now=at("19:00", day)) == 0
    with subtests.test("each minute of it"), undone():
        assert [eve.run(now=at(clock)) for clock in ("18:00", "18:01", "20:00")] == [1, 0, 0]
        assert len(reminders()) == OpeningReminder.objects.count() == 1
    with subtests.test("the day is moved"), undone():
        eve.run(now=at("18:00"))
        Period.objects.filter(region="710000000").update(opens=OPENS + timedelta(days=3))
        assert [eve.run(now=at("18:30")), eve.run(now=at("18:00", 20))] == [0, 1]
        assert {message.text[5:10] for message in reminders()} == {"18.06", "21.06"}


@pytest.mark.usefixtures("alone")
def test_who_is_not_reminded(
    draft: Application, parent: User, stranger: User, now: datetime, subtests: Any, make_application: Make
) -> None:
    child = draft.child

    def signed() -> None:
        filed = {"submitted_at": now, "received_at": now, "due_at": now, "number": "x"}
        ticks = {"data_correct_at": now, "external_data_at": now}
        Application.objects.filter(pk=draft.pk).update(status=Status.IN_REVIEW, **filed, **ticks)

    def moved() -> None:
        Period.objects.update(opens=OPENS + timedelta(days=1))

    cases: dict[str, Callable[[], object]] = {
        "signed": signed,
        "deleted": lambda: drafts.delete(draft),
        "moved": moved,
        "another's": lambda: make_application(Status.IN_REVIEW, applicant=stranger),
        "denied": lambda: Guardianship.objects.filter(child=child).update(denied_at=now),
        "no longer of the year": lambda: Application.objects.update(year=2025),
    }
    for name, happens in cases.items():
        with subtests.test(name), undone():
            happens()
            assert eve.run(now=at("19:00")) == 0
            assert reminders() == []


@pytest.mark.usefixtures("alone")
def test_region_is_the_schools_else_that_of_the_address(
    draft: Application, parent: User, subtests: Any
) -> None:
    with subtests.test("no school yet"), undone():
        Application.objects.update(intake=None, route="")
        assert eve.run(now=at("19:00")) == 1
    with subtests.test("a school of another region"), undone():
        Application.objects.update(intake=None, route="")
        User.objects.filter(pk=parent.pk).update(registered_address={"kato": "593651100"})
        assert eve.run(now=at("19:00")) == 0


def test_words_are_in_the_persons_language_and_name_nobody(
    draft: Application, parent: User, child: Child, make_application: Make
) -> None:
    twin = Child.objects.create(
        iin="201231599905", surname="Сәрсенов", name="Асқар", birth_date=child.birth_date
    )
    make_application(child=twin)
    User.objects.filter(pk=parent.pk).update(lang="ru")

    assert eve.run(now=at("19:00")) == 2
    (sms,) = reminders()  # two children, one SMS

    assert sms.text == "OQU: 18.06 в 00:00 откроется приём. Загляните в кабинет."
    assert sms.context == {"day": "2026-06-18"}
    assert sms.good_until == at("22:00")
    assert sms.reached_at  # nobody is called for one that does not arrive
    assert not outbox.is_unreached(parent)


@pytest.mark.rule("D79")
@pytest.mark.usefixtures("alone", "own_redis")
@pytest.mark.parametrize(
    ("mode", "before", "line"), [("auto", 30, "17.06, 23:30"), ("off", 30, ""), ("auto", 0, "")]
)
def test_reminder_says_when_the_line_begins(
    draft: Application, settings: Any, mode: str, before: int, line: str
) -> None:
    """The place goes to who signs first, and who signs first is who stands there first."""
    settings.WAITING_ROOM, settings.WAITING_ROOM_BEFORE = mode, before
    waiting.__dict__.update(Room().__dict__)
    assert eve.run(now=at("19:00")) == 1
    waiting.__dict__.update(Room().__dict__)

    sms = Message.objects.get(channel=Channel.SMS)
    notice = texts.wording(sms.template, sms.context)

    told = f"Қол қою кезегінің басы: {line}." if line else "00:00-де қабылдау ашылады. Кабинетті қараңыз."
    assert sms.text.endswith(told)
    assert ("2026 ж. 17 маусым, 23:30. Сол кезде" in notice.body) is bool(line)


def test_drafts_of_an_evening_are_spread_over_it(
    draft: Application, make_application: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        made = Child.objects.create(iin=f"20031550000{n}", name="Бала", birth_date=date(2020, 3, 15))
        make_application(child=made)
    monkeypatch.setattr(eve, "LEAST", 1)

    assert eve.run(now=at("20:57")) == 2  # a third of six
    assert eve.run(now=at("20:58")) == 2
    leases.take(eve.LEASE, "another worker", lasts=queue.LEASE)
    assert eve.run(now=at("20:59")) == 0


def test_parent_declines_it_and_wants_it_again(draft: Application, parent: User, client: Client) -> None:
    client.force_login(parent)
    address, profile = reverse("notifications:opening"), reverse("accounts:profile")
    assert 'value="no"' in client.get(profile).content.decode()

    for _twice in range(2):
        answer = client.post(address, {"wanted": "no", "next": "https://evil.example/"})
    client.post(address, {"wanted": "nonsense"})
    assert answer["Location"] == profile
    assert 'value="yes"' in client.get(profile).content.decode()
    assert eve.run(now=at("19:00")) == 0

    client.post(address, {"wanted": "yes"})
    assert eve.run(now=at("19:01")) == 1


@pytest.mark.rule("D67")
@pytest.mark.usefixtures("alone", "wide_awake")
def test_what_is_ready_is_drawn_before_midnight_whoever_wants_no_reminder(
    draft: Application, parent: User, make_application: Make, subtests: Any, drawings: list[Any]
) -> None:
    complete(draft, now=at("12:00"))

    def drawn(clock: str) -> int:
        eve.run(now=at(clock))
        ahead.draw_next(now=at(clock))
        return len(drawings)

    with subtests.test("with the reminder"), undone():
        assert (drawn("18:00"), drawn("23:59")) == (1, 1)
    with subtests.test("without one, when the hours of reminding are over"), undone():
        drawings.clear()
        wishes.remind_of_openings(parent, wanted=False)
        assert [drawn(clock) for clock in ("18:00", "20:59", "21:00", "21:01")] == [0, 0, 1, 1]
        assert reminders() == []
    with subtests.test("what is not ready is left alone"), undone():
        drawings.clear()
        draft.documents.all().delete()
        assert (drawn("18:00"), drawn("21:00")) == (0, 0)


def test_worker_reminds(draft: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: at("19:00"))

    remind_openings()

    assert len(reminders()) == 1
