"""The department's word to a school that is late: once a working day, to its director (D56)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import JournalEntry, Protection, User
from applications.filing.tests.wizard_cast import text
from applications.models import Application, Reminder
from applications.review import reminding
from applications.review.tests.test_department import office as office
from applications.review.tests.test_department import officer as officer
from applications.status import Status
from notifications.models import Channel, Message
from schools.models import Role, School, StaffMember

pytestmark = pytest.mark.rule("D56")
LIST = reverse("review:department")


@pytest.fixture
def late(make_application: Callable[..., Application], now: datetime) -> Application:
    return make_application(Status.IN_REVIEW, due_at=now - timedelta(days=1))


def address(school: School) -> str:
    return reverse("review:remind", args=[school.pk])


def told() -> list[tuple[str, str]]:
    found = Message.objects.filter(template="department_reminds")
    return sorted(found.values_list("recipient__surname", "channel"))


def test_director_has_a_notice_and_an_sms_and_colleagues_see_who_reminded(
    office: Client, late: Application, school: School, officer: User, director: User, executor: User
) -> None:
    assert "Директорға еске салу<" in text(office.get(LIST))

    page = text(office.post(address(school) + "?view=overdue&sort=name", follow=True))

    assert told() == [("Қасымова", Channel.CABINET), ("Қасымова", Channel.SMS)]
    made = Reminder.objects.get()
    assert (made.school, made.by, made.overdue) == (school, officer, 1)
    assert JournalEntry.objects.filter(model="applications.reminder", row=str(made.pk)).exists()
    assert "директорға хабарлама мен SMS жіберілді" in page and "Еске салынды:" in page
    assert officer.full_name in page and "Директорға еске салу<" not in page


def test_second_click_of_a_day_tells_nobody_and_says_when_it_was(
    office: Client, late: Application, school: School, director: User, clock: Any, now: datetime
) -> None:
    for _ in range(2):
        page = text(office.post(address(school), follow=True))

    assert "директорға бүгін еске салынған, уақыты 11:00" in page
    assert len(told()) == 2 and Reminder.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(school=school, by=director, at=now, day=now.date(), overdue=1)


def test_next_working_day_may_remind_again(
    office: Client, late: Application, school: School, officer: User, director: User, now: datetime
) -> None:
    reminding.remind(school, by=officer, now=now)

    with pytest.raises(reminding.Closed):
        reminding.remind(school, by=officer, now=now.replace(hour=23, minute=59, second=59))
    reminding.remind(school, by=officer, now=now + timedelta(days=1))

    assert len(told()) == 4


@pytest.mark.parametrize(
    ("hour", "minute", "day"), [(8, 59, 10), (18, 30, 10), (12, 0, 13)], ids=["before", "after", "saturday"]
)
def test_nobody_is_woken(
    late: Application, school: School, officer: User, director: User, now: datetime,
    hour: int, minute: int, day: int,
) -> None:  # fmt: skip
    with pytest.raises(reminding.Closed):
        reminding.remind(school, by=officer, now=now.replace(day=day, hour=hour, minute=minute))

    assert told() == [] and not Reminder.objects.exists()


def test_answered_meanwhile_or_without_a_director_nobody_is_told(
    office: Client, late: Application, school: School
) -> None:
    page = text(office.post(address(school), follow=True))
    Application.objects.update(status=Status.WITHDRAWN)
    other = text(office.post(address(school), follow=True))

    assert "болатын директор жоқ" in page and "мерзімі өткен өтінім қалмады" in other
    assert not Reminder.objects.exists() and not Message.objects.exists()


def test_school_of_another_area_is_not_there(
    office: Client, other_school: School, other_director: User
) -> None:
    for one in (address(other_school), reverse("review:department_school", args=[other_school.pk])):
        assert office.get(one).status_code == office.post(one).status_code == 404 or "schools" in one
    assert not Reminder.objects.exists()


def test_numbers_without_names_down_to_one_application(
    office: Client, late: Application, school: School, director: User
) -> None:
    page = text(office.get(reverse("review:department_school", args=[school.pk]), {"view": "all"}))
    one = text(office.get(reverse("review:department_application", args=[late.public_id])))

    for shown in (page, one):
        assert str(late.number) in shown
        for secret in (late.child.surname, late.child.iin, late.applicant.surname, late.applicant.phone):
            assert secret not in shown
    looks = JournalEntry.objects.filter(kind="READ").values_list("model", "child")
    assert set(looks) == {("schools.school", None), ("applications.application", late.child_id)}


@pytest.mark.rule("D35")
def test_officer_from_whom_the_child_is_hidden_finds_no_number(
    office: Client, late: Application, school: School, officer: User, now: datetime
) -> None:
    Protection.objects.create(
        child_iin=late.child.iin, barred_iin=officer.iin, since=now, why="court", set_by=officer
    )

    page = text(office.get(reverse("review:department_school", args=[school.pk]), {"view": "all"}))

    assert str(late.number) not in page
    assert office.get(reverse("review:department_application", args=[late.public_id])).status_code == 404


@pytest.mark.rule("D35")
def test_director_from_whom_all_that_is_late_is_hidden_is_not_reminded(
    office: Client, late: Application, school: School, officer: User, director: User, now: datetime
) -> None:
    """The word alone would tell where the child is; somebody who stands in has to sign."""
    Protection.objects.create(
        child_iin=late.child.iin, barred_iin=director.iin, since=now, why="court", set_by=officer
    )
    assert "болатын директор жоқ" in text(office.post(address(school), follow=True))
    assert (told(), Reminder.objects.exists()) == ([], False)

    standing_in = User.objects.create(iin="910101400014", surname="Орынбасар", phone="+77010000014")
    today = timezone.localdate(now)
    StaffMember.objects.create(
        user=standing_in, school=school, role=Role.DIRECTOR, acting=True, starts_on=today, ends_on=today
    )
    office.post(address(school))

    assert {surname for surname, _channel in told()} == {"Орынбасар"}


def test_late_for_long_stands_on_top_whatever_the_list_shows(
    office: Client, make_application: Callable[..., Application], school: School, now: datetime, settings: Any
) -> None:
    late = make_application(Status.IN_REVIEW, due_at=now - timedelta(days=6))  # Thursday: four working days

    page = text(office.get(LIST, {"view": "full"}))
    assert "3 жұмыс күнінен астам кешіккендер" in page and "кешікті: 4 жұмыс күні" in page

    Application.objects.filter(pk=late.pk).update(due_at=now - timedelta(days=5))  # Friday: three
    assert "астам кешіккендер" not in text(office.get(LIST, {"view": "full"}))
    StaffMember.objects.filter(role=Role.DEPARTMENT).delete()
    assert office.get(LIST).status_code == 404
