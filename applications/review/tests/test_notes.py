"""Notes of a school on an application (D50): who reads, who writes, who takes back, and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import JournalEntry, User
from applications.hands import Barred
from applications.models import Application, Note
from applications.review import notes
from applications.status import Status
from schools.models import Locality, Role, StaffMember

Make = Callable[..., Application]
WORDS = "Анасы ертең түпнұсқасын әкеледі"


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Any:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def filed(make_application: Make, intake: object) -> Application:
    return make_application(Status.IN_REVIEW)


def at(name: str, application: Application) -> str:
    return reverse(f"review:{name}", args=[application.public_id])


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, application: Application) -> str:
    return browser(user).get(at("application", application)).content.decode()


@pytest.mark.rule("D50")
def test_colleagues_read_it_and_nobody_else(
    filed: Application, executor: User, director: User, other_director: User, stranger: User,
    localities: dict[str, Locality],
) -> None:  # fmt: skip
    StaffMember.objects.create(user=stranger, region=localities["710000000"], role=Role.DEPARTMENT)
    answer = browser(executor).post(at("write_note", filed), {"note": f"  {WORDS} "})

    assert answer.headers["Location"] == at("application", filed) + "#notes-title"
    assert WORDS in page(director, filed) and executor.full_name in page(director, filed)
    assert (
        WORDS
        not in browser(filed.applicant)
        .get(reverse("cabinet:application", args=[filed.public_id]))
        .content.decode()
    )
    assert WORDS not in browser(stranger).get(reverse("review:department")).content.decode()
    for nobody in (other_director, stranger, filed.applicant):
        assert browser(nobody).post(at("write_note", filed), {"note": WORDS}).status_code == 404
        assert browser(nobody).post(at("delete_note", filed), {"pk": filed.notes.get().pk}).status_code == 404
    assert filed.notes.get().text == WORDS


@pytest.mark.rule("D50", "D39")
def test_colleague_who_is_the_parent_neither_reads_nor_writes(
    filed: Application, executor: User, director: User, now: datetime
) -> None:
    notes.write(filed, WORDS, by=director, now=now)
    executor.guardianships.create(child=filed.child)

    assert WORDS not in page(executor, filed) and "notes-title" not in page(executor, filed)
    with pytest.raises(Barred):
        notes.write(filed, WORDS, by=executor, now=now)


@pytest.mark.rule("D50")
@pytest.mark.parametrize(
    ("who", "later", "gone"),
    [
        ("executor", timedelta(0), True),
        ("executor", timedelta(hours=12, minutes=59), True),  # 23:59 of the same day
        ("executor", timedelta(hours=13), False),  # midnight
        ("director", timedelta(0), False),
    ],
)
def test_author_takes_it_back_until_the_day_ends(
    filed: Application, executor: User, director: User, now: datetime, clock: Any, who: str, later: timedelta,
    gone: bool,
) -> None:  # fmt: skip
    notes.write(filed, WORDS, by=executor, now=now)
    clock.move_to(now + later)
    user = {"executor": executor, "director": director}[who]
    pk = filed.notes.get().pk

    assert (at("delete_note", filed) in page(user, filed)) == gone
    browser(user).post(at("delete_note", filed), {"pk": pk})

    assert filed.notes.exists() != gone
    kinds = JournalEntry.objects.filter(model="applications.note", row=str(pk)).values_list("kind", flat=True)
    assert list(kinds.order_by("pk")) == (["INSERT", "DELETE"] if gone else ["INSERT"])


@pytest.mark.parametrize("pk", ["", "x", "9" * 30, "-1", "²"])
def test_nonsense_takes_nothing_back(filed: Application, executor: User, now: datetime, pk: str) -> None:
    notes.write(filed, WORDS, by=executor, now=now)

    assert browser(executor).post(at("delete_note", filed), {"pk": pk}).status_code == 302
    assert filed.notes.exists()


@pytest.mark.parametrize(("typed", "sentence"), [("  ", "Жазбаны жазыңыз"), ("а" * 1001, "1000 таңбаға")])
def test_what_is_no_note_is_said_beside_the_field(
    filed: Application, executor: User, typed: str, sentence: str
) -> None:
    answer = browser(executor).post(at("write_note", filed), {"note": typed})

    assert answer.status_code == 400 and sentence in answer.content.decode()
    assert not Note.objects.exists()


def test_double_click_is_one_note_and_there_is_an_end_to_them(
    filed: Application, executor: User, now: datetime
) -> None:
    for _ in range(2):
        notes.write(filed, WORDS, by=executor, now=now)
    assert filed.notes.count() == 1

    Note.objects.bulk_create(
        Note(application=filed, author=executor, text=str(number), written_at=now)
        for number in range(notes.MOST)
    )
    with pytest.raises(notes.TooMany):
        notes.write(filed, "тағы", by=executor, now=now)
    assert browser(executor).post(at("write_note", filed), {"note": "тағы"}).status_code == 302
