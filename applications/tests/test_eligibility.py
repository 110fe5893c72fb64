"""Each check beside the facts it asks for: what blocks, under which code, and what is said of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts import consents
from accounts.models import Child, Consent, ConsentStatus, User
from applications import eligibility, enrolment
from applications.eligibility import Blocked, Code
from applications.models import Application, Channel, DocumentKind, DocumentSource, Route
from applications.status import Status
from applications.tests.cast import complete
from conftest import YEAR
from egov import enrolment as gateway
from egov.enrolment import Enrolment
from egov.errors import Refused, Unavailable
from schools.models import Intake, Period, School
from schools.streets import street_key

Make = Callable[..., Application]


def enrolled(grade: int) -> Enrolment:
    return Enrolment(school_bin="990540099911", school_kk="№1", school_ru="№1", grade=grade, letter="А")


GRADE_1 = enrolled(1)


def code_of(check: Callable[[], Any]) -> Code | None:
    """None when nothing stands in the way."""
    try:
        check()
    except Blocked as blocked:
        return blocked.code
    return None


def facts_of(check: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(Blocked) as blocked:
        check()
    return blocked.value.facts


@pytest.fixture
def ready(make_application: Make, now: datetime) -> Application:
    """Nothing stands in the way of it."""
    return complete(make_application(), now=now)


# --- the three checks of step 1 ------------------------------------------------------------------------
@pytest.mark.rule("R54", "D7")
@pytest.mark.parametrize(
    ("born", "code"), [(date(2020, 12, 31), None), (date(2021, 1, 1), Code.AGE), (date(2010, 1, 1), None)]
)
def test_age_is_six_by_the_end_of_the_year(born: date, code: Code | None) -> None:
    assert code_of(lambda: eligibility.check_age(born, year=2026)) == code


def test_age_is_explained_by_its_dates() -> None:
    born = date(2021, 1, 1)

    assert facts_of(lambda: eligibility.check_age(born, year=2026)) == {
        "birth_date": born, "last": date(2020, 12, 31), "year": 2026, "admitted_in": 2027,
    }  # fmt: skip


@pytest.mark.rule("R53", "D24")
@pytest.mark.parametrize(
    ("enrolment", "code"),
    [(None, None), (enrolled(0), None), (GRADE_1, Code.ENROLLED), (enrolled(11), Code.ENROLLED)],
)
def test_child_at_a_school_is_not_filed(enrolment: Enrolment | None, code: Code | None) -> None:
    assert code_of(lambda: eligibility.check_enrolment(enrolment)) == code
    if code:
        assert facts_of(lambda: eligibility.check_enrolment(enrolment)) == {"enrolment": enrolment}


@pytest.mark.rule("R52", "R202", "D4")
def test_open_application_of_the_child_and_the_year_blocks(make_application: Make, child: Child) -> None:
    assert code_of(lambda: eligibility.check_active(child, year=YEAR)) is None
    filed = make_application(Status.IN_REVIEW)
    other = Child.objects.create(iin="200315500001", birth_date=date(2020, 3, 15), sex="M")

    assert facts_of(lambda: eligibility.check_active(child, year=YEAR)) == {"application": filed}
    assert code_of(lambda: eligibility.check_active(child, year=YEAR + 1)) is None
    assert code_of(lambda: eligibility.check_active(other, year=YEAR)) is None


@pytest.mark.rule("R51")
def test_three_checks_go_in_the_order_of_the_instruction(make_application: Make, child: Child) -> None:
    filed = make_application(Status.IN_REVIEW)
    child.birth_date = date(2021, 1, 1)

    def met(enrolment: Enrolment | None) -> Code | None:
        return code_of(lambda: eligibility.check_child(child, year=YEAR, enrolment=enrolment))

    assert met(GRADE_1) == Code.ACTIVE
    filed.delete()
    assert met(GRADE_1) == Code.ENROLLED
    assert met(None) == Code.AGE
    child.birth_date = date(2020, 12, 31)
    assert met(None) is None


@pytest.mark.parametrize("whose", ["applicant", "child"])
def test_both_people_have_a_name(ready: Application, whose: str) -> None:
    assert code_of(lambda: eligibility.check_names(ready)) is None
    person = getattr(ready, whose)
    person.surname = person.name = person.patronymic = " "

    assert code_of(lambda: eligibility.check_names(ready)) == Code.NAMELESS


# --- the education register ----------------------------------------------------------------------------
Register = Callable[..., None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """What it was asked; the last of `answers` is what it says, or raises."""
    asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    monkeypatch.setattr(gateway, "current", lambda *args, **named: asked.append((args, named)))
    return asked


def says(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def current(*_args: Any, **_named: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(gateway, "current", current)


REFUSED, SILENT = Refused("enrolment", "no consent"), Unavailable("enrolment", "too late")


def test_register_is_asked_under_the_childs_consent(
    ready: Application, register: list, now: datetime
) -> None:
    consent = consents.valid(ready.applicant, ready.child, now)
    assert consent is not None

    assert enrolment.ask(ready, now=now) == enrolment.Asked(None, answered=True)

    key = {"consent_token": consent.token, "public_key": consent.public_key}
    assert register == [((ready.child.iin,), key)]


@pytest.mark.rule("D15")
def test_for_paper_the_register_is_asked_without_a_token(
    ready: Application, register: list, now: datetime
) -> None:
    ready.channel = Channel.IN_PERSON
    Consent.objects.all().delete()

    enrolment.ask(ready, now=now)

    assert register == [((ready.child.iin,), {"on_paper": True})]


def test_answer_of_the_register_is_given_on(
    ready: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, GRADE_1)

    for ready.channel in Channel:
        assert enrolment.ask(ready, now=now) == enrolment.Asked(GRADE_1)
    assert code_of(lambda: enrolment.check_all(complete_on_line(ready), now=now)) == Code.ENROLLED


def complete_on_line(application: Application) -> Application:
    application.channel = Channel.ONLINE
    return application


@pytest.mark.rule("R53")
@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize(
    ("age", "code"),
    [
        (None, Code.REGISTER_SILENT),
        (timedelta(days=30), Code.REGISTER_SILENT),
        (timedelta(days=30) - timedelta(seconds=1), None),
        (timedelta(), None),
    ],
)
def test_check_of_the_last_thirty_days_stands_in_for_a_silent_register(
    ready: Application,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    channel: Channel,
    age: timedelta | None,
    code: Code | None,
) -> None:
    says(monkeypatch, SILENT)
    ready.channel, ready.step1_at = channel, None if age is None else now - age

    assert code_of(lambda: enrolment.ask(ready, now=now)) == code
    if code is None:
        assert enrolment.ask(ready, now=now) == enrolment.Asked(None, answered=False)


@pytest.mark.parametrize(("stands", "code"), [(True, Code.REGISTER_SILENT), (False, Code.CONSENT)])
def test_refusal_of_the_register_is_a_consent_taken_back_or_none_of_the_parents_fault(
    ready: Application, now: datetime, monkeypatch: pytest.MonkeyPatch, stands: bool, code: Code
) -> None:
    says(monkeypatch, REFUSED)
    ready.step1_at = None
    monkeypatch.setattr(consents, "stands", lambda _consent, *, now: stands)

    assert code_of(lambda: enrolment.ask(ready, now=now)) == code


@pytest.mark.rule("D11")
def test_without_a_consent_nobody_is_asked(ready: Application, register: list, now: datetime) -> None:
    """A check of before stands in for a silent register only, not for a consent."""
    Consent.objects.filter(child=ready.child).delete()

    assert code_of(lambda: enrolment.ask(ready, now=now)) == Code.CONSENT
    assert register == []


@pytest.mark.parametrize("error", [REFUSED, SILENT])
def test_register_that_will_not_answer_for_paper_is_silent(
    db: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    says(monkeypatch, error)

    assert code_of(lambda: enrolment.ask_in_person("200315599908")) == Code.REGISTER_SILENT


# --- the school ----------------------------------------------------------------------------------------
@pytest.mark.rule("R22", "R24", "R28", "D8")
@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2026-05-26T23:59:59+05:00", Code.NOT_OPEN),
        ("2026-06-10T11:00:00+05:00", None),
        ("2026-09-01T00:00:00+05:00", Code.CLOSED),
    ],
)
def test_window_of_the_schools_region(
    school: School, other_school: School, moment: str, code: Code | None
) -> None:
    at = datetime.fromisoformat(moment)

    assert code_of(lambda: eligibility.check_window(school, year=YEAR, now=at)) == code
    if code:
        facts = facts_of(lambda: eligibility.check_window(school, year=YEAR, now=at))
        assert (set(facts), facts["school"]) == ({"school", "state"}, school)


def test_year_without_a_window_is_not_announced(school: School, now: datetime) -> None:
    Period.objects.all().delete()

    assert code_of(lambda: eligibility.check_window(school, year=YEAR, now=now)) == Code.NOT_ANNOUNCED


@pytest.mark.rule("R66", "R68", "D5")
@pytest.mark.parametrize(
    ("setting", "counted"),
    [("applicant", ["applicant"]), ("child", ["child"]), ("either", ["applicant", "child"])],
)
def test_setting_says_whose_address_counts(
    ready: Application, settings: Any, setting: str, counted: list[str]
) -> None:
    settings.MICRODISTRICT_ADDRESS = setting
    ready.applicant.registered_address, ready.child.registered_address = {"kato": "1"}, {"kato": "2"}

    expected = [getattr(ready, name).registered_address for name in counted]
    assert eligibility.addresses_that_count(ready) == expected
    ready.applicant.registered_address = ready.child.registered_address = {}
    assert eligibility.addresses_that_count(ready) == []


@pytest.mark.rule("R66", "R68")
def test_schools_of_the_address_are_those_of_the_year_and_those_attached(
    ready: Application, school: School, settings: Any
) -> None:
    settings.MICRODISTRICT_ADDRESS = "either"  # the same school twice is one

    assert eligibility.local_schools(ready) == eligibility.attached_schools(ready) == [school]
    ready.year = YEAR + 1
    assert (eligibility.local_schools(ready), eligibility.attached_schools(ready)) == ([], [school])


@pytest.mark.rule("R66")
@pytest.mark.parametrize(
    ("kazakh", "russian", "attached"),
    [
        ("Бейбітшілік көшесі", "г. Астана, район Есиль, улица Мира, дом 7, кв. 1", True),
        ("Бейбітшілік көшесі", "г. Астана, район Есиль, УЛ. МИРА, Д. 7", True),
        ("Бейбітшілік көшесі", "г. Астана, район Есиль, Мира, дом 7", False),  # of which type?
        ("Бейбітшілік көшесі", "г. Астана, улица Мира, район Есиль", False),
        ("Бейбітшілік көшесі", "", False),
        ("Мир көшесі", "г. Астана, район Есиль, улица Бейбитшилик, дом 7", True),
    ],
)
def test_school_is_found_by_either_name_that_the_register_gives_the_street(
    ready: Application, school: School, kazakh: str, russian: str, attached: bool
) -> None:
    school.addresses.update(street="ул. Мира", street_key=street_key("ул. Мира"))
    ready.applicant.registered_address |= {"street": kazakh, "house": "7", "text_ru": russian}

    assert eligibility.local_schools(ready) == ([school] if attached else [])
    ready.applicant.registered_address["house"] = ready.child.registered_address["house"] = "100"
    assert eligibility.attached_schools(ready) == []


@pytest.mark.rule("R66", "R75", "D3")
@pytest.mark.parametrize(
    ("route", "held_local", "held_outside", "house", "code"),
    [
        (Route.LOCAL, 0, 0, "1", None),
        (Route.LOCAL, 8, 0, "1", None),  # the microdistrict goes over the plan
        (Route.LOCAL, 0, 0, "100", Code.NOT_LOCAL),
        (Route.OUTSIDE, 0, 0, "100", None),
        (Route.OUTSIDE, 6, 1, "100", None),  # the last place
        (Route.OUTSIDE, 5, 2, "1", Code.OUTSIDE_FULL),
        (Route.OUTSIDE, 6, 2, "1", Code.SCHOOL_FULL),
        (Route.OUTSIDE, 8, 0, "1", Code.SCHOOL_FULL),
        (Route.OUTSIDE, 9, 1, "1", Code.SCHOOL_FULL),
        ("", 0, 0, "1", Code.NO_LANGUAGE),  # the way was never chosen
    ],
)
def test_school_has_a_place_on_the_route(
    make_application: Make,
    now: datetime,
    route: str,
    held_local: int,
    held_outside: int,
    house: str,
    code: Code | None,
) -> None:
    application = make_application(route=route)
    intake = application.chosen_intake
    intake.held_local, intake.held_outside = held_local, held_outside
    for person in (application.applicant, application.child):
        person.registered_address = person.registered_address | {"house": house}

    def check() -> None:
        eligibility.check_school(application, now=now)

    assert code_of(check) == code
    if code in (Code.OUTSIDE_FULL, Code.SCHOOL_FULL):
        assert facts_of(check) == {"intake": intake}
    elif code == Code.NOT_LOCAL:
        assert facts_of(check) == {"school": intake.school}


def test_school_is_chosen_for_the_year_of_the_application(
    make_application: Make, school: School, now: datetime
) -> None:
    old = Intake.objects.create(school=school, year=YEAR - 1, language_id="kk", seats=8, outside_limit=2)

    application = make_application(intake=old)

    def check() -> None:
        eligibility.check_school(application, now=now)

    assert code_of(check) == Code.NO_LANGUAGE
    application.intake = None
    assert code_of(check) == Code.NO_LANGUAGE


def test_closed_window_is_met_before_the_places(ready: Application, now: datetime) -> None:
    late = now + timedelta(days=100)

    assert code_of(lambda: eligibility.check_school(ready, now=late)) == Code.CLOSED


# --- the papers ----------------------------------------------------------------------------------------
P, F065, F052, PMPC, SCAN = "PHOTO", "F065", "F052_2", "PMPC", "SCAN"


@pytest.mark.rule("R85", "R86", "R87", "R88", "D6", "D15")
@pytest.mark.parametrize(
    ("special", "channel", "needed"),
    [
        (False, Channel.ONLINE, {P: 2, F065: 1, F052: 1}),
        (True, Channel.ONLINE, {P: 2, F065: 1, F052: 1, PMPC: 1}),
        (False, Channel.IN_PERSON, {P: 2, F065: 1, F052: 1, SCAN: 1}),
        (True, Channel.IN_PERSON, {P: 2, F065: 1, F052: 1, PMPC: 1, SCAN: 1}),
    ],
)
def test_documents_that_are_needed(
    settings: Any, special: bool, channel: Channel, needed: dict[str, int]
) -> None:
    settings.PHOTO_MIN_FILES = 2

    application = Application(special_needs=special, channel=channel)

    assert dict(eligibility.required_documents(application)) == needed


def add(application: Application, kind: DocumentKind, now: datetime, **more: Any) -> None:
    application.documents.create(
        kind=kind,
        source=DocumentSource.MANUAL,
        mime="image/jpeg",
        size=1,
        sha256="0",
        file="x",
        added_at=now,
        **more,
    )


def test_photographs_are_counted(ready: Application, settings: Any, now: datetime) -> None:
    settings.PHOTO_MIN_FILES = 2

    def check() -> None:
        eligibility.check_documents(ready, now=now)

    assert facts_of(check) == {"missing": [DocumentKind.PHOTO]}
    for position in (2, 3):  # as many as needed, and one more
        add(ready, DocumentKind.PHOTO, now, position=position)
        assert code_of(check) is None


@pytest.mark.rule("R90", "D10")
@pytest.mark.parametrize(
    ("until", "code"),
    [(date(2026, 6, 10), None), (date(2026, 6, 9), Code.PMPC_EXPIRED)],
)
def test_conclusion_is_in_force_today(
    ready: Application, now: datetime, until: date, code: Code | None
) -> None:
    ready.special_needs = True
    add(ready, DocumentKind.PMPC, now, valid_until=until)

    assert code_of(lambda: eligibility.check_documents(ready, now=now)) == code
    if code:
        assert facts_of(lambda: eligibility.check_documents(ready, now=now)) == {"valid_until": until}


@pytest.mark.rule("R91")
@pytest.mark.parametrize("tick", ["data_correct_at", "external_data_at"])
def test_both_ticks_are_set(ready: Application, now: datetime, tick: str) -> None:
    setattr(ready, tick, None)

    assert code_of(lambda: eligibility.check_documents(ready, now=now)) == Code.TICKS


# --- all of them ---------------------------------------------------------------------------------------
def file_another(one: Application) -> None:
    """The other parent was faster."""
    at = one.step3_at
    Application.objects.create(
        year=YEAR, child=one.child, applicant=one.applicant, intake=one.intake, route="LOCAL", number="1",
        status=Status.IN_REVIEW, submitted_at=at, received_at=at, due_at=at, step1_at=at, step2_at=at,
        step3_at=at, data_correct_at=at, external_data_at=at,
    )  # fmt: skip


def forget_the_name(one: Application) -> None:
    one.child.surname = one.child.name = one.child.patronymic = ""


SPOIL: dict[Code, Callable[[Application], Any]] = {
    Code.ACTIVE: file_another,
    Code.NAMELESS: forget_the_name,
    Code.AGE: lambda one: setattr(one.child, "birth_date", date(2021, 1, 1)),
    Code.CONSENT: lambda one: Consent.objects.update(status=ConsentStatus.DENIED),
    Code.NO_LANGUAGE: lambda one: setattr(one, "intake", None),
    Code.DOCUMENTS: lambda one: one.documents.all().delete(),
}


@pytest.mark.parametrize("code", SPOIL)
def test_every_check_is_made_again_before_a_signature(ready: Application, now: datetime, code: Code) -> None:
    assert code_of(lambda: eligibility.check_stored(ready, now=now)) is None
    SPOIL[code](ready)

    assert code_of(lambda: eligibility.check_stored(ready, now=now)) == code
    assert code_of(lambda: enrolment.check_all(ready, now=now)) == code


@pytest.mark.rule("D15")
def test_consent_on_paper_is_no_row(ready: Application, now: datetime, executor: User) -> None:
    Consent.objects.all().delete()
    ready.channel, ready.filed_by = Channel.IN_PERSON, executor
    add(ready, DocumentKind.SCAN, now)

    assert code_of(lambda: eligibility.check_stored(ready, now=now)) is None


def test_consent_is_the_childs_and_in_force(ready: Application, now: datetime) -> None:
    Consent.objects.filter(child=ready.child).update(expires_at=now)

    assert code_of(lambda: eligibility.check_stored(ready, now=now)) == Code.CONSENT


STEPS = {
    "child": {
        "PROTECTED", "ACTIVE", "ENROLLED", "AGE", "NAMELESS", "NOT_THEIRS", "REGISTER_SILENT", "CONSENT",
    },
    "way": {"ADDRESS_SILENT", "NOT_LOCAL", "SCHOOL_STOPPED"},
    "school": {"NOT_ANNOUNCED", "NOT_OPEN", "CLOSED", "NO_LANGUAGE", "OUTSIDE_FULL", "SCHOOL_FULL"},
    "documents": {"DOCUMENTS", "PMPC_EXPIRED", "TICKS"},
    "review": {"PERSONS_SILENT", "FACTS_CHANGED"},
}  # fmt: skip


def test_every_obstacle_leads_to_the_step_that_can_mend_it() -> None:
    found = {step: {code.value for code in Code if Blocked(code).step == step} for step in STEPS}

    assert found == STEPS
