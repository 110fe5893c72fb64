"""The papers of the service: what is signed, and what is given out afterwards (R92, R95, R100, R101, D14).

Each is drawn from a view-model: who it is for, and sections of labelled lines in Kazakh with Russian
beside. The templates only lay it out.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pikepdf
from cryptography import x509
from cryptography.x509.oid import NameOID
from django.utils import timezone

from applications import facts as of_application
from applications import stored
from applications.models import (
    Application,
    Decision,
    DocumentKind,
    Paper,
    PaperKind,
    Purpose,
    Result,
)
from applications.papers import printing, qr_line, sheet, signed_by
from applications.papers import sections as paper_sections
from applications.papers.printing import Enclosure
from applications.papers.sections import Section, phone
from schools import periods

__all__ = ["application_pdf", "decision_pdf", "paper_pdf", "supplement_pdf", "withdrawal_pdf"]

CONTENT = "sha256:"  # before the hash of the facts, among the keywords of the document
ORIGINAL = "original.pdf"  # the name under which a paper carries what was signed


class Changed(Exception):
    """What would be drawn is not what the original was asked for with."""


class Nameless(Exception):
    """Whom the paper is about, or who files it, has no name: such a paper is never drawn."""


@dataclass(frozen=True)
class Check:
    """How anyone checks the paper: the QR code, its address, the line for checking without a network."""

    qr: str  # PNG as base64
    site: str
    line: str


@dataclass(frozen=True)
class Sheet:
    number: str
    sections: list[Section]
    as_of: datetime | None = (
        None  # of the registers' answer, where a newer one was wanted and not given (D34)
    )
    content: str = ""  # of an original: the hash of the facts that it claims, inside what is signed
    documents: list[dict[str, str]] = field(default_factory=list)
    school_kk: str = ""
    school_ru: str = ""
    applicant: str = ""
    signed: Section | None = None
    signed_sha256: str = ""  # of the signed original, which is enclosed
    by_hand: Section | None = None
    check: Check | None = None
    stamped: bool = True  # the seal has a time stamp; else it gets one later, in another copy


def application_pdf(application: Application, *, asked: str = "") -> bytes:
    """What the parent signs: the application as they saw it, with its number. Of every original: `asked` is
    the hash of the facts that it was asked for with. Raises Changed."""
    facts, content = _told(application, Purpose.APPLICATION, asked=asked)
    return printing.pdf("papers/pdf/application.html", {"paper": _application(facts, content=content)})


def withdrawal_pdf(
    application: Application, *, stated: dict[str, Any] | None = None, asked: str = ""
) -> bytes:
    """What the parent signs to withdraw (R115), or another representative in their place (D36)."""
    stated = stated or {}
    facts, content = _told(application, Purpose.WITHDRAWAL, stated=stated, asked=asked)
    by = stated.get("by")
    sections = [*([paper_sections.withdrawer(by)] if by else []), paper_sections.parties(facts)]
    paper = _paper(facts, sections, as_of=_as_of(stated), content=content)
    if by:
        paper = replace(paper, applicant=by["name"])
    context = {"paper": paper, "filed_at": application.submitted_at, "of_another": bool(by)}
    return printing.pdf("papers/pdf/withdrawal.html", context)


def supplement_pdf(application: Application, *, stated: dict[str, Any], asked: str = "") -> bytes:
    """What the parent signs to add a document (D55)."""
    facts, content = _told(application, Purpose.SUPPLEMENT, stated=stated, asked=asked)
    sections = [paper_sections.parties(facts), paper_sections.supplement(stated)]
    context = {"paper": _paper(facts, sections, content=content), "filed_at": application.submitted_at}
    return printing.pdf("papers/pdf/supplement.html", context)


def decision_pdf(decision: Decision, *, asked: str = "") -> bytes:
    """What the director signs (R108, R109)."""
    facts, content = _told(decision.application, Purpose.DECISION, decision=decision, asked=asked)
    context = _decision(decision) | {"paper": _decision_paper(decision, facts, content=content)}
    context["notice"] = False
    return printing.pdf("papers/pdf/decision.html", context)


def _told(
    application: Application,
    purpose: str,
    *,
    asked: str,
    decision: Decision | None = None,
    stated: dict[str, Any] | None = None,
) -> tuple[dict[str, Any], str]:
    """The facts, read once for the text and for the hash that the original claims of them."""
    facts = of_application.of(application)
    content = of_application.content_sha256(application, purpose, decision, stated, told=facts)
    if asked and asked != content:
        raise Changed
    return facts, content


def content_of(pdf: bytes) -> str:
    """The hash of the facts that a signed original claims; "" when it claims none."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return str(opened.docinfo.get("/Keywords", "")).removeprefix(CONTENT)


def paper_pdf(paper: Paper, *, stamped: bool = True) -> bytes:
    """The paper to seal: the same content, with the signature's facts, the QR code, and inside it the signed
    original and the signature. It says whether its seal has a time stamp (`stamped`)."""
    application, facts = paper.application, of_application.printed(paper.application)
    evidence, enclosures = _evidence(paper)
    extra = evidence | {
        "stamped": stamped,
        "check": _check(paper),
        "signed_names": _signed_names(application),
    }
    if paper.kind == PaperKind.RECEIPT:
        context: dict[str, Any] = {"paper": _application(facts, **extra), "application": application}
        return _of_signed_sheet(application, context, enclosures) or printing.pdf(
            "papers/pdf/application.html", context, enclosures=enclosures
        )
    decision = paper.signature.decision if paper.signature else None
    if decision is None:
        raise ValueError("a notice needs its decision")
    context = _decision(decision) | {"paper": _decision_paper(decision, facts, **extra), "notice": True}
    return printing.pdf("papers/pdf/decision.html", context, enclosures=enclosures)


def _of_signed_sheet(
    application: Application, context: dict[str, Any], enclosures: tuple[Enclosure, ...]
) -> bytes | None:
    """A receipt says what was signed and adds to it, unless that was on paper or has other names by now."""
    if not enclosures or application.corrected:
        return None

    def draw_over(room: sheet.Room) -> bytes:
        return printing.pdf("papers/pdf/over.html", context | {"room": room}, enclosures=enclosures)

    return sheet.completed(enclosures[0].content, draw_over)


def _evidence(paper: Paper) -> tuple[dict[str, Any], tuple[Enclosure, ...]]:
    """What proves the paper, and travels inside it: the signed original and its signature. A scan stays with
    us: it may weigh 5 MB, and of what the check page takes in a receipt is to be a small part. Raises
    stored.Spoiled: what nobody has signed is never sealed in as the original."""
    signature = paper.signature
    if signature is None:
        return {"by_hand": _by_hand(paper.application)}, ()
    payload = stored.read(signature.payload, signature.payload_sha256)
    original = Enclosure(ORIGINAL, "Қол қойылған түпнұсқа / Подписанный оригинал", payload)
    cms = Enclosure(
        f"{ORIGINAL}.p7s",
        "Қолтаңба (CMS) / Подпись (CMS)",
        bytes(signature.long_cms or signature.cms),
        "Supplement",
    )
    facts = signed_by.key(
        signature,
        issuer=_issuer(bytes(signature.certificate)),
        with_iin=paper.kind == PaperKind.RECEIPT,
    )
    return {"signed": facts, "signed_sha256": signature.payload_sha256}, (original, cms)


def _by_hand(application: Application) -> Section:
    scan = application.documents.filter(kind=DocumentKind.SCAN).first()
    at = application.submitted_at
    if at is None:
        raise ValueError("an in-person application is registered before its receipt is made")
    name = application.filed_by.full_name if application.filed_by else ""
    return signed_by.hand(registered_by=name, at=at, scan_sha256=scan.sha256 if scan else "")


def _signed_names(application: Application) -> list[Section]:
    """What the original inside the paper says, where the names above it were corrected since (D34)."""
    if not application.corrected:
        return []
    at = datetime.fromisoformat(application.corrected["at"])
    return [paper_sections.signed_names(of_application.of(application), on=timezone.localdate(at))]


def _paper(
    facts: dict[str, Any], sections: list[Section], *, signed_names: Sequence[Section] = (), **extra: Any
) -> Sheet:
    if not of_application.named(facts):
        raise Nameless
    school = facts["school"]
    return Sheet(
        number=facts["number"],
        sections=[*sections, *signed_names],
        school_kk=school.get("name_kk", ""),
        school_ru=school.get("name_ru", ""),
        applicant=facts["applicant"]["name"],
        **extra,
    )


def _application(facts: dict[str, Any], **extra: Any) -> Sheet:
    documents = [paper_sections.document(one) for one in facts["documents"]]
    sections = paper_sections.application(facts)
    return _paper(facts, sections, documents=documents, as_of=_as_of(facts), **extra)


def _as_of(facts: dict[str, Any]) -> datetime | None:
    told = facts.get("registers_as_of")  # unknown to older papers
    return datetime.fromisoformat(told) if told else None


def _decision_paper(decision: Decision, facts: dict[str, Any], **extra: Any) -> Sheet:
    sections = [paper_sections.parties(facts), *paper_sections.decision(decision)]
    return _paper(facts, sections, **extra)


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "decision": decision,
        "application": decision.application,
        "accepted": decision.result == Result.ACCEPT,
        "intake_over": decision.signed_at and periods.is_over(decision.application.year, decision.signed_at),
        "phone": phone(of_application.of(decision.application)["school"]["phone"]),
    }


def _check(paper: Paper) -> Check:
    application, signature = paper.application, paper.signature
    decision = signature.decision if signature else None
    at = signature.signed_at if signature else application.submitted_at
    line = qr_line.line(
        qr_line.Facts(
            number=application.number or "",
            kind=decision.result if decision else qr_line.APPLICATION,
            day=timezone.localdate(at),
            school_bin=of_application.of(application)["school"]["bin"],
            initials=application.child.initials,
        )
    )
    address = qr_line.address(paper.token)
    qr = base64.b64encode(qr_line.qr_png(f"{address}#{line}")).decode()
    return Check(qr=qr, site=qr_line.site(), line=line)


def _issuer(certificate: bytes) -> str:
    try:
        names = x509.load_der_x509_certificate(certificate).issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return ""
    return str(names[0].value) if names else ""
