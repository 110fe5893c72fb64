"""What happens to an application while its document waits for a signature, so that nobody is asked for a PIN
in vain: it is filed in another window, withdrawn, decided, decided anew or corrected, the director is
director no more, or is by now not to sign it.
"""

from collections.abc import Iterable
from datetime import datetime

from applications import correcting, hands, lifecycle, supplements
from applications.eligibility import Code
from applications.hands import Bar
from applications.models import Application, Decision, Purpose, SigningRequest, SigningState
from applications.signing import many
from applications.signing.many import Hindrance
from applications.signing.reasons import Outcome, Reason
from applications.status import Status
from applications.stops import Stopped
from egov.eds import Refusal
from schools.models import Role, StaffMember

CLOSED = {Hindrance.WITHDRAWN: Outcome.WITHDRAWN, Hindrance.DECIDED: Outcome.DECIDED}


def reasons(signing_requests: Iterable[SigningRequest], *, now: datetime) -> dict[int, Reason]:
    """By their keys those that can no longer be signed by anybody or by this person, and why; by what is
    loaded of them."""
    left = [one for one in signing_requests if one.state != SigningState.DONE]
    decisions = [one for one in left if one.purpose == Purpose.DECISION]
    found: dict[int, Reason | None] = {one.pk: _of_parent(one, now=now) for one in left}
    found |= _of_decisions(decisions, now=now) if decisions else {}
    return {key: reason for key, reason in found.items() if reason}


def reason(signing_request: SigningRequest, *, now: datetime) -> Reason | None:
    return reasons([signing_request], now=now).get(signing_request.pk)


def _of_parent(signing_request: SigningRequest, *, now: datetime) -> Reason | None:
    if signing_request.purpose == Purpose.DECISION:
        return None
    if not signing_request.is_theirs:
        return Code.NOT_THEIRS
    status = Status(signing_request.application.status)
    if signing_request.purpose == Purpose.SUPPLEMENT:
        return _of_supplement(signing_request.application, now=now)
    if signing_request.purpose == Purpose.APPLICATION:
        return None if status == Status.DRAFT else Outcome.FILED
    if lifecycle.may_withdraw(signing_request.application, now=now):
        return None if _may_act(signing_request) else Outcome.NOT_ALLOWED
    ended = {Status.WITHDRAWN: Outcome.WITHDRAWN, Status.REFUSED: Outcome.DECIDED}
    return ended.get(status, Outcome.WITHDRAWAL_OVER)


def _of_supplement(application: Application, *, now: datetime) -> Reason | None:
    if closed := many.closed_by(application):
        return CLOSED[closed]
    try:
        supplements.demand_in_force(supplements.demand_waited_for(application, now=now), now=now)
    except Stopped as stopped:
        return stopped.stop
    except lifecycle.NotAllowed:
        return Outcome.SIGNED
    return None


def _may_act(signing_request: SigningRequest) -> bool:
    """Another representative withdraws only what its applicant has left behind (D36)."""
    application = signing_request.application
    if signing_request.user.pk == application.applicant_id:
        return True
    return Application.objects.without_representative().filter(pk=application.pk).exists()


def _of_decisions(signing_requests: list[SigningRequest], *, now: datetime) -> dict[int, Reason | None]:
    """All of one batch, so of one person."""
    newest = many.latest([one.application for one in signing_requests])
    mine = StaffMember.objects.filter(user=signing_requests[0].user, role=Role.DIRECTOR)
    schools = set(mine.values_list("school_id", flat=True))
    bars = hands.bars([(one.application, one.decision) for one in signing_requests], signing_requests[0].user)
    return {
        one.pk: _of_decision(
            one,
            newest=newest[one.application_id].pk == one.decision_id,
            directs=_school(one.application) in schools,
            bar=bars.get(one.application_id),
            closed=_closed(one, now=now),
        )
        for one in signing_requests
    }


def _school(application: Application) -> int:
    return application.chosen_intake.school_id


def _closed(signing_request: SigningRequest, *, now: datetime) -> Reason | None:
    """What has ended the review; to a correction (D54), what stands against it."""
    closed, decision = many.closed_by(signing_request.application), signing_request.decision
    if closed == Hindrance.DECIDED and decision and signing_request.is_correction:
        return _of_correction(signing_request.application, decision, now=now)
    if closed or decision is None:
        return CLOSED[closed] if closed else None
    try:
        supplements.demand_heard(signing_request.application, decision, now=now)
    except Stopped as stopped:
        return stopped.stop
    return None


def _of_correction(application: Application, correction: Decision, *, now: datetime) -> Reason | None:
    try:
        correcting.demand(application, correction, now=now)
    except Stopped as stopped:
        return stopped.stop
    except lifecycle.NotAllowed:
        return Outcome.DECIDED
    return None


def _of_decision(
    signing_request: SigningRequest, *, newest: bool, directs: bool, bar: Bar | None, closed: Reason | None
) -> Reason | None:
    if closed:
        return closed
    if not directs:
        return Refusal.NO_POST
    if bar:
        return bar
    if not newest:
        return Outcome.REPLACED
    returned = signing_request.decision is not None and signing_request.decision.returned_at
    return Outcome.RETURNED if returned else None
