"""The papers of the service: what is signed, and what is given out afterwards (R92, R95, R100, R101, D14).

Each is drawn from a view-model: who it is for, and sections of labelled lines in Kazakh with Russian
beside. The templates only lay it out.
"""

import base64
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.utils import timezone, translation
from django.utils.functional import Promise

from accounts.models import Relation, Sex
from applications import facts as of_application
from applications import printing, proof
from applications.facts import content_sha256, snapshot
from applications.models import (
    Application,
    Decision,
    DocumentKind,
    DocumentSource,
    Method,
    PaperKind,
    Receipt,
    RefusalReason,
    Result,
    Route,
    Signature,
)
from applications.printing import Enclosure

__all__ = ["application_pdf", "content_sha256", "decision_pdf", "receipt_pdf", "snapshot", "withdrawal_pdf"]


@dataclass(frozen=True)
class Line:
    kk: str  # label
    ru: str
    value: str
    value_ru: str = ""  # when it differs
    long: bool = False  # free text, may run over pages


@dataclass(frozen=True)
class Section:
    kk: str
    ru: str
    lines: list[Line]


@dataclass(frozen=True)
class Signed:
    """The facts of a signature as the paper states them (R95)."""

    name: str
    iin: str  # "" on papers that go to somebody else
    bin: str
    at: datetime
    method: str
    serial: str
    issuer: str
    valid_from: datetime
    valid_to: datetime
    algorithm: str
    sha256: str  # of the signed original, which is enclosed


@dataclass(frozen=True)
class Check:
    """How anyone checks the paper: the QR code, its address, the line for checking without a network."""

    qr: str  # PNG as base64
    site: str
    line: str


@dataclass(frozen=True)
class Paper:
    number: str
    sections: list[Section]
    documents: list[dict[str, str]] = field(default_factory=list)
    school_kk: str = ""
    school_ru: str = ""
    applicant: str = ""
    signed: Signed | None = None
    check: Check | None = None


def application_pdf(application: Application) -> bytes:
    """What the parent signs: the application as they saw it, with its number."""
    return printing.pdf("papers/application.html", {"paper": _application(application)})


def withdrawal_pdf(application: Application) -> bytes:
    """What the parent signs to withdraw (R115)."""
    facts = of_application.of(application)
    paper = _paper(application, [_parties(facts)])
    return printing.pdf("papers/withdrawal.html", {"paper": paper, "filed_at": application.submitted_at})


def decision_pdf(decision: Decision) -> bytes:
    """What the director signs (R108, R109)."""
    context = _decision(decision) | {"paper": _decision_paper(decision), "notice": False}
    return printing.pdf("papers/decision.html", context)


def receipt_pdf(receipt: Receipt) -> bytes:
    """The paper to seal: the same content, with the signature's facts, the QR code, and inside it the
    signed original and the signature."""
    signature, application = receipt.signature, receipt.application
    extra = {"signed": _signed(signature, kind=receipt.kind), "check": _check(receipt)}
    enclosures = (
        Enclosure("original.pdf", "Қол қойылған түпнұсқа / Подписанный оригинал", _bytes(signature.payload)),
        Enclosure("original.pdf.p7s", "Қолтаңба (CMS) / Подпись (CMS)", bytes(signature.cms), "Supplement"),
    )
    if receipt.kind == PaperKind.RECEIPT:
        context: dict[str, Any] = {"paper": _application(application, **extra), "application": application}
        return printing.pdf("papers/application.html", context, enclosures=enclosures)
    decision = signature.decision
    if decision is None:
        raise ValueError("a notice needs its decision")
    context = _decision(decision) | {"paper": _decision_paper(decision, **extra), "notice": True}
    return printing.pdf("papers/decision.html", context, enclosures=enclosures)


def _paper(application: Application, sections: list[Section], **extra: Any) -> Paper:
    facts = of_application.of(application)
    school = facts["school"]
    return Paper(
        number=facts["number"],
        sections=sections,
        school_kk=school.get("name_kk", ""),
        school_ru=school.get("name_ru", ""),
        applicant=facts["applicant"]["name"],
        **extra,
    )


def _application(application: Application, **extra: Any) -> Paper:
    facts = of_application.of(application)
    sections = [_child(facts), _applicant(facts), _school(facts), _transport(facts)]
    return _paper(application, sections, documents=[_document(one) for one in facts["documents"]], **extra)


def _child(facts: dict[str, Any]) -> Section:
    child = facts["child"]
    needs = _yes_no(child["special_needs"])
    lines = [
        Line("Т.А.Ә.", "Ф.И.О.", child["name"]),
        Line("ЖСН", "ИИН", child["iin"]),
        Line("Туған күні", "Дата рождения", _day(child["birth_date"])),
        Line("Жынысы", "Пол", *_both(Sex(child["sex"]).label)),
        Line("Тіркеу мекенжайы", "Адрес регистрации", child["address_kk"] or "—", child["address_ru"]),
        Line("Ерекше білім беру қажеттіліктері", "Особые образовательные потребности", *needs),
    ]
    return Section("Бала", "Ребёнок", lines)


def _applicant(facts: dict[str, Any]) -> Section:
    person = facts["applicant"]
    lines = [
        Line("Т.А.Ә.", "Ф.И.О.", person["name"]),
        Line("ЖСН", "ИИН", person["iin"]),
        Line("Балаға кім болады", "Кем приходится ребёнку", *_both(Relation(person["relation"]).label)),
        Line("Байланыс телефоны", "Контактный телефон", _phone(person["phone"])),
        Line("Тіркеу мекенжайы", "Адрес регистрации", person["address_kk"] or "—", person["address_ru"]),
    ]
    if person["extra_phone"]:
        phone = Line("Қосымша телефон", "Дополнительный телефон", _phone(person["extra_phone"]))
        lines.insert(4, phone)
    return Section("Өтініш беруші", "Заявитель", lines)


def _school(facts: dict[str, Any]) -> Section:
    school, year = facts["school"], facts["year"]
    lines = [
        Line("Мектеп", "Школа", school["name_kk"], school["name_ru"]),
        Line("БСН", "БИН", school["bin"]),
        Line("Орналасқан жері", "Местонахождение", school["place_kk"], school["place_ru"]),
        Line("Қабылдау тәсілі", "Способ приёма", *_both(Route(facts["route"]).label)),
        Line("Оқыту тілі", "Язык обучения", school["language_kk"], school["language_ru"]),
        Line("Оқу түрі", "Форма обучения", "Күндізгі", "Очная"),
        Line("Оқу жылы, сынып", "Учебный год, класс", f"{year}-{year + 1}, 1"),
    ]
    return Section("Таңдалған білім беру ұйымы", "Выбранная организация образования", lines)


def _transport(facts: dict[str, Any]) -> Section:
    transport = facts["transport"]
    lines = [Line("Тегін тасымалдау қажет", "Нужен бесплатный подвоз", *_yes_no(transport["needed"]))]
    if transport["needed"]:
        address = (transport["address_kk"] or "—", transport["address_ru"])
        lines.append(Line("Тұрғылықты жерінің мекенжайы", "Адрес места жительства", *address))
    return Section("Тасымалдау", "Подвоз", lines)


def _parties(facts: dict[str, Any]) -> Section:
    """Who and where, in short: for papers that speak of an application already filed."""
    school, year = facts["school"], facts["year"]
    lines = [
        Line("Баланың Т.А.Ә.", "Ф.И.О. ребёнка", facts["child"]["name"]),
        Line("Баланың ЖСН", "ИИН ребёнка", facts["child"]["iin"]),
        Line("Өтініш беруші", "Заявитель", facts["applicant"]["name"]),
        Line("Мектеп", "Школа", school["name_kk"], school["name_ru"]),
        Line("Қабылдау тәсілі", "Способ приёма", *_both(Route(facts["route"]).label)),
        Line("Оқыту тілі", "Язык обучения", school["language_kk"], school["language_ru"]),
        Line("Оқу жылы, сынып", "Учебный год, класс", f"{year}-{year + 1}, 1"),
    ]
    return Section("Өтінім", "Заявление", lines)


def _decision_paper(decision: Decision, **extra: Any) -> Paper:
    facts = of_application.of(decision.application)
    sections = [_parties(facts)]
    if decision.result == Result.REFUSE:
        ground = Line("Негізі", "Основание", *_both(RefusalReason(decision.reason_code).label))
        reason = Line("Себебі", "Причина", decision.reason, long=True)
        sections.append(Section("Бас тарту себебі", "Причина отказа", [ground, reason]))
    if decision.transport is not None:
        sections.append(_transport_answer(decision))
    return _paper(decision.application, sections, **extra)


def _transport_answer(decision: Decision) -> Section:
    """R213, D17: told with the decision, and apart from it."""
    answer = ("Ұсынылады", "Предоставляется") if decision.transport else ("Бас тартылды", "Отказано")
    lines = [Line("Тасымалдау бойынша шешім", "Решение по подвозу", *answer)]
    if decision.transport_reason:
        lines.append(Line("Түсініктеме", "Пояснение", decision.transport_reason, long=True))
    return Section("Тасымалдау", "Подвоз", lines)


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "decision": decision,
        "application": decision.application,
        "accepted": decision.result == Result.ACCEPT,
        "school": of_application.of(decision.application)["school"],
    }


def _document(document: dict[str, Any]) -> dict[str, str]:
    kk, ru = _both(DocumentKind(document["kind"]).label)
    source_kk, source_ru = _both(DocumentSource(document["source"]).label)
    if document["origin"]:
        source_kk, source_ru = f"{source_kk}: {document['origin']}", source_ru
    until = _day(document["valid_until"]) if document["valid_until"] else ""
    copies = "2 дана / 2 экз." if document["kind"] == DocumentKind.PHOTO else ""  # D6
    return {
        "kk": kk, "ru": ru, "source_kk": source_kk, "source_ru": source_ru,
        "until": until, "copies": copies, "sha256": document["sha256"][:16],
    }  # fmt: skip


def _signed(signature: Signature, *, kind: str) -> Signed:
    return Signed(
        name=signature.signer_name,
        iin=signature.signer_iin if kind == PaperKind.RECEIPT else "",
        bin=signature.signer_bin,
        at=signature.signed_at,
        method=str(Method(signature.method).label),
        serial=signature.serial,
        issuer=_issuer(bytes(signature.certificate)),
        valid_from=signature.valid_from,
        valid_to=signature.valid_to,
        algorithm=signature.algorithm,
        sha256=signature.payload_sha256,
    )


def _check(receipt: Receipt) -> Check:
    application, decision = receipt.application, receipt.signature.decision
    line = proof.line(
        proof.Facts(
            number=application.number or "",
            kind=decision.result if decision else "APPLICATION",
            day=timezone.localdate(receipt.signature.signed_at),
            school_bin=of_application.of(application)["school"]["bin"],
            initials=application.child.initials,
        )
    )
    address = proof.address(receipt.token)
    qr = base64.b64encode(proof.qr_png(f"{address}#{line}")).decode()
    return Check(qr=qr, site=proof.site(), line=line)


def _issuer(certificate: bytes) -> str:
    try:
        names = x509.load_der_x509_certificate(certificate).issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return ""
    return str(names[0].value) if names else ""


def _bytes(file: Any) -> bytes:
    with file.open("rb") as opened:
        return opened.read()


def _both(label: str | Promise) -> tuple[str, str]:
    """A label in Kazakh and in Russian."""
    with translation.override("kk"):
        kk = str(label)
    with translation.override("ru"):
        return kk, str(label)


def _yes_no(value: bool) -> tuple[str, str]:
    return ("Иә", "Да") if value else ("Жоқ", "Нет")


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d.%m.%Y}"


def _phone(phone: str) -> str:
    if len(phone) != 12:
        return phone or "—"
    return f"{phone[:2]} {phone[2:5]} {phone[5:8]} {phone[8:10]} {phone[10:]}"
