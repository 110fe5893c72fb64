"""What a school finds in its own applications, and what the address, the log and a stranger learn of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Child, EntryKind, JournalEntry, Shown, User
from applications.models import Application, DeskMemory
from applications.review import memory
from applications.status import Status
from schools.models import School

Make = Callable[..., Application]
SEARCH = reverse("review:search")


@pytest.fixture(autouse=True)
def at_work(now: datetime) -> object:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def desk(director: User) -> Client:
    client = Client()
    client.force_login(director)
    return client


@pytest.fixture
def aisha(make_application: Make) -> Application:
    """Of a child whose name has the letters that a Russian keyboard lacks."""
    child = Child.objects.create(
        iin="200315500017", surname="Әл-Қарақұлова", name="Әйгерім", patronymic="Өмірқызы",
        birth_date=date(2020, 3, 15), sex="F",
    )  # fmt: skip
    return make_application(Status.IN_REVIEW, child=child, number="2026-000417")


def found(client: Client, term: str) -> Any:
    return client.post(SEARCH, {"term": term}, follow=True)


def numbers(answer: Any) -> list[str]:
    return [line.number for line in answer.context["rows"]]


@pytest.mark.rule("R97")
@pytest.mark.parametrize(
    "term",
    [
        "2026-000417", "№2026-000417", "№ 2026-000417", "000417", "417",
        "Қарақұлова", "қарақұлова", "каракулова", "КАРАКУЛОВА", "aйгерiм", "айгерим", "Өмір", "омиркызы",
        "Әл-Қара", "ал-кара", "  айгерим   каракулова ", "каракулова 0017",
        "0017", "200315500017",
        "Сәрсенова", "сарсенова айгул", "9904",  # the applicant
    ],
)  # fmt: skip
def test_school_finds_by_number_name_and_end_of_iin(desk: Client, aisha: Application, term: str) -> None:
    answer = found(desk, term)

    assert numbers(answer) == ["2026-000417"]
    assert answer.context["term"] == " ".join(term.split())


@pytest.mark.parametrize(
    "term", ["Ахметов", "00170", "017", "2026-000418", "%", "_", "№", "-", "қарақұлова ахметов", "\u200b"]
)
def test_nothing_found_is_said_and_the_box_keeps_its_words(
    desk: Client, aisha: Application, term: str
) -> None:
    answer = found(desk, term)

    text = answer.content.decode()
    if term.isprintable():
        assert numbers(answer) == []
        assert "ештеңе табылмады" in text and f'value="{term}"' in text
    else:
        assert "Нені іздейтініңізді жазыңыз" in text


@pytest.mark.parametrize("status", [one for one in Status if one != Status.DRAFT])
@pytest.mark.rule("D43")
def test_every_state_is_searched_and_who_is_gone_has_a_number_only(
    desk: Client, make_application: Make, status: Status
) -> None:
    application = make_application(status)
    here = [application.number]
    whole = application.is_whole_to_school

    assert numbers(found(desk, str(application.number))) == here
    assert numbers(found(desk, "Арман")) == (here if whole else [])
    assert numbers(found(desk, "9904")) == (here if whole else [])


def test_no_address_carries_what_is_looked_for(desk: Client, aisha: Application) -> None:
    answer = found(desk, "каракулова")

    ((address, _status),) = answer.redirect_chain
    assert "%" not in address and "карак" not in address
    assert DeskMemory.objects.get().term == "каракулова"
    assert str(DeskMemory.objects.get().public_id) in address
    assert "каракулова" not in desk.get(SEARCH).headers["Location"]


def test_search_is_in_the_journal_without_its_words(desk: Client, aisha: Application, school: School) -> None:
    found(desk, "каракулова")

    entry = JournalEntry.objects.filter(kind=EntryKind.READ).latest("pk")
    assert (entry.model, entry.row, entry.facts) == ("schools.school", str(school.pk), {"what": Shown.SEARCH})
    assert not JournalEntry.objects.filter(facts__icontains="каракулова").exists()


def test_search_outlives_the_language_the_session_and_not_the_day(
    desk: Client, director: User, aisha: Application, at_work: Any
) -> None:
    address = found(desk, "каракулова").redirect_chain[0][0]
    desk.post(reverse("accounts:language"), {"language": "ru", "next": address})
    again = Client()
    again.force_login(director)

    assert numbers(again.get(address)) == ["2026-000417"]
    at_work.shift(memory.LIFE + timedelta(seconds=1))
    again.force_login(director)
    late = again.get(address)
    assert numbers(late) == [] and "мерзімі өтіп кетті" in late.content.decode()


def test_stranger_finds_neither_the_rows_nor_the_words(
    desk: Client, aisha: Application, other_director: User, parent: User
) -> None:
    address = found(desk, "каракулова").redirect_chain[0][0]
    other = Client()
    other.force_login(other_director)

    text = other.get(address).content.decode()

    assert "2026-000417" not in text and "каракулова" not in text
    assert numbers(found(other, "каракулова")) == [] and numbers(found(other, "2026-000417")) == []
    other.force_login(parent)
    assert other.post(SEARCH, {"term": "x"}).status_code == 404


def test_words_of_a_session_that_ended_stand_in_the_box(
    desk: Client, director: User, aisha: Application
) -> None:
    desk.get(reverse("review:queue"))
    desk.session.flush()
    asked = desk.post(SEARCH, {"term": "каракулова"}, headers={"referer": "http://testserver/school/"})
    assert asked.headers["Location"].startswith("/login/")
    desk.force_login(director)

    assert desk.get(reverse("review:queue")).context["term"] == "каракулова"


def test_only_the_last_searches_of_a_person_are_kept(director: User, now: datetime) -> None:
    held = memory.ticks(director, "", now=now)
    for step in range(memory.MOST + 5):
        memory.remember(director, now=now + timedelta(seconds=step), term=str(step))

    searches = DeskMemory.objects.exclude(term="")
    assert searches.count() == memory.MOST
    assert searches.latest("at").term == str(memory.MOST + 4)
    assert memory.ticks(director, str(held.public_id), now=now) == held
    for _press in range(memory.MOST + 5):  # of ticks, which are counted apart
        memory.ticks(director, "", now=now)
    assert searches.count() == memory.MOST
