"""Whose hands an application of a school may go through (D39): nobody acts for the school on their own child
or ward, and of two people at a school one registers and prepares and the other signs. The school's key is
its head's (R108), so what its director may not sign falls to who stands in for them, and to no officer of the
department: the department appoints that person (D38)."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Child, Guardianship, Protection, User
from accounts.prepared import Prepared
from applications.models import Application, Decision
from schools.models import Role, StaffMember

DESK = (Role.DIRECTOR, Role.EXECUTOR)
_DIRECTORS = Prepared(
    lambda school, today: (
        StaffMember.in_force(today).filter(school=school, role=Role.DIRECTOR).values_list("user_id")
    ),
    int,
    date,
)
_MAY_NOT = Prepared(  # of these users: they are tied to the child, or it is hidden from them (D35)
    lambda users, child, iin: (
        User.objects.filter(pk__among=users)
        .filter(
            Exists(Guardianship.objects.standing().filter(user=OuterRef("pk"), child=child))
            | Exists(Protection.objects.in_force().filter(barred_iin=OuterRef("iin"), child_iin=iin))
        )
        .values_list("pk")
    ),
    list[int],
    int,
    str,
)


class Bar(StrEnum):
    """Why a person may not act for the school, whatever their post."""

    OWN_CHILD = "OWN_CHILD"
    ALONE = "ALONE"


class Barred(Exception):
    def __init__(self, bar: Bar) -> None:
        super().__init__(bar)
        self.bar = bar


def bar(application: Application, user: User, decision: Decision | None = None) -> Bar | None:
    """Why the user may not register, decide or sign; `decision` is the one they would sign."""
    return bars([(application, decision)], user).get(application.pk)


def demand(application: Application, user: User, decision: Decision | None = None) -> None:
    """Raises Barred (D39)."""
    if found := bar(application, user, decision):
        raise Barred(found)


def bars(documents: Iterable[tuple[Application, Decision | None]], user: User) -> dict[int, Bar]:
    """The same of many, by the keys of their applications, in three questions however many they are."""
    documents = list(documents)
    children = [one.child_id for one, _decision in documents]
    own = set(user.guardianships.standing().filter(child__in=children).values_list("child", flat=True))
    found = {
        one.pk: Bar.OWN_CHILD
        for one, _decision in documents
        if one.child_id in own or one.applicant_id == user.pk
    }
    alone = [
        one
        for one, decision in documents
        if decision and decision.prepared_by_id == user.pk == one.filed_by_id and one.pk not in found
    ]
    return found | {pk: Bar.ALONE for pk in _with_colleagues(alone, user)}


def _with_colleagues(applications: list[Application], user: User) -> list[int]:
    """Those at whose school somebody else could look at them too: in force, no relative of the child, and it
    is not hidden from them (D35)."""
    if not applications:
        return []
    schools = {one.chosen_intake.school_id for one in applications}
    others = StaffMember.objects.filter(role__in=DESK, school__in=schools).exclude(user=user)
    people = set(others.values_list("school_id", "user_id"))
    barred = _may_not_look(
        people={person for _school, person in people}, children={one.child_id for one in applications}
    )
    return [
        one.pk
        for one in applications
        if any(
            school == one.chosen_intake.school_id
            and person != one.applicant_id
            and (person, one.child_id) not in barred
            for school, person in people
        )
    ]


def _may_not_look(*, people: set[int], children: set[int]) -> set[tuple[int, int]]:
    """Who may not look at whose application."""
    ties = Guardianship.objects.standing().filter(user__in=people, child__in=children)
    users, known = User.objects.filter(pk__in=people), Child.objects.filter(pk__in=children)
    bars = Protection.objects.in_force().filter(
        barred_iin__in=users.values("iin"), child_iin__in=known.values("iin")
    )
    hidden = set(bars.values_list("barred_iin", "child_iin"))
    who, whom = (dict(rows.values_list("iin", "pk")) if hidden else {} for rows in (users, known))
    may_not = {(who[barred], whom[child]) for barred, child in hidden}
    return set(ties.values_list("user_id", "child_id")) | may_not


def nobody_signs(application: Application) -> bool:
    """The school has a director, and each of them is the child's own parent or representative, or may not
    know where it is: the department has to appoint who stands in (D35, D38, D39)."""
    school = application.chosen_intake.school_id
    directors = {user for (user,) in _DIRECTORS(school, timezone.localdate())}
    if not directors:
        return False
    child = application.child
    may_not = {user for (user,) in _MAY_NOT(list(directors), child.pk, child.iin)}
    return directors <= may_not | {application.applicant_id}
