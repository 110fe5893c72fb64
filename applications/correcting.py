"""A decision that was signed by mistake is corrected by another signed one (D54).

The instruction is silent about it, so the terms are ours (docs/decisions/correction.md): a refusal may become
an admission while the year's intake lasts, anything else is corrected within CORRECTION_DAYS working days.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from applications import eligibility, enrolment, rights
from applications.eligibility import Blocked, Code
from applications.models import Application, Decision, DecisionQuerySet, Result, Route
from applications.status import DECIDED, Status
from applications.stops import Stop, Stopped
from schools import calendar, periods, seats


def standing(application: Application) -> Decision | None:
    """The school's answer as it stands, however often it was corrected."""
    if application.status not in DECIDED:
        return None
    return application.decisions.signed().select_related("ground", "signed_by").first()


def made(application: Application) -> DecisionQuerySet:
    """The corrections that were signed, the newest first, each with what it corrects."""
    signed = application.decisions.signed().exclude(corrects=None)
    return signed.select_related("signed_by", "ground", "corrects__ground", "corrects__signed_by")


def ends(signed: Decision) -> datetime:
    """Until when the decision may be corrected in any way: the close of that working day, and no later than
    the year's intake."""
    assert signed.signed_at is not None
    days = calendar.load_days(signed.signed_at)
    closes = calendar.closing(signed.signed_at, settings.CORRECTION_DAYS, days)
    return min(closes, periods.intake_ends(signed.application.year))


def stop(signed: Decision, application: Application, *, now: datetime, result: str = "") -> Stop | None:
    """What stands against correcting this decision to that result; without one, against any correction."""
    if periods.is_over(application.year, now):
        return Stop.SEASON_OVER
    in_favour = signed.result == Result.REFUSE and result in ("", Result.ACCEPT)
    if not in_favour:
        return Stop.CORRECTION_LATE if now > ends(signed) else None
    if not result:
        return None
    if application.chosen_intake.school.has_stopped(timezone.localdate(now)):  # D57
        return Stop.SCHOOL_GONE
    others = Application.objects.active().filter(child=application.child_id, year=application.year)
    if others.exclude(pk=application.pk).exists():
        return Stop.FILED_AGAIN
    outside = application.route == Route.OUTSIDE
    return Stop.SEAT_GONE if outside and seats.free(application.chosen_intake).outside <= 0 else None


def demand_at_no_other_school(correction: Decision, application: Application, *, now: datetime) -> None:
    """A refused child that is to be admitted after all may be a pupil elsewhere by now. While the education
    register keeps silent, the school answers for what it knows. Asks the network. Raises Stopped."""
    if correction.result != Result.ACCEPT or application.status != Status.REFUSED:
        return
    try:
        eligibility.check_enrolment(enrolment.ask(application, now=now).enrolment)
    except Blocked as blocked:
        if blocked.code != Code.ENROLLED:
            return
        if not application.chosen_intake.school.goes_by(blocked.facts["enrolment"].school_bin):
            raise Stopped(Stop.ENROLLED_SINCE) from None


def demand(locked: Application, correction: Decision, *, now: datetime) -> None:
    """The decision that is corrected still stands, and may be corrected. Raises NotAllowed, Stopped."""
    signed = standing(locked)
    if signed is None or signed.pk != correction.corrects_id:
        raise rights.NotAllowed("another decision stands")
    if found := stop(signed, locked, now=now, result=correction.result):
        raise Stopped(found)
