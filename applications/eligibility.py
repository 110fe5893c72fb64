"""May this child be filed, to this school, now? The three checks of step 1 (R51-R54) and, before a
signature, everything again (state may have changed since).

The rules are functions of facts; `check_stored` gathers those that our own database knows;
`enrolment.check_all` asks the education register too.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import consents, protection
from accounts.models import Child
from accounts.prepared import Prepared
from applications import steps
from applications.models import Application, Channel, Document, DocumentKind, Route
from egov.enrolment import Enrolment
from schools import catalogue, periods, residence, seats
from schools.models import School

_ACTIVE = Prepared(
    lambda child, year: (
        Application.objects.active()
        .filter(child=child, year=year)
        .select_related("intake__school")
        .order_by("pk")
    ),
    int,
    int,
)
AGE_YEARS = 6  # R54
FIRST_SCHOOL_GRADE = 1  # D24: grade 0 is preschool and does not block


class Code(StrEnum):
    PROTECTED = "PROTECTED"
    ACTIVE = "ACTIVE"
    ENROLLED = "ENROLLED"
    AGE = "AGE"
    NAMELESS = "NAMELESS"
    NOT_THEIRS = "NOT_THEIRS"
    PERSONS_SILENT = "PERSONS_SILENT"
    FACTS_CHANGED = "FACTS_CHANGED"
    REGISTER_SILENT = "REGISTER_SILENT"
    ADDRESS_SILENT = "ADDRESS_SILENT"
    CONSENT = "CONSENT"
    NOT_ANNOUNCED = "NOT_ANNOUNCED"
    NOT_OPEN = "NOT_OPEN"
    CLOSED = "CLOSED"
    SCHOOL_STOPPED = "SCHOOL_STOPPED"
    NO_LANGUAGE = "NO_LANGUAGE"
    NOT_LOCAL = "NOT_LOCAL"
    OUTSIDE_FULL = "OUTSIDE_FULL"
    SCHOOL_FULL = "SCHOOL_FULL"
    DOCUMENTS = "DOCUMENTS"
    PMPC_EXPIRED = "PMPC_EXPIRED"
    TICKS = "TICKS"


# The page of the wizard that owns each obstacle.
STEP = {
    Code.PROTECTED: steps.CHILD,
    Code.ACTIVE: steps.CHILD,
    Code.ENROLLED: steps.CHILD,
    Code.AGE: steps.CHILD,
    Code.NAMELESS: steps.CHILD,
    Code.NOT_THEIRS: steps.CHILD,
    Code.PERSONS_SILENT: steps.REVIEW,
    Code.FACTS_CHANGED: steps.REVIEW,
    Code.REGISTER_SILENT: steps.CHILD,
    Code.ADDRESS_SILENT: steps.WAY,
    Code.CONSENT: steps.CHILD,
    Code.NOT_ANNOUNCED: steps.SCHOOL,
    Code.NOT_OPEN: steps.SCHOOL,
    Code.CLOSED: steps.SCHOOL,
    Code.SCHOOL_STOPPED: steps.WAY,
    Code.NO_LANGUAGE: steps.SCHOOL,
    Code.NOT_LOCAL: steps.WAY,
    Code.OUTSIDE_FULL: steps.SCHOOL,
    Code.SCHOOL_FULL: steps.SCHOOL,
    Code.DOCUMENTS: steps.DOCUMENTS,
    Code.PMPC_EXPIRED: steps.DOCUMENTS,
    Code.TICKS: steps.DOCUMENTS,
}


NOT_NOW = {
    periods.State.NOT_ANNOUNCED: Code.NOT_ANNOUNCED,
    periods.State.BEFORE: Code.NOT_OPEN,
    periods.State.CLOSED: Code.CLOSED,
}


@dataclass
class Blocked(Exception):
    """An obstacle, with the facts its page needs to explain it."""

    code: Code
    facts: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def step(self) -> str:
        return STEP[self.code]


def last_birth_date(year: int) -> date:
    """The latest birth date admitted: six by 31 December of the year the studies begin (R54, D7)."""
    return date(year - AGE_YEARS, 12, 31)


def check_age(birth_date: date, *, year: int) -> None:
    """R54, D7. Raises Blocked(AGE)."""
    facts = age_facts(birth_date, year=year)
    if birth_date > facts["last"]:
        raise Blocked(Code.AGE, facts)


def age_facts(birth_date: date, *, year: int) -> dict[str, Any]:
    """What a page needs to say of an age; "this year" is never enough: in autumn it is not the year meant."""
    return {
        "birth_date": birth_date,
        "last": last_birth_date(year),
        "year": year,
        "admitted_in": birth_date.year + AGE_YEARS,
    }


def check_protection(*, child_iin: str, applicant_iin: str) -> None:
    """D35: who may not know where the child is files nothing for it here, and learns nothing by asking: not
    who else has filed, nor where it is a pupil. Asked before all else. Raises Blocked(PROTECTED)."""
    if protection.hides(child_iin=child_iin, from_iin=applicant_iin):
        raise Blocked(Code.PROTECTED)


def check_names(application: Application) -> None:
    """Both people of the application have a name to print. Raises Blocked(NAMELESS)."""
    if not (application.applicant.full_name.strip() and application.child.full_name.strip()):
        raise Blocked(Code.NAMELESS)


def check_enrolment(enrolment: Enrolment | None) -> None:
    """R53, D24. Raises Blocked(ENROLLED) with the school and class."""
    if enrolment is not None and enrolment.grade >= FIRST_SCHOOL_GRADE:
        raise Blocked(Code.ENROLLED, {"enrolment": enrolment})


def check_active(child: Child, *, year: int) -> None:
    """One application per child, whoever filed it (R52, R202, D4). Raises Blocked(ACTIVE)."""
    found = _ACTIVE.first(child.pk, year)
    if found:
        raise Blocked(Code.ACTIVE, {"application": found})


def check_child(child: Child, *, year: int, enrolment: Enrolment | None) -> None:
    """The three checks of step 1 in the instruction's order (R51). Raises Blocked."""
    check_active(child, year=year)
    check_enrolment(enrolment)
    check_age(child.birth_date, year=year)


def check_window(school: School, *, year: int, now: datetime) -> None:
    """The window of the chosen school's region, to the second (R22-R28, D8)."""
    state = periods.state(school.locality_id, year, now)
    if not state.is_open:
        raise Blocked(NOT_NOW[state.name], {"school": school, "state": state})


def addresses_that_count(application: Application) -> list[dict[str, Any]]:
    """Whose registered address decides the microdistrict (D5)."""
    applicant, child = application.applicant.registered_address, application.child.registered_address
    by_setting = {"applicant": [applicant], "child": [child], "either": [applicant, child]}
    return [address for address in by_setting[settings.MICRODISTRICT_ADDRESS] if address]


def local_schools(application: Application) -> list[School]:
    """Schools of the year whose microdistrict the address lies in (R66)."""
    places, year = places_that_count(application), application.year
    return list(
        dict.fromkeys(school for place in places for school in catalogue.schools_for(**place, year=year))
    )


def attached_schools(application: Application) -> list[School]:
    """The same, also of those that have not announced their places of the year (R68)."""
    places = places_that_count(application)
    return list(dict.fromkeys(school for place in places for school in catalogue.attached_to(**place)))


def places_that_count(application: Application) -> list[dict[str, str]]:
    """The addresses that count, one under each name that the register gives its street."""
    return [
        {"kato": address.get("kato", ""), "street": street, "house": address.get("house", "")}
        for address in addresses_that_count(application)
        for street in residence.streets_of(address)
    ]


def check_school(application: Application, *, now: datetime) -> None:
    """Window, language, microdistrict and seats of the chosen school."""
    intake = application.intake
    if intake is None or intake.year != application.year:
        raise Blocked(Code.NO_LANGUAGE)
    if intake.school.has_stopped(timezone.localdate(now)):  # D57
        raise Blocked(Code.SCHOOL_STOPPED, {"school": intake.school})
    check_window(intake.school, year=application.year, now=now)
    if application.route == Route.LOCAL:
        if intake.school not in local_schools(application):
            raise Blocked(Code.NOT_LOCAL, {"school": intake.school})
    elif application.route == Route.OUTSIDE:
        free = seats.free(intake)
        if free.outside <= 0:
            code = Code.SCHOOL_FULL if free.total <= 0 else Code.OUTSIDE_FULL
            raise Blocked(code, {"intake": intake})
    else:
        raise Blocked(Code.NO_LANGUAGE)  # the way was never chosen


def required_documents(application: Application) -> list[tuple[DocumentKind, int]]:
    """Each kind with the number of files it needs (R85-R88, D6, D15)."""
    needed = [
        (DocumentKind.PHOTO, settings.PHOTO_MIN_FILES),
        (DocumentKind.F065, 1),
        (DocumentKind.F052_2, 1),
    ]
    if application.special_needs:
        needed.append((DocumentKind.PMPC, 1))
    if application.channel == Channel.IN_PERSON:
        needed.append((DocumentKind.SCAN, 1))
    return needed


def missing_documents(application: Application) -> list[DocumentKind]:
    kinds = [document.kind for document in Document.of(application)]
    return [kind for kind, count in required_documents(application) if kinds.count(kind) < count]


def check_documents(application: Application, *, now: datetime) -> None:
    """All papers present, the PMPC conclusion in force today, both ticks set (R85-R91, D10)."""
    missing = missing_documents(application)
    if missing:
        raise Blocked(Code.DOCUMENTS, {"missing": missing})
    if application.special_needs:
        conclusion = application.documents.get(kind=DocumentKind.PMPC)
        if conclusion.has_ended(timezone.localdate(now)):
            raise Blocked(Code.PMPC_EXPIRED, {"valid_until": conclusion.valid_until})
    if not (application.data_correct_at and application.external_data_at):
        raise Blocked(Code.TICKS)


def check_stored(application: Application, *, now: datetime) -> None:
    """Everything that our own database knows; safe inside the signing transaction. Raises Blocked."""
    check_protection(child_iin=application.child.iin, applicant_iin=application.applicant.iin)
    if not application.child.is_represented_by(application.applicant):
        raise Blocked(Code.NOT_THEIRS)
    check_active(application.child, year=application.year)
    check_names(application)
    check_age(application.child.birth_date, year=application.year)
    if application.channel == Channel.ONLINE and not consents.valid(
        application.applicant, application.child, now
    ):
        raise Blocked(Code.CONSENT)
    check_school(application, now=now)
    check_documents(application, now=now)
