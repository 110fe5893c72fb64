"""The school's term watched: the reminder, the word on what is late, and the same figure on every page."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Child, Protection, User
from applications import lifecycle, messages, term
from applications.models import Application, Result
from applications.status import Status
from applications.tasks import remind_overdue
from conftest import ALMATY
from notifications import texts
from notifications.models import Message, Wishes
from schools.models import Holiday, Role, School, StaffMember
from tests.reading import words

Make = Callable[..., Application]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ALMATY)


@pytest.fixture
def officer(school: School) -> User:
    """Of the education department of Astana."""
    user = User.objects.create(iin="770707399705", surname="Сейітов", name="Марат", phone="+77011234517")
    StaffMember.objects.create(user=user, region_id="710000000", role=Role.DEPARTMENT)
    return user


@pytest.fixture
def filed(make_application: Make, director: User, executor: User, officer: User) -> Application:
    """To be answered by Thursday, 11 June, 11:00."""
    return make_application(Status.IN_REVIEW, due_at=at("2026-06-11 11:00"))


def told() -> set[tuple[str, str, str]]:
    rows = Message.objects.values_list("recipient__surname", "template", "channel")
    return set(rows)


def another(make_application: Make, number: int, **changes: Any) -> Application:
    child = Child.objects.create(
        iin=f"2003155000{number:02d}", name="Бала", birth_date=date(2020, 3, 15), sex="M"
    )
    return make_application(**({"status": Status.IN_REVIEW, "child": child} | changes))


# --- before the term ends -----------------------------------------------------------------------------
@pytest.mark.rule("R121", "D13")
def test_school_is_reminded_once_two_working_hours_before(filed: Application, director: User) -> None:
    before = term.run(now=at("2026-06-11 08:59"))  # nobody is woken
    assert before == 0 and told() == set()

    for moment in ("2026-06-11 09:00", "2026-06-11 09:01", "2026-06-11 10:59"):
        term.run(now=at(moment))

    assert told() == {
        ("Қасымова", "reminder", "CABINET"), ("Қасымова", "reminder", "SMS"),
        ("Бекова", "reminder", "CABINET"), ("Бекова", "reminder", "SMS"),
    }  # fmt: skip
    assert Message.objects.count() == 4
    notice = Message.objects.get(channel="CABINET", recipient=director)
    assert (notice.link, notice.context["count"]) == (reverse("review:queue"), 1)
    sms = Message.objects.get(channel="SMS", recipient=director)
    assert sms.text == "OQU: мерзімі таяп қалған өтінім: 1. Кезекті ашыңыз."
    assert sms.good_until == filed.due_at  # after it the word would be wrong
    assert str(filed.number) not in str(notice.context)


@pytest.mark.rule("R119", "R121", "D13")
@pytest.mark.parametrize(
    ("due", "first"),
    [
        ("2026-06-10 18:30", "2026-06-10 16:30"),
        ("2026-06-11 09:01", "2026-06-10 16:31"),  # tomorrow's first minute is today's last hours
        ("2026-06-11 11:00", "2026-06-11 09:00"),
        ("2026-06-15 10:00", "2026-06-12 17:30"),  # over a weekend
        ("2026-06-17 10:00", "2026-06-15 17:30"),  # over a holiday
    ],
)
def test_reminder_counts_working_time(make_application: Make, director: User, due: str, first: str) -> None:
    Holiday.objects.create(date=date(2026, 6, 16), kind="off", name_kk="Мереке", name_ru="Праздник")
    application = make_application(Status.IN_REVIEW, due_at=at(due))

    early = term.remind(now=at(first) - timedelta(minutes=1))
    reminded = term.remind(now=at(first))

    application.refresh_from_db()
    assert (early, reminded) == (0, 1)
    assert application.reminded_at == at(first)


@pytest.mark.rule("R121", "D58")
def test_one_reminder_counts_all_that_is_due_in_four_hours(make_application: Make, director: User) -> None:
    dues = ("11:00", "11:01", "12:59", "13:00", "13:01")
    for number, clock in enumerate(dues):
        another(make_application, number, due_at=at(f"2026-06-11 {clock}"))

    for moment in ("09:00", "09:01", "10:59", "11:00", "11:01"):
        term.remind(now=at(f"2026-06-11 {moment}"))

    reminders = Message.objects.filter(channel="CABINET").order_by("pk")
    assert [(one.created_at, one.context["count"]) for one in reminders] == [
        (at("2026-06-11 09:00"), 4),
        (at("2026-06-11 11:01"), 1),
    ]


@pytest.mark.rule("D58")
def test_reminded_are_those_whose_hand_it_waits_for(
    make_application: Make, school: School, director: User, executor: User, officer: User
) -> None:
    due = at("2026-06-11 11:00")
    another(make_application, 0, due_at=due)
    another(make_application, 1, due_at=due, status=Status.SIGNING)
    own = another(make_application, 2, due_at=due, applicant=director)
    silent, left = (User.objects.create(iin=f"77070739970{end}") for end in (3, 2))
    StaffMember.objects.create(user=silent, school=school, role=Role.EXECUTOR)
    Wishes.objects.create(user=silent, reminders=False)
    StaffMember.objects.create(
        user=left, school=school, role=Role.EXECUTOR, ended_at=at("2026-06-11 08:59"), ended_by=director
    )

    assert term.remind(now=at("2026-06-11 09:00")) == 3

    assert own.applicant == director
    told = Message.objects.filter(channel="CABINET").values_list("recipient", "context__count")
    assert sorted(told) == sorted([(director.pk, 2), (executor.pk, 2)])


@pytest.mark.rule("R121")
def test_what_is_decided_or_withdrawn_is_left_alone(make_application: Make, director: User) -> None:
    for number, status in enumerate((Status.ACCEPTED, Status.REFUSED, Status.WITHDRAWN)):
        another(make_application, number, status=status, due_at=at("2026-06-11 11:00"))

    assert term.run(now=at("2026-06-11 10:00")) == term.run(now=at("2026-06-12 10:00")) == 0
    assert not Message.objects.exists()


# --- after it has ended -------------------------------------------------------------------------------
@pytest.mark.rule("R121", "D13")
def test_late_answer_is_told_to_school_and_department_once(filed: Application) -> None:
    on_time = term.tell_overdue(now=at("2026-06-11 11:00"))

    for moment in ("2026-06-11 11:00:01", "2026-06-11 11:01", "2026-06-13 03:00"):
        term.tell_overdue(now=at(moment))

    filed.refresh_from_db()
    assert on_time == 0
    assert told() == {
        ("Қасымова", "overdue", "CABINET"), ("Бекова", "overdue", "CABINET"),
        ("Қасымова", "overdue_today", "CABINET"), ("Қасымова", "overdue_today", "SMS"),
        ("Сейітов", "overdue_department", "CABINET"),
    }  # fmt: skip
    assert Message.objects.count() == 5
    assert filed.status == Status.IN_REVIEW  # nothing happens by itself
    word = Message.objects.get(recipient__surname="Сейітов")
    assert word.link == reverse("review:department_school", args=[filed.chosen_intake.school.pk])
    assert str(filed.number) not in str(word.context) and "Арман" not in str(word.context)


@pytest.mark.rule("D35")
def test_who_may_not_know_where_the_child_is_hears_of_no_late_school(
    filed: Application, make_application: Make
) -> None:
    for iin in User.objects.filter(surname__in=["Сейітов", "Қасымова"]).values_list("iin", flat=True):
        Protection.objects.create(
            child_iin=filed.child.iin, barred_iin=iin, since=at("2026-06-10 11:00"), why="court"
        )

    term.tell_overdue(now=at("2026-06-11 11:01"))
    assert told() == {("Бекова", "overdue", "CABINET")}

    another(make_application, 7, due_at=at("2026-06-11 11:00"))
    term.tell_overdue(now=at("2026-06-11 11:02"))  # another child's tells of itself
    assert {("Сейітов", "overdue_department", "CABINET"), ("Қасымова", "overdue", "CABINET")} < told()


@pytest.mark.rule("R121", "D13")
def test_after_a_long_stop_everything_late_is_told(
    make_application: Make, director: User, officer: User
) -> None:
    for number in range(3):
        another(make_application, number, due_at=at("2026-06-11 11:00") + timedelta(days=number))

    told_of = term.run(now=at("2026-06-20 02:00"))

    assert told_of == 3
    assert Message.objects.filter(template="overdue").count() == 3
    assert Message.objects.filter(template="overdue_department").count() == 1
    assert not Message.objects.filter(template="reminder").exists()  # too late for that


@pytest.mark.rule("R121", "D13")
def test_department_of_another_region_hears_nothing(
    make_application: Make, director: User, school: School
) -> None:
    elsewhere = User.objects.create(iin="770707399704", surname="Басқа", name="Өңір")
    StaffMember.objects.create(user=elsewhere, region_id="590000000", role=Role.DEPARTMENT)
    make_application(Status.IN_REVIEW, due_at=at("2026-06-11 11:00"))

    term.tell_overdue(now=at("2026-06-11 12:00"))

    assert not elsewhere.messages.exists()


@pytest.mark.rule("D58")
@pytest.mark.parametrize("template", sorted(messages.PAGES))
def test_words_on_two_schools_are_two_notices(
    client: Client, officer: User, school: School, other_school: School, now: datetime, template: str
) -> None:
    School.objects.filter(pk=other_school.pk).update(locality=school.locality)
    client.force_login(officer)
    with transaction.atomic():
        for one in (school, other_school):
            messages.tell_of_school(one, officer.posts.all(), template, now=now)

    newest = Message.objects.newest(officer)

    assert len(newest) == 2
    assert all(client.get(one.link).status_code == 200 for one in newest if one.link)


@pytest.mark.rule("R121", "D13")
def test_where_no_officer_is_the_school_is_not_told_of_one(
    make_application: Make, director: User, executor: User
) -> None:
    make_application(Status.IN_REVIEW, due_at=at("2026-06-11 11:00"))

    term.tell_overdue(now=at("2026-06-11 12:00"))

    assert told() == {
        ("Қасымова", "overdue", "CABINET"), ("Бекова", "overdue", "CABINET"),
        ("Қасымова", "overdue_today_alone", "CABINET"), ("Қасымова", "overdue_today_alone", "SMS"),
    }  # fmt: skip
    with translation.override("kk"):
        word = texts.wording("overdue_today_alone", {"school_kk": "№63 мектеп"})
    assert "басқарма" not in word.body


NOT_ANSWERED = "Мектеп мерзімінде жауап берген жоқ."
BOTH_TOLD = "Бұл туралы мектеп пен білім басқармасына хабарланды, сізге ештеңе істеу қажет емес."
SCHOOL_TOLD = "Бұл туралы мектепке хабарланды."
ASK = "Жауабы туралы мектептен немесе аймақтық білім басқармасынан сұраңыз."


@pytest.mark.rule("R121", "D13")
@pytest.mark.parametrize(
    ("staffed", "watched", "ticked", "said"),
    [
        (True, True, True, f"{NOT_ANSWERED} {BOTH_TOLD}"),
        (True, False, True, f"{NOT_ANSWERED} {SCHOOL_TOLD} {ASK}"),
        (False, False, True, f"{NOT_ANSWERED} {ASK}"),
        (True, True, False, f"{NOT_ANSWERED} {ASK}"),  # the worker has not come to it yet
    ],
)
def test_parent_hears_of_those_who_were_told(
    make_application: Make, parent: User, school: School, clock: Any, request: pytest.FixtureRequest,
    staffed: bool, watched: bool, ticked: bool, said: str,
) -> None:  # fmt: skip
    late = make_application(Status.IN_REVIEW, due_at=at("2026-06-11 11:00"))
    for needed, name in ((staffed, "director"), (watched, "officer")):
        if needed:
            request.getfixturevalue(name)
    clock.move_to(at("2026-06-11 12:00"))
    if ticked:
        term.tell_overdue(now=timezone.now())
    if not watched:  # one who was appointed since has heard nothing
        request.getfixturevalue("officer")
    client = Client()
    client.force_login(parent)

    page = words(client.get(reverse("cabinet:application", args=[late.public_id])))

    assert said in page
    assert all(sentence in said for sentence in (BOTH_TOLD, SCHOOL_TOLD, ASK) if sentence in page)


@pytest.mark.rule("R121", "D13")
def test_return_to_the_executor_does_not_start_the_term_anew(
    filed: Application, executor: User, director: User
) -> None:
    now = at("2026-06-11 09:30")
    term.run(now=now)
    lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    lifecycle.return_to_executor(filed, by=director, reason="Қайта қараңыз", now=now)

    again = term.run(now=at("2026-06-11 10:00"))

    filed.refresh_from_db()
    assert again == 0
    assert filed.due_at == at("2026-06-11 11:00")


def test_tick_of_the_worker_does_it(filed: Application, clock: Any) -> None:
    clock.move_to(at("2026-06-11 12:00"))

    remind_overdue()

    filed.refresh_from_db()
    assert filed.overdue_told_at == timezone.now()


def test_batch_ends_and_the_next_tick_goes_on(
    make_application: Make, director: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(term, "BATCH", 2)
    for number in range(3):
        another(make_application, number, due_at=at("2026-06-11 11:00"))

    assert [term.tell_overdue(now=at("2026-06-11 12:00")) for _ in range(3)] == [2, 1, 0]


# --- the same figure everywhere -----------------------------------------------------------------------
@pytest.mark.rule("R98", "R121", "D13")
@pytest.mark.parametrize(("moment", "late"), [("2026-06-11 11:00", False), ("2026-06-11 11:01", True)])
def test_parent_executor_and_director_see_the_same_term(
    filed: Application, parent: User, executor: User, director: User, clock: Any, moment: str, late: bool
) -> None:
    clock.move_to(at(moment))
    pages = {
        parent: [reverse("cabinet:applications"), reverse("cabinet:application", args=[filed.public_id])],
        executor: [reverse("review:queue"), reverse("review:application", args=[filed.public_id])],
        director: [reverse("review:queue"), reverse("review:application", args=[filed.public_id])],
    }
    for user, addresses in pages.items():
        client = Client()
        client.force_login(user)
        for address in addresses:
            page = client.get(address).content.decode()

            assert 'datetime="2026-06-11T11:00:00+05:00"' in page, (user.surname, address)
            assert ("Мерзімі өтті" in page) == late, (user.surname, address)
