"""Years later: was every move of an application signed by the right person, over what it still claims (R95).

What is kept with a signature is judged as of its own moment, from the bytes alone: the columns beside them
are compared with what the bytes say, never believed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pikepdf
from django.core.exceptions import SuspiciousFileOperation
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts import outside, portions
from accounts.storage import StoreAway
from applications import facts, stored
from applications.evidence import MAY_SIGN_FOR_SCHOOL
from applications.models import (
    Application,
    Channel,
    Decision,
    PaperKind,
    Purpose,
    Result,
    Signature,
    StatusChange,
)
from applications.papers import audit_papers, coherence, drawing
from applications.status import Status
from egov import eds
from egov.eds import KeyUser, NotRechecked, Refusal, SignatureRefused, Signer, Unrevoked

CHUNK = 100  # applications in memory
GOOD = ""
ROWS = "ROWS"  # in place of a purpose: of the application as a whole, see coherence.py
NOT_RECHECKED = "NOT_RECHECKED"  # GOST, and no NCANode that could say how it was then
# What only an audit can find, beside the codes of Refusal.
NO_SIGNATURE = "NO_SIGNATURE"  # a move that nobody has signed
PAYLOAD_LOST = "PAYLOAD_LOST"
PAYLOAD_CHANGED = "PAYLOAD_CHANGED"
LIST_LOST = "LIST_LOST"  # the authority's list that the signature leans on
LONG_DIFFERS = "LONG_DIFFERS"  # what is kept with stamp and chain is another signature, or none
ROW_DIFFERS = "ROW_DIFFERS"  # the columns say something else than the certificate
TIME_DIFFERS = "TIME_DIFFERS"  # the application or the decision names another moment
FACTS_DIFFER = "FACTS_DIFFER"  # the application claims other facts than those that were signed
DECISION_DIFFERS = "DECISION_DIFFERS"  # another decision, result or signer than the signature's
UNREADABLE = "UNREADABLE"  # the rows do not fit together at all

# Of a row that somebody has written by hand.
ODDITIES = (KeyError, IndexError, TypeError, AttributeError, ValueError, SuspiciousFileOperation)

DECIDED = {Status.ACCEPTED: Result.ACCEPT, Status.REFUSED: Result.REFUSE}


@dataclass(frozen=True)
class Outcome:
    number: str
    purpose: str  # or ROWS, or the kind of a paper
    code: str  # GOOD, NOT_RECHECKED, or why it is not good


class Broken(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def filed(*, number: str = "", since: datetime | None = None, sample: int = 0) -> QuerySet[Application]:
    """All applications that were ever filed, or one, or those that moved since, or some by chance."""
    signed = Exists(Signature.objects.filter(application=OuterRef("pk")))
    # What was filed once is looked at even when its row says that it is a draft.
    found = Application.objects.filter(~Q(status=Status.DRAFT) | Q(submitted_at__isnull=False) | Q(signed))
    if number:
        found = found.filter(number=number)
    if since:
        found = found.filter(Exists(StatusChange.objects.filter(application=OuterRef("pk"), at__gte=since)))
    return found.order_by("?")[:sample] if sample else found.order_by("pk")


def examine(applications: QuerySet[Application], *, now: datetime) -> Iterator[Outcome]:
    """One outcome for every signature that is there or should be, one for an application whose signatures are
    good and whose rows do not fit them, and one for every sealed paper that is not what was handed out."""
    signatures = Signature.objects.select_related(
        "decision__signed_by", "decision__corrects", "signer", "crl"
    ).order_by("pk")
    related = ("applicant", "child", "intake__school", "intake__language")
    rows = Application.objects.select_related(*related).prefetch_related(
        Prefetch("signatures", signatures),
        "decisions",
        "changes",
        "documents",
        "papers",
        "supplements__document",
    )
    for application in portions.read(rows, applications.values_list("pk", flat=True), size=CHUNK):
        outside.heed("ncanode")  # a pause that is ordered meanwhile counts from the next one on (D77)
        yield from _examine(application, now=now)


def _examine(application: Application, *, now: datetime) -> Iterator[Outcome]:
    number = application.number or ""
    signatures = list(application.signatures.all())
    found = [Outcome(number, purpose, NO_SIGNATURE) for purpose in _missing(application, signatures)]
    for signature in signatures:
        found.append(Outcome(number, signature.purpose, _code(application, signature, now=now)))
    yield from found
    if all(one.code in (GOOD, NOT_RECHECKED) for one in found) and (code := _fault(application, signatures)):
        yield Outcome(number, ROWS, code)
    for kind, code in _faults_of_papers(application, signatures):
        yield Outcome(number, kind, code)


def _missing(application: Application, signatures: list[Signature]) -> list[Purpose]:
    """The moves that need a signature and have none; each decision needs its own (D54). An in-person
    application was signed by hand (D15)."""
    there = {signature.purpose for signature in signatures}
    unproven = {one.pk for one in coherence.signed(application)} - {one.decision_id for one in signatures}
    missing = {
        Purpose.APPLICATION: application.channel == Channel.ONLINE and Purpose.APPLICATION not in there,
        Purpose.WITHDRAWAL: application.status == Status.WITHDRAWN and Purpose.WITHDRAWAL not in there,
        Purpose.DECISION: bool(unproven) or (application.status in DECIDED and Purpose.DECISION not in there),
        Purpose.SUPPLEMENT: not coherence.answered(application) <= _added(signatures),
    }
    return [purpose for purpose, is_missing in missing.items() if is_missing]


def _fault(application: Application, signatures: list[Signature]) -> str:
    try:
        return coherence.fault(application, signatures)
    except ODDITIES:
        return UNREADABLE


def _added(signatures: list[Signature]) -> set[int | None]:
    stated = [one.stated for one in signatures if one.purpose == Purpose.SUPPLEMENT]
    return {one.get("supplement") for one in stated if isinstance(one, dict)}


def _faults_of_papers(
    application: Application, signatures: list[Signature]
) -> Iterator[tuple[PaperKind, str]]:
    for kind, decision in audit_papers.due(application):
        try:
            code = audit_papers.fault(application, kind, decision, signatures)
        except ODDITIES:
            code = UNREADABLE
        if code:
            yield kind, code


def _code(application: Application, signature: Signature, *, now: datetime) -> str:
    try:
        return _check(application, signature, now=now)
    except SignatureRefused as refused:
        return refused.code
    except Broken as broken:
        return broken.code
    except ODDITIES:
        return UNREADABLE


def _check(application: Application, signature: Signature, *, now: datetime) -> str:
    """From the plainest fault on. What can be told of a GOST signature without NCANode is told without it."""
    payload = _payload(signature)
    _check_facts(application, signature, payload)
    _check_rows(application, signature)
    code = GOOD
    try:
        signer = _signer(signature, payload, now=now)
    except NotRechecked as unsure:
        signer, code = unsure.signer, NOT_RECHECKED
    _check_columns(signature, signer)
    _check_person(application, signature, signer)
    return code


def _payload(signature: Signature) -> bytes:
    try:
        return stored.read(signature.payload, signature.payload_sha256)
    except stored.Spoiled as spoiled:
        raise Broken(PAYLOAD_LOST if spoiled.fault == stored.LOST else PAYLOAD_CHANGED) from None


def _check_facts(application: Application, signature: Signature, payload: bytes) -> None:
    """The signed bytes name the hash of the facts they show; the application must still claim those."""
    try:
        claimed = drawing.content_of(payload)
    except pikepdf.PdfError:
        raise Broken(FACTS_DIFFER) from None
    content = facts.content_sha256(application, signature.purpose, signature.decision, signature.stated)
    if claimed != content:
        raise Broken(FACTS_DIFFER)


def _check_rows(application: Application, signature: Signature) -> None:
    if signature.purpose == Purpose.DECISION:
        _check_decision(application, signature.decision, signature)
    elif signature.purpose == Purpose.SUPPLEMENT:
        _check_supplement(application, signature)
    elif signature.purpose == Purpose.APPLICATION and application.submitted_at != signature.signed_at:
        raise Broken(TIME_DIFFERS)


def _check_decision(application: Application, decision: Decision | None, signature: Signature) -> None:
    standing = next(iter(coherence.signed(application)), None)
    same = (
        decision is not None
        and decision.application_id == application.pk
        and decision.signed_by_id == signature.signer_id
        and (
            decision != standing
            or decision.result == DECIDED.get(Status(application.status), decision.result)
        )
    )
    if not same:
        raise Broken(DECISION_DIFFERS)
    if decision and decision.signed_at != signature.signed_at:
        raise Broken(TIME_DIFFERS)


def _check_supplement(application: Application, signature: Signature) -> None:
    """The row of the question still names the document that was signed (D55)."""
    found = {one.pk: one for one in application.supplements.all()}.get(signature.stated["supplement"])
    if found is None or found.document is None:
        raise Broken(FACTS_DIFFER)
    if found.document.sha256 != signature.stated["document"]["sha256"] or found.kind != found.document.kind:
        raise Broken(FACTS_DIFFER)
    if found.answered_at != signature.signed_at:
        raise Broken(TIME_DIFFERS)


def _signer(signature: Signature, payload: bytes, *, now: datetime) -> Signer:
    proof = Unrevoked(ocsp=bytes(signature.ocsp), crl=_list(signature))
    long = bytes(signature.long_cms)
    if long and not eds.lasting.is_same(bytes(signature.cms), long):
        raise Broken(LONG_DIFFERS)
    try:
        return eds.reverify(bytes(signature.cms), payload, proof=proof, at=signature.signed_at, now=now)
    except NotRechecked:
        if not long:
            raise
        return eds.reverify(long, payload, proof=proof, at=signature.signed_at, now=now)


def _list(signature: Signature) -> bytes:
    """What stands in it is signed by the authority, so a changed file cannot pass for the list."""
    if signature.crl is None:
        return b""
    try:
        with signature.crl.file.open("rb") as file:
            answer: bytes = file.read()
            return answer
    except StoreAway:
        raise
    except OSError:
        raise Broken(LIST_LOST) from None


def _check_columns(signature: Signature, signer: Signer) -> None:
    same = (
        signature.signer_iin == signer.iin
        and signature.signer_bin == signer.bin
        and signature.signer_name == signer.name
        and signature.serial == signer.serial
        and signature.valid_from == signer.valid_from
        and signature.valid_to == signer.valid_to
        and signature.algorithm == signer.algorithm
        and bytes(signature.certificate) == signer.certificate
    )
    if not same:
        raise Broken(ROW_DIFFERS)


def _check_person(application: Application, signature: Signature, signer: Signer) -> None:
    """The applicant, or who has withdrawn in their place (D36), with an individual's key; for a decision the
    school's head or holder of the right to sign (R108). Who was on the school's list then is not asked: that
    list is of today."""
    claimed = facts.of(application)
    if signature.purpose == Purpose.DECISION:
        if signer.iin != signature.signer.iin:
            raise SignatureRefused(Refusal.OTHER_PERSON)
        school = application.chosen_intake.school
        if signer.bin != claimed["school"]["bin"] and not school.goes_by(signer.bin):
            raise SignatureRefused(Refusal.OTHER_ORGANISATION)
        if not signer.key_users & MAY_SIGN_FOR_SCHOOL:
            raise SignatureRefused(Refusal.NO_AUTHORITY)
        return
    stands_for = {application.applicant.iin, claimed["applicant"]["iin"]}
    if signature.purpose == Purpose.WITHDRAWAL and signature.is_of_another:  # as the signed bytes say (D36)
        stands_for = {signature.stated["by"]["iin"]}
    if {signature.signer.iin, *stands_for} != {signer.iin}:
        raise SignatureRefused(Refusal.OTHER_PERSON)
    if KeyUser.INDIVIDUAL not in signer.key_users:
        raise SignatureRefused(Refusal.ORGANISATION_KEY)
