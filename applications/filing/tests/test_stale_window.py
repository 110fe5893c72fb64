"""The same draft in two windows: an older page undoes no later answer of its own in silence, and it stands in
the way of no other page."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, Guardianship, User
from applications.documents import keeping
from applications.filing import answers
from applications.filing.tests.wizard_cast import file, pdf, step, text
from applications.filing.wizard import IN_PERSON_PAGES, PAGES
from applications.models import Application, DocumentKind
from applications.review.tests.desk_cast import Desk, DeskRegisters
from conftest import grant_consent
from egov import http
from schools.models import Intake, School
from tests.environment import undone

CHANGED = "Бұл бет басқа терезеде өзгертілді."
UNSAVED = "Жауабыңыз сақталмады: бұл бет өзгерген."
START = "/applications/new/"
Fields = dict[str, Any]
MARK = re.compile(r'name="seen" value="(\w{16})"')


def mark_of(page: Any) -> str:
    found = set(MARK.findall(page.content.decode()))
    assert len(found) == 1
    return found.pop()


def marks_of(page: Any) -> Fields:
    """Of a page that shows the answers of several drafts."""
    (found,) = re.findall(r'name="seen" value="([^"]+)"', page.content.decode())
    return {"seen": found}


@pytest.fixture
def draft(make_application: Callable[..., Application], school: School, intake: Intake) -> Application:
    School.objects.filter(pk=school.pk).update(has_transport=True)
    Intake.objects.create(
        school=school, year=intake.year, language_id="ru", seats=40, outside_limit=10, held_local=0
    )
    return make_application(special_needs=True, extra_phone="+77010000001", transport=False)


def languages(draft: Application) -> tuple[Fields, Fields]:
    school = draft.chosen_intake.school_id
    return {"school": school, "language": "ru"}, {"school": school, "language": "kk"}


# For each page: what the newer window sends, what the older one does.
ONLINE: dict[str, Callable[[Application], tuple[Fields, Fields]]] = {
    "child": lambda _draft: (
        {"extra_phone": "+77012222222"},
        {"extra_phone": "+77013333333", "special_needs": "on"},
    ),
    "way": lambda draft: ({"route": "OUTSIDE"}, {"route": "LOCAL"} | languages(draft)[0]),
    "school": languages,
    "transport": lambda _draft: ({"transport": "on"}, {}),
    "documents": lambda _draft: ({"data_correct": "on", "external_data": "on", "save": "x"}, {"save": "x"}),
}
ON_PAPER: dict[str, Callable[[Application], tuple[Fields, Fields]]] = {
    "details": lambda draft: (
        {"intake": draft.intake_id, "extra_phone": "+77012222222", "special_needs": "on"},
        {"intake": draft.intake_id, "extra_phone": "+77013333333"},
    ),
    "transport": ONLINE["transport"],
    "documents": lambda _draft: ({"data_correct": "on", "save": "x"}, {"save": "x"}),
}


NEWER: dict[str, Fields] = {
    "child": {"extra_phone": "+77012222222", "special_needs": "on"},
    "documents": {"data_correct": "on", "save": "x"},
}


def go_outside(draft: Application) -> None:
    """Only there the school is asked on a page of its own; the parent lives elsewhere."""
    draft.chosen_intake.school.addresses.all().delete()
    Application.objects.filter(pk=draft.pk).update(route="OUTSIDE")


def test_every_page_that_writes_is_here() -> None:
    assert {*ONLINE, "review"} == set(PAGES)
    assert {*ON_PAPER, "review"} == set(IN_PERSON_PAGES)
    assert set(answers.NAMES) == {*ONLINE, *ON_PAPER}


def answers_now(draft: Application, page: str) -> dict[str, object]:
    return answers.stored(Application.objects.get(pk=draft.pk), page)


def play(client: Client, address: str, draft: Application, page: str, newer: Fields, older: Fields) -> None:
    seen = mark_of(client.get(address))
    assert client.post(address, newer | {"seen": seen}).status_code == 302
    later = answers_now(draft, page)

    shown = client.post(address, older | {"seen": seen})

    assert shown.status_code == 409
    assert CHANGED in text(shown)
    assert answers_now(draft, page) == later
    typed = [value for value in older.values() if str(value).startswith("+7")]
    assert all(str(value) in text(shown) for value in typed)
    again = client.post(address, older | {"seen": mark_of(shown)})
    assert again.status_code == 302
    assert answers_now(draft, page) != later


@pytest.mark.parametrize("page", ONLINE)
def test_older_window_is_shown_both_answers(at_home: Client, draft: Application, page: str) -> None:
    if page == "school":
        go_outside(draft)
    address = step(draft, page) + ("?nowait" if page == "documents" else "")

    play(at_home, address, draft, page, *ONLINE[page](draft))


@pytest.mark.parametrize("page", ON_PAPER)
def test_older_window_at_the_desk_is_shown_both_answers(
    executor: User, intake: Intake, school: School, clock: Any, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    cache.clear()
    monkeypatch.setattr(http, "call", DeskRegisters().call)
    School.objects.filter(pk=school.pk).update(has_transport=True)
    client = Client()
    client.force_login(executor)
    desk = Desk(client, executor)
    desk.start()
    draft = Application.objects.get()
    if page != "details":
        desk.post(draft, "details", intake=draft.intake_id)
    if page == "documents":
        desk.post(draft, "transport")
    address = desk.at(draft, page)

    play(client, address, draft, page, *ON_PAPER[page](draft))


@pytest.mark.rule("D70")
@pytest.mark.parametrize(
    ("page", "leads"), [("school", "way"), ("applicant", "child")], ids=["not passed", "no more"]
)
def test_answer_to_a_page_that_is_not_passed_is_not_lost_in_silence(
    at_home: Client, draft: Application, page: str, leads: str
) -> None:
    """A newer window went back to the school of the address; the page of the applicant is no more."""
    older = {"extra_phone": "+77013333333"} | languages(draft)[0]

    shown = at_home.post(step(draft, page), older, follow=True)

    assert shown.redirect_chain == [(step(draft, leads), 302)]
    assert UNSAVED in text(shown)
    assert UNSAVED not in text(at_home.get(step(draft, page), follow=True))


@pytest.mark.rule("D70")
def test_start_shows_the_answers_of_the_only_childs_draft_and_undoes_no_newer_ones(
    at_home: Client, draft: Application, child: Child, now: datetime
) -> None:
    def press(**typed: str) -> Any:
        return at_home.post(START, typed | {"child": child.pk})

    shown = at_home.get(START)
    seen = mark_of(shown)
    assert 'value="+77010000001"' in text(shown) and text(shown).count(" checked") == 2

    press(extra_phone="+77012222222", special_needs="on", seen=seen)
    newer = answers_now(draft, "child")
    assert newer["extra_phone"] == "+77012222222"
    older = press(extra_phone="+77013333333", special_needs="on", seen=seen)
    assert older["Location"] == step(draft, "child")
    assert CHANGED in text(at_home.get(older["Location"]))
    assert answers_now(draft, "child") == newer

    taken_up = press(seen=seen)  # what was left empty there was answered since
    assert taken_up["Location"] == step(draft, "documents")
    assert answers_now(draft, "child") == newer
    upload = file("a.pdf", pdf())
    keeping.store(draft, kind=DocumentKind.PMPC, upload=upload, valid_until=date(2027, 1, 1), now=now)
    press(seen=mark_of(at_home.get(START)))
    assert answers_now(draft, "child") == {"extra_phone": "", "special_needs": False}
    assert not draft.documents.exists()


@pytest.mark.rule("D70")
def test_start_of_several_children_shows_each_drafts_answers_and_the_way_on(
    at_home: Client, draft: Application, parent: User, child: Child, make_application: Any, subtests: Any
) -> None:
    """The second number is the parent's own, so that another child's application begins with it."""
    second, third = (
        Child.objects.create(iin=iin, surname="Сәрсенов", name=name, birth_date=date(2020, 3, 15), sex="M")
        for iin, name in (("200315500017", "Асан"), ("200315500025", "Үсен"))
    )
    for one in (second, third):
        Guardianship.objects.create(user=parent, child=one, answered_at=timezone.now())
        grant_consent(parent, one)

    with subtests.test("beside the child, and in no field of another; the number that drafts agree on is"):
        page = text(at_home.get(START))
        assert "Қосымша телефон: +7 701 000 00 01" in page and "бар деп белгіленген" in page
        assert 'value="+77010000001"' in page and page.count(" checked") == 0
        assert reverse("cabinet:application", args=[draft.public_id]) in page
        assert "Басталған өтінімдер" in page
        assert page.count("start__draft") == 1
    with subtests.test("what was left empty is not undone"), undone():
        before = answers_now(draft, "child")
        assert at_home.post(START, {"child": child.pk})["Location"] == step(draft, "documents")
        assert answers_now(draft, "child") == before
    with subtests.test("nor is a newer number by the one that stood in the field"), undone():
        older = {"child": child.pk, "extra_phone": "+77010000001"} | marks_of(at_home.get(START))
        Application.objects.filter(pk=draft.pk).update(extra_phone="+77012222222")
        newer = answers_now(draft, "child")
        assert at_home.post(START, older)["Location"] == step(draft, "documents")
        assert answers_now(draft, "child") == newer
    with subtests.test("nor by one that was typed, before both were shown"), undone():
        older = {"child": child.pk, "extra_phone": "+77013333333"} | marks_of(at_home.get(START))
        Application.objects.filter(pk=draft.pk).update(extra_phone="+77012222222")
        newer = answers_now(draft, "child")
        shown = at_home.post(START, older, follow=True)
        assert shown.redirect_chain == [(step(draft, "child"), 302)] and CHANGED in text(shown)
        assert answers_now(draft, "child") == newer
        at_home.post(START, older | marks_of(at_home.get(START)))
        assert answers_now(draft, "child") == newer | {"extra_phone": "+77013333333"}
    with subtests.test("another child begins with the number, and without what is the first one's"):
        typed = {"child": second.pk, "extra_phone": "+77010000001"} | marks_of(at_home.get(START))
        at_home.post(START, typed)
        made = Application.objects.get(child=second)
        assert (made.extra_phone, made.special_needs) == ("+77010000001", False)
        assert text(at_home.get(START)).count("start__draft") == 2
    with subtests.test("where drafts differ nobody's is taken"):
        Application.objects.filter(child=second).update(extra_phone="")
        page = text(at_home.get(START))
        assert 'value="+77010000001"' not in page and "Қосымша телефон: +7 701 000 00 01" in page


@pytest.mark.rule("D70")
def test_start_with_a_mark_of_another_page_is_no_fault(
    at_home: Client, draft: Application, child: Child
) -> None:
    """The draft has answers and was never left, so that its first page judges them."""
    Application.objects.update(step1_at=None)
    before = answers_now(draft, "child")

    answer = at_home.post(START, {"child": child.pk, "extra_phone": "+77013333333", "seen": "x"})

    assert answer["Location"] == step(draft, "child")
    assert answers_now(draft, "child") == before


def test_certificate_is_not_deleted_by_an_older_window(
    at_home: Client, draft: Application, now: datetime
) -> None:
    """The mark was set and the paper uploaded in a newer window; the older one never saw either."""
    Application.objects.filter(pk=draft.pk).update(special_needs=False)
    seen = mark_of(at_home.get(step(draft, "child")))
    at_home.post(step(draft, "child"), {"special_needs": "on", "seen": seen})
    draft.refresh_from_db()
    upload = file("a.pdf", pdf())
    keeping.store(draft, kind=DocumentKind.PMPC, upload=upload, valid_until=date(2027, 1, 1), now=now)

    answer = at_home.post(step(draft, "child"), {"seen": seen})

    assert answer.status_code == 409
    assert draft.documents.filter(kind=DocumentKind.PMPC).exists()


def test_term_of_the_certificate_is_not_undone(at_home: Client, draft: Application, now: datetime) -> None:
    upload = file("a.pdf", pdf())
    keeping.store(draft, kind=DocumentKind.PMPC, upload=upload, valid_until=date(2027, 1, 1), now=now)
    seen = mark_of(at_home.get(step(draft, "documents") + "?nowait"))
    keeping.set_term(draft, date(2028, 1, 1))

    answer = at_home.post(step(draft, "documents"), {"valid_until": "2027-01-01", "save": "x", "seen": seen})

    assert (answer.status_code, draft.documents.get().valid_until) == (409, date(2028, 1, 1))


@pytest.mark.parametrize("page", ONLINE)
def test_answer_of_another_page_stands_in_nobodys_way(at_home: Client, draft: Application, page: str) -> None:
    if page == "school":
        go_outside(draft)
    newer_page = "documents" if page == "child" else "child"
    address = step(draft, page) + ("?nowait" if page == "documents" else "")
    seen = mark_of(at_home.get(address))
    assert at_home.post(step(draft, newer_page), NEWER[newer_page]).status_code == 302

    _newer, own = ONLINE[page](draft)

    assert at_home.post(step(draft, page), own | {"seen": seen}).status_code == 302


def test_same_answer_twice_is_no_conflict(at_home: Client, draft: Application) -> None:
    seen = mark_of(at_home.get(step(draft, "child")))
    answer = {"extra_phone": "+77012222222", "seen": seen}

    assert [at_home.post(step(draft, "child"), answer).status_code for _ in range(2)] == [302, 302]


def test_form_with_a_fault_keeps_the_mark_it_was_shown_with(at_home: Client, draft: Application) -> None:
    """Else a slip of the pen would pass for having read the later answer."""
    seen = mark_of(at_home.get(step(draft, "child")))
    at_home.post(step(draft, "child"), {"extra_phone": "+77012222222", "seen": seen})

    faulty = at_home.post(step(draft, "child"), {"extra_phone": "12", "seen": seen})

    assert (faulty.status_code, mark_of(faulty)) == (400, seen)


def test_what_the_window_itself_has_stored_is_no_other_windows(at_home: Client, draft: Application) -> None:
    """Files without a script, and with them the term; pressed with a fault before; a file by the script."""
    page = step(draft, "documents") + "?nowait=1"
    mark = mark_of(at_home.get(page))
    short = at_home.post(page, {"seen": mark, "data_correct": "on"})
    chosen = {"pmpc": file("a.pdf", pdf()), "valid_until": "31.05.2029", "save": "pmpc"}

    stored = at_home.post(page, chosen | {"seen": mark_of(short), "data_correct": "on"})
    again = {"f065": file("a.pdf", pdf()), "seen": mark_of(at_home.get(page))}
    told = at_home.post(step(draft, "documents") + "f065/upload/", again).json()

    assert (short.status_code, stored.status_code) == (400, 302)
    assert told["seen"] == mark_of(at_home.get(page))
