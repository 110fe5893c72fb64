"""A child that a court hides from a person: whatever that person asks for, no answer tells where it is."""

import io
import itertools
import re
from collections.abc import Callable
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import protection
from accounts.models import Child, Guardianship, Protection, User
from applications import enrolment, messages, protecting
from applications.eligibility import Blocked, Code
from applications.models import Application
from applications.review.tests.desk_cast import HOME
from applications.status import Status
from conftest import grant_consent
from notifications import missed, outbox
from notifications.models import Channel, Message, MessageState
from schools.models import Role, School, StaffMember
from tests.access import cast
from tests.access.asking import address_of
from tests.access.cast import World
from tests.access.doors import DOORS, Door

pytestmark = pytest.mark.rule("D35")
WHY = "court decision 1 of 1 June 2026"


@pytest.fixture
def officer(localities: Any) -> User:
    user = User.objects.create(iin="770707399705", surname="Сейітов")
    StaffMember.objects.create(user=user, role=Role.DEPARTMENT, region_id="710000000")
    return user


def hide(child: Child, barred: User, *, now: datetime) -> Protection:
    by = User.objects.get(iin="770707399705")
    return protecting.protect(child_iin=child.iin, barred_iin=barred.iin, by=by, why=WHY, now=now)


def body(client: Client, method: str, address: str, data: dict[str, Any]) -> str:
    cookies = {name: one.value for name, one in client.cookies.items()}  # one of the doors signs out
    cache.clear()  # how often a page may be asked is proven elsewhere
    with transaction.atomic():
        answer: Any = client.post(address, data) if method == "POST" else client.get(address)
        found = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return found.decode(errors="replace")


def telling(world: World, who: str, words: list[str]) -> set[tuple[str, str, str]]:
    """Where this person reads any of the words."""
    told = re.compile("|".join(map(re.escape, words)))
    return {
        (method, door.name, door.ids)
        for method, door in itertools.product(("GET", "POST"), DOORS)
        if told.search(body(world.clients[who], method, address_of(world, door), door.data))
    }


def test_no_address_of_the_portal_tells_the_barred_parent_the_school_or_the_address(
    world: World, school: School, parent: User, now: datetime
) -> None:
    words = [school.name_kk, school.name_ru, "Сәтбаев көшесі, 1-үй", f"{HOME[1]}, {HOME[2]}-үй"]
    User.objects.filter(pk=parent.pk).update(registered_address={})  # theirs is another one
    to_all = telling(world, cast.STRANGER, words)
    before = telling(world, cast.OWNER, words) - to_all
    assert {name for _method, name, _ids in before} >= {
        "cabinet:applications", "cabinet:application", "filing:step", "accounts:confirm_child",
        "notifications:inbox",
    }  # fmt: skip

    for child in Child.objects.all():
        hide(child, parent, now=now)

    assert telling(world, cast.OWNER, words) - to_all == set()
    printed = body(
        world.clients[cast.ANONYMOUS], "GET", reverse("papers:paper", args=world.ids["printed"]), {}
    )
    assert not any(word in printed for word in words)


def test_applications_of_the_child_are_not_there_for_the_barred_parent(
    world: World, parent: User, now: datetime
) -> None:
    for child in Child.objects.all():
        hide(child, parent, now=now)

    for door in (one for one in DOORS if one.for_ == (cast.OWNER,) and one.ids not in OF_NO_APPLICATION):
        answer = client_answer(world, door)
        assert answer.status_code == 404, (door.name, door.ids, answer.status_code)


def test_what_the_barred_parent_was_about_to_sign_is_over(
    world: World, parent: User, child: Child, now: datetime
) -> None:
    mobile = reverse("signing:mobile", args=world.ids["batch"])
    assert world.clients[cast.ANONYMOUS].get(mobile).status_code == 200

    hide(child, parent, now=now)

    assert world.clients[cast.ANONYMOUS].get(mobile).status_code != 200


OF_NO_APPLICATION = ("consent", "ended consent", "child")


def client_answer(world: World, door: Door) -> HttpResponse:
    client, address = world.clients[cast.OWNER], address_of(world, door)
    answer: Any = client.post(address, door.data) if door.get is None else client.get(address)
    return answer


@pytest.fixture
def other_parent(child: Child, stranger: User, officer: User) -> User:
    """The child's other parent, who has added it too."""
    Guardianship.objects.create(user=stranger, child=child)
    grant_consent(stranger, child)
    return stranger


@pytest.mark.parametrize("status", [None, Status.DRAFT, Status.IN_REVIEW, Status.ACCEPTED, Status.REFUSED])
def test_refusal_to_the_barred_parent_is_the_same_whatever_the_other_has_done(
    client: Client,
    school: School,
    child: Child,
    other_parent: User,
    make_application: Callable[..., Application],
    now: datetime,
    status: Status | None,
) -> None:
    if status is not None:
        make_application(status)
    hide(child, other_parent, now=now)
    client.force_login(other_parent)

    answer = client.post(reverse("filing:start"), {"child": child.pk})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "білім басқармасына жүгініңіз" in page or "управление образования" in page
    assert school.name_kk not in page and school.name_ru not in page
    assert not Application.objects.filter(applicant=other_parent).exists()


def test_nothing_is_signed_for_the_child_by_the_barred_parent(
    make_application: Callable[..., Application], parent: User, child: Child, officer: User, now: datetime
) -> None:
    draft = make_application()
    hide(child, parent, now=now)

    with pytest.raises(Blocked) as blocked:
        enrolment.check_all(draft, now=now)

    assert blocked.value.code == Code.PROTECTED


def test_messages_are_hidden_and_no_more_are_written_until_it_is_lifted(
    client: Client,
    make_application: Callable[..., Application],
    parent: User,
    executor: User,
    child: Child,
    officer: User,
    school: School,
    now: datetime,
) -> None:
    application = make_application(Status.IN_REVIEW)
    with transaction.atomic():
        messages.filed(application, now=now)
    found = hide(child, parent, now=now)
    with transaction.atomic():
        messages.withdrawn(application, by=application.applicant, now=now)
    missed.run(now=now)
    client.force_login(parent)

    sms = Message.objects.get(recipient=parent, channel=Channel.SMS)
    assert (sms.state, sms.error) == (MessageState.UNDELIVERED, outbox.HIDDEN)
    assert not Message.objects.unreached().filter(recipient=parent).exists()  # nobody calls them
    page = client.get(reverse("notifications:inbox")).content.decode()
    assert str(application.number) not in page and school.name_kk not in page
    assert 'class="nav__count"' not in page
    assert Message.objects.filter(recipient=executor, template="withdrawn_school").exists()

    protecting.lift(found, by=officer, why="cancelled", now=now)

    page = client.get(reverse("notifications:inbox")).content.decode()
    assert str(application.number) in page
    assert client.get(reverse("cabinet:application", args=[application.public_id])).status_code == 200


def test_parent_from_whom_nothing_is_hidden_sees_all_as_before(
    client: Client,
    make_application: Callable[..., Application],
    parent: User,
    child: Child,
    other_parent: User,
    school: School,
    now: datetime,
) -> None:
    application = make_application(Status.ACCEPTED)
    hide(child, other_parent, now=now)
    client.force_login(parent)

    page = client.get(reverse("cabinet:application", args=[application.public_id])).content.decode()

    assert school.name_kk in page
    assert not protection.hidden_from(parent, child) and protection.is_protected(child)


def test_school_is_warned_to_tell_nobody(
    client: Client,
    make_application: Callable[..., Application],
    child: Child,
    other_parent: User,
    executor: User,
    now: datetime,
) -> None:
    page = reverse("review:application", args=[make_application(Status.IN_REVIEW).public_id])
    client.force_login(executor)
    assert "сот шешімімен қорғалған" not in client.get(page).content.decode()

    hide(child, other_parent, now=now)

    assert "сот шешімімен қорғалған" in client.get(page).content.decode()


def run(monkeypatch: pytest.MonkeyPatch, *lines: str, **options: Any) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    call_command("protect_child", **options)


def test_command_records_who_and_why_and_shows_no_number(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    child: Child,
    stranger: User,
    officer: User,
) -> None:
    run(monkeypatch, child.iin, stranger.iin, officer.iin, why=WHY)
    run(monkeypatch, child.iin, stranger.iin, officer.iin, why="said twice")
    run(monkeypatch, list=True)

    found = Protection.objects.get()
    assert (found.set_by, found.why, found.lifted_at) == (officer, WHY, None)
    run(monkeypatch, officer.iin, lift=found.pk, why="cancelled")
    found.refresh_from_db()
    assert (found.lifted_by, found.lifted_why) == (officer, "cancelled")
    told = "".join(capsys.readouterr())
    assert not any(iin in told for iin in (child.iin, stranger.iin, officer.iin))


@pytest.mark.parametrize(
    ("lines", "options", "said"),
    [
        (["child", "stranger", "officer"], {}, "say why"),
        (["child", "stranger", "stranger"], {"why": WHY}, "no officer"),
        (["child", "nonsense", "officer"], {"why": WHY}, "not an IIN"),
        (["officer"], {"why": WHY, "lift": 9}, "not in force"),
    ],
)
def test_command_refuses_what_nobody_answers_for(
    monkeypatch: pytest.MonkeyPatch,
    child: Child,
    stranger: User,
    officer: User,
    lines: list[str],
    options: dict[str, Any],
    said: str,
) -> None:
    numbers = {"child": child.iin, "stranger": stranger.iin, "officer": officer.iin}

    with pytest.raises(CommandError, match=said):
        run(monkeypatch, *(numbers.get(line, line) for line in lines), **options)

    assert not Protection.objects.exists()
