"""Every act of a parent leans on what the registers say today (D34), against the sandbox that plays them."""

import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from accounts import children, consents, freshness, outside
from accounts.models import Child, Guardianship, Protection, Trouble, User
from applications import behind, facts, lifecycle, registers
from applications.eligibility import Blocked, Code
from applications.filing import wizard
from applications.filing.tests.wizard_cast import clock, file, jpeg, step, text
from applications.models import Application, Purpose, Signature, SigningRequest
from applications.papers import drawing
from applications.papers.tests.test_papers import text_of
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from conftest import ANSWERED, grant_consent
from egov import http, smartbridge
from notifications import texts
from notifications.models import Message
from schools.models import Intake, Period
from tests.sandbox import Sandbox

__all__ = ["clock"]

QUARTER, DAY, MINUTE = timedelta(minutes=16), timedelta(days=1, minutes=1), timedelta(minutes=1)
NOT_THEIRS = "Тізілім бойынша сіз бұл баланың заңды өкілі емессіз"
CHANGED = "Тізілімдегі деректер өзгерді"
SILENT = "Мемлекеттік тізілімдер жауап бермей тұр"

Make = Callable[..., Application]


@pytest.fixture
def child(parent: User, sandbox: Sandbox, clock: Any) -> Child:
    """Born to the parent by the register, added at 11:00 with the consent that 1414 has given."""
    facts = {"name": "Арман", "surname": "Сәрсенов", "birth_date": "2020-12-31", "sex": "M"}
    iin = sandbox.control("POST", f"people/{parent.iin}/children", facts)["iin"]
    record = next(one for one in children.of_register(parent.iin) if one.person.iin == iin)
    added = children.add(parent, record, now=ANSWERED)
    consents.ask(parent, subject=iin, now=ANSWERED)
    sandbox.reply(parent.iin)
    consents.check(parent, subject=iin, now=ANSWERED)
    return added


@pytest.fixture
def draft(parent: User, child: Child, make_application: Make, now: datetime) -> Application:
    """Ready to be signed, with the facts as the applicant has seen them."""
    made = complete(make_application(ticks_version=wizard.TICKS_VERSION), now=now)
    made.refresh_from_db()
    registers.mark_seen(made)
    return made


@pytest.mark.rule("D77")
def test_question_put_beside_knows_of_a_pause_and_whose_it_is(
    draft: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread can read no row; a trace tells it by what the page has at hand."""
    page, met = ContextVar("page", default=""), []
    known = page.set("this one")
    outside.begin_pause("enrolment", why="x", until=timezone.now() + DAY, now=timezone.now())
    draft.step1_at = None
    monkeypatch.setattr(
        "applications.enrolment.question",
        lambda *_whom: lambda: met.append((page.get(), outside.is_paused("enrolment"))),
    )

    with registers.enrolment_beside(draft, now=now) as answer:
        assert answer is not None
        answer()
    page.reset(known)

    assert met == [("this one", True)]


@dataclass
class Home:
    """The parent signed in, the child, the draft, the registers around them."""

    client: Client
    parent: User
    child: Child
    draft: Application
    sandbox: Sandbox
    clock: Any

    def open(self, name: str) -> Any:
        return self.client.get(step(self.draft, name))

    def sign(self) -> Any:
        return self.client.post(reverse("filing:sign", args=[self.draft.public_id]))

    def take_away(self) -> None:
        """A court: the register of births has no such tie any more."""
        ties = self.sandbox.person(self.parent.iin)["children"]
        left = [tie for tie in ties if tie["iin"] != self.child.iin]
        self.sandbox.person(self.parent.iin, children=left)

    def tell(self, whose: str, facts: dict[str, Any]) -> None:
        self.sandbox.person(getattr(self, whose).iin, **facts)

    def later(self, by: timedelta) -> None:
        """Signed in again where the session has ended meanwhile."""
        self.clock.shift(by)
        self.client.force_login(self.parent)

    def silence(self) -> None:
        for system in ("person", "children", "address", "enrolment", "consent"):
            self.sandbox.fault(system, "fail")


@pytest.fixture
def home(
    client: Client, parent: User, child: Child, draft: Application, sandbox: Sandbox, clock: Any
) -> Home:
    client.force_login(parent)
    return Home(client, parent, child, draft, sandbox, clock)


def page(name: str, application: Application) -> str:
    return reverse(f"cabinet:{name}", args=[application.public_id])


# --- a tie that is gone --------------------------------------------------------------------------------
@pytest.mark.rule("D34")
@pytest.mark.parametrize("name", wizard.PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_draft_is_closed_to_whom_the_child_was_taken_from(home: Home, name: str, method: str) -> None:
    home.take_away()
    home.later(DAY)

    answer = getattr(home.client, method)(step(home.draft, name))

    assert answer.status_code == 403
    assert NOT_THEIRS in text(answer)
    assert home.child.name not in text(answer)


@pytest.mark.rule("D34")
def test_nothing_of_a_closed_draft_is_reached(home: Home) -> None:
    """Its files, its list entry, its signing pages; a new one is not begun."""
    signing, draft, name = home.sign()["Location"], home.draft, home.child.full_name
    home.take_away()
    home.later(QUARTER)
    upload = reverse("filing:upload", args=[draft.public_id, "photo-1"])
    document = reverse("filing:document", args=[draft.public_id, draft.documents.all()[0].public_id])
    number = reverse("signing:document", args=[signing.rstrip("/").rpartition("/")[2], 1])
    assert home.client.get(document).status_code == home.client.get(number).status_code == 200

    assert home.sign().status_code == 403

    answers = [home.client.get(document), home.client.post(upload, {"photo-1": file("a.jpg", jpeg())})]
    assert [answer.status_code for answer in [*answers, home.client.get(number)]] == [404, 404, 404]
    assert NOT_THEIRS in text(home.client.get(signing))
    lists = [reverse(f"{page}") for page in ("cabinet:applications", "accounts:children", "filing:start")]
    assert [page for page in lists if name in text(home.client.get(page))] == []


@pytest.mark.rule("D34")
def test_withdrawal_is_not_opened_by_whom_the_child_was_taken_from(
    home: Home, make_application: Make
) -> None:
    accepted = make_application(Status.ACCEPTED)
    home.take_away()
    home.later(QUARTER)

    answer = home.client.post(page("sign_withdrawal", accepted))

    assert (answer.status_code, SigningRequest.objects.count()) == (403, 0)
    assert NOT_THEIRS in text(answer)
    assert home.client.get(page("withdraw", accepted)).status_code == 403


@pytest.mark.rule("D34")
@pytest.mark.parametrize("purpose", [Purpose.APPLICATION, Purpose.WITHDRAWAL])
def test_signature_that_comes_after_the_denial_moves_nothing(
    home: Home, make_application: Make, now: datetime, purpose: str
) -> None:
    """Whatever was asked before it: the tie is looked at under the application's lock."""
    signed = home.draft
    if purpose == Purpose.WITHDRAWAL:
        signed = make_application(Status.ACCEPTED, snapshot={"frozen": True})
    evidence = evidence_of(signed, purpose, by=home.parent, now=now)
    Guardianship.objects.update(denied_at=now)
    held = Intake.objects.values().get()

    with pytest.raises(Blocked) as blocked:
        lifecycle.act(evidence, now=now)

    assert blocked.value.code == Code.NOT_THEIRS
    assert Application.objects.get(pk=signed.pk).status == signed.status
    assert Intake.objects.values().get() == held


@pytest.mark.rule("D34")
def test_register_that_loses_a_child_for_a_minute_costs_nobody_their_work(home: Home) -> None:
    lost = {"child": home.child.iin, "seconds": 60}
    home.sandbox.control("POST", f"people/{home.parent.iin}/lose", lost)
    home.later(QUARTER)
    assert home.open("review").status_code == 403

    home.sandbox.clock(61)
    home.later(behind.CONFIRMED_AFTER)

    assert behind.close_denied(now=ANSWERED + QUARTER + behind.CONFIRMED_AFTER) == 0
    assert home.open("review").status_code == 200
    assert home.draft.documents.count() == 3


@pytest.fixture
def taken(home: Home) -> datetime:
    """Denied once, before a page; the moment at which the worker asks again."""
    home.take_away()
    home.later(QUARTER)
    home.open("review")
    return ANSWERED + QUARTER + behind.CONFIRMED_AFTER


@pytest.mark.rule("D34")
def test_what_was_typed_is_kept_for_nobody(home: Home, taken: datetime) -> None:
    files = list(home.draft.documents.values_list("file", flat=True))
    assert behind.close_denied(now=taken - MINUTE) == 0

    with TestCase.captureOnCommitCallbacks(execute=True):
        assert behind.close_denied(now=taken) == 1

    assert not Application.objects.exists()
    assert files and not any(default_storage.exists(name) for name in files)
    assert behind.close_denied(now=taken + MINUTE) == 0


@pytest.mark.rule("D34")
def test_silent_register_confirms_no_denial(home: Home, taken: datetime) -> None:
    home.sandbox.fault("children", "fail")

    assert behind.close_denied(now=taken) == 0
    assert Application.objects.filter(pk=home.draft.pk).exists()


@pytest.fixture
def left_behind(home: Home, make_application: Make, director: User, taken: datetime) -> Application:
    """Filed by somebody whom the child was taken from since."""
    filed = make_application(Status.ACCEPTED)
    filed.snapshot = facts.snapshot(filed)
    filed.save()
    behind.close_denied(now=taken)
    return filed


@pytest.mark.rule("D34")
def test_school_is_told_that_the_applicant_represents_the_child_no_more(
    client: Client, left_behind: Application, director: User
) -> None:
    assert [one.template for one in Message.objects.filter(recipient=director)] == ["not_represented"]
    client.force_login(director)

    shown = text(client.get(reverse("review:application", args=[left_behind.public_id])))

    assert "Өтініш беруші енді баланың заңды өкілі емес" in shown


@pytest.mark.rule("D34")
def test_other_parent_sees_what_was_filed_and_nothing_of_the_applicant(
    home: Home, left_behind: Application, stranger: User
) -> None:
    where, client, parent = page("application", left_behind), home.client, home.parent
    client.force_login(stranger)
    assert client.get(where).status_code == 404
    assert str(left_behind.number) not in text(client.get(reverse("cabinet:applications")))

    home.sandbox.person(stranger.iin, children=[{"iin": home.child.iin}])
    children.add(stranger, children.of_register(stranger.iin)[0], now=ANSWERED)
    shown = text(client.get(where))

    assert home.child.full_name in shown and left_behind.chosen_intake.school.name_kk in shown
    assert str(left_behind.number) in text(client.get(reverse("cabinet:applications")))
    assert [word for word in (parent.name, parent.shown_phone, parent.patronymic) if word in shown] == []
    for door in ("result", "reapply"):
        assert client.get(page(door, left_behind)).status_code == 404


# --- the other parent withdraws -------------------------------------------------------------------------
@pytest.fixture
def other(home: Home, left_behind: Application, stranger: User) -> User:
    """The child's other parent, by the register of today."""
    home.sandbox.person(stranger.iin, children=[{"iin": home.child.iin}])
    children.add(stranger, children.of_register(stranger.iin)[0], now=timezone.now())
    home.client.force_login(stranger)
    return stranger


@pytest.mark.rule("D36")
def test_applicant_who_stays_away_is_asked_about_when_somebody_else_adds_the_child(
    home: Home, make_application: Make, stranger: User
) -> None:
    filed = make_application(Status.IN_REVIEW)
    assert behind.ask_superseded(now=timezone.now()) == 0  # nobody else has come
    home.sandbox.person(stranger.iin, children=[{"iin": home.child.iin}])
    home.take_away()
    home.later(QUARTER)
    children.add(stranger, children.of_register(stranger.iin)[0], now=timezone.now())
    added_at = timezone.now()
    Guardianship.objects.filter(user=stranger).update(added_at=added_at)

    assert behind.ask_superseded(now=added_at + MINUTE) == 1

    assert Guardianship.objects.get(user=filed.applicant).denied_at is not None
    assert behind.ask_superseded(now=added_at + 2 * MINUTE) == 0


def withdraw(application: Application, *, by: User, as_of: datetime | None = None) -> Application:
    """What a signature moves, with the paper as the page has opened it."""
    fresh, now = Application.objects.get(pk=application.pk), timezone.now()
    stated = facts.stated(fresh, by=by, as_of=as_of)
    return lifecycle.act(evidence_of(fresh, Purpose.WITHDRAWAL, by=by, now=now, stated=stated), now=now)


@pytest.mark.rule("D36", "R52")
@pytest.mark.parametrize("is_left", [True, False])
def test_obstacle_leads_the_other_parent_to_what_they_may_do(
    home: Home, left_behind: Application, other: User, is_left: bool
) -> None:
    """To who may withdraw it no page says that somebody else must."""
    if not is_left:
        Guardianship.objects.filter(user=home.parent).update(denied_at=None, closed_at=None)
    grant_consent(other, home.child)

    told = home.client.post(reverse("filing:start"), {"child": home.child.pk})

    shown = text(told)
    assert (told.status_code, "Белсенді өтінім бар" in shown) == (409, True)
    assert "баланың басқа заңды өкілі кері қайтарып ала алады" in shown and "адам ғана" not in shown
    assert page("application", left_behind) in shown
    assert ("бұрын баланың заңды өкілі болған адам берген" in shown) == is_left
    assert ("Өтінімнің барысын көру" in shown) != is_left
    assert ("адам ғана" in text(home.client.get(reverse("public:help")))) is False


@pytest.mark.rule("D36", "R112")
def test_other_parent_withdraws_what_was_left_behind_and_both_are_told(
    home: Home, left_behind: Application, other: User, tmp_path: Path
) -> None:
    Intake.objects.update(held_local=1)
    assert "Кері қайтарып алу" in text(home.client.get(page("application", left_behind)))
    assert "өтініш берушіге хабарланады" in text(home.client.get(page("withdraw", left_behind)))

    assert home.client.post(page("sign_withdrawal", left_behind)).status_code == 302

    asked = SigningRequest.objects.get()
    assert asked.stated["by"] == {"iin": other.iin, "name": other.full_name, "relation": "PARENT"}
    with asked.payload.open() as file:
        printed = text_of(file.read(), tmp_path)
    assert other.full_name in printed and "Баланың заңды өкілі ретінде" in printed
    assert [word for word in (home.parent.full_name, home.parent.iin) if word in printed] == []
    withdraw(left_behind, by=other)
    assert (Application.objects.get().status, Intake.objects.get().held_local) == (Status.WITHDRAWN, 0)
    told = Message.objects.filter(template__startswith="withdrawn", recipient__in=[other, home.parent])
    assert set(told.values_list("recipient", "template", "channel")) == {
        (user.pk, template, channel)
        for user, template in ((other, "withdrawn"), (home.parent, "withdrawn_by_other"))
        for channel in ("CABINET", "SMS")
    }
    assert texts.answers("withdrawn") and not texts.answers("withdrawn_by_other")  # by night (D58)


WITHDREW = {
    "Сіз: өтінім кері қайтарып алынды.": "self",
    "Өтініш беруші: өтінім кері қайтарып алынды.": "applicant",
    "Баланың басқа заңды өкілі: өтінім кері қайтарып алынды.": "other",
}


@pytest.mark.rule("D36", "D74", "D80")
@pytest.mark.parametrize(
    ("reader", "by", "returned", "said"),
    [
        ("parent", "parent", False, "self"),
        ("parent", "other", False, "other"),
        ("other", "other", False, "self"),
        ("other", "parent", False, "applicant"),
        ("other", "other", True, "self"),  # the applicant represents the child again: told of (D80)
        ("other", "parent", True, "applicant"),
    ],
)
def test_withdrawal_is_told_of_who_has_made_it(
    home: Home, left_behind: Application, other: User, reader: str, by: str, returned: bool, said: str
) -> None:
    people = {"parent": home.parent, "other": other}
    ties = Guardianship.objects.filter(user=home.parent)
    ended = ties.values("denied_at", "closed_at").get()
    if by == "parent":
        ties.update(denied_at=None, closed_at=None)
    withdraw(left_behind, by=people[by])
    ties.update(**({"denied_at": None, "closed_at": None} if returned else ended))
    home.client.force_login(people[reader])

    shown = text(home.client.get(page("application", left_behind)))

    assert {who for words, who in WITHDREW.items() if words in shown} == {said}
    assert ("басқа заңды өкілі кері қайтарып алды" in shown) == (said == "other")


@pytest.mark.rule("D36")
def test_other_parent_withdraws_nothing_while_the_applicant_represents_the_child(
    home: Home, left_behind: Application, other: User
) -> None:
    """The register tells the applicant's tie again, after the page was opened and before the signature."""
    home.client.post(page("sign_withdrawal", left_behind))
    signing = reverse("signing:page", args=[SigningRequest.objects.get().batch.token])
    Guardianship.objects.filter(user=home.parent).update(denied_at=None, closed_at=None)

    with pytest.raises(lifecycle.NotAllowed):
        withdraw(left_behind, by=other)

    assert Application.objects.get().status == Status.ACCEPTED
    assert home.client.post(page("sign_withdrawal", left_behind)).status_code == 404
    assert "енді қол қойылмайды" in text(home.client.get(signing))


@pytest.mark.rule("D36")
def test_other_parent_whose_tie_is_denied_withdraws_nothing(
    home: Home, left_behind: Application, other: User
) -> None:
    home.sandbox.person(other.iin, children=[])
    home.later(QUARTER)
    home.client.force_login(other)

    answers = [
        home.client.get(page("withdraw", left_behind)),
        home.client.post(page("sign_withdrawal", left_behind)),
    ]

    assert [answer.status_code for answer in answers] == [403, 404]
    assert not SigningRequest.objects.exists()


@pytest.mark.rule("D36", "D35")
def test_other_parent_from_whom_a_court_hides_the_child_withdraws_nothing(
    home: Home, left_behind: Application, other: User, now: datetime
) -> None:
    hidden = {"child_iin": home.child.iin, "barred_iin": other.iin, "since": now, "why": "№ 1"}
    Protection.objects.create(set_by=home.parent, **hidden)

    with pytest.raises(Blocked) as blocked:
        withdraw(left_behind, by=other)

    assert blocked.value.code == Code.PROTECTED
    assert home.client.get(page("withdraw", left_behind)).status_code == 404


@pytest.mark.rule("D4", "D80")
def test_other_parent_is_told_how_it_stands_while_the_register_names_both(
    home: Home, make_application: Make, stranger: User
) -> None:
    filed = make_application(Status.IN_REVIEW)
    home.sandbox.person(stranger.iin, children=[{"iin": home.child.iin}])
    children.add(stranger, children.of_register(stranger.iin)[0], now=ANSWERED)
    home.client.force_login(stranger)
    assert home.client.get(page("application", filed)).status_code == 200

    home.sandbox.person(stranger.iin, children=[])  # a court
    home.clock.shift(QUARTER)

    answers = [home.client.get(page("application", filed)) for _look in range(2)]
    assert [answer.status_code for answer in answers] == [403, 404]
    assert not any(str(filed.number) in text(answer) for answer in answers)


# --- changed facts --------------------------------------------------------------------------------------
NEAR = {"kato": "711210000", "street": "Сәтбаев көшесі", "house": "9"}
NEAR |= {"text_kk": "Сәтбаев көшесі, 9-үй", "text_ru": "улица Сатпаева, дом 9"}
AWAY = NEAR | {"street": "Тұран даңғылы", "house": "999"}
WAS = "Сәтбаев көшесі, 1-үй"
CHANGES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "the applicant's name": ("parent", {"surname": "Сәрсен"}, "Сәрсенова Айгүл", "Сәрсен Айгүл"),
    "the child's name": ("child", {"name": "Арыстан"}, "Сәрсенов Арман", "Сәрсенов Арыстан"),
    "the birth date": ("child", {"birth_date": "2020-12-30"}, "31 желтоқсан", "30 желтоқсан"),
    "the applicant's address": ("parent", {"address": NEAR}, WAS, NEAR["text_kk"]),
    "the child's address": ("child", {"address": NEAR}, WAS, NEAR["text_kk"]),
}


@pytest.mark.rule("D34")
@pytest.mark.parametrize("what", CHANGES)
def test_changed_fact_is_shown_old_beside_new_and_signed_only_then(home: Home, what: str) -> None:
    whose, told, old, new = CHANGES[what]
    assert home.sign().status_code == 302
    signing_request = SigningRequest.objects.get()
    home.tell(whose, told)
    home.later(QUARTER)

    refused = home.sign()

    assert refused.status_code == 409
    assert [word for word in (CHANGED, old, new) if word not in text(refused)] == []
    assert (
        facts.content_sha256(Application.objects.get(), Purpose.APPLICATION, None)
        != signing_request.content_sha256
    )  # so that a signature of it is refused
    looked = text(home.open("review"))
    assert [word for word in (CHANGED, old, new) if word not in looked] == []
    assert home.sign().status_code == 302
    assert CHANGED not in text(home.open("review"))


@pytest.mark.rule("D34")
@pytest.mark.parametrize(
    ("whose", "told", "said"),
    [
        ("child", {"birth_date": "2021-01-01"}, "Баланың жасы әзірге сәйкес келмейді"),
        ("parent", {"address": AWAY}, "Мекенжайыңыз бұл мектептің шағын ауданына кірмейді"),
        ("parent", {"address": {}}, "Мекенжайыңыз бұл мектептің шағын ауданына кірмейді"),
    ],
)
@pytest.mark.parametrize("door", ["sign", "review"])
def test_change_that_breaks_a_rule_says_which(
    home: Home, whose: str, told: dict[str, Any], said: str, door: str
) -> None:
    home.tell(whose, told)
    home.later(QUARTER)

    answer = home.sign() if door == "sign" else home.open(door)

    assert (answer.status_code, SigningRequest.objects.count()) == (409, 0)
    assert said in text(answer) and CHANGED in text(answer)


@pytest.mark.rule("D34", "R53")
@pytest.mark.parametrize("door", ["sign", "review"])
def test_child_enrolled_since_is_not_signed_for(home: Home, door: str) -> None:
    school = {"bin": "990540099902", "school_kk": "№5 мектеп", "school_ru": "Школа №5", "grade": 1}
    home.tell("child", {"enrolment": school})
    home.later(QUARTER)

    answer = home.sign() if door == "sign" else home.open(door)

    assert (answer.status_code, SigningRequest.objects.count()) == (409, 0)
    assert "№5 мектеп" in text(answer)


# --- silence ---------------------------------------------------------------------------------------------
@pytest.mark.rule("D34")
def test_signature_asks_nobody_what_the_last_step_has_asked(home: Home) -> None:
    home.later(QUARTER)
    assert home.open("review").status_code == 200
    home.silence()

    asked = Trouble.objects.count()
    assert home.sign().status_code == 302

    home.draft.refresh_from_db()
    assert (home.draft.registers_as_of, Trouble.objects.count()) == (None, asked)


@pytest.mark.rule("D34")
def test_silent_register_leaves_its_last_answer_and_the_paper_says_of_when(
    home: Home, now: datetime, tmp_path: Path
) -> None:
    home.silence()
    home.later(QUARTER)

    assert "соңғы жауабына (2026 ж. 10 маусым, 11:00)" in text(home.open("review"))
    assert home.sign().status_code == 302
    home.draft.refresh_from_db()
    filed = lifecycle.act(evidence_of(home.draft, Purpose.APPLICATION, by=home.parent, now=now), now=now)
    assert datetime.fromisoformat(filed.snapshot["registers_as_of"]) == ANSWERED
    assert "олардың соңғы жауабы бойынша (10.06.2026 11:00)" in text_of(
        drawing.application_pdf(filed), tmp_path
    )


@pytest.mark.rule("D34")
def test_withdrawal_on_an_older_answer_says_of_when_it_is(
    home: Home, make_application: Make, director: User, tmp_path: Path
) -> None:
    """Its page before the signature, its paper, the school's page and the parent's after it."""
    filed = make_application(Status.ACCEPTED)
    filed.snapshot = facts.snapshot(filed)
    filed.save()
    home.silence()
    home.later(QUARTER)

    assert "соңғы жауабына (2026 ж. 10 маусым, 11:00)" in text(home.client.get(page("withdraw", filed)))
    assert home.client.post(page("sign_withdrawal", filed)).status_code == 302

    asked = SigningRequest.objects.get()
    assert datetime.fromisoformat(asked.stated["registers_as_of"]) == ANSWERED
    with asked.payload.open() as file:
        printed = text_of(file.read(), tmp_path)
    assert "олардың соңғы жауабы бойынша (10.06.2026 11:00)" in printed
    withdraw(filed, by=home.parent, as_of=ANSWERED)
    assert Signature.objects.get().registers_as_of == ANSWERED
    pages = [home.client.get(page("application", filed))]
    home.client.force_login(director)
    pages.append(home.client.get(reverse("review:application", args=[filed.public_id])))
    for shown in pages:
        assert "соңғы жауабына (2026 ж. 10 маусым, 11:00)" in text(shown)


@pytest.mark.rule("D34")
def test_papers_made_anew_on_an_older_answer_name_its_day(home: Home, make_application: Make) -> None:
    filed = make_application(Status.ACCEPTED)
    filed.snapshot = facts.snapshot(filed)
    filed.save()
    Child.objects.update(surname="Сәрсен")
    home.silence()
    home.later(DAY)

    home.client.post(page("renew_papers", filed))

    filed.refresh_from_db()
    assert datetime.fromisoformat(filed.corrected["at"]) == ANSWERED


@pytest.mark.rule("D34")
def test_register_that_answers_again_is_leaned_on_again(home: Home) -> None:
    home.silence()
    home.later(QUARTER)
    home.open("review")
    home.sandbox.repair()
    home.later(2 * MINUTE)

    home.open("review")

    home.draft.refresh_from_db()
    assert home.draft.registers_as_of is None


@pytest.mark.rule("D34", "R53")
def test_education_register_is_asked_beside_the_others(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question waits until all are asked: one after another they would wait for ever."""
    all_asked, real, patience = threading.Barrier(4, timeout=20), http.call, []

    def call(*parts: Any, system: str, **named: Any) -> http.Answer:
        if system in (*freshness.SYSTEMS, "enrolment"):
            patience.append(named["timeout"])
            all_asked.wait()
        return real(*parts, system=system, **named)

    monkeypatch.setattr(http, "call", call)
    home.later(QUARTER)

    assert home.open("review").status_code == 200
    assert patience == [smartbridge.ROUND_SECONDS] * 4


@pytest.mark.rule("D34", "R53")
@pytest.mark.parametrize(("age", "status"), [(timedelta(hours=71), 302), (timedelta(hours=72), 503)])
def test_silent_education_register_leaves_its_answer_for_as_long_as_the_others(
    home: Home, age: timedelta, status: int
) -> None:
    home.sandbox.fault("enrolment", "fail")
    Application.objects.update(step1_at=ANSWERED - age)

    assert home.sign().status_code == status


@pytest.mark.rule("D34", "R53")
def test_education_register_known_to_be_silent_is_not_waited_for(home: Home) -> None:
    home.sandbox.fault("enrolment", "fail")
    home.later(QUARTER)
    assert home.open("review").status_code == 200
    home.sandbox.fault("enrolment", "slow", seconds=60)

    assert home.sign().status_code == 302


# --- registers that disagree, and changes in the very moment -----------------------------------------------
@pytest.mark.rule("D34")
@pytest.mark.parametrize(("register", "label"), [("person", "parent"), ("children", "child")])
def test_register_that_disagrees_with_the_others_files_nothing_unseen(
    home: Home, register: str, label: str
) -> None:
    """Its word is shown beside the old one; when it agrees again, that is a change like any other."""
    assert home.sign().status_code == 302
    home.sandbox.fault(register, "disagree")
    home.later(QUARTER)

    refused = home.sign()

    assert refused.status_code == 409 and "Өзгеше" in text(refused) and CHANGED in text(refused)
    home.sandbox.repair()
    home.later(QUARTER)
    assert home.sign().status_code == 302
    assert CHANGED not in text(home.open("review"))
    assert "Өзгеше" not in str(facts.snapshot(Application.objects.get()))


def file_now(home: Home) -> Application:
    """The signature of what the page has opened comes back."""
    draft = Application.objects.get(pk=home.draft.pk)
    at = timezone.now()
    return lifecycle.act(evidence_of(draft, Purpose.APPLICATION, by=home.parent, now=at), now=at)


@pytest.mark.rule("D34", "D18")
def test_change_in_the_very_moment_of_the_signature_leaves_what_it_was_decided_upon(home: Home) -> None:
    """The register answers before the signature and says something else right after: the application states
    the answer, and the new name is an offer."""
    turn = {"facts": {"surname": "Сәрсен"}, "after": "person"}
    home.sandbox.control("POST", f"people/{home.parent.iin}/turn", turn)
    home.later(QUARTER)
    assert home.sign().status_code == 302
    assert home.sandbox.person(home.parent.iin)["surname"] == "Сәрсен"

    filed = file_now(home)
    freshness.renew(home.parent, now=timezone.now() + MINUTE)

    filed = Application.objects.get(pk=filed.pk)
    assert filed.snapshot["applicant"]["name"].startswith("Сәрсенова")
    assert [one.new for one in registers.corrected_names(filed)] == [filed.applicant.full_name]


@pytest.mark.rule("D34")
def test_tie_taken_away_in_the_very_moment_of_the_signature_is_told_to_the_school(
    home: Home, director: User
) -> None:
    turn = {"facts": {"children": []}, "after": "children"}
    home.sandbox.control("POST", f"people/{home.parent.iin}/turn", turn)
    home.later(QUARTER)
    assert home.sign().status_code == 302

    filed = file_now(home)
    asked_at = timezone.now() + MINUTE
    freshness.renew(home.parent, now=asked_at)  # the answer that comes after the signature

    assert behind.close_denied(now=asked_at + behind.CONFIRMED_AFTER) == 1
    filed.refresh_from_db()
    assert filed.status == Status.IN_REVIEW
    assert Message.objects.filter(recipient=director, template="not_represented").exists()


@pytest.mark.rule("D34")
def test_denial_that_arrives_before_the_signature_is_taken_stops_it(home: Home) -> None:
    """Answered between the page and the phone: by then nothing is filed on it."""
    assert home.sign().status_code == 302
    home.take_away()
    freshness.renew(home.parent, now=timezone.now() + MINUTE)

    with pytest.raises(Blocked) as blocked:
        file_now(home)

    assert blocked.value.code == Code.NOT_THEIRS


@pytest.mark.rule("D34")
def test_answer_of_an_earlier_question_that_comes_late_overwrites_nothing(home: Home) -> None:
    home.sandbox.person(home.parent.iin, surname="Сәрсен")
    freshness.renew(home.parent, now=ANSWERED + QUARTER)
    home.sandbox.person(home.parent.iin, surname="Ескі")
    freshness.renew(home.parent, now=ANSWERED + MINUTE)

    home.parent.refresh_from_db()
    assert home.parent.surname == "Сәрсен"


# --- the rush of an opening -----------------------------------------------------------------------------
@pytest.fixture
def opening(home: Home, settings: Any) -> None:
    """The region opens today; 11:16 is within the rush."""
    settings.OPENING_RUSH = 12 * 3600
    Period.objects.update(opens=ANSWERED.date())


@pytest.mark.rule("D34")
def test_signature_in_the_rush_asks_nobody_and_says_what_it_leans_on(
    home: Home, opening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(http, "call", lambda *_parts, system, **_named: asked.append(system))
    home.later(QUARTER)

    assert home.sign().status_code == 302

    home.draft.refresh_from_db()
    assert (asked, home.draft.registers_as_of) == ([], ANSWERED)


@pytest.mark.rule("D34")
@pytest.mark.parametrize("why", ["denied", "older than three days"])
def test_rush_lets_nobody_sign_on_what_is_denied_or_too_old(home: Home, opening: None, why: str) -> None:
    if why == "denied":
        Guardianship.objects.update(denied_at=ANSWERED)
        home.take_away()
    else:
        Guardianship.objects.update(answered_at=ANSWERED - timedelta(days=3, seconds=1))
        home.silence()

    assert home.sign().status_code == {"denied": 403, "older than three days": 503}[why]


@pytest.mark.rule("D34")
def test_rush_is_over_an_hour_after_the_opening(home: Home) -> None:
    opens = timezone.make_aware(datetime.combine(ANSWERED.date(), time.min))
    Period.objects.update(opens=ANSWERED.date())
    rush = {}
    for seconds in (-1, 0, 3599, 3600):
        now = opens + timedelta(seconds=seconds)
        rush[seconds] = registers.is_rush(registers.window(home.draft, now=now), now=now)

    assert rush == {-1: False, 0: True, 3599: True, 3600: False}


@pytest.mark.rule("D34")
def test_who_filed_on_an_older_answer_is_asked_about_when_the_registers_answer(
    home: Home, opening: None, director: User, now: datetime
) -> None:
    """Taken away before the signature, where nobody asked: the school learns of it minutes later, and the
    application says what it was decided upon."""
    home.take_away()
    home.later(QUARTER)
    home.sign()
    home.draft.refresh_from_db()
    signed_at = timezone.now()
    lifecycle.act(evidence_of(home.draft, Purpose.APPLICATION, by=home.parent, now=signed_at), now=signed_at)
    home.sandbox.fault("children", "fail")
    assert behind.ask_behind(now=signed_at + MINUTE) == 0
    home.sandbox.repair()

    asked_at = signed_at + 3 * MINUTE
    assert behind.ask_behind(now=asked_at) == 1
    assert behind.ask_behind(now=asked_at + MINUTE) == 0
    assert behind.close_denied(now=asked_at + behind.CONFIRMED_AFTER) == 1

    assert Message.objects.filter(recipient=director, template="not_represented").exists()
    told = Application.objects.get().snapshot["registers_as_of"]
    assert datetime.fromisoformat(told) == ANSWERED


@pytest.mark.rule("D34")
def test_answer_older_than_three_days_is_nothing_to_sign_on(home: Home) -> None:
    home.silence()
    home.later(timedelta(days=3, seconds=1))

    answer = home.sign()

    assert (answer.status_code, SigningRequest.objects.count()) == (503, 0)
    assert SILENT in text(answer) and "Бұрын сақталған қадамдарыңыз орнында." in text(answer)
    assert home.draft.documents.count() == 3
