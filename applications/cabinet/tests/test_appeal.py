"""A refusal is appealed: by the parent, before the school, before the department (D73)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import kept
from accounts.models import Child, Guardianship, JournalEntry, Protection, User
from applications import appeals, digest, registers
from applications.documents import keeping
from applications.eligibility import Blocked, Code
from applications.filing.tests.wizard_cast import jpeg, text
from applications.hands import Barred
from applications.keeping import due
from applications.models import (
    Appeal,
    Application,
    Document,
    DocumentKind,
    Outcome,
    RefusalReason,
    Result,
    Stage,
    Wish,
)  # fmt: skip
from applications.rights import NotAllowed
from applications.status import Status
from applications.tests.cast import complete
from notifications import texts
from notifications.models import Channel, Message
from schools.models import Intake, Role, School, StaffMember
from tests.environment import undone
from tests.reading import words

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D73")]

WHY = "Мекенжайымыз осы мектептің шағын ауданында тұр."
SAID = "Мекенжай тізімде жоқ, сондықтан шешім дұрыс."
TYPED = {"wish": "ADMIT", "words": WHY}


@pytest.fixture
def officer(school: School) -> User:
    user = User.objects.create(iin="770707399705", surname="Сейітов", name="Марат")
    StaffMember.objects.create(user=user, region_id="710000000", role=Role.DEPARTMENT)
    return user


@pytest.fixture
def refused(make_application: Callable[..., Application], director: User, now: datetime) -> Application:
    made = make_application(Status.REFUSED)
    made.decisions.create(
        result=Result.REFUSE, reason_code=RefusalReason.OTHER, reason="Мекенжайыңыз тізімде жоқ.",
        prepared_by=director, prepared_at=now, signed_by=director, signed_at=now,
    )  # fmt: skip
    return made


@pytest.fixture
def filed(refused: Application, now: datetime) -> Appeal:
    """Wednesday at 11: the school has until Monday 15 June."""
    return appeals.file(refused, by=refused.applicant, wish=Wish.ADMIT, words=WHY, now=now)


def page_of(name: str, thing: Any) -> str:
    return reverse(name, args=[thing.public_id])


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def refuse_anew(application: Application, director: User) -> None:
    signed, now = application.decisions.get(), timezone.now()
    application.decisions.create(
        result=Result.REFUSE, reason_code=RefusalReason.OTHER, reason="Басқа себеп.", corrects=signed,
        mistake="x", prepared_by=director, prepared_at=now, signed_by=director, signed_at=now,
    )  # fmt: skip


def admit(application: Application, director: User) -> None:
    """What the signature of a correction leaves behind."""
    signed, now = application.decisions.get(), timezone.now()
    application.decisions.create(
        result=Result.ACCEPT, corrects=signed, mistake="x", prepared_by=director, prepared_at=now,
        signed_by=director, signed_at=now,
    )  # fmt: skip
    Application.objects.filter(pk=application.pk).update(status=Status.ACCEPTED)


@pytest.mark.rule("R109", "R216", "D20")
def test_refusal_says_what_can_be_done_now(
    at_home: Client, refused: Application, other_school: School, subtests: Any, now: datetime
) -> None:
    near = School.objects.create(
        bin="990540099932", locality_id="711210000", name_kk="№65 мектеп", name_ru="Школа №65", sort_kk="65"
    )
    Intake.objects.create(school=near, year=refused.year, language_id="kk", seats=8, outside_limit=2)

    with subtests.test("apply again, elsewhere, or appeal"):
        page = text(at_home.get(page_of("cabinet:application", refused)))
        assert page_of("cabinet:reapply", refused) in page
        assert f'href="{reverse("public:before_school")}?school={near.pk}">№65 мектеп</a>' in page
        assert page_of("cabinet:appeal", refused) in page
        assert "2026 ж. 10 қыркүйек, 23:59" in page
    with subtests.test("nothing to refuse, nothing to appeal"), undone():
        Application.objects.update(status=Status.IN_REVIEW)
        answer = at_home.get(page_of("cabinet:appeal", refused))
        assert answer["Location"] == page_of("cabinet:application", refused)
    with subtests.test("too late: what is left is said, and what was typed is not lost"):
        refused.decisions.update(signed_at=now - timedelta(days=93))
        assert "не қалғанын қараңыз" in text(at_home.get(page_of("cabinet:application", refused)))
        answer = at_home.post(page_of("cabinet:appeal", refused), TYPED)
        page = words(text(answer))
        assert (answer.status_code, Appeal.objects.count()) == (409, 0)
        assert "сотқа жүгінуге болады" in page and "дәлелді себеппен" in page and WHY in page
        assert "Шағымды жіберу" not in page


def test_parent_files_an_appeal_once_and_everybody_hears_without_its_words(
    at_home: Client, refused: Application, director: User, executor: User, officer: User, subtests: Any
) -> None:
    path = page_of("cabinet:appeal", refused)

    with subtests.test("nobody at work whose own child it is"), undone():
        Guardianship.objects.create(user=executor, child=refused.child, answered_at=timezone.now())
        at_home.post(path, TYPED)
        heard = Message.objects.filter(template="appeal_school").values_list("recipient", flat=True)
        assert set(heard) == {director.pk}
    with subtests.test("the form is made of the case"):
        page = words(text(at_home.get(path)))
        for told in (refused.number, "«№63 жалпы білім беретін мектеп» КММ", "Мекенжайыңыз тізімде жоқ."):
            assert str(told) in page
    with subtests.test("empty, too short, too long, hostile"):
        for typed, fault in (
            ({}, "Шешіммен неге келіспейтініңізді жазыңыз."),
            (TYPED | {"words": "Жоқ"}, "Кемінде 20 таңба жазыңыз."),
            (TYPED | {"words": "а" * 4001}, "4000 таңбаға дейін қысқартыңыз."),
            (TYPED | {"wish": "x"}, "Қателер бар"),
            (TYPED | {"words": "\0" * 30}, "көрінбейтін таңбалар"),
            (TYPED | {"words": f"\u202e{WHY}\u200b"}, f"{WHY}</textarea>"),
        ):
            answer = at_home.post(path, typed)
            assert (answer.status_code, Appeal.objects.count()) == (400, 0)
            assert fault in text(answer)
    with subtests.test("the registers are silent: what was typed stands in the form"), undone():
        Guardianship.objects.update(answered_at=timezone.now() - timedelta(days=90))
        answer = at_home.post(path, TYPED)
        page = text(answer)
        assert (answer.status_code, Appeal.objects.count()) == (503, 0)
        assert f"{WHY}</textarea>" in page and "шағым әлі жіберілген жоқ" in page
    with subtests.test("filed twice it is one"):
        assert [at_home.post(path, TYPED)["Location"] for _ in range(2)] == [path, path]
        made = Appeal.objects.get()
        assert made.number == f"{refused.number}/1" and made.stage(timezone.now()) == Stage.AT_SCHOOL
        assert timezone.localtime(made.pass_by).isoformat() == "2026-06-15T18:30:00+05:00"
        assert timezone.localtime(made.answer_by).isoformat() == "2026-07-13T18:30:00+05:00"
        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.create(
                application=refused, decision=made.decision, by=made.by, words="x", filed_at=made.filed_at,
                pass_by=made.pass_by, answer_by=made.answer_by, number="y",
            )  # fmt: skip
    with subtests.test("told: nobody the words, the department nobody's name"):
        sent = Message.objects.filter(template__startswith="appeal_")
        at_work = sent.filter(channel=Channel.CABINET).exclude(recipient=refused.applicant)
        assert set(at_work.values_list("recipient", "template")) == {
            (director.pk, "appeal_school"), (executor.pk, "appeal_school"), (officer.pk, "appeal_department"),
        }  # fmt: skip
        assert {one.link for one in at_work} == {page_of("review:appeal", made)}
        sms = sent.get(channel=Channel.SMS)
        assert sms.recipient == refused.applicant and str(refused.number) in sms.text
        said = [texts.wording(one.template, one.context) for one in sent]
        assert all(WHY not in one.body and "Сәрсенов" not in one.title + one.body for one in said)
        assert JournalEntry.objects.filter(model="applications.appeal", row=str(made.pk)).exists()
    with subtests.test("shown, with the way to take it back, and it stands in the line of time"):
        page = text(at_home.get(path))
        assert WHY in page and "Шағым мектепте" in page
        assert page_of("cabinet:take_back_appeal", refused) in page
        page = words(text(at_home.get(page_of("cabinet:application", refused))))
        assert "Өтініш беруші: бас тартуға шағым берілді." in page
        assert "2026 ж. 15 маусым, 18:30 (соңғы мерзімі) Қазір: Мектепте: шағым қаралып жатыр." in page


# What has become of the refusal since its page was opened: the answer's status, what the page says, whether
# the words stand in its form (or beside it), and how many appeals there are.
MEANWHILE: dict[str, tuple[Callable[..., Any] | None, int, str, bool, int]] = {
    "nothing": (None, 302, "Шағым мектепте", False, 1),
    "another refusal": (refuse_anew, 409, "енді басқа бас тарту күшінде", True, 0),
    "an admission": (admit, 409, "бас тарту енді күшінде емес", False, 0),
    "appealed in other words": (
        lambda found, _by: appeals.file(
            found, by=found.applicant, wish=Wish.REVIEW, words=f"{WHY} 2", now=timezone.now()
        ),
        409, "осы шешімге шағымыңыз бұрын тіркелген", False, 1,
    ),
}  # fmt: skip


@pytest.mark.rule("D82")
@pytest.mark.parametrize("race", [False, True], ids=["before the press", "under it"])
@pytest.mark.parametrize("what", MEANWHILE)
def test_appeal_is_of_the_decision_that_was_read_and_its_words_are_not_lost(
    at_home: Client, refused: Application, director: User, what: str, race: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    happens, status, said, stands, count = MEANWHILE[what]
    path, file = page_of("cabinet:appeal", refused), appeals.file
    shown = re.search(r'name="decision" value="(\d+)"', text(at_home.get(path)))
    assert shown

    def overtaken(*of: Any, **typed: Any) -> Appeal:
        monkeypatch.setattr(appeals, "file", file)
        if happens:
            happens(refused, director)
        return file(*of, **typed)

    if race:
        monkeypatch.setattr(appeals, "file", overtaken)
    elif happens:
        happens(refused, director)
    answer = at_home.post(path, TYPED | {"decision": shown[1]})

    assert (answer.status_code, Appeal.objects.count()) == (status, count)
    page = text(at_home.get(path) if status == 302 else answer)
    assert said in page and WHY in page
    assert (f"{WHY}</textarea>" in page) is stands
    if stands:  # read now, it is sent with the same words
        again = re.search(r'name="decision" value="(\d+)"', text(answer))
        assert again and at_home.post(path, TYPED | {"decision": again[1]}).status_code == 302
        assert Appeal.objects.get().decision.pk != int(shown[1])


@pytest.mark.rule("D34", "D82")
def test_who_has_come_after_the_applicant_is_looked_up_before_anything_is_shown(
    client: Client, refused: Application, filed: Appeal, director: User, stranger: User, child: Child,
    clock: Any, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Also where what was typed is of another decision."""
    Guardianship.objects.filter(user=refused.applicant).update(closed_at=now)
    Guardianship.objects.create(user=stranger, child=child, answered_at=now)
    client.force_login(stranger)
    path = page_of("cabinet:appeal", refused)
    assert client.get(path).status_code == 200

    def ended(*_of: Any, **_how: Any) -> None:
        raise Blocked(Code.NOT_THEIRS)

    monkeypatch.setattr(registers, "before_page", ended)
    of_another = refused.decisions.get().pk + 1
    for typed in (None, QueryDict(f"words=x&decision={of_another}")):
        monkeypatch.setattr(kept, "restored", lambda *_of, typed=typed, **_at: typed)
        answer = client.get(path)
        assert WHY not in text(answer) and filed.number not in text(answer)


@pytest.mark.rule("D82")
def test_only_the_appeal_that_was_shown_is_taken_back(
    at_home: Client, refused: Application, filed: Appeal, parent: User, now: datetime
) -> None:
    page, path = page_of("cabinet:appeal", refused), page_of("cabinet:take_back_appeal", refused)
    shown = f'name="appeal" value="{filed.public_id}"'
    assert shown in text(at_home.get(page))
    appeals.take_back(filed, by=parent, now=now)
    again = appeals.file(refused, by=parent, wish=Wish.REVIEW, words=WHY, now=now)

    told = text(at_home.post(path, {"appeal": str(filed.public_id)}, follow=True))
    assert f"№ {filed.number} шағым бойынша іс аяқталған" in told and shown not in told
    assert at_home.post(path, {"appeal": "x"}).status_code == 404
    assert Appeal.objects.open().get() == again

    at_home.post(path, {"appeal": str(again.public_id)})
    assert not Appeal.objects.open().exists()


def test_school_passes_it_on_and_the_department_answers(
    at_home: Client, refused: Application, filed: Appeal, director: User, executor: User, officer: User,
    make_application: Callable[..., Application], subtests: Any, now: datetime, clock: Any,
) -> None:  # fmt: skip
    school, department, page = browser_of(director), browser_of(officer), page_of("review:appeal", filed)
    answer, opinion = page_of("review:answer_appeal", filed), page_of("review:pass_appeal", filed)
    upheld = {"outcome": "UPHELD", "answer": "Мекенжай тізімде бар: тізімнің 12-жолы."}

    with subtests.test("both have it in their list"):
        for client in (school, browser_of(executor), department):
            assert page in text(client.get(reverse("review:appeals")))
            assert page not in text(client.get(reverse("review:appeals") + "?view=ended"))
    with subtests.test("the school may correct or pass it on; its executor reads; the department waits"):
        told = Message.objects.filter(template="appeal_school", recipient=director)
        assert told.filter(read_at=None).exists()
        shown = text(school.get(page))
        assert not told.filter(read_at=None).exists()
        assert WHY in shown and opinion in shown and page_of("review:correct", refused) in shown
        assert opinion not in text(browser_of(executor).get(page))
        assert answer not in text(department.get(page))
        department.post(answer, upheld)
        assert Appeal.objects.get().outcome == ""
    with subtests.test("at the end of the school's term it is the department's"), undone():
        Appeal.objects.update(pass_by=now)
        assert answer in text(department.get(page))
    with subtests.test("passed on, once"):
        assert school.post(opinion, {"opinion": "Жоқ"}).status_code == 400
        for said in (SAID, "Басқа пікір, ол енді жіберілмейді."):
            school.post(opinion, {"opinion": said})
        filed.refresh_from_db()
        assert (filed.opinion, filed.opinion_by) == (SAID, director)
        assert timezone.localtime(filed.answer_by).isoformat() == "2026-07-08T18:30:00+05:00"
        assert filed.stage(timezone.now()) == Stage.AT_DEPARTMENT
    with subtests.test("answered, once; declined ends it"), undone():
        assert department.post(answer, {"outcome": "DECLINED"}).status_code == 400
        department.post(answer, {"outcome": "DECLINED", "answer": SAID})
        department.post(answer, upheld)
        assert Appeal.objects.get().outcome == Outcome.DECLINED
        assert "бір ай ішінде сотқа" in text(at_home.get(page_of("cabinet:appeal", refused)))
        assert page in text(department.get(reverse("review:appeals") + "?view=ended"))
    with subtests.test("answered after the 31st of August it is read by both"), undone():
        clock.move_to(datetime(2026, 9, 8, 12, tzinfo=now.tzinfo))
        late = (browser_of(director), browser_of(officer))
        late[1].post(answer, upheld)
        assert Appeal.objects.get().outcome == Outcome.UPHELD
        for client in late:
            shown = text(client.get(page))
            assert upheld["answer"] in shown and "Биылғы қабылдау аяқталған" in shown
            assert page_of("review:correct", refused) not in shown
            assert page in text(client.get(reverse("review:appeals") + "?view=ended"))
        clock.move_to(now)
    with subtests.test("upheld: the parent reads the answer, the school has to decide anew"):
        department.post(answer, upheld)
        shown = text(at_home.get(page_of("cabinet:appeal", refused)))
        assert upheld["answer"] in shown and SAID in shown
        sms = Message.objects.get(template="appeal_upheld", channel=Channel.SMS)
        assert str(refused.number) in sms.text and "12-жолы" not in sms.text
        assert Message.objects.filter(template="appeal_upheld_school", recipient=director).exists()
        assert page_of("review:correct", refused) in text(school.get(page))
        refused.refresh_from_db()
        assert refused.status == Status.REFUSED  # an answer moves nothing
    with subtests.test("what stands in its way is said to all three"), undone():
        make_application(Status.IN_REVIEW, intake=refused.intake)
        for client in (school, department):
            assert "кейін басқа өтінім берілген" in text(client.get(page))
        assert "басқа өтінім берілген" in text(at_home.get(page_of("cabinet:appeal", refused)))
    with subtests.test("and has"):
        admit(refused, director)
        assert "Мектеп шешімін түзетті" in text(at_home.get(page_of("cabinet:appeal", refused)))
        assert Appeal.objects.get().stage(timezone.now()) == Stage.FULFILLED


def test_what_comes_between_ends_an_appeal_and_wrong_hands_are_kept_off(
    at_home: Client, refused: Application, filed: Appeal, director: User, officer: User, stranger: User,
    parent: User, child: Child, subtests: Any, now: datetime,
) -> None:  # fmt: skip
    later = filed.pass_by + timedelta(hours=1)

    def answer(by: User) -> None:
        appeals.answer(filed, by=by, outcome=Outcome.DECLINED, words=SAID, now=later)

    with subtests.test("the school has corrected its decision"), undone():
        admit(refused, director)
        with pytest.raises(appeals.Ended):
            answer(officer)
        assert filed in Appeal.objects.all() and not Appeal.objects.open().exists()
    with subtests.test("into another refusal too, which may be appealed in its turn"), undone():
        refuse_anew(refused, director)
        assert not Appeal.objects.open().exists()
        with pytest.raises(appeals.Ended):
            answer(officer)
        assert "Шағымды жіберу" in text(at_home.get(page_of("cabinet:appeal", refused)))
        again = appeals.file(refused, by=parent, wish=Wish.ADMIT, words=WHY, now=now)
        assert (again.stage(now), Appeal.objects.open().get()) == (Stage.AT_SCHOOL, again)
    with subtests.test("taken back; it may be filed again in time"), undone():
        appeals.take_back(filed, by=parent, now=now)
        with pytest.raises(appeals.Ended):
            answer(officer)
        again = appeals.file(refused, by=parent, wish=Wish.REVIEW, words=WHY, now=now)
        assert again.number == f"{refused.number}/2"
    with subtests.test("not without end: three of a decision, and what is left is said"), undone():
        for _more in range(2):
            appeals.take_back(refused.appeals.get(outcome=""), by=parent, now=now)
            appeals.file(refused, by=parent, wish=Wish.ADMIT, words=WHY, now=now)
        appeals.take_back(refused.appeals.get(outcome=""), by=parent, now=now)
        answered = at_home.post(page_of("cabinet:appeal", refused), TYPED)
        shown = text(answered)
        assert (answered.status_code, Appeal.objects.count()) == (409, 3)
        assert "3 реттен артық шағым берілмейді" in shown and "сотқа жүгінуге" in shown
        assert "Жазғаныңыз" in shown and "Шағымды жіберу" not in shown
    with subtests.test("nobody but the applicant files or takes it back, nobody but the post-holder answers"):
        for act in (
            lambda: appeals.take_back(filed, by=stranger, now=now),
            lambda: appeals.file(refused, by=stranger, wish=Wish.ADMIT, words=WHY, now=now),
            lambda: appeals.pass_on(filed, by=officer, opinion=SAID, now=now),
            lambda: answer(director),
        ):
            with pytest.raises(NotAllowed):
                act()
    page = page_of("review:appeal", filed)
    with subtests.test("an officer's own child"), undone():
        Guardianship.objects.create(user=officer, child=child, answered_at=now)
        with pytest.raises(Barred):
            answer(officer)
        assert browser_of(officer).get(page).status_code == 404
    with subtests.test("a child whom a court hides from the officer"), undone():
        Protection.objects.create(child_iin=child.iin, barred_iin=officer.iin, since=now, why="x")
        assert browser_of(officer).get(page).status_code == 404
        assert page not in text(browser_of(officer).get(reverse("review:appeals")))
    with subtests.test("a school that takes nobody any more still answers"), undone():
        School.objects.update(stops_on=now.date())
        appeals.pass_on(filed, by=director, opinion=SAID, now=now)
        answer(officer)
        assert Appeal.objects.get().outcome == Outcome.DECLINED


@pytest.mark.rule("D58")
def test_header_and_digest_count_what_is_in_the_readers_hands(
    filed: Appeal, director: User, executor: User, officer: User, child: Child, subtests: Any, now: datetime,
    clock: Any,
) -> None:  # fmt: skip
    def counted(user: User) -> tuple[int, int]:
        """By the menu of any page, and by the digest of the next working morning."""
        found = re.search(r">Шағымдар <[^>]*>(\d+)<", text(browser_of(user).get(reverse("public:home"))))
        with undone():
            digest.run(now=now.replace(day=11, hour=9))
            sent = Message.objects.filter(recipient=user, template__startswith="digest")
            told = sum(one.context["appeals"] for one in sent.filter(channel=Channel.CABINET))
            assert all(one.link == reverse("review:appeals") for one in sent)
        return int(found[1]) if found else 0, told

    def counts() -> list[tuple[int, int]]:
        return [counted(user) for user in (director, executor, officer)]

    none, one = (0, 0), (1, 1)
    with subtests.test("the school's three days: the director's, who alone answers"):
        assert counts() == [one, none, none]
    with subtests.test("past them: the department's"), undone():
        Appeal.objects.update(pass_by=now)
        assert counts() == [none, none, one]
        with subtests.test("on the second first of September too, and in the list, till it is answered"):
            Intake.objects.update(year=2023)
            Application.objects.update(year=2023)
            assert counts() == [none, none, one]
            page, theirs = page_of("review:appeal", filed), browser_of(officer)
            assert page in text(theirs.get(reverse("review:appeals")))
            assert theirs.get(page).status_code == 200
            Appeal.objects.update(outcome=Outcome.DECLINED, answer="x", ended_at=now)
            assert theirs.get(page).status_code == 404
    with subtests.test("passed on: the department's"), undone():
        appeals.pass_on(filed, by=director, opinion=SAID, now=now)
        assert counts() == [none, none, one]
        with subtests.test("but an officer's whose own child it is"), undone():
            Guardianship.objects.create(user=officer, child=child, answered_at=now)
            assert counts() == [none, none, none]
        with subtests.test("and one's from whom a court hides it"), undone():
            Protection.objects.create(child_iin=child.iin, barred_iin=officer.iin, since=now, why="x")
            assert counts() == [none, none, none]
        with subtests.test("answered: nobody's"), undone():
            appeals.answer(filed, by=officer, outcome=Outcome.DECLINED, words=SAID, now=now)
            assert counts() == [none, none, none]
    with subtests.test("corrected: nobody's"), undone():
        admit(filed.application, director)
        assert counts() == [none, none, none]
    with subtests.test("their own page shows the entry without a number"):
        page = text(browser_of(officer).get(reverse("review:appeals")))
        assert f'href="{reverse("review:appeals")}" aria-current="page">Шағымдар</a>' in page


@pytest.mark.rule("D43")
def test_officer_looks_into_the_documents_while_the_answer_is_theirs(
    make_application: Callable[..., Application], parent: User, director: User, officer: User,
    subtests: Any, now: datetime, clock: Any,
) -> None:  # fmt: skip
    clock.move_to(now)
    draft = complete(make_application(), now=now)
    keeping.store(
        draft, kind=DocumentKind.PHOTO, upload=SimpleUploadedFile("a.jpg", jpeg()), now=now
    )  # fmt: skip
    Application.objects.filter(pk=draft.pk).update(
        status=Status.REFUSED, submitted_at=now, received_at=now, due_at=now, decided_at=now
    )
    draft.refresh_from_db()
    draft.decisions.create(
        result=Result.REFUSE, reason_code=RefusalReason.OTHER, reason="x", prepared_by=director,
        prepared_at=now, signed_by=director, signed_at=now,
    )  # fmt: skip
    appeal = appeals.file(draft, by=parent, wish=Wish.ADMIT, words=WHY, now=now)
    document, department = draft.documents.get(kind=DocumentKind.PHOTO), browser_of(officer)
    file = reverse("review:appeal_document", args=[appeal.public_id, document.public_id])
    picture = reverse("review:appeal_picture", args=[appeal.public_id, document.public_id, 1])

    def statuses() -> list[int]:
        return [department.get(address).status_code for address in (file, picture)]

    def looks() -> int:
        read = JournalEntry.objects.filter(model="applications.document", row=str(document.pk), kind="READ")
        return read.count()

    with subtests.test("not while the school has it"):
        assert statuses() == [404, 404] and file not in text(department.get(page_of("review:appeal", appeal)))
    appeals.pass_on(appeal, by=director, opinion=SAID, now=now)
    with subtests.test("then beside the answer, each look written down and told to the parent"):
        shown = text(department.get(page_of("review:appeal", appeal)))
        assert file in shown and "«Кім қарады»" in shown
        assert statuses() == [200, 200] and looks() == 2
        told = text(browser_of(parent).get(reverse("cabinet:readers", args=[draft.child.pk])))
        assert "Білім басқармасы" in told
    with subtests.test("turned by plain links, and what is half written finds its document again"):
        query = f"?document={document.public_id}&sheet=1&turn=1&zoom=2"
        turned = text(department.get(page_of("review:appeal", appeal) + query))
        assert f"{picture}?turn=1&amp;zoom=2" in turned
        answered = department.post(
            page_of("review:answer_appeal", appeal), {},
            headers={"referer": f"http://testserver{page_of('review:appeal', appeal)}{query}"},
        )  # fmt: skip
        assert f"{picture}?turn=1&amp;zoom=2" in text(answered)
    with subtests.test("the school's people do not: of a refused case they keep the outcome"):
        assert browser_of(director).get(file).status_code == 404
    with subtests.test("nor an officer whose own child it is"), undone():
        Guardianship.objects.create(user=officer, child=draft.child, answered_at=now)
        assert statuses() == [404, 404]
    with subtests.test("nor one from whom a court hides it"), undone():
        Protection.objects.create(child_iin=draft.child.iin, barred_iin=officer.iin, since=now, why="x")
        assert statuses() == [404, 404]
    with subtests.test("nor what is erased"), undone():
        Document.objects.update(erased_at=now, file="")
        assert statuses() == [404, 404]
        assert "файл жойылды" in text(department.get(page_of("review:appeal", appeal)))
    with subtests.test("answered, it is over"):
        appeals.answer(appeal, by=officer, outcome=Outcome.UPHELD, words=SAID, now=now)
        assert statuses() == [404, 404] and file not in text(department.get(page_of("review:appeal", appeal)))


@pytest.mark.rule("D40")
def test_documents_stay_while_an_appeal_is_open(refused: Application, filed: Appeal, now: datetime) -> None:
    Document.objects.create(
        application=refused,
        kind="PHOTO",
        source="MANUAL",
        mime="x",
        size=1,
        sha256="x",
        added_at=now,
        file="x",
    )
    before = now + timedelta(days=400)
    assert list(due.files_of_closed(before)) == []

    Appeal.objects.update(outcome=Outcome.DECLINED, answer="x", ended_at=now)

    assert list(due.files_of_closed(before)) == [refused]
