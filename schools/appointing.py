"""Posts are given and taken here, and nowhere else (D38): by a page, where `by` is who gives, or by a
command. A post counts from the next click on: every page, and every signature that comes back, asks anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import security
from accounts.models import User
from accounts.security import Event
from egov.iin import birth_date, valid_iin
from schools import posts
from schools.models import Locality, Role, School, StaffMember

GROWN_UP = 18  # years
LONGEST_ACTING = timedelta(days=366)


class Reason(StrEnum):
    """Why a post is not given or taken."""

    NOT_AN_IIN = "NOT_AN_IIN"
    TOO_YOUNG = "TOO_YOUNG"
    NOT_YOURS = "NOT_YOURS"
    ONESELF = "ONESELF"
    HAS_IT = "HAS_IT"
    DAYS = "DAYS"
    LAST_OPS = "LAST_OPS"
    ENDED = "ENDED"
    ENDS = "ENDS"  # somebody's, which has not been told


class NotAppointed(Exception):
    """`ends`: the posts that would end with it."""

    def __init__(self, reason: Reason, ends: Sequence[StaffMember] = ()) -> None:
        super().__init__(reason)
        self.reason, self.ends = reason, ends


@dataclass(frozen=True)
class Post:
    """What is given: a role, where, and of who stands in for a director the first and the last day."""

    role: Role
    school: School | None = None
    region: Locality | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def acting(self) -> bool:
        return self.starts_on is not None


@transaction.atomic
def appoint(
    iin: str, post: Post, *, by: User | None, now: datetime, told: Collection[str] | None = None
) -> StaffMember:
    """Give the post to the person with this IIN, who need not have signed in ever (D38). A school has one
    director: the one before ends with it; who stands in does so beside them. `told`: the keys, as
    text, of posts of which it is known that they end (D72); None of a list or a command, which say what they
    do. Raises NotAppointed."""
    demand_person(iin, now=now)
    if post.acting:
        _demand_days(post, now=now)
    if post.school:  # two appointments at once: one after the other
        School.objects.select_for_update().get(pk=post.school.pk)
    if by and not may_give(by, post):
        raise NotAppointed(Reason.NOT_YOURS)
    user = User.objects.get_or_create(iin=iin, defaults={"password": make_password(None)})[0]
    User.objects.select_for_update().get(pk=user.pk)  # two clicks at once: the second hears that it stands
    if by and user == by:
        raise NotAppointed(Reason.ONESELF)
    same = StaffMember.every.filter(
        user=user, role=post.role, school=post.school, region=post.region, acting=post.acting, ended_at=None
    )
    same.filter(ends_on__lt=timezone.localdate(now)).update(ended_at=now)  # has ended by itself
    if same.exists():
        raise NotAppointed(Reason.HAS_IT)
    if post.role == Role.DIRECTOR and not post.acting:
        before = StaffMember.every.filter(
            school=post.school, role=Role.DIRECTOR, acting=False, ended_at=None
        )  # of one who may not sign in too: they may again some day
        ends = list(before.select_for_update(of=("self",)).select_related("user", "school"))
        if told is not None and {str(one.pk) for one in ends} - set(told):
            raise NotAppointed(Reason.ENDS, ends)
        for one in ends:
            _end(one, by=by, now=now)
    given = StaffMember.objects.create(
        user=user,
        role=post.role,
        school=post.school,
        region=post.region,
        acting=post.acting,
        starts_on=post.starts_on,
        ends_on=post.ends_on,
        appointed_at=now,
        appointed_by=by,
    )
    security.happened(Event.APPOINTED, post=given.pk, role=str(given.role), whom=user.pk)
    return given


@transaction.atomic
def end(pk: int, *, by: User | None, now: datetime) -> StaffMember:
    """Take the post away; said twice the second hears so. The portal is never left without ops.
    Raises NotAppointed."""
    held = StaffMember.every.select_for_update(of=("self",)).filter(role=Role.OPS, ended_at=None)
    others = [one for one in held.select_related("user") if one.pk != pk and one.user.is_active]
    found = StaffMember.every.select_for_update(of=("self",)).select_related("school").filter(pk=pk).first()
    if found is None or (by and not may_end(by, found)):
        raise NotAppointed(Reason.NOT_YOURS)
    if found.ended_at:
        raise NotAppointed(Reason.ENDED)
    if found.role == Role.OPS and by and not others:
        raise NotAppointed(Reason.LAST_OPS)
    return _end(found, by=by, now=now)


def may_give(by: User, post: Post) -> bool:
    """Ops give every post, a department and a director those of `posts.roles_open_to` (D38)."""
    if post.school is None:
        return posts.is_ops(by)
    return post.role in posts.roles_open_to(by, post.school)


def may_end(by: User, post: StaffMember) -> bool:
    """Whoever may give a post may take it; everybody may lay down their own, but that of the last of ops."""
    return post.user_id == by.pk or may_give(by, Post(Role(post.role), post.school, post.region))


def _end(post: StaffMember, *, by: User | None, now: datetime) -> StaffMember:
    post.ended_at, post.ended_by = now, by
    post.save(update_fields=["ended_at", "ended_by"])
    security.happened(Event.REMOVED, post=post.pk, role=str(post.role), whom=post.user_id)
    return post


def demand_person(iin: str, *, now: datetime) -> None:
    """Is it the IIN of a grown-up? Raises NotAppointed."""
    born = birth_date(iin)
    if not valid_iin(iin) or born is None:
        raise NotAppointed(Reason.NOT_AN_IIN)
    today = timezone.localdate(now)
    if today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < GROWN_UP:
        raise NotAppointed(Reason.TOO_YOUNG)


def _demand_days(post: Post, *, now: datetime) -> None:
    if (
        post.role != Role.DIRECTOR
        or post.starts_on is None
        or post.ends_on is None
        or not timedelta() <= post.ends_on - post.starts_on <= LONGEST_ACTING
        or post.ends_on < timezone.localdate(now)
    ):
        raise NotAppointed(Reason.DAYS)
