"""What the child's other representative is told of an application, and who is told nothing (D80)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import freshness, outside, protection
from accounts.freshness import NotTheirs, Silent, Standing
from accounts.models import Child, Guardianship, JournalEntry, Protection, User
from applications import appeals, facts
from applications.filing.tests.wizard_cast import text
from applications.models import Application, RefusalReason, Result, Wish
from applications.status import Status
from tests.environment import undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D80")]
DAY = timedelta(days=1)
APPEALED = "Мекенжайымыз осы мектептің шағын ауданында тұр."


@pytest.fixture
def other(stranger: User, child: Child, now: datetime) -> User:
    """The child's other parent: added, and named by the register at this moment."""
    Guardianship.objects.create(user=stranger, child=child, answered_at=now)
    return stranger


@pytest.fixture
def refused(make_application: Callable[..., Application], director: User, now: datetime) -> Application:
    """With everything that is its applicant's alone."""
    made = make_application(
        Status.REFUSED, extra_phone="+77017654321", transport=True,
        transport_address={"same": False, "line": "Абай 5"},
    )  # fmt: skip
    made.snapshot = facts.snapshot(made)
    made.save()
    made.decisions.create(
        result=Result.REFUSE, reason_code=RefusalReason.OTHER, reason="Бала басқа мектепте.",
        prepared_by=director, prepared_at=now, signed_by=director, signed_at=now,
    )  # fmt: skip
    appeals.file(made, by=made.applicant, wish=Wish.ADMIT, words=APPEALED, now=now)
    return made


@pytest.fixture
def browser(client: Client, other: User, clock: Any) -> Client:
    client.force_login(other)
    return client


def page(of: Application, name: str = "application", *more: str) -> str:
    return reverse(f"cabinet:{name}", args=[of.public_id, *more])


def test_other_representative_is_told_how_it_stands_and_nothing_of_who_filed_it(
    browser: Client, refused: Application, other: User, parent: User
) -> None:
    answer = browser.get(page(refused))

    shown = text(answer)
    assert answer.status_code == 200
    for told in (
        refused.number,
        "63 жалпы білім",
        "Бас тартылды",
        "Бала басқа мектепте.",
        "Өтінімнің барысы",
    ):
        assert str(told) in shown
    private = [
        parent.name, parent.patronymic, parent.iin, parent.masked_iin, parent.shown_phone, "765", "Сәтбаев",
        "Абай 5", APPEALED, "Шағын аудан бойынша", "/documents/", "/paper",
    ]  # fmt: skip
    assert [word for word in private if word in shown.partition("<main")[2].partition("<footer")[0]] == []
    assert "<form" not in shown.partition("<h1")[2].partition("<footer")[0]
    (read,) = JournalEntry.objects.filter(model="applications.application", row=refused.pk, kind="READ")
    assert read.said and read.said["user"] == other.pk and read.child == refused.child_id
    names = text(browser.get(reverse("cabinet:applications")))
    assert page(refused) in names and str(refused.number) not in names and "63 жалпы" not in names


ELSE = (
    "withdraw", "sign_withdrawal", "appeal", "result", "reapply", "supplement", "calendar", "contest",
    "renew_papers", "paper",
)  # fmt: skip


@pytest.mark.parametrize("door", ELSE)
def test_nothing_else_of_it_opens(browser: Client, refused: Application, door: str) -> None:
    address = page(refused, door, *(["receipt"] if door == "paper" else []))

    assert {browser.get(address).status_code, browser.post(address).status_code} <= {404, 405}


WRONG: dict[str, tuple[Callable[[Any], Any], int]] = {
    "never theirs": (lambda tie: tie.delete(), 404),
    "denied by the register": (lambda tie: Guardianship.objects.update(denied_at=tie.answered_at), 404),
    "hidden by a court": (
        lambda tie: Protection.objects.create(
            child_iin=tie.child.iin, barred_iin=tie.user.iin, since=tie.answered_at, why="court"
        ),
        404,
    ),
    "only begun": (lambda tie: Application.objects.update(status=Status.DRAFT, submitted_at=None), 404),
}


@pytest.mark.parametrize("why", WRONG)
def test_who_may_not_know_is_told_nothing(
    browser: Client, refused: Application, other: User, why: str
) -> None:
    happens, status = WRONG[why]
    refused.appeals.all().delete()
    happens(Guardianship.objects.select_related("child", "user").get(user=other))

    assert browser.get(page(refused)).status_code == status
    assert page(refused) not in text(browser.get(reverse("cabinet:applications")))


def test_register_of_this_moment_decides(
    browser: Client, refused: Application, other: User, child: Child, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    subtests: Any,
) -> None:  # fmt: skip
    def asked(outcome: Any) -> Callable[..., Standing]:
        def demand(user: User, asked_of: Child, *, now: datetime, pressed: datetime | None) -> Standing:
            assert (user, asked_of, pressed) == (other, child, None)
            if isinstance(outcome, Exception):
                raise outcome
            return Standing(now, silent=outcome)

        return demand

    answers = {
        NotTheirs(): 403,
        Silent(): 503,
        True: 503,
        False: 200,
    }  # silent: an older answer is not enough
    for outcome, status in answers.items():
        with subtests.test(repr(outcome)):
            monkeypatch.setattr(freshness, "demand_signed", asked(outcome))
            answer = browser.get(page(refused))
            assert answer.status_code == status
            assert (str(refused.number) in text(answer)) == (status == 200)
    with subtests.test("the answer says that a court hides the child"), undone():
        monkeypatch.setattr(protection, "hides", lambda **_whom: True)
        assert str(refused.number) not in text(browser.get(page(refused)))


def test_who_wants_to_file_beside_it_is_led_there(
    browser: Client, make_application: Callable[..., Application], other: User, child: Child, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    mine = make_application(applicant=other, child=child)

    for age, led in ((timedelta(), True), (2 * DAY, False)):
        silent_since(now, age)
        answer = browser.post(reverse("filing:step", args=[mine.public_id, "child"]))
        assert answer.status_code == 409
        assert (page(filed) in text(answer)) is led, age


def silent_since(now: datetime, age: timedelta) -> None:
    """The registers are known to be silent, and have answered so long ago."""
    outside.begin_pause("person", why="x", until=now + DAY, now=now)
    Guardianship.objects.update(answered_at=now - age)


def test_silence_is_told_in_words_of_its_own_and_tried_again_there(
    browser: Client, refused: Application, now: datetime
) -> None:
    """Of an answer too old to lean on, and of one that is not: the applicant would be served on it."""
    for age in (timedelta(minutes=20), 4 * DAY):
        silent_since(now, age)
        answer = browser.get(page(refused))
        shown = text(answer)
        assert answer.status_code == 503 and f'<a class="button" href="{page(refused)}">' in shown
        assert "тым ескі" not in shown and "тізілімде расталғанда ғана көрсетіледі" in shown


# Pages that lean on the registers, by how they are asked for.
LEANING = (
    ("GET", "application"), ("GET", "withdraw"), ("POST", "sign_withdrawal"), ("POST", "reapply"),
    ("GET", "calendar"),
)  # fmt: skip


@pytest.mark.rule("D34")
@pytest.mark.parametrize("whose", ["left behind by another", "one's own"])
def test_what_silence_has_stopped_is_tried_again_where_it_was(
    client: Client,
    make_application: Callable[..., Application],
    other: User,
    parent: User,
    now: datetime,
    clock: Any,
    whose: str,
) -> None:
    made, mine = make_application(Status.IN_REVIEW), whose == "one's own"
    silent_since(now, 4 * DAY)
    if not mine:
        Guardianship.objects.filter(user=parent).update(denied_at=now, closed_at=now)
    client.force_login(parent if mine else other)

    stopped = set()
    for method, door in LEANING:
        answer = client.generic(method, page(made, door))
        if answer.status_code == 503:
            stopped.add(door)
            assert f'<a class="button" href="{page(made, door)}">' in text(answer)
            assert client.get(page(made, door)).status_code in (302, 503)
    assert stopped == {"withdraw", "sign_withdrawal"} | ({"reapply"} if mine else {"application", "calendar"})


# What the list tells of somebody else's application, by the age of the answer while the registers are silent.
AGES = {
    "fresh": (timedelta(hours=23), True, True),
    "older than of a page": (2 * DAY, False, True),
    "older than is leaned on": (30 * DAY, False, False),
}


@pytest.mark.parametrize("age", AGES)
def test_list_tells_of_it_on_an_answer_of_today(
    browser: Client, refused: Application, parent: User, now: datetime, age: str
) -> None:
    since, told, left_behind = AGES[age]
    silent_since(now, since)

    assert (page(refused) in text(browser.get(reverse("cabinet:applications")))) is told

    Guardianship.objects.filter(user=parent).update(denied_at=now, closed_at=now)  # D34
    assert (page(refused) in text(browser.get(reverse("cabinet:applications")))) is left_behind


def test_list_asks_the_register_where_there_is_something_to_tell(
    browser: Client, refused: Application, other: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[User] = []

    def answers(user: User, *, now: datetime) -> None:
        asked.append(user)
        Guardianship.objects.filter(user=user).update(answered_at=now)

    monkeypatch.setattr(freshness, "renew_unless_silent", answers)
    Guardianship.objects.filter(user=other).update(answered_at=now - 30 * DAY)

    for _look in range(2):
        assert page(refused) in text(browser.get(reverse("cabinet:applications")))
    assert asked == [other]
    refused.appeals.all().delete()
    Application.objects.update(status=Status.DRAFT, submitted_at=None)
    Guardianship.objects.filter(user=other).update(answered_at=now - 30 * DAY)
    browser.get(reverse("cabinet:applications"))
    assert asked == [other]  # nothing to tell
