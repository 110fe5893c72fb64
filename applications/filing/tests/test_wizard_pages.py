"""Choosing the child and step 1 (R41-R64): every page, every obstacle, and nothing lost."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Child, Consent, Guardianship, User
from applications.documents import keeping
from applications.filing.tests.wizard_cast import Registers, file, pdf, step, text
from applications.models import Application, DocumentKind, Route
from applications.status import Status
from applications.tests.cast import complete
from conftest import YEAR, grant_consent
from schools.models import Intake

START = "/applications/new/"
LIST = "/applications/"


@pytest.fixture
def draft(make_application) -> Application:
    """Opened and nothing answered."""
    return make_application(step1_at=None, step2_at=None, route="", intake=None)


def test_stranger_to_the_portal_is_sent_to_sign_in(client: Client, draft: Application) -> None:
    for path in (START, LIST, step(draft, "child"), reverse("cabinet:application", args=[draft.public_id])):
        answer = client.get(path)

        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/?next=")


@pytest.mark.rule("R40", "D11")
def test_nothing_opens_without_the_persons_own_consent(at_home: Client, parent: User, child: Child) -> None:
    Consent.objects.filter(user=parent, child=None).delete()

    assert at_home.get(START)["Location"].startswith("/consent/")


@pytest.mark.rule("R13", "R56")
def test_start_shows_children_with_age_and_consent(at_home: Client, child: Child) -> None:
    page = text(at_home.get(START))

    assert "Сәрсенов Арман" in page
    assert "2020 ж. 31 желтоқсан" in page
    assert "2026 жылғы 31 желтоқсанда 6 жаста" in page
    assert "Келісім берілді" in page
    assert "/children/add/?next=/applications/new/" in page
    assert "2026-2027 оқу жылы" in page


def test_start_without_children_offers_to_add_one(at_home: Client) -> None:
    page = text(at_home.get(START))

    assert "Баланы қосу" in page
    assert 'name="child"' not in page


@pytest.mark.rule("R57")
def test_child_without_consent_is_no_choice_but_is_shown(at_home: Client, parent: User, child: Child) -> None:
    Consent.objects.filter(child=child).delete()

    page = text(at_home.get(START))
    answer = at_home.post(START, {"child": child.pk})

    assert f'action="/children/{child.pk}/consent/"' in page
    assert answer.status_code == 400
    assert not Application.objects.exists()


@pytest.mark.rule("R42", "R49")
def test_start_is_the_first_step_of_a_new_draft(
    at_home: Client, parent: User, child: Child, now: datetime
) -> None:
    answer = at_home.post(START, {"child": child.pk, "extra_phone": "8 701 123 45 67", "special_needs": "on"})

    draft = Application.objects.get()
    assert (draft.applicant, draft.child, draft.year, draft.status) == (parent, child, YEAR, Status.DRAFT)
    assert (draft.extra_phone, draft.special_needs, draft.step1_at) == ("+77011234567", True, now)
    assert answer["Location"] == step(draft, "way")


@pytest.mark.rule("D70")
def test_start_again_takes_the_same_draft_up_where_it_was_left(at_home: Client, child: Child) -> None:
    """What is typed now is not lost, what is left empty was answered before."""
    first = at_home.post(START, {"child": child.pk, "extra_phone": "8 701 123 45 67"})
    draft = Application.objects.get()

    again = at_home.post(START, {"child": child.pk, "special_needs": "on"})

    assert Application.objects.get() == draft
    assert again["Location"] == first["Location"] == step(draft, "way")
    draft.refresh_from_db()
    assert (draft.extra_phone, draft.special_needs) == ("+77011234567", True)


@pytest.mark.rule("D20", "D70")
def test_start_takes_a_copied_draft_up_with_all_that_was_copied(
    at_home: Client, child: Child, make_application, now: datetime
) -> None:
    """The only child is chosen already, and one press answers nothing of what was copied."""
    old = make_application(extra_phone="+77011234567", special_needs=True)
    upload, term = file("a.pdf", pdf()), date(2028, 5, 31)
    keeping.store(old, kind=DocumentKind.PMPC, upload=upload, valid_until=term, now=now)
    times = ("submitted_at", "received_at", "due_at", "data_correct_at", "external_data_at")
    Application.objects.update(status=Status.WITHDRAWN, **dict.fromkeys(times, now))
    at_home.post(reverse("cabinet:reapply", args=[old.public_id]))

    at_home.post(START, {"child": child.pk})

    draft = Application.objects.get(status=Status.DRAFT)
    assert (draft.extra_phone, draft.special_needs) == ("+77011234567", True)
    assert draft.documents.get().kind == DocumentKind.PMPC


@pytest.mark.rule("D70")
def test_fault_at_the_start_opens_no_draft(at_home: Client, child: Child) -> None:
    answer = at_home.post(START, {"child": child.pk, "extra_phone": "12345"})

    assert answer.status_code == 400
    assert 'value="12345"' in text(answer) and "checked" in text(answer)
    assert not Application.objects.exists()


@pytest.mark.rule("R53", "D70")
def test_enrolled_child_is_told_at_the_start(at_home: Client, child: Child, registers: Registers) -> None:
    registers.enrolled = {"grade": "1", "letter": "Б"}

    answer = at_home.post(START, {"child": child.pk, "extra_phone": "8 701 123 45 67"})

    assert (answer.status_code, "«№5 мектеп» КММ" in text(answer)) == (409, True)
    assert Application.objects.get().extra_phone == "+77011234567"


@pytest.mark.rule("D70")
def test_old_addresses_lead_to_the_pages_that_ask_the_same(at_home: Client, make_application) -> None:
    draft = make_application()

    for was, now in (("applicant", "child"), ("school", "way")):
        for ask in (at_home.get, at_home.post):
            assert ask(step(draft, was) + "?back=review")["Location"] == step(draft, now) + "?back=review"


def test_foreign_child_is_refused_in_words(at_home: Client, stranger: User) -> None:
    foreign = Child.objects.create(iin="200315599908", name="Артём", birth_date=date(2020, 3, 15), sex="M")
    Guardianship.objects.create(user=stranger, child=foreign)
    grant_consent(stranger, foreign)

    answer = at_home.post(START, {"child": foreign.pk})

    assert answer.status_code == 400
    assert "Артём" not in text(answer)
    assert not Application.objects.exists()


def test_start_asks_for_a_choice(at_home: Client, child: Child) -> None:
    page = text(at_home.post(START, {}))

    assert page.count("Қай бала үшін өтінім беретініңізді таңдаңыз.") == 2  # in the summary and at the field
    assert "<title>Қате:" in page


@pytest.mark.rule("R54", "D7")
def test_too_young_child_is_told_at_once_with_its_date(at_home: Client, child: Child) -> None:
    Child.objects.update(birth_date=date(2021, 1, 1))

    answer = at_home.post(START, {"child": child.pk})

    page = text(answer)
    assert answer.status_code == 409
    assert "2021 ж. 1 қаңтар" in page
    assert "2020 ж. 31 желтоқсан" in page
    assert "2027 жылы" in page
    assert f'href="{START}"' in page
    assert not Application.objects.exists()


@pytest.mark.rule("R49")
def test_applicants_data_are_shown_and_cannot_be_edited(at_home: Client, draft: Application) -> None:
    page = text(at_home.get(step(draft, "child")))

    assert "Сәрсенова Айгүл Маратқызы" in page
    assert "••••••••9904" in page
    assert "900708499904" not in page
    assert "+7 701 123 45 01" in page
    asked = re.findall(r'<(?:input|select|textarea)(?![^>]*hidden)[^>]*name="(\w+)"', page)
    assert asked == ["extra_phone", "special_needs"]


@pytest.mark.rule("R50", "D21")
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("8 (701) 123-45-67", "+77011234567"),
        ("+7 701 123 45 67", "+77011234567"),
        ("7172 55 66 77", "+77172556677"),
    ],
)
def test_additional_phone_is_kept_in_one_form(
    at_home: Client, draft: Application, typed: str, stored: str
) -> None:
    answer = at_home.post(step(draft, "child"), {"extra_phone": typed})

    draft.refresh_from_db()
    assert answer["Location"] == step(draft, "way")
    assert draft.extra_phone == stored


@pytest.mark.rule("R50")
@pytest.mark.parametrize("typed", ["+79161234567", "12345", "8 701 abc 45 67", "+1 212 555 0100"])
def test_phone_that_is_not_of_kazakhstan_is_refused_and_kept(
    at_home: Client, draft: Application, typed: str
) -> None:
    answer = at_home.post(step(draft, "child"), {"extra_phone": typed})

    page = text(answer)
    assert answer.status_code == 400
    assert page.count("Қазақстан телефонының нөмірін жазыңыз") == 2
    assert f'value="{typed}"' in page
    assert 'href="#id_extra_phone"' in page


@pytest.mark.rule("R51", "R60", "R63", "R64")
def test_child_page_passes_the_checks_and_goes_on(at_home: Client, draft: Application, now: datetime) -> None:
    page = text(at_home.get(step(draft, "child")))
    answer = at_home.post(step(draft, "child"), {"special_needs": "on"})

    draft.refresh_from_db()
    assert "Ерекше білім беру қажеттіліктері бар бала" in page
    assert "Бұл басымдық бермейді, тек мектепті хабардар етеді." in page
    assert (draft.special_needs, draft.step1_at) == (True, now)
    assert answer["Location"] == step(draft, "way")


@pytest.mark.rule("R53")
def test_enrolled_child_is_blocked_with_school_and_class(
    at_home: Client, draft: Application, registers: Registers
) -> None:
    registers.enrolled = {"grade": "1", "letter": "Б"}

    answer = at_home.post(step(draft, "child"), {"special_needs": "on"})

    page = text(answer)
    draft.refresh_from_db()
    assert answer.status_code == 409
    assert "«№5 мектеп» КММ" in page
    assert "1 «Б»" in page
    assert (draft.step1_at, draft.special_needs) == (None, True)  # the answer is kept, the step is not passed


@pytest.mark.rule("D24")
def test_preschool_class_does_not_block(at_home: Client, draft: Application, registers: Registers) -> None:
    registers.enrolled = {"grade": "0", "letter": ""}

    assert at_home.post(step(draft, "child"), {})["Location"] == step(draft, "way")


@pytest.mark.rule("R52")
def test_own_active_application_is_named_and_linked(
    at_home: Client, draft: Application, make_application
) -> None:
    other = make_application(Status.IN_REVIEW)

    answer = at_home.post(step(draft, "child"), {})

    page = text(answer)
    assert answer.status_code == 409
    assert "Белсенді өтінім бар" in page
    assert reverse("cabinet:application", args=[other.public_id]) in page


@pytest.mark.rule("R52", "D4", "D80")
def test_other_parents_application_blocks_without_being_named(
    at_home: Client, draft: Application, make_application, stranger: User
) -> None:
    other = make_application(Status.ACCEPTED, applicant=stranger)

    page = text(at_home.post(step(draft, "child"), {}))

    assert "Белсенді өтінім бар" in page
    assert "№63 жалпы білім беретін мектеп" in page  # accepted: the school and the class (R53)
    assert other.number not in page and stranger.name not in page
    assert reverse("cabinet:application", args=[other.public_id]) in page  # which asks the register first


def test_silent_register_asks_to_try_again_and_loses_nothing(
    at_home: Client, draft: Application, registers: Registers
) -> None:
    registers.down.add("enrolment")

    answer = at_home.post(step(draft, "child"), {"special_needs": "on"})

    draft.refresh_from_db()
    assert answer.status_code == 503
    assert step(draft, "child") in text(answer)
    assert draft.special_needs


@pytest.mark.rule("R53")
def test_silent_register_does_not_renew_an_older_check(
    at_home: Client, draft: Application, registers: Registers, now: datetime
) -> None:
    """Else pressing the button once a month would keep one answer alive for ever."""
    checked = now - timedelta(days=29)
    Application.objects.filter(pk=draft.pk).update(step1_at=checked)
    registers.down.add("enrolment")

    answer = at_home.post(step(draft, "child"), {})

    draft.refresh_from_db()
    assert (answer["Location"], draft.step1_at) == (step(draft, "way"), checked)


@pytest.mark.rule("R57", "D11")
def test_ended_consent_for_the_child_is_asked_for_anew(at_home: Client, draft: Application) -> None:
    Consent.objects.filter(child=draft.child).delete()

    page = text(at_home.post(step(draft, "child"), {}))

    assert f'action="/children/{draft.child_id}/consent/"' in page
    assert "511" in page


@pytest.mark.rule("R57", "R58", "D11")
@pytest.mark.parametrize("said", ["DENIED", "EXPIRED"])
def test_consent_taken_back_at_1414_is_asked_for_anew(
    at_home: Client, draft: Application, registers: Registers, said: str
) -> None:
    """The person may take it back any time; the way on is another SMS, not a circle."""
    given = Consent.objects.get(child=draft.child)
    registers.consents[given.reference] = said
    registers.refusing.add("enrolment")

    answer = at_home.post(step(draft, "child"), {})

    assert answer.status_code == 409
    assert f'action="/children/{draft.child_id}/consent/"' in text(answer)
    registers.consents["asked-anew"] = "PENDING"
    waiting = at_home.post(reverse("accounts:renew_consent", args=[draft.child_id]), follow=True)
    assert "1414 нөмірінен келген SMS-ке жауап беріңіз" in text(waiting)
    registers.consents["asked-anew"] = "GRANTED"  # 511
    registers.refusing.clear()
    assert "Келісім алынды" in text(at_home.get(waiting.redirect_chain[-1][0]))
    assert at_home.post(step(draft, "child"), {})["Location"] == step(draft, "way")


@pytest.mark.rule("R53", "D11")
@pytest.mark.parametrize("trouble", ["stands", "silent"])
def test_register_that_refuses_for_another_reason_costs_no_consent(
    at_home: Client, draft: Application, registers: Registers, trouble: str
) -> None:
    registers.refusing.add("enrolment")
    if trouble == "silent":
        registers.down.add("consent")

    answer = at_home.post(step(draft, "child"), {})

    assert answer.status_code == 503
    assert Consent.objects.get(child=draft.child).status == "GRANTED"


@pytest.mark.rule("R62", "R63")
def test_mark_taken_away_takes_the_certificate_along(
    at_home: Client, draft: Application, now: datetime
) -> None:
    draft.special_needs = True
    draft.save()
    term = date(2028, 5, 31)
    keeping.store(draft, kind=DocumentKind.PMPC, upload=file("a.pdf", pdf()), valid_until=term, now=now)

    at_home.post(step(draft, "child"), {})

    assert not draft.documents.exists()


@pytest.mark.rule("D72")
@pytest.mark.parametrize("at_school", [False, True])
def test_certificate_comes_back_with_the_mark(
    client: Client, draft: Application, intake: Intake, executor: User, clock: Any, registers: Registers,
    now: datetime, at_school: bool,
) -> None:  # fmt: skip
    """The page says so; what was taken away by hand stays away, and so does one of too long ago."""
    changes = {"channel": "IN_PERSON", "filed_by": executor} if at_school else {}
    Application.objects.filter(pk=draft.pk).update(special_needs=True, intake=intake, **changes)
    draft.refresh_from_db()
    client.force_login(executor if at_school else draft.applicant)
    in_person = reverse("in_person:page", args=[draft.public_id, "details"])
    address = in_person if at_school else step(draft, "child")
    of = draft.documents.filter(kind=DocumentKind.PMPC)
    term = date(2028, 5, 31)
    keeping.store(draft, kind=DocumentKind.PMPC, upload=file("a.pdf", pdf()), valid_until=term, now=now)

    def press(*, mark: bool) -> str:
        typed = {"intake": intake.pk} | ({"special_needs": "on"} if mark else {})
        return text(client.post(address, typed, follow=True))

    assert "белгісін қайта қойсаңыз, анықтама орнына қайтарылады. Соңғы мерзімі: 2026 ж." in press(mark=False)
    assert not of.exists()
    assert "ПМПК анықтамасы орнына қайтарылды." in press(mark=True)
    assert (of.get().label, of.get().valid_until) == ("a.pdf", term)
    keeping.remove(of.get(), now=now)
    assert "қайтарылды" not in press(mark=True) and not of.exists()
    press(mark=False)
    assert "қайтарылды" not in press(mark=True) and not of.exists()  # removed on purpose, perhaps another's
    draft.removed_documents.update(with_mark=True)
    press(mark=False)
    draft.removed_documents.update(removed_at=now - timedelta(days=settings.ERASE_REMOVED_DAYS))
    assert "қайтарылды" not in press(mark=True) and not of.exists()


@pytest.mark.rule("R41")
@pytest.mark.parametrize("page", ["way", "school", "documents", "review"])
def test_step_opened_out_of_order_leads_to_the_first_unfinished(
    at_home: Client, draft: Application, page: str
) -> None:
    for answer in (at_home.get(step(draft, page)), at_home.post(step(draft, page), {})):
        assert answer["Location"] == step(draft, "child")

    assert "Алдымен осы бетті толтырыңыз" in text(at_home.get(step(draft, "child")))


def test_unknown_page_is_not_found(at_home: Client, draft: Application) -> None:
    assert at_home.get(step(draft, "nonsense")).status_code == 404


def test_foreign_application_is_not_found_anywhere(
    client: Client, stranger: User, draft: Application, clock
) -> None:
    client.force_login(stranger)
    names = ("application", "result", "delete_draft", "withdraw")
    paths = [reverse(f"cabinet:{name}", args=[draft.public_id]) for name in names]
    paths += [step(draft, page) for page in ("child", "documents", "review")]

    assert {client.get(path).status_code for path in paths} == {404}
    posts = [step(draft, "child"), reverse("cabinet:reapply", args=[draft.public_id])]
    assert {client.post(path, {}).status_code for path in posts} == {404}


def test_post_to_a_signed_application_changes_nothing_and_says_so(at_home: Client, make_application) -> None:
    filed = make_application(Status.IN_REVIEW)

    answer = at_home.post(step(filed, "child"), {"extra_phone": "87011234567"})

    filed.refresh_from_db()
    assert answer.status_code == 409
    assert "Өтінімге қол қойылған" in text(answer)
    assert filed.extra_phone == ""


def test_page_of_a_signed_application_leads_to_the_application(at_home: Client, make_application) -> None:
    filed = make_application(Status.IN_REVIEW)

    answer = at_home.get(step(filed, "child"))

    assert answer["Location"] == reverse("cabinet:application", args=[filed.public_id])


def test_double_submit_of_a_page_is_one_answer(at_home: Client, draft: Application) -> None:
    first = at_home.post(step(draft, "child"), {"special_needs": "on"})
    second = at_home.post(step(draft, "child"), {"special_needs": "on"})

    assert first["Location"] == second["Location"] == step(draft, "way")
    assert Application.objects.count() == 1


@pytest.mark.rule("R49")
def test_answers_typed_before_the_session_ended_come_back(
    client: Client, draft: Application, parent: User, clock
) -> None:
    path = step(draft, "child")
    client.force_login(parent)
    client.get(path)
    del client.cookies["oqu"]  # the session has ended, the browser still tells whose it was
    client.post(path, {"extra_phone": "8 701 123"}, headers={"referer": f"http://testserver{path}"})
    session = client.session
    kept_values = session.get("kept")
    client.force_login(parent)
    session = client.session
    session["kept"] = kept_values
    session.save()

    assert 'value="8 701 123"' in text(client.get(path))


def test_pages_speak_russian(at_home: Client, parent: User, draft: Application) -> None:
    at_home.cookies["lang"] = "ru"

    for address in (START, step(draft, "child")):
        page = text(at_home.get(address))
        assert '<html lang="ru">' in page
        assert "ИИН" in page


def test_deep_links_of_an_open_draft_lead_to_where_it_was_left(at_home: Client, draft: Application) -> None:
    at_home.post(step(draft, "child"), {})

    answer = at_home.get(reverse("cabinet:application", args=[draft.public_id]))

    assert answer["Location"] == step(draft, "way")


def test_change_from_the_review_returns_to_it_at_once(
    at_home: Client, make_application, now: datetime
) -> None:
    ready = complete(make_application(route=Route.LOCAL), now=now - timedelta(hours=1))
    ready.ticks_version = "2026-11"
    ready.save()

    answer = at_home.post(step(ready, "child") + "?back=review", {"extra_phone": "8 701 123 45 67"})

    assert answer["Location"] == step(ready, "review")


@pytest.mark.rule("R62", "R90")
def test_change_that_raises_a_question_asks_it_before_returning(
    at_home: Client, make_application, now: datetime
) -> None:
    ready = complete(make_application(), now=now)
    ready.ticks_version = "2026-11"
    ready.save()

    answer = at_home.post(step(ready, "child") + "?back=review", {"special_needs": "on"})

    assert answer["Location"] == step(ready, "documents") + "?back=review"
