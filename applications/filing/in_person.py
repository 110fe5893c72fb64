"""An in-person application: the school's executor or director files for who came there (R129, R130, D15).

The same registers, checks, seats and one-application rule as online. What differs: the consents are given in
writing, the papers are scanned at school, and the applicant signs by hand.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import children, outside, people, protection, seen
from accounts.models import Child, User
from applications import drafts, eligibility, enrolment, facts, lifecycle
from applications.eligibility import Blocked, Code
from applications.filing import wizard
from applications.hands import Bar, Barred
from applications.models import Application, Channel, Purpose, Route
from egov import persons
from egov.persons import ChildRecord, Person
from schools import seats
from schools.models import Intake, School


class NotTheirChild(Exception):
    """By the register the child is neither born to the applicant nor in their care."""


@dataclass(frozen=True)
class Household:
    """The applicant and the child as the registers know them today; nothing of it is stored yet."""

    applicant: Person
    child: ChildRecord


def ask(applicant_iin: str, child_iin: str) -> Household:
    """Ask the registers for both. Raises NotTheirChild; Refused when nobody has the number; Unavailable."""
    with outside.watching("children", "address", now=timezone.now()):
        child = persons.child_of(applicant_iin, child_iin)
    if child is None:
        raise NotTheirChild
    protection.learn([child], now=timezone.now())
    with outside.watching("person", "address", now=timezone.now()):
        return Household(persons.person(applicant_iin), child)


def begin(household: Household, *, intake: Intake, by: User, year: int, now: datetime) -> Application:
    """The school's draft for this child and applicant. The three checks come first (R51-R54): of a child who
    cannot be filed nothing is stored, nor of one's own (D39). Raises Blocked, Barred."""
    person = household.child.person
    ties = by.guardianships.standing().filter(child__iin=person.iin)
    hidden = protection.hides(child_iin=person.iin, from_iin=by.iin)  # the barred one may work at a school
    if household.applicant.iin == by.iin or ties.exists() or hidden:
        raise Barred(Bar.OWN_CHILD)
    eligibility.check_protection(child_iin=person.iin, applicant_iin=household.applicant.iin)
    known = Child.objects.filter(iin=person.iin).first()
    if known:
        eligibility.check_active(known, year=year)
    eligibility.check_enrolment(enrolment.ask_in_person(person.iin))
    eligibility.check_age(person.birth_date, year=year)
    return _open_draft(household, intake=intake, by=by, year=year, now=now)


@transaction.atomic
def _open_draft(household: Household, *, intake: Intake, by: User, year: int, now: datetime) -> Application:
    """One draft in one school: who presses twice, or goes on with a colleague's work, finds it again."""
    applicant = people.from_register(household.applicant, now=now)
    child = children.add(applicant, household.child, now=now)
    Child.objects.select_for_update().get(pk=child.pk)
    eligibility.check_active(child, year=year)
    found = Application.objects.in_person_drafts(by).filter(
        applicant=applicant, child=child, year=year, intake__school=intake.school
    )
    draft = found.first()
    if draft is None:
        draft = Application.objects.create(
            applicant=applicant, child=child, year=year, intake=intake, channel=Channel.IN_PERSON, filed_by=by
        )
        drafts.give_number(draft)
    drafts.write(
        draft,
        step1_at=now,
        external_data_at=now,  # the written consent was in the school's hands before the registers were asked
        ticks_version=wizard.IN_PERSON_TICKS_VERSION,
    )
    return draft


def route_to(application: Application, school: School) -> Route:
    """The way of admission is no choice here: the address lies in this school's microdistrict or it does not
    (D5), and a school of one's own is never applied for from outside."""
    local = school in eligibility.local_schools(application)
    return Route.LOCAL if local else Route.OUTSIDE


def register(application: Application, *, by: User, now: datetime, shown: str) -> Application:
    """Every check once more, then the move of what was `shown` (the hash of it) and nothing else. Raises
    Blocked, Barred, lifecycle.NotAllowed, seen.Stale, holding.Busy."""

    def demand_shown(locked: Application) -> None:
        if facts.content_sha256(locked, Purpose.APPLICATION, None) != shown:
            raise seen.Stale

    enrolment.check_all(application, now=now)
    try:
        return lifecycle.submit_in_person(application, by=by, now=now, check=demand_shown)
    except seats.OutsideFull:
        raise Blocked(Code.OUTSIDE_FULL, {"intake": application.intake}) from None
    except seats.SchoolFull:
        raise Blocked(Code.SCHOOL_FULL, {"intake": application.intake}) from None
