"""What a person is shown of applications: the list, and one by its address."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Subquery

from accounts import freshness
from accounts.models import Guardianship, User
from accounts.prepared import Prepared
from applications import supplements
from applications.models import Application, Paper
from egov.errors import EgovError

_SHOWN = Prepared(
    lambda user, iin, now: (
        supplements.dated(Application.objects.told_to(User(pk=user, iin=iin)), now=now)
        .select_related("child", "intake__school", "intake__language")
        .annotate(
            is_left_behind=Exists(Application.objects.filter(pk=OuterRef("pk")).without_representative()),
            answered_at=Subquery(
                Guardianship.objects.filter(user=user, child=OuterRef("child")).values("answered_at")
            ),
        )
    ),
    int,
    str,
    datetime,
)
_STANDING_PAPERS = Prepared(
    lambda user: Paper.objects.standing().filter(application__applicant=user).order_by("created_at", "pk"),
    int,
)


def told_to(user: User, *, now: datetime) -> list[Application]:
    """In no order. That somebody else has filed for a child is told to who represents it by the register of
    today: where an answer is older than that, it is asked (D34, D80)."""
    found: list[Application] = list(_SHOWN(user.pk, user.iin, now))
    fresh = timedelta(seconds=settings.REGISTER_FRESH_SHOWN)
    if all(_leans(one, user, within=fresh, now=now) for one in found):
        return found
    with suppress(EgovError):  # what is known stays
        freshness.renew_unless_silent(user, now=now)
        found = list(_SHOWN(user.pk, user.iin, now))
    last = timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    return [one for one in found if _leans(one, user, within=last if is_left_behind(one) else fresh, now=now)]


def _leans(one: Application, user: User, *, within: timedelta, now: datetime) -> bool:
    """One's own needs no answer to be listed."""
    answered_at = vars(one)["answered_at"]
    return one.applicant_id == user.pk or (answered_at is not None and now - answered_at <= within)


def is_left_behind(one: Application) -> bool:
    """Of these, one of somebody else's: is it shown whole (D34), or told of (D80)?"""
    return bool(vars(one)["is_left_behind"])


def of_another(user: User, public_id: UUID) -> Application | None:
    """Of a child of theirs, filed by somebody else."""
    shown = Application.objects.shown_to(user).exclude(applicant=user)
    return shown.with_facts().filter(public_id=public_id).first()


def of_other_representative(user: User, public_id: UUID) -> Application | None:
    """Of a child of theirs, filed by somebody else who represents it too (D80)."""
    filed = Application.objects.filed_for_children_of(user).exclude(applicant=user)
    return filed.with_facts().filter(public_id=public_id).first()


def standing_papers(user: User) -> dict[int, list[Paper]]:
    """By application. The papers name the applicant: they are nobody else's."""
    found: dict[int, list[Paper]] = {}
    for paper in _STANDING_PAPERS(user.pk):
        found.setdefault(paper.application_id, []).append(paper)
    return found
