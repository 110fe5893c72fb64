"""Where a person works, in which post, and whom they may appoint (D38)."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.prepared import Prepared
from schools import kato
from schools.models import Locality, Role, School, StaffMember

_HELD = Prepared(
    lambda user, today: (
        StaffMember.in_force(today).filter(user=user).select_related("school", "region").order_by("pk")
    ),
    int,
    date,
)
MOST_TITLES = 2
APPOINTING = (Role.OPS, Role.DEPARTMENT, Role.DIRECTOR)
KEEPING = (Role.OPS, Role.DEPARTMENT)


def schools_of(user: User) -> list[School]:
    """A post at a school is a director's or an executor's: the database holds no other."""
    found = {post.school for post in held_by(user) if post.school}
    return sorted(found, key=lambda school: school.sort_kk)


def directed_by(user: User) -> set[int]:
    """The schools whose decisions the user signs, as their director or standing in."""
    return {post.school_id for post in held_by(user) if post.role == Role.DIRECTOR and post.school_id}


def areas_of(user: User) -> list[Locality]:
    """The regions and districts whose schools the user watches over for a department."""
    found = (post.region for post in held_by(user) if post.role == Role.DEPARTMENT and post.region)
    return sorted(found, key=lambda region: region.sort_kk)


def is_ops(user: User) -> bool:
    return any(post.role == Role.OPS for post in held_by(user))


def held_by(user: User) -> list[StaffMember]:
    """The posts of this moment: whoever is asked for is asked anew at every click, by a prepared question."""
    return _HELD(user.pk, timezone.localdate())


def in_words(held: Sequence[StaffMember]) -> str:
    """Posts with where: what stands in the header of a page of work."""
    places = [(post, post.school or post.region) for post in held]
    told = [f"{post.title}, {place.name}" if place else post.title for post, place in places]
    more = f" +{len(told) - MOST_TITLES}" if len(told) > MOST_TITLES else ""
    return "; ".join(told[:MOST_TITLES]) + more


def inside(areas: Iterable[Locality], path: str) -> Q:
    """In one of the areas; the path leads to the code of a place."""
    found = Q(pk__in=[])
    for area in areas:
        found |= Q(**{f"{path}__startswith": kato.prefix(area.kato)})
    return found


def may_have_a_department() -> Q:
    """A region or a district; the districts of a city of the republic stand one level lower."""
    in_city = Q(*(Q(kato__startswith=city) for city in sorted(kato.REPUBLIC_CITIES)), _connector=Q.OR)
    return Q(kato__endswith="00000") | (in_city & Q(kato__endswith="000"))


def officers_for(school: School) -> QuerySet[StaffMember]:
    """Who watches over the school for a department: of its district, of its region."""
    places = [school.locality_id, *kato.ancestors(school.locality_id)]
    return StaffMember.objects.filter(role=Role.DEPARTMENT, region__in=places)


def managed_by(user: User) -> QuerySet[School]:
    """The schools whose people the user may appoint: ops all, a department those of its area, a director
    their own (D38)."""
    if is_ops(user):
        return School.objects.all()
    directed = Q(pk__in=directed_by(user))
    return School.objects.filter(directed | inside(areas_of(user), "locality__kato"))


def keeps_lists(user: User) -> bool:
    """Does the user keep schools' address lists: for a department, or for the portal (D64)?"""
    return any(post.role in KEEPING for post in held_by(user))


def kept_by(user: User) -> QuerySet[School]:
    """The schools whose address lists the user keeps: ops all, a department those of its area (D64)."""
    if is_ops(user):
        return School.objects.all()
    return School.objects.filter(inside(areas_of(user), "locality__kato"))


def as_author(user: User) -> str:
    """Who keeps a list, as its version names them: the name and the post (D64)."""
    held = [post for post in held_by(user) if post.role in KEEPING]
    return f"{user.full_name} ({in_words(held)})"


def roles_open_to(user: User, school: School) -> list[Role]:
    """The posts of the school that the user may give and take (D38); none where the school is not theirs."""
    if is_ops(user) or School.objects.filter(inside(areas_of(user), "locality__kato"), pk=school.pk).exists():
        return [Role.DIRECTOR, Role.EXECUTOR]
    return [Role.EXECUTOR] if school.pk in directed_by(user) else []
