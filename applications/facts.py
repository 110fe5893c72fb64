"""The facts of an application as its parent signs them: one plain dict, ready for JSON.

Made from the rows while the application is a draft, kept in `Application.snapshot` from the signature on
(D5, D18). Papers are drawn from it, and its hash tells whether what was signed is what stands.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from accounts import people
from accounts.models import Child, Guardianship, Relation, User
from accounts.prepared import Prepared
from applications.models import Application, Decision, Document, DocumentKind, Purpose, Supplement
from schools.models import Locality

GROUND = ("name_kk", "name_ru", "law_kk", "law_ru")  # what a decision says of its ground
_PLACE = Prepared(lambda kato: Locality.objects.filter(kato=kato), str)
REGISTERED = ("name", "address", "address_kk", "address_ru")


def of(application: Application) -> dict[str, Any]:
    """The frozen facts when there are some, else those of the draft as it stands."""
    return application.snapshot or snapshot(application)


def printed(application: Application) -> dict[str, Any]:
    """For a paper that is given out: as it was signed, but for names that the register has corrected since,
    if the applicant has asked for the papers anew (D34)."""
    facts, names = of(application), application.corrected
    if not names:
        return facts
    return facts | {whose: facts[whose] | {"name": names[whose]} for whose in ("applicant", "child")}


def snapshot(application: Application) -> dict[str, Any]:
    return {
        "number": application.number or "",
        "year": application.year,
        "channel": application.channel,
        "applicant": _applicant(application),
        "child": _person(application.child)
        | {
            "birth_date": application.child.birth_date.isoformat(),
            "sex": application.child.sex,
            "special_needs": application.special_needs,
        },
        "route": application.route,
        "school": _school(application),
        "transport": _transport(application),
        "documents": [_document(one) for one in _in_order(application)],
        "ticks": {
            "data_correct_at": _moment(application.data_correct_at),
            "external_data_at": _moment(application.external_data_at),
            "version": application.ticks_version,
        },
        "registers_as_of": _moment(application.registers_as_of),
    }


def of_registers(application: Application) -> dict[str, Any]:
    """What of it the registers tell, and may tell otherwise tomorrow (D34)."""
    applicant, child = _applicant(application), _person(application.child)
    return {
        "applicant": {name: applicant[name] for name in (*REGISTERED, "relation")},
        "child": {name: child[name] for name in REGISTERED}
        | {"birth_date": application.child.birth_date.isoformat(), "sex": application.child.sex},
    }


def named(facts: dict[str, Any]) -> bool:
    """The applicant and the child have names: without them the application is nobody's."""
    return bool(facts["applicant"]["name"].strip() and facts["child"]["name"].strip())


def stated(application: Application, *, by: User, as_of: datetime | None) -> dict[str, Any]:
    """What a withdrawal says beside the application's own facts: of when the registers' answer is, where they
    gave no newer one (D34), and who withdraws, where it is not the applicant (D36)."""
    told: dict[str, Any] = {"registers_as_of": _moment(as_of)} if as_of else {}
    if by.pk != application.applicant_id:
        tie = Guardianship.objects.get(user=by, child=application.child)
        told["by"] = {"iin": by.iin, "name": by.full_name, "relation": tie.relation}
    return told


def stated_supplement(application: Application, supplement: Supplement) -> dict[str, Any]:
    """What an addition says: of which document, to which question, to which signed application (D55)."""
    if supplement.document is None:
        raise ValueError("nothing was uploaded yet")
    signed = application.signatures.filter(purpose=Purpose.APPLICATION).first()
    return {
        "supplement": supplement.pk,
        "asked_at": _moment(supplement.asked_at),
        "why": supplement.why,
        "document": _document(supplement.document),
        "application_sha256": signed.payload_sha256 if signed else "",
    }


def content_sha256(
    application: Application,
    purpose: str,
    decision: Decision | None,
    stated: dict[str, Any] | None = None,
    *,
    told: dict[str, Any] | None = None,
) -> str:
    """The hash of what a signature is put under; any later change of it voids the signature. `told`: the
    application's own facts, where they are at hand."""
    content: dict[str, Any] = {"purpose": str(purpose), "application": told or of(application)}
    if stated:
        content["stated"] = stated
    if purpose == Purpose.DECISION and decision is not None:
        content["decision"] = {"id": decision.pk} | words(decision)
    return sha256(content)


def as_read(application: Application, told: dict[str, Any], *leaned_on: datetime | None) -> set[str]:
    """The hashes of a draft as a page has told it, whichever answer of the registers it has leaned on: which
    one is settled at the press (D34, D79), and is no change of what was read (D82)."""
    each = [told | {"registers_as_of": _moment(one)} for one in leaned_on]
    return {content_sha256(application, Purpose.APPLICATION, None, told=one) for one in (told, *each)}


def words(decision: Decision, *, alone: bool = False) -> dict[str, Any]:
    """What a decision says, whoever has written it; `alone`: without what it corrects."""
    said: dict[str, Any] = {
        "result": str(decision.result),
        "reason_code": str(decision.reason_code),
        "reason": decision.reason,
        "transport": decision.transport,
        "transport_reason": decision.transport_reason,
    }
    if decision.corrects and not alone:
        told = decision.corrects
        said["corrects"] = {"id": told.pk, "result": str(told.result), "signed_at": _moment(told.signed_at)}
        said["mistake"] = decision.mistake
    if decision.ground:  # decisions from before grounds were rows name none, and their hash stays as signed
        said["ground"] = {name: getattr(decision.ground, name) for name in GROUND}
    return said


def same_words(one: Decision, other: Decision) -> bool:
    return one.prepared_by == other.prepared_by and words(one) == words(other)


def sha256(content: Any) -> str:
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _applicant(application: Application) -> dict[str, Any]:
    user = application.applicant
    tie = people.tie_of(user, application.child)
    return _person(user) | {
        "phone": user.phone or application.applicant_phone,
        "extra_phone": application.extra_phone,
        "relation": tie.relation if tie else Relation.PARENT.value,
    }


def _person(person: User | Child) -> dict[str, Any]:
    address = person.registered_address
    return {
        "iin": person.iin,
        "name": person.full_name,
        "address": {part: address.get(part, "") for part in ("kato", "street", "house", "flat")},
        "address_kk": address.get("text_kk", ""),
        "address_ru": address.get("text_ru", ""),
    }


def _school(application: Application) -> dict[str, Any]:
    if application.intake is None:
        return {}
    school, language = application.intake.school, application.intake.language
    place = places(school.locality)
    return {
        "bin": school.bin,
        "name_kk": school.name_kk,
        "name_ru": school.name_ru,
        "place_kk": ", ".join(one.name_kk for one in place),
        "place_ru": ", ".join(one.name_ru for one in place),
        "phone": school.phone,
        "language": language.code,
        "language_kk": language.name_kk,
        "language_ru": language.name_ru,
    }


def places(locality: Locality) -> list[Locality]:
    """From the region down to the locality itself."""
    chain = [locality]
    while (parent := _parent(chain[0])) is not None:
        chain.insert(0, parent)
    return chain


def _parent(place: Locality) -> Locality | None:
    if place.parent_id is None or Locality.parent.is_cached(place):
        return place.parent
    place.parent = _PLACE.first(place.parent_id)
    return place.parent


def _transport(application: Application) -> dict[str, Any]:
    if not application.transport:
        return {"needed": False}
    stored = application.transport_address
    if stored.get("same"):
        address = application.applicant.registered_address
        texts = {"kk": address.get("text_kk", ""), "ru": address.get("text_ru", "")}
    else:
        texts = _typed_address(stored)
    return {
        "needed": True,
        "same": bool(stored.get("same")),
        "address_kk": texts["kk"],
        "address_ru": texts["ru"],
    }


def _typed_address(stored: dict[str, Any]) -> dict[str, str]:
    line = str(stored.get("line", ""))
    locality = Locality.objects.filter(kato=stored.get("kato", "")).first()
    chain = places(locality) if locality else []
    return {
        "kk": ", ".join([*(one.name_kk for one in chain), line]),
        "ru": ", ".join([*(one.name_ru for one in chain), line]),
    }


def _in_order(application: Application) -> list[Document]:
    order = list(DocumentKind.values)
    return sorted(Document.of(application), key=lambda one: (order.index(one.kind), one.position))


def _document(document: Document) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "position": document.position,
        "source": document.source,
        "origin": document.origin,
        "size": document.size,
        "sha256": document.sha256,
        "valid_until": document.valid_until.isoformat() if document.valid_until else "",
    }


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
