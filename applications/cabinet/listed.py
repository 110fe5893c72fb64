"""What a person is shown of applications: the list, and one by its address."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.prepared import Prepared
from applications.models import Application, Paper

_SHOWN = Prepared(
    lambda user, iin: (
        Application.objects.told_to(User(pk=user, iin=iin))
        .select_related("child", "intake__school", "intake__language")
        .annotate(
            is_left_behind=Exists(Application.objects.filter(pk=OuterRef("pk")).without_representative())
        )
    ),
    int,
    str,
)
_STANDING_PAPERS = Prepared(
    lambda user: Paper.objects.standing().filter(application__applicant=user).order_by("created_at", "pk"),
    int,
)


def told_to(user: User) -> list[Application]:
    """In no order."""
    return _SHOWN(user.pk, user.iin)


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
