"""Persons, children, enrolment and medical documents against the sandbox's SmartBridge."""

import io
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pikepdf
import pytest

from egov import consent, enrolment, medical, persons
from egov.enrolment import Enrolment
from egov.errors import EgovError, Misconfigured, Refused, Unavailable
from egov.persons import Address
from egov.tests.cast import AIGUL, DANIYAR, ELENA, NOBODY, NURGUL, OLGA
from tests.sandbox import Sandbox

HOME = Address(
    kato="711210000",
    street="Сәтбаев көшесі",
    house="1",
    flat="12",
    text_kk="Астана қ., Есіл ауданы, Сәтбаев көшесі, 1-үй, 12-пәтер",
    text_ru="г. Астана, район Есиль, улица Сатпаева, дом 1, кв. 12",
)


@pytest.fixture(autouse=True)
def _portal(settings: Any) -> None:
    settings.EGOV_TIMEOUT = 5.0


def kids(parent: str) -> dict[str, str]:
    """IIN by name."""
    return {record.person.name: record.person.iin for record in persons.children(parent)}


def token_for(sandbox: Sandbox, parent: str, child: str) -> str:
    reference = consent.request(parent, subject_iin=child, scope="child")
    sandbox.reply(parent)
    return consent.status(reference).token


def test_person_comes_with_the_registered_address(sandbox: Sandbox) -> None:
    assert persons.person(AIGUL) == persons.Person(
        iin=AIGUL,
        surname="Сәрсенова",
        name="Айгүл",
        patronymic="Маратқызы",
        birth_date=date(1990, 7, 8),
        sex="F",
        address=HOME,
    )


def test_person_without_patronymic_or_address_is_still_a_person(sandbox: Sandbox) -> None:
    sandbox.person(AIGUL, patronymic="", address={})

    found = persons.person(AIGUL)

    assert (found.patronymic, found.address) == ("", Address())


def test_unknown_person_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="PERSON_NOT_FOUND"):
        persons.person(NOBODY)
    with pytest.raises(Refused, match="PERSON_NOT_FOUND"):
        persons.children(NOBODY)


@pytest.mark.rule("R56")
def test_children_come_with_addresses_youngest_last(sandbox: Sandbox) -> None:
    found = persons.children(AIGUL)

    assert [(record.person.name, record.person.sex, record.relation) for record in found] == [
        ("Аружан", "F", "PARENT"),
        ("Арман", "M", "PARENT"),
    ]
    assert {record.person.address for record in found} == {HOME}
    assert persons.children(DANIYAR) == found


@pytest.mark.rule("D22")
def test_guardian_is_told_from_a_parent(sandbox: Sandbox) -> None:
    assert [record.relation for record in persons.children(OLGA)] == ["GUARDIAN"]


@pytest.mark.rule("D22")
def test_other_relations_give_no_child(sandbox: Sandbox) -> None:
    child = kids(AIGUL)["Арман"]
    sandbox.person(AIGUL, children=[{"iin": child, "relation": "SIBLING"}])

    assert persons.children(AIGUL) == []


def test_adult_without_children_has_an_empty_list(sandbox: Sandbox) -> None:
    assert persons.children(NURGUL) == []


@pytest.mark.rule("R56")
def test_child_added_on_egov_appears(sandbox: Sandbox) -> None:
    new = {"name": "Әлия", "birth_date": "2021-01-10", "sex": "F"}
    added = sandbox.control("POST", f"people/{AIGUL}/children", new)

    assert kids(AIGUL)["Әлия"] == added["iin"]


def test_enrolment_is_told_to_whoever_has_consent(sandbox: Sandbox) -> None:
    anna = kids(ELENA)["Анна"]

    found = enrolment.current(anna, consent_token=token_for(sandbox, ELENA, anna))

    assert found == Enrolment(
        school_bin="990540099902",
        school_kk="«№63 жалпы білім беретін мектеп» КММ",
        school_ru="КГУ «Общеобразовательная школа №63»",
        grade=1,
        letter="Б",
    )


def test_child_that_is_enrolled_nowhere_has_none(sandbox: Sandbox) -> None:
    arman = kids(AIGUL)["Арман"]

    assert enrolment.current(arman, consent_token=token_for(sandbox, AIGUL, arman)) is None


@pytest.mark.rule("D24")
def test_preschool_is_grade_zero(sandbox: Sandbox) -> None:
    arman = kids(AIGUL)["Арман"]
    school = {"bin": "990540099902", "school_kk": "М", "school_ru": "Ш", "grade": 0}
    sandbox.person(arman, enrolment=school)

    found = enrolment.current(arman, consent_token=token_for(sandbox, AIGUL, arman))

    assert found == Enrolment("990540099902", "М", "Ш", 0, "")


@pytest.mark.rule("R86", "R87")
@pytest.mark.parametrize("form", ["065/у", "052-2/у"])
def test_medical_paper_is_a_pdf_with_clinic_and_date(sandbox: Sandbox, form: str) -> None:
    arman = kids(AIGUL)["Арман"]

    paper = medical.fetch(arman, form, consent_token=token_for(sandbox, AIGUL, arman))

    assert paper is not None
    assert "емхана" in paper.clinic
    assert paper.issued_on is not None and paper.issued_on < date.today()  # noqa: DTZ011 (a day)
    with pikepdf.open(io.BytesIO(paper.content)) as pdf:
        assert len(pdf.pages) == 1


@pytest.mark.rule("R86", "R87")
def test_paper_that_the_system_lacks_is_none(sandbox: Sandbox) -> None:
    aruzhan = kids(AIGUL)["Аружан"]
    token = token_for(sandbox, AIGUL, aruzhan)

    assert medical.fetch(aruzhan, "052-2/у", consent_token=token) is None
    assert medical.fetch(aruzhan, "065/у", consent_token=token) is not None


DATA_SERVICES: list[Callable[[str, str], object]] = [
    lambda iin, token: enrolment.current(iin, consent_token=token),
    lambda iin, token: medical.fetch(iin, "065/у", consent_token=token),
]


@pytest.mark.rule("D11")
@pytest.mark.parametrize("service", DATA_SERVICES)
@pytest.mark.parametrize("token", ["", "wrong", "wrong.wrong"])
def test_data_of_a_child_need_a_consent(sandbox: Sandbox, service: Any, token: str) -> None:
    with pytest.raises(Refused, match="CONSENT_REQUIRED"):
        service(kids(AIGUL)["Арман"], token)


@pytest.mark.rule("R57")
@pytest.mark.parametrize("service", DATA_SERVICES)
def test_consent_for_one_child_opens_nothing_about_another(sandbox: Sandbox, service: Any) -> None:
    children = kids(AIGUL)
    token = token_for(sandbox, AIGUL, children["Арман"])

    with pytest.raises(Refused, match="CONSENT_FOR_ANOTHER"):
        service(children["Аружан"], token)


@pytest.mark.parametrize("service", DATA_SERVICES)
def test_expired_and_revoked_consents_open_nothing(sandbox: Sandbox, service: Any) -> None:
    arman = kids(AIGUL)["Арман"]
    token = token_for(sandbox, AIGUL, arman)

    sandbox.clock(181 * 24 * 3600)
    with pytest.raises(Refused, match="CONSENT_EXPIRED"):
        service(arman, token)
    sandbox.clock(0)
    sandbox.control("POST", f"people/{AIGUL}/revoke")
    with pytest.raises(Refused, match="CONSENT_EXPIRED"):
        service(arman, token)


SERVICES: dict[str, Callable[[], object]] = {
    "person": lambda: persons.person(AIGUL),
    "address": lambda: persons.person(AIGUL),
    "children": lambda: persons.children(AIGUL),
    "enrolment": lambda: enrolment.current(AIGUL, consent_token="x"),
    "medical": lambda: medical.fetch(AIGUL, "065/у", consent_token="x"),
    "consent": lambda: consent.status("x"),
}
FAULTS = {
    "fail": Unavailable,
    "drop": Unavailable,
    "slow": Unavailable,
    "late": Unavailable,
    "refuse": Refused,
}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("mode", FAULTS)
def test_fault_of_a_service_is_told_apart_in_time(
    sandbox: Sandbox, settings: Any, service: str, mode: str
) -> None:
    settings.EGOV_TIMEOUT = 0.8 if mode in ("slow", "late") else 30.0
    sandbox.fault(service, mode, seconds=60)
    started = time.monotonic()

    with pytest.raises(EgovError) as caught:
        SERVICES[service]()

    assert (type(caught.value), caught.value.system) == (FAULTS[mode], service)
    assert time.monotonic() - started < 40


@pytest.mark.parametrize("mode", ["drop"])
def test_read_survives_one_dropped_connection(sandbox: Sandbox, mode: str) -> None:
    sandbox.fault("person", mode, times=1)

    assert persons.person(AIGUL).iin == AIGUL


def test_slow_service_within_the_limit_answers(sandbox: Sandbox) -> None:
    sandbox.fault("person", "slow", seconds=0.3, times=1)

    assert persons.person(AIGUL).iin == AIGUL


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [("SMARTBRIDGE_PASSWORD", "other", "SCE003"), ("SMARTBRIDGE_SENDER", "other", "SCE003")],
)
def test_wrong_sender_is_refused(
    sandbox: Sandbox, settings: Any, setting: str, value: str, code: str
) -> None:
    setattr(settings, setting, value)

    with pytest.raises(Misconfigured, match=code):
        persons.person(AIGUL)


def test_unknown_service_is_refused(sandbox: Sandbox, settings: Any) -> None:
    settings.SMARTBRIDGE_SERVICES = settings.SMARTBRIDGE_SERVICES | {"person": "OTHER"}

    with pytest.raises(Misconfigured, match="SCE004"):
        persons.person(AIGUL)


def test_nothing_personal_is_logged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    persons.children(AIGUL)
    with pytest.raises(Refused):
        persons.person(NOBODY)

    assert "children: 200 in" in caplog.text
    assert [
        secret for secret in (AIGUL, NOBODY, "Сәрсенова", "sandbox-secret") if secret in caplog.text
    ] == []
