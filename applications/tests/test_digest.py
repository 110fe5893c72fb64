"""The morning digest (D58): who is told what, when, and once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Child, Guardianship, User
from applications import digest
from applications.models import Application
from applications.status import Status
from applications.tasks import send_digests
from conftest import ALMATY
from notifications import outbox
from notifications.models import Channel, Message, Wishes
from schools.models import Holiday, Role, School, StaffMember

Make = Callable[..., Application]
pytestmark = pytest.mark.rule("D58")


def at(clock: str, day: int = 11) -> datetime:
    """On Thursday, 11 June 2026, or another day of it."""
    return datetime.fromisoformat(f"2026-06-{day} {clock}").replace(tzinfo=ALMATY)


@pytest.fixture
def officer(school: School) -> User:
    user = User.objects.create(iin="770707399705", surname="Сейітов", phone="+77011234517")
    StaffMember.objects.create(user=user, region_id="710000000", role=Role.DEPARTMENT)
    return user


@pytest.fixture
def queue(make_application: Make, school: School) -> list[Application]:
    """One late, one due today, one proposed, one tomorrow, one accepted."""
    cases = [
        (Status.IN_REVIEW, at("18:30", 10)),
        (Status.IN_REVIEW, at("12:00")),
        (Status.SIGNING, at("18:30")),
        (Status.IN_REVIEW, at("12:00", 12)),
        (Status.ACCEPTED, at("18:30", 10)),
    ]
    return [
        make_application(
            status,
            due_at=due,
            child=Child.objects.create(iin=f"2003155000{n:02d}", name="Бала", birth_date=date(2020, 3, 15)),
        )
        for n, (status, due) in enumerate(cases)
    ]


def digests(user: User | None = None) -> list[Message]:
    found = Message.objects.filter(template__startswith="digest", channel=Channel.CABINET)
    return list(found.filter(recipient=user) if user else found)


def figures(user: User) -> dict[str, Any]:
    (one,) = digests(user)
    return {name: count for name, count in one.context.items() if not name.startswith("school")}


def test_each_hears_what_waits_for_their_own_hand(
    queue: list[Application], director: User, executor: User, officer: User, parent: User
) -> None:
    with transaction.atomic():  # of the accepted one, which none has reached
        event = f"{queue[4].pk}:1:accepted"
        outbox.tell(parent, event=event, template="accepted", context={}, link="", now=at("12:00", 10))
    Message.objects.update(missed_at=at("18:00", 10))
    queue[0].contested_at = at("17:00", 10)
    queue[0].save(update_fields=["contested_at"])

    assert digest.run(now=at("09:00")) == 3

    seen = {"overdue": 1, "unreached": 1, "contested": 1, "appeals": 0}
    assert figures(director) == {"waiting": 4, "today": 2} | seen
    assert figures(executor) == {"waiting": 3, "today": 1} | seen
    assert figures(officer) == {"waiting": 4, "today": 2, "overdue": 1, "contested": 1, "appeals": 0}
    assert digests(director)[0].link == f"{reverse('review:queue')}?view=overdue"
    assert digests(officer)[0].link == f"{reverse('review:department')}?view=overdue"
    sms = Message.objects.get(recipient=director, channel=Channel.SMS)
    assert sms.text == "OQU: күтеді 4, бүгін 2, кешіккен 1, SMS жетпеген 1, даулы 1"
    assert sms.good_until == at("13:00")
    said = " ".join(
        str((one.context, one.text)) for one in Message.objects.filter(template__startswith="digest")
    )
    assert not any(str(one.number) in said for one in queue) and "Бала" not in said


def test_there_is_one_a_day_however_often_the_clock_strikes(queue: list[Application], director: User) -> None:
    told = [digest.run(now=at(clock)) for clock in ("08:59", "09:00", "09:00", "09:30", "12:59")]
    Wishes.objects.update(digested_on=None)  # and were the mark lost, the message's own key holds
    digest.run(now=at("10:00"))

    assert told == [0, 1, 0, 0, 0]
    assert len(digests()) == 1

    assert digest.run(now=at("09:00", 12)) == 1
    assert len(digests()) == 2


@pytest.mark.parametrize(
    ("clock", "day", "told"),
    [
        ("09:00", 11, 1),
        ("12:59", 11, 1),
        ("13:00", 11, 0),
        ("23:59", 11, 0),
        ("09:00", 13, 0),
        ("09:00", 15, 0),
    ],
)
def test_it_comes_on_working_mornings_alone(
    queue: list[Application], director: User, clock: str, day: int, told: int
) -> None:
    Holiday.objects.create(date=date(2026, 6, 15), kind="off", name_kk="Мереке", name_ru="Праздник")

    assert digest.run(now=at(clock, day)) == told


def test_where_nothing_waits_nothing_is_sent_that_day(
    make_application: Make, director: User, officer: User
) -> None:
    assert digest.run(now=at("09:00")) == 0
    make_application(Status.IN_REVIEW, due_at=at("18:30"))

    assert digest.run(now=at("09:01")) == 0
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "clock", "channels"),
    [
        ({}, "09:00", {"CABINET", "SMS"}),
        ({"by_sms": False}, "09:00", {"CABINET"}),
        ({"by_email": True}, "09:00", {"CABINET", "SMS", "EMAIL"}),
        ({"digest": False}, "09:00", set()),
        ({"digest_hour": 11}, "10:59", set()),
        ({"digest_hour": 11}, "11:00", {"CABINET", "SMS"}),
        ({"digest_hour": 8}, "08:00", {"CABINET", "SMS"}),
    ],
)
def test_it_goes_as_the_person_has_set(
    queue: list[Application], director: User, settings: Any,
    wanted: dict[str, Any], clock: str, channels: set[str],
) -> None:  # fmt: skip
    settings.DEFAULT_FROM_EMAIL = "oqu@example.kz"
    User.objects.filter(pk=director.pk).update(email="d@example.kz", ways_allowed_at=at("08:00", 10))
    Wishes.objects.create(user=director, **wanted)

    digest.run(now=at(clock))

    assert set(Message.objects.values_list("channel", flat=True)) == channels


def test_each_place_is_told_once_whatever_the_posts_there(
    queue: list[Application], school: School, other_school: School, director: User
) -> None:
    for place, role in ((school, Role.EXECUTOR), (other_school, Role.EXECUTOR)):
        StaffMember.objects.create(user=director, school=place, role=role)

    digest.run(now=at("09:00"))

    assert figures(director)["waiting"] == 4  # as the director


def test_acting_director_is_told_in_their_days_and_a_former_one_never(
    queue: list[Application], school: School, clock: Any
) -> None:
    acting, former = (User.objects.create(iin=f"77070739970{end}") for end in (3, 2))
    post = {"school": school, "role": Role.DIRECTOR}
    days = {"acting": True, "starts_on": date(2026, 6, 11), "ends_on": date(2026, 6, 11)}
    StaffMember.objects.create(user=acting, **post, **days)
    StaffMember.objects.create(user=former, **post, ended_at=at("08:59"), ended_by=acting)

    for day in (10, 11, 12):
        clock.move_to(at("09:00", day))
        send_digests()

    assert [(one.recipient, one.created_at) for one in digests()] == [(acting, at("09:00"))]


def test_own_child_is_no_work_of_theirs(queue: list[Application], director: User, client: Client) -> None:
    Guardianship.objects.create(user=director, child=queue[0].child, answered_at=at("08:00"))

    digest.run(now=at("09:00"))

    assert (figures(director)["waiting"], figures(director)["overdue"]) == (3, 0)
    client.force_login(director)
    page = client.get(reverse("public:home")).content.decode()
    assert '<span class="nav__count">3<span class="visually-hidden"> өтінім сізді күтеді</span>' in page


def test_menu_counts_what_waits_and_not_what_was_said_of_it(
    queue: list[Application], executor: User, officer: User, clock: Any
) -> None:
    clock.move_to(at("09:00"))
    with transaction.atomic():
        for number in range(50):
            outbox.tell(
                executor, event=f"{number}:new", template="new_application", context={}, link=f"/{number}/",
                now=at("08:00"), sms=False,
            )  # fmt: skip
    said = {}
    for user in (executor, officer):
        client = Client()
        client.force_login(user)
        page = client.get(reverse("public:home")).content.decode()
        said[user] = [one.split("</span>")[0] for one in page.split('<span class="nav__count">')[1:]]

    hidden = '<span class="visually-hidden"> '
    assert said[executor] == [f"3{hidden}өтінім сізді күтеді"]
    assert said[officer] == [f"1{hidden}өтінімнің мерзімі өткен"]


def test_next_tick_goes_on_where_one_ended(
    queue: list[Application], director: User, executor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "BATCH", 1)

    assert [digest.run(now=at("09:00") + timedelta(minutes=n)) for n in range(3)] == [1, 1, 0]
