"""Who may make a move of an application. Asked of the locked row inside the move's transaction, so that what
changes meanwhile comes before the move, or after it.
"""

from accounts.models import Guardianship, User
from accounts.prepared import Prepared
from applications import eligibility
from applications.eligibility import Blocked, Code
from applications.models import Application, Channel
from applications.status import DECIDED, NEXT, Status
from schools.models import Role

_TIE = Prepared(
    lambda user, child: Guardianship.objects.standing().select_for_update().filter(user=user, child=child),
    int,
    int,
)


class NotAllowed(Exception):
    """The move is not in the table of statuses, or not this person's to make."""


def demand_move(application: Application, new: Status, *, corrects: bool = False) -> None:
    """A correction goes where no move leads: from the school's answer to its answer (D54)."""
    status = Status(application.status)
    if new not in (NEXT[status] if not corrects else DECIDED if status in DECIDED else ()):
        raise NotAllowed(f"{application.status} -> {new}")


def demand_channel(application: Application, channel: Channel) -> None:
    if application.channel != channel:
        raise NotAllowed(f"filed {application.channel}")


def demand_tie(application: Application, user: User) -> None:
    """Nothing is filed or withdrawn on a tie that the register has denied (D34): its row is held to the end,
    so that a denial comes before this move, or after it. Raises Blocked(NOT_THEIRS)."""
    if not _TIE(user.pk, application.child_id):
        raise Blocked(Code.NOT_THEIRS)


def demand_post(application: Application, user: User, *roles: Role) -> None:
    if not application.chosen_intake.school.staff.filter(user=user, role__in=roles).exists():
        raise NotAllowed("no such post at this school")


def demand_withdrawer(application: Application, user: User) -> None:
    """D36: the applicant withdraws while they represent the child; after the register has said twice that
    they do not, another representative does. Raises Blocked(PROTECTED), Blocked(NOT_THEIRS), NotAllowed."""
    eligibility.check_protection(child_iin=application.child.iin, applicant_iin=user.iin)
    demand_tie(application, user)
    if user.pk != application.applicant_id and not _is_left_behind(application):
        raise NotAllowed("its applicant represents the child")


def _is_left_behind(application: Application) -> bool:
    """The applicant's tie is held to the end: one that the register tells again comes before, or after."""
    ended = Guardianship.objects.select_for_update().exclude(closed_at=None)
    return ended.filter(user=application.applicant_id, child=application.child_id).first() is not None
