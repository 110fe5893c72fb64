"""An in-person application, from the desk of the school to its queue (R129, R130, R201, D15)."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Child, User
from applications import beginning, eligibility, enrolment, lifecycle
from applications.filing.tests.wizard_cast import file, pdf, text
from applications.hands import Bar
from applications.models import (
    Application,
    Channel,
    Document,
    DocumentKind,
    DocumentSource,
    Paper,
    PaperKind,
    Route,
)
from applications.papers import making
from applications.review.tests.desk_cast import APPLICANT, AWAY, CHILD, Desk, DeskRegisters
from applications.signing.words import ADVICE
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from conftest import grant_consent
from egov import http
from notifications.models import Message
from schools.models import Intake, School

Make = Callable[..., Application]


@pytest.fixture
def egov(monkeypatch: pytest.MonkeyPatch) -> DeskRegisters:
    cache.clear()  # how often the registers were asked in the minute in which all tests happen
    world = DeskRegisters()
    monkeypatch.setattr(http, "call", world.call)
    return world


def desk_of(user: User) -> Desk:
    client = Client()
    client.force_login(user)
    return Desk(client, user)


@pytest.fixture
def desk(executor: User, intake: Intake, clock: Any, egov: DeskRegisters) -> Desk:
    return desk_of(executor)


@pytest.fixture
def draft(desk: Desk) -> Application:
    desk.start()
    return Application.objects.get()


@pytest.fixture
def ready(desk: Desk, draft: Application) -> Application:
    """All of the paper is copied; only «Тіркеу» is left."""
    desk.fill_in(draft)
    draft.refresh_from_db()
    return draft


# --- whose paper it is -------------------------------------------------------------------------------
@pytest.mark.rule("R129", "R130", "D15", "D22")
def test_registers_say_who_came(desk: Desk, intake: Intake, now: datetime) -> None:
    answer = desk.start()

    draft = Application.objects.get()
    assert answer.url == desk.at(draft, "details")
    assert (draft.status, draft.channel, draft.filed_by) == (Status.DRAFT, Channel.IN_PERSON, desk.user)
    assert (draft.intake, draft.number) == (intake, f"2026-{draft.pk:06d}")
    assert (draft.applicant.iin, draft.applicant.full_name) == (APPLICANT, "Оспанова Дина")
    assert draft.applicant.registered_address["street"] == "Сәтбаев көшесі"
    assert not draft.applicant.has_usable_password()
    assert (draft.child.iin, draft.child.full_name) == (CHILD, "Оспанова Аяна")
    assert draft.applicant.guardianships.get().relation == "PARENT"


@pytest.mark.rule("D15", "D11")
def test_consent_on_paper_is_recorded_before_the_registers_are_asked(
    desk: Desk, egov: DeskRegisters, now: datetime
) -> None:
    refused = desk.start(consent="")
    asked_without = list(egov.asked)
    desk.start()

    draft = Application.objects.get()
    assert "Қағаз түріндегі келісімсіз" in text(refused)
    assert asked_without == []
    assert (draft.external_data_at, draft.ticks_version) == (now, "paper-2026-11")
    assert "<consentBasis>PAPER</consentBasis>" in egov.sent[-1]


def test_numbers_of_people_stay_out_of_addresses(desk: Desk, draft: Application) -> None:
    for page in ("details", "transport", "documents", "review"):
        assert APPLICANT not in desk.at(draft, page) and CHILD not in desk.at(draft, page)
    assert desk.client.get(reverse("in_person:start"), {"applicant_iin": APPLICANT}).status_code == 200
    assert Application.objects.count() == 1


@pytest.mark.rule("D39")
@pytest.mark.parametrize("tie", ["applicant", "other parent"])
def test_nobody_registers_their_own_child(desk: Desk, egov: DeskRegisters, tie: str) -> None:
    own = {"applicant_iin": desk.user.iin} if tie == "applicant" else {}
    if tie == "applicant":
        egov.names[desk.user.iin], egov.ties[desk.user.iin] = ("Бекова", "Жанар", "F"), [CHILD]
    else:
        born = {"name": "Аяна", "birth_date": "2020-05-04", "sex": "F"}
        desk.user.guardianships.create(child=Child.objects.create(iin=CHILD, **born))

    answer = desk.start(**own)

    assert answer.status_code == 400
    assert str(ADVICE[Bar.OWN_CHILD].reason) in text(answer)
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("applicant_iin", "", "ЖСН-ді жазыңыз: 12 цифр."),
        ("applicant_iin", "920303499907", "ЖСН қате жазылған."),
        ("child_iin", "2005046999", "ЖСН қате жазылған."),
        ("child_iin", "2005046999012005046999", "ЖСН 12 цифрдан тұрады."),
        ("intake", "999999", "Мектеп бұл тілде қабылдамайды."),
        ("intake", "x", "Мектеп бұл тілде қабылдамайды."),
    ],
)
def test_slip_of_the_pen_asks_no_register(
    desk: Desk, egov: DeskRegisters, field: str, typed: str, sentence: str
) -> None:
    answer = desk.start(**{field: typed})

    assert answer.status_code == 400
    assert sentence in text(answer)
    assert not Application.objects.exists()
    assert egov.asked == []


@pytest.mark.rule("D15", "R77")
def test_foreign_school_s_intake_is_no_choice(desk: Desk, other_school: School) -> None:
    foreign = Intake.objects.get(school=other_school)

    answer = desk.start(intake=str(foreign.pk))

    assert answer.status_code == 400
    assert "Мектеп бұл тілде қабылдамайды." in text(answer)
    assert not Application.objects.exists()


@pytest.mark.rule("D15", "R56")
def test_child_of_somebody_else_is_refused_and_nothing_is_stored(desk: Desk, egov: DeskRegisters) -> None:
    egov.ties = {}

    answer = desk.start()

    assert answer.status_code == 400
    assert "мұндай баласы немесе қамқорлығындағы баласы жоқ" in text(answer)
    assert not User.objects.filter(iin=APPLICANT).exists() and not Child.objects.exists()


def test_unknown_applicant_is_said_at_the_field(desk: Desk, egov: DeskRegisters) -> None:
    egov.names = {}

    answer = desk.start()

    assert answer.status_code == 400
    assert "Мемлекеттік тізілімде мұндай ЖСН жоқ." in text(answer)


@pytest.mark.rule("D15")
@pytest.mark.parametrize("system", ["person", "children", "address", "enrolment"])
def test_silent_register_keeps_what_was_typed(desk: Desk, egov: DeskRegisters, system: str) -> None:
    egov.down = {system}

    answer = desk.start()

    assert answer.status_code == 503
    assert "Мемлекеттік тізілім жауап бермей тұр." in text(answer)
    assert f'value="{APPLICANT}"' in text(answer) and f'value="{CHILD}"' in text(answer)
    assert not Application.objects.exists() and not Child.objects.exists()


@pytest.mark.rule("R54", "D7", "D15")
def test_child_too_young_is_explained_and_not_stored(desk: Desk, egov: DeskRegisters) -> None:
    egov.born = {CHILD: "2021-01-01"}

    answer = desk.start()

    assert answer.status_code == 409
    assert "Баланың жасы әзірге сәйкес келмейді" in text(answer)
    assert "2021 ж. 1 қаңтар" in text(answer)
    assert not Child.objects.exists()


@pytest.mark.rule("R53", "D24", "D15")
def test_enrolled_child_is_named_with_school_and_class(desk: Desk, egov: DeskRegisters) -> None:
    egov.enrolled = {"grade": "1", "letter": "Ә"}

    answer = desk.start()

    assert answer.status_code == 409
    assert "«№5 мектеп» КММ" in text(answer) and "1 «Ә»" in text(answer)
    assert not Child.objects.exists()


@pytest.mark.rule("R52", "R202", "D4", "D15")
def test_active_application_of_this_school_is_shown_with_its_number(
    desk: Desk, egov: DeskRegisters, make_application: Make
) -> None:
    active = make_application(Status.IN_REVIEW)
    _know(egov, active)

    answer = desk.start(applicant_iin=active.applicant.iin, child_iin=active.child.iin)

    assert answer.status_code == 409
    assert "Белсенді өтінім бар" in text(answer)
    assert str(active.number) in text(answer)
    assert Application.objects.count() == 1


@pytest.mark.rule("R52", "D4", "D15")
def test_active_application_elsewhere_is_told_without_where(
    desk: Desk, egov: DeskRegisters, make_application: Make, other_school: School
) -> None:
    active = make_application(Status.SIGNING, intake=Intake.objects.get(school=other_school))
    _know(egov, active)

    answer = desk.start(applicant_iin=active.applicant.iin, child_iin=active.child.iin)

    assert "Бұл бала үшін басқа өтінім берілген" in text(answer)
    assert str(active.number) not in text(answer) and "Қарақоға" not in text(answer)


def _know(egov: DeskRegisters, application: Application) -> None:
    parent, child = application.applicant, application.child
    egov.names |= {parent.iin: ("Сәрсенова", "Айгүл", "F"), child.iin: ("Сәрсенов", "Арман", "M")}
    egov.ties[parent.iin] = [child.iin]


@pytest.mark.rule("D15")
def test_who_has_signed_in_before_keeps_phone_and_language(
    desk: Desk, egov: DeskRegisters, stranger: User
) -> None:
    egov.names[stranger.iin], egov.ties[stranger.iin] = ("Ахметов", "Данияр", "M"), [CHILD]

    desk.start(applicant_iin=stranger.iin)

    draft = Application.objects.get()
    page = text(desk.client.get(desk.at(draft, "details")))
    stranger.refresh_from_db()
    assert (draft.applicant, stranger.phone, stranger.lang) == (stranger, "+77011234502", "ru")
    assert "SMS жіберілетін ұялы телефон нөмірі" not in page


def test_same_paper_begun_twice_is_one_draft(desk: Desk, draft: Application, director: User) -> None:
    again, by_director = desk.start(), desk_of(director).start()

    assert Application.objects.get() == draft
    assert again.url == by_director.url == desk.at(draft, "details")


@pytest.mark.rule("D15")
def test_registers_are_not_leafed_through(desk: Desk, egov: DeskRegisters) -> None:
    egov.ties = {}
    answers = [desk.start().status_code for _ in range(21)]

    assert answers == [400] * 20 + [429]


# --- who may ------------------------------------------------------------------------------------------
@pytest.mark.rule("D15")
@pytest.mark.parametrize("name", ["start", "page", "done", "delete", "upload", "document"])
def test_stranger_meets_nothing(ready: Application, parent: User, other_director: User, name: str) -> None:
    own: dict[str, list[Any]] = {
        "start": [], "page": [ready.public_id, "details"], "upload": [ready.public_id, "scan"],
        "document": [ready.public_id, ready.documents.all()[0].public_id],
    }  # fmt: skip
    arguments = own.get(name, [ready.public_id])
    address = reverse(f"in_person:{name}", args=arguments)
    for user in (parent, *([] if name == "start" else [other_director])):
        client = desk_of(user).client
        answer = client.post(address) if name == "upload" else client.get(address)

        assert answer.status_code == 404


@pytest.mark.rule("D15")
def test_colleague_goes_on_where_it_was_left(ready: Application, director: User, executor: User) -> None:
    desk = desk_of(director)

    listed = text(desk.client.get(reverse("in_person:start")))
    desk.register(ready)

    ready.refresh_from_db()
    assert str(ready.number) in listed and desk.at(ready, "review") in listed and executor.full_name in listed
    assert (ready.status, ready.filed_by) == (Status.IN_REVIEW, director)


@pytest.mark.rule("D15")
def test_draft_of_the_school_leaves_the_parent_s_own_alone(draft: Application, now: datetime) -> None:
    own = beginning.open_draft(draft.applicant, draft.child, year=2026)

    assert own != draft
    assert (own.channel, own.intake) == (Channel.ONLINE, None)


def test_page_opens_in_order_only(desk: Desk, draft: Application) -> None:
    answer = desk.client.get(desk.at(draft, "review"))

    assert answer.headers["Location"] == desk.at(draft, "details")
    assert desk.client.get(desk.at(draft, "applicant")).status_code == 404


def test_draft_is_deleted_with_its_files(desk: Desk, ready: Application) -> None:
    answer = desk.client.post(reverse("in_person:delete", args=[ready.public_id]))

    assert answer.headers["Location"] == reverse("in_person:start")
    assert not Application.objects.exists() and not Document.objects.exists()
    again = desk.client.post(reverse("in_person:delete", args=[ready.public_id]))
    assert again.headers["Location"] == reverse("in_person:start")


def test_registered_paper_is_not_deleted_by_an_old_tab(desk: Desk, ready: Application) -> None:
    desk.register(ready)

    answer = desk.client.post(reverse("in_person:delete", args=[ready.public_id]))

    assert answer.headers["Location"] == reverse("in_person:done", args=[ready.public_id])
    assert Application.objects.get() == ready


# --- what the paper says ------------------------------------------------------------------------------
@pytest.mark.rule("R66", "D5", "D15")
def test_address_in_the_microdistrict_takes_the_local_way(desk: Desk, draft: Application) -> None:
    page = text(desk.client.get(desk.at(draft, "details")))
    desk.post(draft, "details", intake=draft.intake_id)

    draft.refresh_from_db()
    assert "Тіркеу мекенжайы мектептің шағын ауданына кіреді." in page
    assert draft.route == Route.LOCAL


@pytest.mark.rule("R75", "D5", "D15")
def test_address_elsewhere_takes_a_place_outside(desk: Desk, egov: DeskRegisters, intake: Intake) -> None:
    egov.address = AWAY
    desk.start()
    draft = Application.objects.get()

    desk.fill_in(draft)
    desk.register(draft)

    draft.refresh_from_db()
    intake.refresh_from_db()
    assert (draft.route, draft.status) == (Route.OUTSIDE, Status.IN_REVIEW)
    assert (intake.held_local, intake.held_outside) == (0, 1)


@pytest.mark.rule("R75", "D3", "D15")
def test_full_outside_quota_stops_the_paper_too(desk: Desk, egov: DeskRegisters, intake: Intake) -> None:
    egov.address = AWAY
    desk.start()
    draft = Application.objects.get()
    Intake.objects.filter(pk=intake.pk).update(held_outside=2)

    answer = desk.post(draft, "details", intake=intake.pk)

    assert answer.status_code == 409
    assert "Бұл мектепте шағын ауданнан тыс орындар бітті" in text(answer)
    assert desk.client.get(desk.at(draft, "documents")).headers["Location"] == desk.at(draft, "details")


@pytest.mark.rule("R77", "D15")
@pytest.mark.parametrize("of", ["another school", "another year", "nothing"])
def test_language_not_offered_is_refused(
    desk: Desk, draft: Application, other_school: School, intake: Intake, of: str
) -> None:
    last_year = Intake.objects.create(
        school=intake.school, year=2025, language_id="ru", seats=8, outside_limit=2
    )
    foreign = Intake.objects.get(school=other_school)
    posted = {"another school": foreign.pk, "another year": last_year.pk, "nothing": ""}[of]

    answer = desk.post(draft, "details", intake=posted)

    draft.refresh_from_db()
    assert answer.status_code == 400
    assert (draft.intake, draft.route) == (intake, "")


@pytest.mark.rule("R103", "D15")
@pytest.mark.parametrize("typed", ["+7 7172 55 55 55", "8 912 345 67 89", "123"])
def test_number_for_sms_is_a_mobile_of_kazakhstan(desk: Desk, draft: Application, typed: str) -> None:
    answer = desk.post(draft, "details", intake=draft.intake_id, applicant_phone=typed)

    assert answer.status_code == 400
    assert "Қазақстанның ұялы нөмірін жазыңыз." in text(answer)


@pytest.mark.rule("R78", "R81", "R82", "D15")
def test_transport_is_asked_for_from_paper(desk: Desk, draft: Application) -> None:
    desk.post(draft, "details", intake=draft.intake_id)

    answer = desk.post(draft, "transport", transport="on")

    draft.refresh_from_db()
    assert answer.url == desk.at(draft, "documents")
    assert (draft.transport, draft.transport_address["same"]) == (True, True)


@pytest.mark.rule("D15", "R86", "R87")
def test_papers_come_from_the_desk_and_no_system_is_asked(
    desk: Desk, draft: Application, egov: DeskRegisters, now: datetime
) -> None:
    grant_consent(draft.applicant, draft.child)  # online it would be enough to fetch them

    desk.post(draft, "details", intake=draft.intake_id)
    desk.post(draft, "transport")
    form = text(desk.client.get(desk.at(draft, "documents"))).partition("data-oqu-upload-form")[2]
    assert form.partition("<button ")[2].startswith('name="save" value="" hidden>')  # what Enter presses
    desk.fill_in(draft)

    kinds = set(draft.documents.values_list("kind", "source"))
    assert kinds == {(kind, DocumentSource.SCHOOL) for kind in ("SCAN", "PHOTO", "F065", "F052_2")}
    assert not draft.fetches.exists() and "medical" not in egov.asked
    assert draft.documents.get(kind=DocumentKind.SCAN).label == "scan.pdf"


@pytest.mark.rule("D15")
def test_without_the_signed_paper_nothing_goes_on(desk: Desk, draft: Application) -> None:
    desk.fill_in(draft)
    draft.documents.get(kind=DocumentKind.SCAN).delete()

    answer = desk.post(draft, "documents", data_correct="on")

    assert answer.status_code == 400
    assert "Өтініш беруші қол қойған қағаз өтінімнің көшірмесін жүктеңіз." in text(answer)


@pytest.mark.rule("R62", "R90", "D10", "D15")
def test_special_needs_demand_the_conclusion_with_its_term(desk: Desk, draft: Application) -> None:
    without = desk.fill_in(draft, special_needs="on")
    desk.post(draft, "documents", pmpc=file("pmpc.pdf", pdf()), valid_until="31.05.2028", data_correct="on")

    draft.refresh_from_db()
    assert "ПМПК анықтамасын жүктеңіз" in text(without)
    assert draft.special_needs and draft.documents.get(kind=DocumentKind.PMPC).valid_until is not None
    assert desk.client.get(desk.at(draft, "review")).status_code == 200


def test_file_sent_by_the_script_comes_back_as_a_card(desk: Desk, draft: Application) -> None:
    desk.post(draft, "details", intake=draft.intake_id)
    address = reverse("in_person:upload", args=[draft.public_id, "scan"])

    answer = desk.client.post(
        address, {"scan": file("scan.pdf", pdf())}, headers={"accept": "application/json"}
    )

    assert answer.json()["stored"] is True
    stored = draft.documents.get()
    assert reverse("in_person:document", args=[draft.public_id, stored.public_id]) in answer.json()["html"]
    given = desk.client.get(reverse("in_person:document", args=[draft.public_id, stored.public_id]))
    assert given.getvalue().startswith(b"%PDF")


# --- «Тіркеу» -----------------------------------------------------------------------------------------
@pytest.mark.rule("R129", "R130", "R201", "R122", "D13", "D15")
def test_registered_paper_is_an_application_like_any_other(
    desk: Desk, ready: Application, director: User, now: datetime
) -> None:
    answer = desk.register(ready)

    ready.refresh_from_db()
    assert answer.url == reverse("in_person:done", args=[ready.public_id])
    assert (ready.status, ready.submitted_at) == (Status.IN_REVIEW, now)
    assert ready.due_at == now + timedelta(days=1)
    assert list(ready.changes.values_list("old", "new", "by")) == [("DRAFT", "IN_REVIEW", desk.user.pk)]
    assert Intake.objects.get().held_local == 1
    assert not ready.signatures.exists()
    told = set(Message.objects.values_list("recipient", "template", "channel"))
    assert told == {
        (desk.user.pk, "new_application", "CABINET"), (director.pk, "new_application", "CABINET"),
        (ready.applicant_id, "registered", "CABINET"), (ready.applicant_id, "registered", "SMS"),
    }  # fmt: skip
    assert f"№{ready.number}" in Message.objects.get(channel="SMS").text


@pytest.mark.rule("R103", "D15")
def test_number_on_the_paper_becomes_the_profile_s_when_there_is_none(desk: Desk, ready: Application) -> None:
    assert ready.applicant.phone == ""  # nothing is written before the paper is registered

    desk.register(ready)

    ready.refresh_from_db()
    assert ready.applicant.phone == ready.snapshot["applicant"]["phone"] == "+77015556677"
    assert Message.objects.get(channel="SMS").phone == "+77015556677"


@pytest.mark.rule("R103", "D15")
def test_number_on_the_paper_never_replaces_a_known_one(desk: Desk, ready: Application) -> None:
    User.objects.filter(pk=ready.applicant_id).update(phone="+77010000001")  # signed in meanwhile

    desk.register(ready)

    ready.refresh_from_db()
    assert ready.applicant.phone == ready.snapshot["applicant"]["phone"] == "+77010000001"


@pytest.mark.rule("D15")
def test_without_a_number_the_cabinet_is_told_alone(desk: Desk, draft: Application) -> None:
    desk.fill_in(draft, applicant_phone="")

    done = desk.client.get(desk.register(draft).url)

    sms = Message.objects.get(channel="SMS")  # written as one that cannot arrive, so that the school calls
    assert (sms.phone, sms.state) == ("", "UNDELIVERED")
    assert "SMS бармайды, жауапты өзіңіз хабарлаңыз" in text(done)


@pytest.mark.rule("R95", "D15")
def test_receipt_is_made_for_printing_and_may_be_checked(
    desk: Desk, ready: Application, portal_keys: Any
) -> None:
    done = desk.register(ready).url
    waiting = text(desk.client.get(done))
    with transaction.atomic():  # what the worker does
        pass
    making.render(Paper.objects.get(), now=ready.created_at)

    page = text(desk.client.get(done))
    printed = desk.client.get(reverse("review:paper", args=[ready.public_id, "receipt"]))
    check = text(Client().get(reverse("papers:paper", args=[Paper.objects.get().token])))

    assert "дайындалуда" in waiting
    assert "Қолхатты жүктеу (PDF)" in page
    assert printed.getvalue().startswith(b"%PDF")
    assert "Бұл өтінімді мектеп қағаз түрінде қабылдап, OQU жүйесіне тіркеген." in check


@pytest.mark.rule("D15")
def test_double_click_registers_once(desk: Desk, ready: Application) -> None:
    first = desk.register(ready)
    shown = {"shown": "whatever the second click carried"}

    second = desk.post(ready, "review", **shown)

    assert first.url == second.url == reverse("in_person:done", args=[ready.public_id])
    assert Application.objects.get().changes.count() == 1
    assert Intake.objects.get().held_local == 1


def test_step_posted_after_registering_changes_nothing(desk: Desk, ready: Application) -> None:
    desk.register(ready)

    answer = desk.post(ready, "details", intake=ready.intake_id, special_needs="on")

    ready.refresh_from_db()
    assert answer.url == reverse("in_person:done", args=[ready.public_id])
    assert not ready.special_needs


def test_what_was_changed_in_another_tab_is_shown_before_it_is_registered(
    desk: Desk, ready: Application
) -> None:
    opened = desk.client.get(desk.at(ready, "review"))
    shown = opened.context["shown"]
    assert "басқа заңды өкілі бұл өтінімнің мәртебесін" in text(opened)  # D80
    desk.post(ready, "details", intake=ready.intake_id, extra_phone="+7 7172 55 55 55")

    answer = desk.post(ready, "review", shown=shown)

    ready.refresh_from_db()
    assert answer.status_code == 409
    assert "Бұл бет ашық тұрғанда өтінім өзгертілді." in text(answer)
    assert ready.status == Status.DRAFT


@pytest.mark.rule("D82")
def test_what_a_colleague_changes_while_the_registers_are_asked_is_shown_before_it_is_registered(
    desk: Desk, ready: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = desk.client.get(desk.at(ready, "review")).context["shown"]
    check_all = enrolment.check_all

    def changed_meanwhile(application: Application, *, now: datetime) -> None:
        check_all(application, now=now)
        Application.objects.filter(pk=ready.pk).update(extra_phone="+77011112233")

    monkeypatch.setattr(enrolment, "check_all", changed_meanwhile)

    answer = desk.post(ready, "review", shown=shown)

    ready.refresh_from_db()
    assert (answer.status_code, ready.status) == (409, Status.DRAFT)
    assert "Бұл бет ашық тұрғанда өтінім өзгертілді." in text(answer)
    assert "+7 701 111 22 33" in text(answer) and answer.context["shown"] != shown


@pytest.mark.rule("R52", "R202", "D4", "D15")
def test_other_parent_was_first_online(
    desk: Desk, ready: Application, make_application: Make, stranger: User
) -> None:
    shown = desk.client.get(desk.at(ready, "review")).context["shown"]
    make_application(Status.IN_REVIEW, child=ready.child, applicant=stranger)

    answer = desk.post(ready, "review", shown=shown)

    ready.refresh_from_db()
    assert ready.status == Status.DRAFT
    assert answer.url == desk.at(ready, "details")
    assert "Белсенді өтінім бар" in text(desk.post(ready, "details", intake=ready.intake_id))


@pytest.mark.rule("R75", "D3", "D15")
def test_last_outside_seat_may_go_while_the_paper_is_copied(
    desk: Desk, egov: DeskRegisters, intake: Intake
) -> None:
    egov.address = AWAY
    desk.start()
    draft = Application.objects.get()
    desk.fill_in(draft)
    shown = desk.client.get(desk.at(draft, "review")).context["shown"]
    Intake.objects.filter(pk=intake.pk).update(held_outside=2)

    answer = desk.post(draft, "review", shown=shown)

    draft.refresh_from_db()
    assert answer.status_code == 409
    assert "шағын ауданнан тыс орындар бітті" in text(answer)
    assert draft.status == Status.DRAFT and draft.documents.count() == 4


@pytest.mark.rule("R22", "R28", "D8", "D15")
@pytest.mark.parametrize(
    ("moment", "sentence"),
    [("2026-05-26 23:59:59", "Қабылдау әлі ашылған жоқ"), ("2026-09-01 00:00:00", "Қабылдау аяқталды")],
)
def test_closed_window_stops_the_paper_too(
    desk: Desk, ready: Application, clock: Any, settings: Any, moment: str, sentence: str
) -> None:
    settings.ACADEMIC_YEAR = 2026
    shown = desk.client.get(desk.at(ready, "review")).context["shown"]
    clock.move_to(datetime.fromisoformat(f"{moment}+05:00"))
    desk.client.force_login(desk.user)

    page = text(desk.client.get(desk.at(ready, "review")))
    answer = desk.post(ready, "review", shown=shown)

    ready.refresh_from_db()
    assert sentence in page and "Тіркеу</button>" not in page
    assert answer.status_code == 409 and sentence in text(answer)
    assert ready.status == Status.DRAFT


@pytest.mark.rule("R53", "D15")
def test_education_register_is_asked_again_before_registering(
    desk: Desk, ready: Application, egov: DeskRegisters
) -> None:
    shown = desk.client.get(desk.at(ready, "review")).context["shown"]
    egov.enrolled = {"grade": "2", "letter": ""}

    answer = desk.post(ready, "review", shown=shown)

    ready.refresh_from_db()
    assert answer.status_code == 409 and "Бала мектепке қабылданған" in text(answer)
    assert ready.status == Status.DRAFT


@pytest.mark.rule("D5", "D15")
def test_address_that_left_the_microdistrict_is_no_longer_local(desk: Desk, ready: Application) -> None:
    ready.chosen_intake.school.addresses.all().delete()

    answer = desk.client.get(desk.at(ready, "review"))
    desk.post(ready, "details", intake=ready.intake_id)

    ready.refresh_from_db()
    assert answer.headers["Location"] == desk.at(ready, "details")
    assert ready.route == Route.OUTSIDE


# --- afterwards ---------------------------------------------------------------------------------------
@pytest.mark.rule("R105", "D15")
def test_parent_meets_the_application_at_the_first_sign_in(desk: Desk, ready: Application) -> None:
    desk.register(ready)
    grant_consent(ready.applicant)
    parent = desk_of(ready.applicant).client

    listed = text(parent.get(reverse("cabinet:applications")))
    page = text(parent.get(reverse("cabinet:application", args=[ready.public_id])))

    assert str(ready.number) in listed
    assert "Мектеп: қағаз өтінім тіркелді." in page
    assert "Кері қайтарып алу" in page


@pytest.mark.rule("R112", "R113", "D15")
def test_parent_withdraws_it_online(desk: Desk, ready: Application, now: datetime) -> None:
    desk.register(ready)
    ready.refresh_from_db()
    evidence = evidence_of(ready, "WITHDRAWAL", by=ready.applicant, now=now)

    lifecycle.act(evidence, now=now)

    ready.refresh_from_db()
    assert ready.status == Status.WITHDRAWN
    assert Intake.objects.get().held_local == 0


@pytest.mark.rule("R108", "D15")
def test_school_decides_it_like_any_other(desk: Desk, ready: Application, director: User) -> None:
    desk.register(ready)

    page = text(desk.client.get(reverse("review:application", args=[ready.public_id])))
    desk.client.post(reverse("review:decide", args=[ready.public_id]), {"result": "ACCEPT"})

    ready.refresh_from_db()
    assert "Мектепте берілген" in page and "Қол қойылған қағаз өтінімнің көшірмесі" in page
    assert ready.status == Status.SIGNING


# --- from outside the pages ---------------------------------------------------------------------------
@pytest.mark.rule("D15")
def test_only_this_school_s_people_register(
    ready: Application, parent: User, other_director: User, now: datetime
) -> None:
    for user in (parent, other_director, ready.applicant):
        with pytest.raises(lifecycle.NotAllowed):
            lifecycle.submit_in_person(ready, by=user, now=now)

    ready.refresh_from_db()
    assert ready.status == Status.DRAFT and not Message.objects.exists()


@pytest.mark.rule("D15")
def test_nothing_is_registered_without_the_signed_paper(
    ready: Application, executor: User, now: datetime
) -> None:
    ready.documents.get(kind=DocumentKind.SCAN).delete()

    with pytest.raises(eligibility.Blocked) as blocked:
        lifecycle.submit_in_person(ready, by=executor, now=now)

    assert blocked.value.facts == {"missing": [DocumentKind.SCAN]}


@pytest.mark.rule("D15")
def test_each_channel_has_its_own_way_in(
    ready: Application, make_application: Make, executor: User, now: datetime
) -> None:
    online = complete(make_application(), now=now)
    signed = evidence_of(ready, "APPLICATION", by=ready.applicant, now=now)

    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.submit_in_person(online, by=executor, now=now)
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.act(signed, now=now)

    assert not Application.objects.active().exists()


@pytest.mark.rule("D15")
def test_database_holds_no_paper_application_without_its_school_and_clerk(make_application: Make) -> None:
    with pytest.raises(IntegrityError, match="paper_application_is_of_a_school"), transaction.atomic():
        make_application(channel=Channel.IN_PERSON)


def test_database_holds_no_notice_without_a_signature(make_application: Make, now: datetime) -> None:
    application = make_application(Status.ACCEPTED)

    with pytest.raises(IntegrityError, match="notice_has_its_signature"), transaction.atomic():
        Paper.objects.create(application=application, kind=PaperKind.NOTICE, created_at=now, next_try_at=now)


@pytest.mark.parametrize("page", ["start", "details", "transport", "documents", "review", "done"])
def test_pages_speak_russian_too(desk: Desk, ready: Application, page: str) -> None:
    if page == "done":
        desk.register(ready)
    desk.client.cookies["lang"] = "ru"
    address = desk.at(ready, page)
    if page in ("start", "done"):
        address = reverse(f"in_person:{page}", args=[ready.public_id] if page == "done" else [])

    answer = desk.client.get(address)

    heading = {
        "start": "Регистрация бумажного заявления", "details": "Данные бумажного заявления",
        "transport": "Подвоз", "documents": "Загрузка бумажных документов",
        "review": "Проверка и регистрация", "done": "Бумажное заявление зарегистрировано",
    }[page]  # fmt: skip
    assert answer.status_code == 200
    assert heading in text(answer)


def test_scan_is_served_to_the_school_alone(desk: Desk, ready: Application, parent: User) -> None:
    scan = ready.documents.get(kind=DocumentKind.SCAN)
    scan.sha256 = hashlib.sha256(b"%PDF-1.7\n").hexdigest()
    scan.file.save("scan", ContentFile(b"%PDF-1.7\n"), save=True)
    address = reverse("in_person:document", args=[ready.public_id, scan.public_id])

    answer = desk.client.get(address)

    assert answer.getvalue().startswith(b"%PDF")
    assert desk_of(parent).client.get(address).status_code == 404
