"""The life of an application. The only writer of its status (R96, R97, R102-R118; D1, D2).

Every verb is one short transaction: lock, check, write the row, the history, the evidence and the
messages, and take or give back the seat last. Nothing here touches the network or makes a PDF.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import people, written
from accounts.models import User
from accounts.prepared import Prepared
from applications import correcting, drafts, eligibility, facts, hands, messages, rights, supplements
from applications.evidence import Evidence, keep
from applications.holding import demand_same, held, moment, patiently
from applications.models import (
    Application,
    Channel,
    Decision,
    Paper,
    PaperKind,
    Purpose,
    Result,
    Route,
    SigningRequest,
    SigningState,
    StatusChange,
)
from applications.status import ACTIVE, UNDER_REVIEW, Status
from applications.stops import Stop, Stopped
from egov.eds import Refusal, SignatureRefused
from schools import calendar, periods, seats
from schools.models import Role

NotAllowed = rights.NotAllowed
ANSWERS = {Result.ACCEPT: Status.ACCEPTED, Result.REFUSE: Status.REFUSED}
Check = Callable[[Application], None]
_ASKED = Prepared(lambda asked: SigningRequest.objects.select_for_update(of=("self",)).filter(pk=asked), int)


def _unchecked(_locked: Application) -> None:
    pass


def act(evidence: Evidence, *, now: datetime) -> Application:
    """Make the move that a verified signature signs. Raises SignatureRefused when the
    content has changed, eligibility.Blocked, seats' refusals, NotAllowed, Barred, Busy."""
    return patiently(lambda: _act(evidence, now=now))


def _act(evidence: Evidence, *, now: datetime) -> Application:
    """The application is locked before its signing request, as by everybody who holds both."""
    with held(evidence.signing_request.application) as locked:
        (signing_request,) = _ASKED(evidence.signing_request.pk)
        if signing_request.state == SigningState.DONE:  # the phone repeated its answer
            return locked
        if signing_request.state != SigningState.OPEN:
            raise NotAllowed("the signing request is closed")
        signing_request.state, signing_request.error, signing_request.finished_at = SigningState.DONE, "", now
        written.update(signing_request, "state", "error", "finished_at")
        SIGNED[Purpose(signing_request.purpose)](locked, evidence, now)
    return locked


def _submit(locked: Application, evidence: Evidence, now: datetime) -> None:
    """The applicant signed: to the school, with a due time and a seat (R96-R98, R122, D3, D13, D34)."""
    rights.demand_move(locked, Status.IN_REVIEW)
    rights.demand_channel(locked, Channel.ONLINE)
    rights.demand_tie(locked, locked.applicant)
    eligibility.check_stored(locked, now=now)
    told = demand_same(locked, evidence)
    signature = keep(locked, evidence, now=now)
    _move(locked, Status.IN_REVIEW, by=evidence.signing_request.user, now=now, **_received(told, now=now))
    Paper.objects.order(locked, PaperKind.RECEIPT, signature, now=now)
    messages.filed(locked, now=now)
    seats.take(locked.chosen_intake.pk, outside=locked.route == Route.OUTSIDE)


def submit_in_person(
    application: Application, *, by: User, now: datetime, check: Check = _unchecked
) -> Application:
    """The school registers what was signed by hand: the same checks, clock and seat (R129, R130, R201, D15,
    D39); what it has replaced is gone (D72). `check` is asked about the locked row, here and below. Raises
    NotAllowed, Barred, Blocked, seats' refusals, Busy."""
    return patiently(lambda: _submit_in_person(application, by=by, now=now, check=check))


def _submit_in_person(application: Application, *, by: User, now: datetime, check: Check) -> Application:
    with held(application) as locked:
        rights.demand_move(locked, Status.IN_REVIEW)
        rights.demand_channel(locked, Channel.IN_PERSON)
        rights.demand_post(locked, by, Role.EXECUTOR, Role.DIRECTOR)
        hands.demand(locked, by)
        rights.demand_tie(locked, locked.applicant)
        eligibility.check_stored(locked, now=now)
        check(locked)
        people.keep_phone(locked.applicant, locked.applicant_phone)
        drafts.drop_set_aside(locked)
        _move(locked, Status.IN_REVIEW, by=by, now=now, filed_by=by, **_received(facts.of(locked), now=now))
        Paper.objects.order(locked, PaperKind.RECEIPT, None, now=now)
        messages.filed(locked, now=now)
        seats.take(locked.chosen_intake.pk, outside=locked.route == Route.OUTSIDE)
    return locked


def propose(
    application: Application, *, by: User, now: datetime, check: Check = _unchecked, **fields: Any
) -> Decision:
    """The executor prepares a decision: «Қол қоюда», the director's signature is awaited (D1)."""
    decision = Decision(application=application, prepared_by=by, prepared_at=now, **fields)
    with held(application) as locked:
        rights.demand_post(locked, by, Role.EXECUTOR, Role.DIRECTOR)
        hands.demand(locked, by)
        supplements.demand_heard(locked, decision, now=now)
        check(locked)
        decision.save()
        _move(locked, Status.SIGNING, by=by, now=moment(locked, now))
        messages.proposed(locked, now=now)
    return decision


def prepare(
    application: Application, *, by: User, now: datetime, check: Check = _unchecked, **fields: Any
) -> Decision:
    """The director writes a decision to sign at once, a first one or one that `corrects` another (D54); the
    status stays until the signature (D1). The same words once more (a double click) are the decision that
    waits. Raises NotAllowed, Barred, Stopped."""
    written = Decision(application=application, prepared_by=by, prepared_at=now, **fields)
    with held(application) as locked:
        rights.demand_post(locked, by, Role.DIRECTOR)
        hands.demand(locked, by, written)
        if written.corrects is None:
            rights.demand_move(locked, Status.ACCEPTED)
            supplements.demand_heard(locked, written, now=now)
        else:
            correcting.demand(locked, written, now=now)
        waiting = open_decision(locked)
        if waiting and facts.same_words(waiting, written) and supplements.is_heard(locked, waiting):
            return waiting
        check(locked)
        written.save()
    return written


def return_to_executor(
    application: Application, *, by: User, reason: str, now: datetime, check: Check = _unchecked
) -> None:
    """The director does not sign: back to «Тексеруде» with a word to the executor."""
    with held(application) as locked:
        rights.demand_post(locked, by, Role.DIRECTOR)
        hands.demand(locked, by)
        if locked.status != Status.SIGNING:  # the table leads to «Тексеруде» from a draft too
            raise NotAllowed(f"{locked.status} is not returned")
        check(locked)
        locked.decisions.waiting().update(returned_at=now, return_reason=reason)
        _move(locked, Status.IN_REVIEW, by=by, now=moment(locked, now))
        messages.returned(locked, now=now)


def _decide(locked: Application, evidence: Evidence, now: datetime) -> None:
    """The director signed: accepted, or refused with the seat given back (R108, R109, D16, D17); or in place
    of a decision that was signed by mistake (D54)."""
    decision, user = open_decision(locked), evidence.signing_request.user
    if decision is None or decision.pk != evidence.signing_request.decision_id:
        raise NotAllowed("a newer decision stands")
    rights.demand_post(locked, user, Role.DIRECTOR)
    hands.demand(locked, user, decision)
    demand_same(locked, evidence, decision)
    if decision.corrects is None:
        supplements.demand_heard(locked, decision, now=now)
    else:
        correcting.demand(locked, decision, now=now)
        locked.papers.filter(kind=PaperKind.NOTICE, superseded_at=None).update(superseded_at=now)
    now = moment(locked, now)
    was, new = Status(locked.status), ANSWERS[Result(decision.result)]
    decision.signed_by, decision.signed_at = user, now
    decision.save(update_fields=["signed_by", "signed_at"])
    signature = keep(locked, evidence, now=now)
    _move(locked, new, by=user, now=now, corrects=decision.corrects is not None, decided_at=now)
    Paper.objects.order(locked, PaperKind.NOTICE, signature, now=now)
    messages.decided(locked, decision, now=now)
    _move_seat(locked, was, new)


def _move_seat(locked: Application, was: Status, new: Status) -> None:
    """A refusal gives the seat back, an admission in place of a refusal takes one. Raises Stopped."""
    outside = locked.route == Route.OUTSIDE
    if was in ACTIVE and new not in ACTIVE:
        seats.give_back(locked.chosen_intake.pk, outside=outside)
    elif was not in ACTIVE and new in ACTIVE:
        try:
            seats.take(locked.chosen_intake.pk, outside=outside)
        except (seats.OutsideFull, seats.SchoolFull):
            raise Stopped(Stop.SEAT_GONE) from None


def _withdraw(locked: Application, evidence: Evidence, now: datetime) -> None:
    """A representative of the child (D34, D36) withdrew: no seat is kept (R112-R118, D12)."""
    by = evidence.signing_request.user
    if not may_withdraw(locked, now=now):
        raise NotAllowed("too late, or not in a status that can be withdrawn")
    rights.demand_withdrawer(locked, by)
    demand_same(locked, evidence)
    now = moment(locked, now)
    keep(locked, evidence, now=now)
    _move(locked, Status.WITHDRAWN, by=by, now=now)
    messages.withdrawn(locked, by=by, now=now)
    seats.give_back(locked.chosen_intake.pk, outside=locked.route == Route.OUTSIDE)


def _supplement(locked: Application, evidence: Evidence, now: datetime) -> None:
    """The applicant adds the document that the school has asked for (D55); the status stays."""
    supplement, asked = supplements.demand_waited_for(locked, now=now), evidence.signing_request
    if asked.user.pk != locked.applicant_id:
        raise NotAllowed("its applicant adds a document")
    rights.demand_tie(locked, locked.applicant)
    if supplement.document is None or facts.stated_supplement(locked, supplement) != asked.stated:
        raise SignatureRefused(Refusal.CHANGED)
    supplements.demand_in_force(supplement, now=now)
    demand_same(locked, evidence)
    keep(locked, evidence, now=now)
    supplements.answer(locked, supplement, now=now)


# What a signature does to the locked application; the seat is moved last.
SIGNED: dict[Purpose, Callable[[Application, Evidence, datetime], None]] = {
    Purpose.APPLICATION: _submit,
    Purpose.WITHDRAWAL: _withdraw,
    Purpose.DECISION: _decide,
    Purpose.SUPPLEMENT: _supplement,
}


def may_withdraw(application: Application, *, now: datetime) -> bool:
    """R117, R118, D12: an active application, until the end of 31 August of the year the studies begin."""
    return Status(application.status) in ACTIVE and not periods.is_over(application.year, now)


def open_decision(application: Application) -> Decision | None:
    """The newest decision that waits for the director's signature; after one, its correction (D54)."""
    if Status(application.status) in UNDER_REVIEW:
        return Decision.waiting_of(application)
    signed = correcting.standing(application)
    return application.decisions.waiting().filter(corrects=signed).first() if signed else None


def _received(told: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """What the school will judge, frozen, and its clock (R119-R121, D5, D13)."""
    days = calendar.load_days(now)
    return {
        "snapshot": told,
        "submitted_at": now,
        "received_at": calendar.received(now, days),
        "due_at": calendar.due(now, days),
    }


def _move(
    application: Application,
    new: Status,
    *,
    by: User | None,
    now: datetime,
    corrects: bool = False,
    **changes: Any,
) -> None:
    """Write the new status with what changes along with it, and the history. Raises NotAllowed when the table
    does not lead there, Blocked(ACTIVE) or, of a correction, Stopped when another application was first."""
    rights.demand_move(application, new, corrects=corrects)
    written.insert(StatusChange(application=application, old=application.status, new=new, at=now, by=by))
    changes |= {"status": new}
    for name, value in changes.items():
        setattr(application, name, value)
    try:
        with transaction.atomic():
            written.update(application, *changes, "updated_at")
    except IntegrityError as error:
        if "one_active_application_per_child" not in str(error):
            raise
        if corrects:
            raise Stopped(Stop.FILED_AGAIN) from None
        eligibility.check_active(application.child, year=application.year)
        raise
