"""Appeals that no officer may answer (D73): the school's area has none, or each of them is the child's own
parent (D39) or one from whom a court hides the child (D35). They must not lie unseen, so ops are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Child, Guardianship, Protection, User
from applications.models import Appeal, AppealQuerySet
from schools import kato
from schools.models import Role, School, StaffMember

Officers = dict[str, list[User]]  # by the code of their area


@dataclass(frozen=True)
class Unheard:
    """At one school."""

    school: School
    waiting: int


def with_department(*, now: datetime) -> list[Unheard]:
    """Their answer is waited for already."""
    return _unheard(Appeal.objects.with_department(now))


def with_school(*, now: datetime) -> list[Unheard]:
    """They will come to the department in days."""
    return _unheard(Appeal.objects.with_school(now))


def _unheard(found: AppealQuerySet) -> list[Unheard]:
    """In four questions however many they are; of whatever year, for no first of September answers them."""
    related = ("application__child", "application__intake__school")
    appeals = list(found.order_by().select_related(*related))
    if not appeals:
        return []
    officers = _officers()
    barred = _barred(officers, {one.application.child for one in appeals})
    counted: dict[School, int] = {}
    for one in appeals:
        child, school = one.application.child, one.application.chosen_intake.school
        of_school = {user.pk for place in _places(school) for user in officers.get(place, [])}
        if of_school <= {one.by_id} | barred.get(child.pk, set()):
            counted[school] = counted.get(school, 0) + 1
    every = sorted(counted.items(), key=lambda pair: (pair[0].sort_kk, pair[0].pk))
    return [Unheard(school, waiting) for school, waiting in every]


def _places(school: School) -> list[str]:
    return [school.locality_id, *kato.ancestors(school.locality_id)]


def _officers() -> Officers:
    found: Officers = {}
    for post in StaffMember.objects.filter(role=Role.DEPARTMENT).select_related("user"):
        found.setdefault(str(post.region_id), []).append(post.user)
    return found


def _barred(officers: Officers, children: Iterable[Child]) -> dict[int, set[int]]:
    """By the child, who of the officers may not open its appeal."""
    by_iin = {user.iin: user.pk for users in officers.values() for user in users}
    found: dict[int, set[int]] = {}
    iins = {child.iin: child.pk for child in children}
    own = Guardianship.objects.standing().filter(user__in=by_iin.values(), child__in=iins.values())
    for user, child in own.values_list("user", "child"):
        found.setdefault(child, set()).add(user)
    hidden = Protection.objects.in_force().filter(child_iin__in=iins, barred_iin__in=by_iin)
    for child_iin, barred_iin in hidden.values_list("child_iin", "barred_iin"):
        found.setdefault(iins[child_iin], set()).add(by_iin[barred_iin])
    return found
