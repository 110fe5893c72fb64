"""A school that gets more seats: whom it has refused for want of one learns that there is room (D60)."""

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import Protection
from applications import messages
from applications.models import Application, ApplicationQuerySet, Decision, RefusalReason, Route
from applications.status import Status
from schools import periods, seats
from schools.models import Intake


@receiver(seats.grown)
def tell(intake: Intake, now: datetime, **_signal: object) -> None:
    """D60: once for each growth, one word to a family, in the growth's own transaction. Nothing is promised:
    the seat is whose signature comes first."""
    if not _takes_applications(intake, now=now):
        return
    children, people = set(), set()
    for refused in _refused(intake).select_related("applicant", "child", "intake__school"):
        if refused.child_id not in children and refused.applicant_id not in people:
            messages.room_again(refused, now=now)
        children.add(refused.child_id)
        people.add(refused.applicant_id)


def _takes_applications(intake: Intake, *, now: datetime) -> bool:
    """The region's window is open, and the school has not stopped (D8, D57)."""
    school = intake.school
    window = periods.state(school.locality_id, intake.year, now)
    return window.is_open and not school.has_stopped(timezone.localdate(now))


def _refused(intake: Intake) -> ApplicationQuerySet:
    """The last first: refused here for want of a seat, on a way that has one now, the child with no open
    application anywhere; by an applicant who may file for the child still, and may know of its school."""
    free = seats.free(intake)
    ways = [way for way, left in ((Route.LOCAL, free.local), (Route.OUTSIDE, free.outside)) if left > 0]
    here = Decision.objects.standing().filter(application=OuterRef("pk"), reason_code=RefusalReason.NO_SEATS)
    open_ones = Application.objects.active().filter(child=OuterRef("child"))
    barred = Protection.objects.in_force().filter(
        child_iin=OuterRef("child__iin"), barred_iin=OuterRef("applicant__iin")
    )
    found = Application.objects.filter(intake=intake, status=Status.REFUSED, route__in=ways)
    found = found.filter(Exists(here), ~Exists(open_ones), ~Exists(barred))
    left_behind = found.without_representative().values("pk")
    return found.exclude(pk__in=left_behind).order_by("-decided_at", "-pk")
