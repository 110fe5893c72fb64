"""The department's page of children whom a court hides from a person (D35), and what the register says of
them, against the sandbox."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import children, freshness
from accounts.models import Child, EntryKind, Guardianship, JournalEntry, Protection, User
from applications import protecting, registers
from applications.eligibility import Blocked, Code
from applications.models import Application
from applications.status import Status
from conftest import ANSWERED
from notifications.models import Channel, Message, MessageState
from schools.models import Role, StaffMember
from tests.reading import words
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D35")]

PAGE = "review:protections"
BARRED = "880120399905"
Make = Callable[..., Application]


def officer_of(region: str, iin: str) -> User:
    user = User.objects.create(iin=iin, surname="Сейітов", password="!")
    StaffMember.objects.create(user=user, role=Role.DEPARTMENT, region_id=region)
    return user


@pytest.fixture
def officer(localities: Any, client: Client) -> User:
    user = officer_of("710000000", "770707399705")
    client.force_login(user)
    return user


@pytest.fixture
def arman(parent: User, sandbox: Sandbox) -> Child:
    """Registered in Astana, by the sandbox's register."""
    added = [children.add(parent, record, now=ANSWERED) for record in children.of_register(parent.iin)]
    return next(child for child in added if child.name == "Арман")


def form(child_iin: str, **changes: str) -> dict[str, str]:
    filled = {"child_iin": child_iin, "barred_iin": BARRED, "document": "2-55/2026"}
    filled |= {"decided_on": "01.06.2026", "until": "", "why": "Есіл ауданының соты, қауіпсіздік үшін"}
    return filled | changes


def test_officer_sets_it_by_the_courts_decision_and_lifts_it(
    client: Client, officer: User, arman: Child, parent: User
) -> None:
    Guardianship.objects.filter(user=parent).delete()

    page = client.post(reverse(PAGE), form(arman.iin, until="01.06.2027"), follow=True)

    found = Protection.objects.get()
    assert (found.set_by, found.document, found.region) == (officer, "2-55/2026", "710000000")
    assert (f"{found.decided_on}", f"{found.until}") == ("2026-06-01", "2027-06-01")
    shown = words(page)
    assert [one for one in (arman.iin, BARRED, "2-55/2026", "Қорғау қойылды") if one not in shown] == []
    lift = reverse("review:lift_protection", args=[found.pk])
    assert client.post(lift, {"why": " "}).status_code == 400
    assert client.post(lift, {"why": "Шешім жойылды, № 3"}).status_code == 302
    found.refresh_from_db()
    assert (found.lifted_by, found.lifted_why) == (officer, "Шешім жойылды, № 3")
    assert client.get(lift).status_code == 404


def test_who_looked_and_who_changed_stands_in_the_journal_and_on_no_parents_page(
    client: Client, officer: User, arman: Child
) -> None:
    client.get(reverse(PAGE))
    client.post(reverse(PAGE), form(arman.iin))

    entries = JournalEntry.objects.filter(said__user=officer.pk)
    reads = entries.filter(kind=EntryKind.READ)
    assert {one.facts["what"] for one in reads} == {"LIST", "LOOK_UP"}
    assert [one.child for one in reads] == [None] * reads.count()
    assert entries.filter(model="accounts.protection", kind=EntryKind.INSERT).count() == 1


BAD = {
    "child_iin": ["", "123", "200315599900", "200315599908 200315599908"],
    "barred_iin": ["", "880120399900"],
    "document": ["", "x" * 101],
    "decided_on": ["", "вчера", "31.02.2026", "11.06.2036"],
    "until": ["31.05.2026"],
    "why": ["", "x" * 301],
}


@pytest.mark.parametrize(
    ("name", "typed"), [(name, typed) for name, several in BAD.items() for typed in several]
)
def test_bad_input_sets_nothing(client: Client, officer: User, arman: Child, name: str, typed: str) -> None:
    answer = client.post(reverse(PAGE), form(arman.iin) | {name: typed})

    assert answer.status_code == 400
    assert not Protection.objects.exists()


def test_child_is_not_hidden_from_itself(client: Client, officer: User, arman: Child) -> None:
    assert client.post(reverse(PAGE), form(arman.iin, barred_iin=arman.iin)).status_code == 400


def test_child_of_another_region_is_its_departments(
    client: Client, officer: User, arman: Child, sandbox: Sandbox
) -> None:
    other = officer_of("590000000", "780808399705")
    client.post(reverse(PAGE), form(arman.iin))
    found = Protection.objects.get()

    client.force_login(other)
    refused = client.post(reverse(PAGE), form(arman.iin, barred_iin="780922499900"))

    assert refused.status_code == 400 and "өңіріңізде тіркелмеген" in words(refused)
    assert arman.iin not in words(client.get(reverse(PAGE)))
    assert client.post(reverse("review:lift_protection", args=[found.pk]), {"why": "x"}).status_code == 404
    assert Protection.objects.in_force().count() == 1


@pytest.mark.parametrize(("mode", "status"), [("fail", 503), ("refuse", 400)])
def test_child_that_the_portal_does_not_know_is_asked_of_the_register(
    client: Client, officer: User, sandbox: Sandbox, mode: str, status: int
) -> None:
    iin = sandbox.person("900708499904")["children"][0]["iin"]
    sandbox.fault("person", mode)
    assert client.post(reverse(PAGE), form(iin)).status_code == status
    assert not Protection.objects.exists()
    sandbox.repair()
    cache.clear()

    assert client.post(reverse(PAGE), form(iin)).status_code == 302


def test_said_twice_is_one(client: Client, officer: User, arman: Child) -> None:
    for _ in range(2):
        client.post(reverse(PAGE), form(arman.iin))

    assert Protection.objects.count() == 1


# --- the register's own word ------------------------------------------------------------------------------
@pytest.fixture
def told(arman: Child, parent: User, make_application: Make, sandbox: Sandbox) -> Application:
    """An application of the parent, who then loses the right to know where the child is: the register says so
    of the child from now on."""
    filed = make_application(Status.IN_REVIEW, child=arman)
    message = {"recipient": parent, "template": "in_review", "created_at": ANSWERED, "next_try_at": ANSWERED}
    Message.objects.create(
        key=f"{filed.pk}:1:in_review:{parent.pk}:SMS",
        channel=Channel.SMS,
        state=MessageState.PENDING,
        **message,
    )
    sandbox.person(arman.iin, hidden_from=[parent.iin], hidden_by="2-77/2026")
    return filed


def test_flag_of_the_register_hides_the_child_with_the_very_answer_that_tells_it(
    client: Client, told: Application, arman: Child, parent: User, now: datetime
) -> None:
    """By a page of the application, before which the register was asked again."""
    Guardianship.objects.exclude(child=arman).delete()  # of a child that this register does not know
    Guardianship.objects.update(answered_at=None)
    client.force_login(parent)

    with pytest.raises(Blocked) as blocked:
        registers.before_page(told, user=parent, now=now)

    assert blocked.value.code == Code.PROTECTED
    found = Protection.objects.get()
    assert (found.child_iin, found.barred_iin, found.set_by) == (arman.iin, parent.iin, None)
    assert (found.document, found.region) == ("2-77/2026", "710000000")
    assert client.get(reverse("cabinet:application", args=[told.public_id])).status_code == 404
    assert Message.objects.get().state == MessageState.UNDELIVERED


def test_answer_to_either_parent_hides_it_from_the_barred_one(
    told: Application, arman: Child, parent: User, stranger: User, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.person(stranger.iin, children=[{"iin": arman.iin}])
    children.add(stranger, children.of_register(stranger.iin)[0], now=now)

    assert [one.barred_iin for one in Protection.objects.all()] == [parent.iin]
    freshness.demand_shown(stranger, arman, now=now)  # theirs is not hidden


def test_register_that_says_it_no_more_lifts_nothing_and_the_officer_does(
    client: Client, told: Application, arman: Child, parent: User, sandbox: Sandbox, now: datetime
) -> None:
    children.of_register(parent.iin)
    sandbox.person(arman.iin, hidden_from=[])
    children.of_register(parent.iin)
    assert Protection.objects.in_force().count() == 1

    user = officer_of("710000000", "770707399705")
    client.force_login(user)
    assert "мемлекеттік тізілімнен" in words(client.get(reverse(PAGE)))
    lift = reverse("review:lift_protection", args=[Protection.objects.get().pk])
    client.post(lift, {"why": "Шешім жойылды"})
    assert not Protection.objects.in_force().exists()

    sandbox.person(arman.iin, hidden_from=[parent.iin])
    children.of_register(parent.iin)
    assert Protection.objects.in_force().count() == 1


def test_flag_that_cannot_be_read_hides_the_child_from_everybody_who_asks(
    told: Application, arman: Child, parent: User, sandbox: Sandbox
) -> None:
    sandbox.person(arman.iin, hidden_from=["000"])

    found = children.of_register(parent.iin)

    assert arman.iin not in [one.person.iin for one in found] and found.lost == 1


def test_who_may_not_say_so(parent: User, arman: Child, now: datetime) -> None:
    with pytest.raises(protecting.NotAnOfficer):
        protecting.protect(child_iin=arman.iin, barred_iin=BARRED, by=parent, why="x", now=now)
    assert not Protection.objects.exists()


def test_officer_who_is_barred_sees_and_lifts_nothing_of_it(
    client: Client, officer: User, arman: Child
) -> None:
    other = officer_of("710000000", "780808399705")
    found = protecting.protect(child_iin=arman.iin, barred_iin=officer.iin, by=other, why="сот", now=ANSWERED)

    assert arman.iin not in words(client.get(reverse(PAGE)))
    assert client.post(reverse("review:lift_protection", args=[found.pk]), {"why": "жоқ"}).status_code == 404
    protecting.lift(found, by=officer, why="жоқ", now=ANSWERED)
    found.refresh_from_db()
    assert found.lifted_at is None


def test_barred_person_of_the_school_is_shown_nothing_of_the_child(
    make_application: Make, executor: User, director: User, officer: User, now: datetime
) -> None:
    application = make_application(Status.IN_REVIEW)
    desk = Client()
    desk.force_login(executor)
    page = reverse("review:application", args=[application.public_id])
    assert desk.get(page).status_code == 200

    protecting.protect(
        child_iin=application.child.iin, barred_iin=executor.iin, by=officer, why="сот", now=now
    )

    assert desk.get(page).status_code == 404
    assert application.child.name not in desk.get(reverse("review:queue")).content.decode()
    everybody = Application.objects.all()
    assert not everybody.for_staff(executor, now=now).exists()
    assert everybody.for_staff(director, now=now).exists()
