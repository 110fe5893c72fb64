"""«Кейін жалғастыру»: what was typed is there when the page is opened again, half typed or whole."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import kept
from accounts.models import Child, Guardianship, User
from applications.filing.tests.wizard_cast import file, pdf, step, text
from applications.filing.views import visit
from applications.models import Application, Route
from applications.tests.cast import complete
from schools.models import Intake, School

HALF = {"transport": "on", "other": "on", "line": "Мектеп көшесі 5"}  # and no place
BAD_PHONE, GOOD_PHONE = "8 777 12", "+77012222222"
Fields = dict[str, Any]


@dataclass(frozen=True)
class Case:
    page: str
    typed: Fields
    stored: Fields = field(default_factory=dict)
    kept: tuple[str, ...] = ()  # stands in the page again
    made: Fields = field(default_factory=dict)  # the draft, before


CASES = [
    Case("child", {"extra_phone": BAD_PHONE, "special_needs": "on"}, {"special_needs": True}, (BAD_PHONE,)),
    Case("child", {"extra_phone": GOOD_PHONE}, {"extra_phone": GOOD_PHONE}),
    Case("way", {"route": "OUTSIDE"}, {"route": "OUTSIDE"}, made={"step2_at": None, "route": ""}),
    Case("way", {"route": "LOCAL", "school": "0"}, {"route": ""}, ('value="LOCAL"',), made={"route": ""}),
    Case("transport", HALF, {"transport": False}, (HALF["line"], 'name="transport"')),
    Case("transport", {"transport": "on"}, {"transport": True}),
    Case("documents", {"data_correct": "on", "valid_until": "31.13.2028"}, {}, ("31.13.2028",),
         made={"special_needs": True}),
]  # fmt: skip
AT_SCHOOL = [
    Case("details", {"extra_phone": BAD_PHONE, "special_needs": "on"}, {"special_needs": True}, (BAD_PHONE,)),
    Case("transport", HALF, {"transport": False}, (HALF["line"],)),
    Case("documents", {"data_correct": "on"}),
]


@pytest.fixture
def make(make_application: Callable[..., Application], school: School, now: datetime) -> Any:
    School.objects.filter(pk=school.pk).update(has_transport=True)

    def made(**changes: Any) -> Application:
        draft = complete(make_application(), now=now)
        Application.objects.filter(pk=draft.pk).update(**changes)
        Guardianship.objects.update(answered_at=now)
        draft.refresh_from_db()
        return draft

    return made


def leave_and_return(client: Client, case: Case, draft: Application, address: str, home: str) -> str:
    answer = client.post(address, case.typed | {"later": "1"})

    assert (answer.status_code, answer["Location"]) == (302, home)
    draft.refresh_from_db()
    assert {name: getattr(draft, name) for name in case.stored} == case.stored
    assert draft.left_at == case.page
    assert bool(kept.KEY in client.session) == bool(case.kept)
    assert (str(visit.WAITS) in text(client.get(home))) == bool(case.kept)
    page = text(client.get(address))
    assert [one for one in case.kept if one not in page] == []
    return page


@pytest.mark.rule("D81")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.page}-{'half' if case.kept else 'whole'}")
def test_what_was_typed_is_there_again(at_home: Client, make: Any, case: Case) -> None:
    draft = make(**case.made)
    address = step(draft, case.page)
    assert 'name="later"' in text(at_home.get(address))

    leave_and_return(at_home, case, draft, address, reverse("cabinet:applications"))

    again = at_home.post(address, case.typed | {"later": "1"})  # the window of before is not an older one
    assert (again.status_code, at_home.get(reverse("cabinet:applications")).status_code) == (302, 200)


@pytest.mark.rule("D81", "D15")
@pytest.mark.parametrize("case", AT_SCHOOL, ids=lambda case: case.page)
def test_what_the_school_has_copied_is_there_again(
    client: Client, make: Any, executor: User, clock: Any, registers: Any, case: Case
) -> None:
    draft = make(channel="IN_PERSON", filed_by=executor, ticks_version="")
    client.force_login(executor)
    address = reverse("in_person:page", args=[draft.public_id, case.page])

    leave_and_return(client, case, draft, address, reverse("in_person:start"))


def test_school_without_its_language_stands_there_again(
    at_home: Client, make: Any, other_school: School
) -> None:
    draft = make(route=Route.OUTSIDE, intake=None, step2_at=None)
    address = step(draft, "school")

    at_home.post(address, {"school": other_school.pk, "later": "1"})

    assert f'name="school" value="{other_school.pk}"' in text(at_home.get(address))


@pytest.mark.rule("D81")
def test_files_are_stored_and_a_bad_one_is_named_where_the_person_goes(at_home: Client, make: Any) -> None:
    draft = make()
    draft.documents.filter(kind="F065").delete()
    typed = {"photo": file("a.pdf", b"x"), "f065": file("b.pdf", pdf()), "data_correct": "on", "later": "1"}

    page = text(at_home.post(step(draft, "documents"), typed, follow=True))

    assert draft.documents.filter(kind="F065", label="b.pdf").exists()
    assert "Баланың фотосуреті: Файлдың мазмұны" in page and "Менің өтінімдерім" in page


@pytest.mark.rule("D81")
@pytest.mark.parametrize(
    ("term", "told"),
    [("", "Алдымен мерзімін көрсетіп, файлды қайта таңдаңыз."), ("31.13.2028", "Күнді КК.АА.ЖЖЖЖ түрінде")],
)
def test_conclusion_without_a_good_term_is_named_where_the_person_goes(
    at_home: Client, make: Any, term: str, told: str
) -> None:
    draft = make(special_needs=True)
    typed = {"pmpc": file("c.pdf", pdf()), "valid_until": term, "later": "1"}

    page = text(at_home.post(step(draft, "documents"), typed, follow=True))

    assert f"ПМПК анықтамасының қолданылу мерзімі: {told}" in page
    assert not draft.documents.filter(kind="PMPC").exists()


@pytest.mark.parametrize(
    ("typed", "told"), [(HALF | {"line": "x" * (kept.MAX_CHARS + 1)}, True), ({"seen": "x"}, False)]
)
def test_what_could_not_be_kept_is_told_and_what_was_not_typed_is_not(
    at_home: Client, make: Any, typed: Fields, told: bool
) -> None:
    draft = make()

    page = text(at_home.post(step(draft, "transport"), typed | {"later": "1"}, follow=True))

    assert (str(visit.LOST) in page, str(visit.WAITS) in page) == (told, False)


def test_older_window_undoes_nothing_and_loses_nothing(at_home: Client, make: Any) -> None:
    draft = make(extra_phone="+77010000001")
    typed = {"seen": "0" * 16, "extra_phone": GOOD_PHONE, "later": "1"}

    assert at_home.post(step(draft, "child"), typed).status_code == 302

    draft.refresh_from_db()
    assert str(visit.OUTDATED) in text(at_home.get(reverse("cabinet:applications")))
    assert draft.extra_phone == "+77010000001"
    assert GOOD_PHONE in text(at_home.get(step(draft, "child")))


@dataclass(frozen=True)
class Older:
    page: str
    newer: Fields  # stored since the window was opened
    left: Fields  # of which nothing was compared with it
    mended: Fields


OLDER = [
    Older("transport", {"transport": True, "transport_address": {"same": True}}, HALF, {}),
    Older("child", {"extra_phone": GOOD_PHONE}, {"extra_phone": BAD_PHONE}, {"extra_phone": "+77013333333"}),
    Older("details", {"extra_phone": GOOD_PHONE}, {"extra_phone": BAD_PHONE}, {"extra_phone": ""}),
    Older("details", {"language": "ru"}, {"language": "kk"}, {"language": "kk"}),
]


@pytest.mark.rule("D81")
@pytest.mark.parametrize("case", OLDER, ids=lambda case: f"{case.page}-{'-'.join(case.newer)}")
def test_older_window_is_still_one_after_the_return(
    client: Client, make: Any, parent: User, executor: User, clock: Any, registers: Any, case: Older
) -> None:
    draft, address = make(), ""
    Intake.objects.create(
        school=draft.chosen_intake.school, year=draft.year, language_id="ru", seats=9, outside_limit=9,
        held_local=0,
    )  # fmt: skip

    def with_intake(fields: Fields) -> Fields:
        found = draft.chosen_intake.school.intakes.get(language=fields.get("language", "kk"))
        return {name: value for name, value in fields.items() if name != "language"} | {"intake": found.pk}

    if case.page == "details":
        Application.objects.update(channel="IN_PERSON", filed_by=executor, ticks_version="")
        address = reverse("in_person:page", args=[draft.public_id, "details"])
    address = address or step(draft, case.page)
    client.force_login(executor if case.page == "details" else parent)
    seen, newer = _mark(text(client.get(address))), with_intake(case.newer)
    Application.objects.update(**newer)

    assert client.post(address, with_intake(case.left) | {"seen": seen, "later": "1"}).status_code == 302
    again = _mark(text(client.get(address)))
    answer = client.post(address, with_intake(case.mended) | {"seen": again})

    assert (again, answer.status_code) == (seen, 409)
    assert Application.objects.filter(**newer).exists()


def _mark(page: str) -> str:
    return page.partition('name="seen" value="')[2][:16]


@pytest.mark.rule("D81")
def test_nothing_stands_in_the_way(at_home: Client, make: Any, registers: Any, school: School) -> None:
    """No register is asked, and a school without a place is no obstacle to leaving."""
    draft = make(route=Route.LOCAL, step2_at=None)
    Guardianship.objects.update(answered_at=None)
    school.addresses.all().delete()
    registers.asked.clear()

    for page in ("child", "way", "school", "documents"):
        assert at_home.post(step(draft, page), {"later": "1"})["Location"] == reverse("cabinet:applications")

    assert registers.asked == []


def test_file_of_an_older_window_is_told_of_on_the_page(at_home: Client, make: Any) -> None:
    draft = make()
    typed = {"seen": "0" * 16, "photo": file("new.pdf", pdf()), "later": "1"}

    page = at_home.post(step(draft, "documents"), typed, follow=True)

    assert page.redirect_chain == [(step(draft, "documents"), 302)]
    assert "Файл сақталмады: оны қайта таңдаңыз." in text(page)
    assert not draft.documents.filter(label="new.pdf").exists()
    assert at_home.post(step(draft, "documents"), {"seen": "0" * 16, "save": "x"}).status_code == 409


PRESSES: dict[str, Callable[[], Fields]] = {
    "a file and an older window": lambda: {"seen": "0" * 16, "photo": file("new.pdf", pdf())},
    "a file": lambda: {"photo": file("new.pdf", pdf())},
    "ticks": lambda: {"external_data": ""},
}


@pytest.mark.rule("D34", "D81")
@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES)
@pytest.mark.parametrize("page", ["child", "way", "documents"])
def test_leaving_is_no_way_round_a_denial(
    at_home: Client, make: Any, child: Child, page: str, press: Callable[[], Fields], now: datetime
) -> None:
    draft = make()
    Guardianship.objects.update(denied_at=now)
    before = Application.objects.filter(pk=draft.pk).values().get(), _files(draft)

    answer = at_home.post(step(draft, page), press() | {"later": "1"})

    assert answer.status_code == 404
    assert child.name not in text(answer)
    assert (Application.objects.filter(pk=draft.pk).values().get(), _files(draft)) == before


@pytest.mark.rule("D34", "D81")
def test_page_of_an_older_window_is_not_shown_by_leaving_unasked(
    at_home: Client, make: Any, child: Child
) -> None:
    """The registers are silent, and what they said before is not known."""
    draft = make()
    Guardianship.objects.update(answered_at=None)
    files = _files(draft)

    answer = at_home.post(step(draft, "documents"), PRESSES["a file and an older window"]() | {"later": "1"})
    page = at_home.get(answer["Location"])

    assert (answer.status_code, page.status_code, _files(draft)) == (302, 503, files)
    assert child.full_name not in text(page) and 'name="photo"' not in text(page)


def _files(draft: Application) -> list[tuple[str, str]]:
    return list(draft.documents.order_by("pk").values_list("kind", "label"))
