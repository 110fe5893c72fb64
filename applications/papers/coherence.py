"""Do the rows of a filed application still fit its signed facts, its signatures and its history?

A signature proves what was signed; this finds what was changed beside it: a status turned back, another child
or school in the row, a document that is no longer the one that was sent, a move that nobody remembers.
"""

from typing import Any

from applications import stored
from applications.models import Application, Decision, Purpose, Result, Signature
from applications.status import UNDER_REVIEW, Status

STATUS_DIFFERS = "STATUS_DIFFERS"  # than the signatures lead to
CLAIM_DIFFERS = "CLAIM_DIFFERS"  # the row names another child, school or way than the facts that were filed
HISTORY_DIFFERS = (
    "HISTORY_DIFFERS"  # the moves do not lead to the status, or one has no signature of its moment
)
CORRECTION_DIFFERS = (
    "CORRECTION_DIFFERS"  # of two signed decisions the later does not correct the earlier (D54)
)
DOCUMENTS_DIFFER = "DOCUMENTS_DIFFER"  # others than those that were filed, or a file is lost or changed

DECIDED = {Result.ACCEPT: Status.ACCEPTED, Result.REFUSE: Status.REFUSED}


def fault(application: Application, signatures: list[Signature]) -> str:
    """The first thing that does not fit, or "". Reads the files of all documents."""
    if Status(application.status) not in _statuses(application, signatures):
        return STATUS_DIFFERS
    if not _in_a_chain(signed(application)):
        return CORRECTION_DIFFERS
    if _claimed(application) != _filed(application):
        return CLAIM_DIFFERS
    if not _remembered(application, signatures):
        return HISTORY_DIFFERS
    return "" if _has_its_documents(application) else DOCUMENTS_DIFFER


def signed(application: Application) -> list[Decision]:
    """Its signed decisions by what is loaded of it, the standing one first (D54)."""
    found = [one for one in application.decisions.all() if one.signed_at]
    return sorted(found, key=lambda one: one.pk, reverse=True)


def answered(application: Application) -> set[int]:
    """The questions of the school that were answered by a signature (D55)."""
    return {one.pk for one in application.supplements.all() if one.answered_at}


def _in_a_chain(decisions: list[Decision]) -> bool:
    """The first one corrects none, each later one the one before it."""
    return [one.corrects_id for one in decisions] == [*(one.pk for one in decisions[1:]), None][
        : len(decisions)
    ]


def _statuses(application: Application, signatures: list[Signature]) -> set[Status]:
    """Where the signatures have led, the last word first."""
    if any(one.purpose == Purpose.WITHDRAWAL for one in signatures):
        return {Status.WITHDRAWN}
    standing = next(iter(signed(application)), None)
    return {DECIDED[Result(standing.result)]} if standing else set(UNDER_REVIEW)


def _claimed(application: Application) -> dict[str, Any]:
    """What no register can change afterwards."""
    intake = application.chosen_intake
    return {
        "number": application.number,
        "year": application.year,
        "channel": application.channel,
        "route": application.route,
        "child": application.child.iin,
        "special_needs": application.special_needs,
        "applicant": application.applicant.iin,
        "school": intake.school.bin,
        "language": intake.language.code,
        "transport": application.transport,
    }


def _filed(application: Application) -> dict[str, Any]:
    """The same of the facts that were filed; nothing when they are gone. A school that has another number
    since is the same school (D57)."""
    snapshot, school = application.snapshot, application.chosen_intake.school
    if not snapshot:
        return {}
    number = snapshot["school"]["bin"]
    plain = {name: snapshot[name] for name in ("number", "year", "channel", "route")}
    return plain | {
        "child": snapshot["child"]["iin"],
        "special_needs": snapshot["child"]["special_needs"],
        "applicant": snapshot["applicant"]["iin"],
        "school": school.bin if school.goes_by(number) else number,
        "language": snapshot["school"]["language"],
        "transport": snapshot["transport"]["needed"],
    }


def _remembered(application: Application, signatures: list[Signature]) -> bool:
    """The moves follow one another to today's status, and each signature has made the one of its moment."""
    moves = sorted(application.changes.all(), key=lambda one: (one.at, one.pk))
    way = [Status.DRAFT, *(move.new for move in moves)]
    if [move.old for move in moves] != way[:-1] or way[-1] != application.status:
        return False
    made = {(move.new, move.at, move.by_id) for move in moves}
    moving = [one for one in signatures if one.purpose != Purpose.SUPPLEMENT]
    led = {(_led_to(Purpose(one.purpose), one.decision), one.signed_at, one.signer_id) for one in moving}
    standing = next(iter(signed(application)), None)
    return led <= made and (standing is None or application.decided_at == standing.signed_at)


def _led_to(purpose: Purpose, decision: Decision | None) -> str:
    if decision is not None:
        return DECIDED[Result(decision.result)]
    return Status.WITHDRAWN if purpose == Purpose.WITHDRAWAL else Status.IN_REVIEW


def _has_its_documents(application: Application) -> bool:
    filed = [(one["kind"], one["position"], one["sha256"]) for one in application.snapshot["documents"]]
    there = [one for one in application.documents.all() if not one.added]
    added = {one.document for one in application.supplements.all() if one.answered_at and one.document}
    if any(map(stored.fault_of_document, added)):
        return False
    rows = [(one.kind, one.position, one.sha256) for one in there]
    return sorted(filed) == sorted(rows) and not any(map(stored.fault_of_document, there))
