"""Who finds a paper application in their name that they have not filed says so (D52)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications import contesting
from applications.models import Application, Channel
from applications.status import Status
from notifications.models import Message
from schools.models import Locality, Role, StaffMember

Make = Callable[..., Application]
WORDS = "Мектепке бармадым, қол қойған жоқпын"


@pytest.fixture
def registered(make_application: Make, executor: User) -> Application:
    return make_application(Status.IN_REVIEW, channel=Channel.IN_PERSON, filed_by=executor)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(application: Application) -> str:
    return reverse("cabinet:contest", args=[application.public_id])


def page(user: User, name: str, application: Application) -> str:
    return browser(user).get(reverse(name, args=[application.public_id])).content.decode()


@pytest.mark.rule("D52")
def test_school_and_department_are_told_and_the_queue_marks_it(
    registered: Application, parent: User, executor: User, director: User, stranger: User,
    localities: dict[str, Locality],
) -> None:  # fmt: skip
    StaffMember.objects.create(user=stranger, region=localities["710000000"], role=Role.DEPARTMENT)
    assert at(registered) in page(parent, "cabinet:application", registered)

    browser(parent).post(at(registered), {"words": WORDS})

    told = set(Message.objects.values_list("recipient", "template", "channel"))
    assert told == {
        (executor.pk, "contested", "CABINET"),
        (director.pk, "contested", "CABINET"),
        (stranger.pk, "contested_department", "CABINET"),
    }
    assert WORDS not in str(list(Message.objects.values_list("context", flat=True)))
    assert WORDS in page(director, "review:application", registered)
    assert "Ата-ана даулайды" in browser(executor).get(reverse("review:queue")).content.decode()
    assert at(registered) not in page(parent, "cabinet:application", registered)
    registered.refresh_from_db()
    assert registered.status == Status.IN_REVIEW  # nothing is undone by it


@pytest.mark.rule("D52")
@pytest.mark.parametrize(
    ("status", "channel", "allowed"),
    [
        (Status.IN_REVIEW, Channel.IN_PERSON, True),
        (Status.SIGNING, Channel.IN_PERSON, True),
        (Status.ACCEPTED, Channel.IN_PERSON, True),
        (Status.REFUSED, Channel.IN_PERSON, False),
        (Status.WITHDRAWN, Channel.IN_PERSON, False),
        (Status.IN_REVIEW, Channel.ONLINE, False),
    ],
)
def test_what_is_contested(
    make_application: Make, executor: User, now: Any, status: Status, channel: Channel, allowed: bool
) -> None:
    found = make_application(status, channel=channel, filed_by=executor)

    assert contesting.contest(found, words=WORDS, now=now) == allowed
    assert not contesting.contest(found, words="тағы бір рет", now=now)  # said twice
    assert Message.objects.filter(template="contested").count() == (1 if allowed else 0)


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "Не болғанын"), ("жоқ", "Кемінде 10"), ("а" * 1001, "1000")]
)
def test_words_that_say_nothing_are_asked_for(
    registered: Application, parent: User, typed: str, sentence: str
) -> None:
    answer = browser(parent).post(at(registered), {"words": typed})

    assert answer.status_code == 400 and sentence in answer.content.decode()
    registered.refresh_from_db()
    assert registered.contested_at is None


def test_strangers_find_nothing(registered: Application, stranger: User, executor: User) -> None:
    for user in (stranger, executor):
        assert browser(user).post(at(registered), {"words": WORDS}).status_code in (302, 404)
    registered.refresh_from_db()
    assert registered.contested_at is None


@pytest.mark.parametrize("race", [False, True], ids=["before the press", "under it"])
@pytest.mark.parametrize(
    ("happens", "status", "said"),
    [
        ({}, 302, ""),
        ({"contested_at": timezone.now(), "contest": WORDS}, 302, ""),  # a double click
        ({"contested_at": timezone.now(), "contest": "Басқа сөз."}, 409, "бұрын хабарланған"),
        ({"status": Status.WITHDRAWN}, 409, "өтінім енді күшінде емес"),
        ({"status": Status.REFUSED, "decided_at": timezone.now()}, 409, "өтінім енді күшінде емес"),
    ],
    ids=["nothing", "the same words", "other words", "withdrawn", "refused"],
)
def test_words_are_sent_or_shown_beside_why_they_are_not(
    registered: Application, parent: User, monkeypatch: pytest.MonkeyPatch, happens: dict[str, Any],
    status: int, said: str, race: bool,
) -> None:  # fmt: skip
    contest = contesting.contest

    def overtaken(found: Application, **typed: Any) -> bool:
        Application.objects.update(**happens)
        return contest(found, **typed)

    if race:
        monkeypatch.setattr(contesting, "contest", overtaken)
    else:
        Application.objects.update(**({"status": registered.status} | happens))

    answer = browser(parent).post(at(registered), {"words": WORDS})

    page = answer.content.decode()
    assert answer.status_code == status and said in page
    assert status == 302 or (WORDS in page and "<textarea" not in page)
    registered.refresh_from_db()
    assert (registered.contest == WORDS) is (status == 302)
    assert Message.objects.filter(template="contested").exists() is (happens == {})
