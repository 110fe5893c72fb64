"""Is this paper ours, and does it still stand (R95, D19): what the public check page says, in words.

Of a person it gives the child's initials and nothing more.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet

from accounts import protection
from applications.models import Paper, PaperKind
from applications.papers import seal
from applications.status import Status

MAX_BYTES = seal.MAX_BYTES


class State(StrEnum):
    VALID = "VALID"
    CORRECTED = "CORRECTED"  # ours, of a decision that the school has corrected since (D54)
    REPLACED = "REPLACED"  # ours, but what it says was overtaken: the application was withdrawn
    MAKING = "MAKING"
    UNKNOWN = "UNKNOWN"


class File(StrEnum):
    """What an uploaded file is."""

    SAME = "SAME"  # ours, whole, unchanged
    OTHER = "OTHER"  # ours and unchanged, but another paper than the one asked about
    EARLIER = "EARLIER"  # ours and unchanged: the same paper as it was before it was sealed or stamped anew
    CHANGED = "CHANGED"
    FOREIGN = "FOREIGN"


@dataclass(frozen=True)
class Finding:
    state: State
    kind: str = ""
    number: str = ""
    status: Status | None = None
    school_kk: str = ""
    school_ru: str = ""
    initials: str = ""
    by_hand: bool = False  # filed on paper: signed by hand, registered by the school (D15)
    signed_at: datetime | None = None
    decided_at: datetime | None = None
    corrected_at: datetime | None = None
    stamped_at: datetime | None = None  # by the time stamp of the paper; none: it is still to come


def of_token(token: str) -> tuple[Finding, Paper | None]:
    """By the address in the QR code. Known or not, it is the same one question to the database."""
    paper = _papers().filter(token=token.replace("\0", "")).first()  # PostgreSQL knows no NUL
    return (_describe(paper) if paper else Finding(State.UNKNOWN)), paper


def of_file(content: bytes, *, expected: Paper | None) -> tuple[File, Finding | None]:
    """An uploaded PDF. Ours only when its hash is on record and its seal is good, covers the whole file
    and is by a key of ours. A file that is not on record is not even opened."""
    sha256 = hashlib.sha256(content).hexdigest()
    paper = _papers().filter(sha256=sha256).first()
    earlier = None if paper else _papers().filter(copies__sha256=sha256).first()
    paper = paper or earlier
    if paper is None:
        return (File.CHANGED if _was_ours(content, expected) else File.FOREIGN), None
    if seal.examine(content) != seal.Verdict.GOOD:
        return File.CHANGED, None
    if expected is not None and paper.pk != expected.pk:
        return File.OTHER, None
    return (File.EARLIER if earlier else File.SAME), _describe(paper)


def _papers() -> QuerySet[Paper]:
    """With whether the child is hidden from anybody (D34): a known token costs no more than another."""
    found = Paper.objects.select_related("application__child", "application__intake__school", "signature")
    return found.annotate(hidden=protection.of_child("application__child__iin"))


def _was_ours(content: bytes, expected: Paper | None) -> bool:
    """It bears our seal's name, so somebody changed a paper of ours or wants it to look like one."""
    return expected is not None or seal.FIELD.encode() in content


def _describe(paper: Paper) -> Finding:
    application = paper.application
    # D35: who asks is not known, so of a child that is hidden from anybody no school is told.
    hidden = paper.hidden  # type: ignore[attr-defined]  # by `_papers`
    school = application.intake.school if application.intake and not hidden else None
    return Finding(
        state=_state(paper),
        kind=paper.kind,
        number=application.number or "",
        status=Status(application.status),
        school_kk=school.name_kk if school else "",
        school_ru=school.name_ru if school else "",
        initials=application.child.initials,
        by_hand=paper.signature is None,
        signed_at=paper.signature.signed_at if paper.signature else application.submitted_at,
        decided_at=_decided_at(paper),
        corrected_at=paper.superseded_at,
        stamped_at=paper.stamped_at,
    )


def _decided_at(paper: Paper) -> datetime | None:
    """Of the decision on the paper itself; to the application's own paper, of the one that stands."""
    if paper.kind == PaperKind.NOTICE and paper.signature:
        return paper.signature.signed_at
    return paper.application.decided_at


def _state(paper: Paper) -> State:
    if not paper.rendered_at:
        return State.MAKING
    if paper.superseded_at:
        return State.CORRECTED
    withdrawn = paper.application.status == Status.WITHDRAWN
    return State.REPLACED if withdrawn and paper.kind == PaperKind.NOTICE else State.VALID
